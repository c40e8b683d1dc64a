// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Progress, Receipt} from "../generated/Structs.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {BatchProof} from "../libraries/Evidence.sol";
import {Liability, LiabilityPath} from "../libraries/LiabilityTree.sol";
import {IPaymentEscrow} from "./IPaymentEscrow.sol";

/// @title Faults of silence
/// @notice A challenger demands what the accused must be able to show, with a bond; the accused's stake is frozen
/// meanwhile. An answer in time ends the case and costs the challenger its bond; without one the accused is punished.
interface IDemands {
    /// @notice What is demanded.
    enum Subject {
        None,
        /// @dev That a receipt stands in the anchored log.
        InLog,
        /// @dev That a liability stands in the books of an anchor, at least at what was exhibited.
        InBooks,
        /// @dev Some tokens of a receipt's output.
        Opening,
        /// @dev Payment of acknowledged work.
        Payment
    }

    /// @notice An open demand. `word` is the receipt, output commitment, or receipts' digest that the answer must match.
    struct Demand {
        Subject subject;
        address accused;
        address challenger;
        /// @dev Number of the anchor whose books must show the line.
        uint64 books;
        address harmed;
        uint64 deadline;
        uint64 moment;
        uint32 tokens;
        uint128 refundWei;
        uint128 targetWei;
        bytes32 word;
        bytes32 receiptsRoot;
        bytes32 key;
    }

    /// @notice One job that a miner was not paid for: what it was given, did, and saw acknowledged.
    struct UnpaidJob {
        Assignment assignment;
        BatchProof assignmentProof;
        Receipt receipt;
        Progress progress;
        BatchProof progressProof;
    }

    /// @notice A token of a committed output and the salt of its leaf.
    struct OpenedToken {
        bytes32 salt;
        uint32 tokenId;
        bytes32[] path;
    }

    event DemandOpened(
        uint256 indexed id,
        Subject indexed subject,
        address indexed accused,
        address challenger,
        uint64 deadline,
        uint64 moment
    );
    event DemandAnswered(uint256 indexed id, address indexed accused, uint128 compensationWei);
    event DemandFailed(uint256 indexed id, address indexed accused);
    event DemandVoid(uint256 indexed id, address indexed accused);

    error Demands_ZeroAddress();
    error Demands_NotTheClient(address caller, address client);
    error Demands_NotTheMiner(address caller, address miner);
    error Demands_NothingToOpen(bytes32 receipt);
    error Demands_NothingExhibited(address payer, address payee);
    error Demands_ExhibitTooNew(uint64 from);
    error Demands_BooksNotDue(uint64 books, uint64 next);
    error Demands_WrongSubject(uint256 id, Subject subject);
    error Demands_NotInLog(bytes32 receipt, bytes32 root);
    error Demands_NotInBooks(bytes32 expected, bytes32 shown);
    error Demands_WrongBooks(uint64 shown, uint64 books);
    error Demands_WrongLine(address payer, address payee, uint64 epoch);
    error Demands_LineTooLow(uint128 cumulativeWei, uint128 demandedWei);
    error Demands_NotCollected(uint128 collectedWei, uint128 demandedWei);
    error Demands_WrongCount(uint256 given, uint256 expected);
    error Demands_NotInOutput(uint256 position);
    error Demands_NotTheReceipts(bytes32 expected, bytes32 shown);
    error Demands_NotInVoucher(bytes32 receipt, bytes32 receiptsRoot);
    error Demands_NotAPromise(address payer, address payee);
    error Demands_JobsNotAscending(bytes32 previous, bytes32 next);
    error Demands_OtherParties(address coordinator, address miner);
    error Demands_NotAcknowledged(bytes32 assignment);
    error Demands_WrongEpoch(uint64 epoch, uint64 expected);
    error Demands_AmountTooLarge(uint256 amountWei);
    error Demands_Answerable(uint256 id, uint64 until);

    /// @notice Demands that a receipt be shown in its coordinator's anchored log. Anybody who holds it may.
    function demandInLog(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) external returns (uint256 id);

    /// @notice Demands that an exhibited voucher's line be shown in the books of the payer's anchor number `books`, up to the
    /// next one that it makes. Once for each anchor: a payer that shows the line in one may leave it out of the next.
    function demandInBooks(address payer, address payee, uint64 books) external returns (uint256 id);

    /// @notice A client demands that its miner open tokens of its output, at a place that nobody knows yet.
    function demandOpening(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) external returns (uint256 id);

    /// @notice A miner demands to be paid for acknowledged jobs after its last voucher (which is zero when it has none).
    /// Jobs stand in ascending order of their assignments' hashes. The coordinator has longer to pay than a cure takes.
    function demandPayment(
        IPaymentEscrow.Voucher calldata last,
        bytes calldata signature,
        UnpaidJob[] calldata jobs
    ) external returns (uint256 id);

    /// @notice Shows the receipt in the anchored log.
    function answerInLog(
        uint256 id,
        uint64 index,
        bytes32[] calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external;

    /// @notice Shows the line in the demanded books, or that they were anchored before they had to hold it.
    function answerInBooks(
        uint256 id,
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external;

    /// @notice Opens the tokens that were drawn.
    function answerOpening(uint256 id, OpenedToken[] calldata opened) external;

    /// @notice Ends a demand whose money was collected: of a payment, or of an exhibited voucher.
    function answerCollected(uint256 id) external;

    /// @notice Shows that the miner's own voucher covers one of the receipts that it claims.
    function answerInVoucher(
        uint256 id,
        bytes32[] calldata receipts,
        uint256 which,
        uint64 index,
        uint64 size,
        bytes32[] calldata path
    ) external;

    /// @notice Punishes an accused that did not answer in time. Anyone may. A demand for tokens is void as
    /// long as their value is not on the chain: who demands sees to it that it gets there in time.
    function fail(uint256 id) external;

    /// @notice An open demand; all zero when there is none.
    function demandOf(uint256 id) external view returns (Demand memory demand);

    /// @notice First position and number of the tokens to open; reverts as long as they are not drawn.
    function rangeOf(uint256 id) external view returns (uint32 first, uint32 count);

    /// @notice What a challenger risks, wei.
    function bondWei() external view returns (uint128 amountWei);
}
