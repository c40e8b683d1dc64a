// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Assignment, Receipt} from "../generated/Structs.sol";
import {IDemands} from "../interfaces/IDemands.sol";
import {IFaultProofs} from "../interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {IReceiptLedger} from "../interfaces/IReceiptLedger.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {BatchProof} from "../libraries/Evidence.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../libraries/LiabilityTree.sol";
import {Rfc6962} from "../libraries/Rfc6962.sol";
import {Bonds} from "./Bonds.sol";
import {UnpaidWork} from "./UnpaidWork.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title Demands
/// @notice See IDemands.
contract Demands is IDemands, Verdicts, Bonds, UnpaidWork {
    /// @notice Time to answer: longer than a coordinator has for its next anchor.
    uint64 public constant ANSWER_SECONDS = 48 hours;
    /// @notice Time to pay: longer than the cure of a shortfall takes, because a frozen pool pays nobody.
    uint64 public constant PAYMENT_SECONDS = 5 days;
    /// @notice A voucher must have been on record for as long as an anchor may take.
    uint64 public constant ANCHOR_SECONDS = 24 hours;
    /// @notice Tokens to open at once.
    uint32 public constant RANGE_TOKENS = 16;

    IFaultProofs private immutable PROOFS;
    IRandomness private immutable RANDOMNESS;

    mapping(uint256 id => Demand demand) private _demands;
    uint256 private _count;

    constructor(
        IERC20 token,
        IStaking staking,
        IReceiptLedger ledger,
        IPaymentEscrow escrow,
        IFaultProofs proofs,
        IRandomness randomness,
        uint128 bond
    ) Verdicts(token, staking, ledger) Bonds(bond) UnpaidWork(escrow) {
        if (address(proofs) == address(0) || address(randomness) == address(0)) revert Demands_ZeroAddress();
        (PROOFS, RANDOMNESS) = (proofs, randomness);
    }

    /// @inheritdoc IDemands
    function demandInLog(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) external returns (uint256 id) {
        bytes32 receiptHash = _checkJob(assignment, assignmentProof, receipt, receiptProof);
        Demand memory demand;
        (demand.subject, demand.accused, demand.word) = (Subject.InLog, assignment.coordinator, receiptHash);
        demand.key = keccak256(abi.encode(Subject.InLog, receiptHash));
        return _open(demand, Fault.Omitted);
    }

    /// @inheritdoc IDemands
    function demandInBooks(address payer, address payee, uint64 books) external returns (uint256 id) {
        IFaultProofs.Exhibit memory shown = PROOFS.exhibitOf(payer, payee);
        if (shown.exhibitedAt == 0) revert Demands_NothingExhibited(payer, payee);
        uint64 from = shown.exhibitedAt + ANCHOR_SECONDS;
        if (block.timestamp < from) revert Demands_ExhibitTooNew(from);
        // What a recovery settled is not owed any more.
        (, , , uint64 epoch) = ESCROW.poolOf(payer);
        if (shown.epoch != epoch) revert Demands_WrongLine(payer, payee, shown.epoch);
        (uint64 made, , , ) = LEDGER.headOf(payer);
        if (books == 0 || books > made + 1) revert Demands_BooksNotDue(books, made + 1);
        Demand memory demand;
        (demand.subject, demand.accused, demand.harmed) = (Subject.InBooks, payer, payee);
        (demand.targetWei, demand.moment) = (shown.cumulativeWei, shown.exhibitedAt + GRACE_SECONDS);
        demand.books = books;
        demand.word = bytes32(uint256(shown.epoch));
        demand.key = keccak256(abi.encode(Subject.InBooks, payer, payee, shown.epoch, shown.cumulativeWei, books));
        return _open(demand, Fault.Omitted);
    }

    /// @inheritdoc IDemands
    function demandOpening(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) external returns (uint256 id) {
        if (msg.sender != assignment.client) revert Demands_NotTheClient(msg.sender, assignment.client);
        bytes32 receiptHash = _checkJob(assignment, assignmentProof, receipt, receiptProof);
        if (receipt.outputTokens == 0) revert Demands_NothingToOpen(receiptHash);
        Demand memory demand;
        (demand.subject, demand.accused, demand.harmed) = (Subject.Opening, assignment.miner, assignment.client);
        (demand.word, demand.tokens) = (receipt.outputCommitment, receipt.outputTokens);
        (demand.refundWei, demand.moment) = (receipt.amountWei, RANDOMNESS.nextMoment());
        demand.key = keccak256(abi.encode(Subject.Opening, receiptHash));
        return _open(demand, Fault.Undisclosed);
    }

    /// @inheritdoc IDemands
    function demandPayment(
        IPaymentEscrow.Voucher calldata last,
        bytes calldata signature,
        UnpaidJob[] calldata jobs
    ) external returns (uint256 id) {
        (Demand memory demand, bytes32[] memory assignments) = _claimOf(last, signature, jobs);
        // Each assignment is claimed once, whatever it is claimed together with.
        for (uint256 i = 0; i < assignments.length; ++i) {
            _use(Fault.Unpaid, keccak256(abi.encode(Fault.Unpaid, assignments[i])));
        }
        return _open(demand, Fault.Unpaid);
    }

    /// @inheritdoc IDemands
    function answerInLog(
        uint256 id,
        uint64 index,
        bytes32[] calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external {
        Demand storage demand = _demandOf(id, Subject.InLog);
        _checkAnchored(demand.accused, previous, anchors);
        Anchor calldata shown = anchors[0];
        bytes32 leafHash = Rfc6962.leafHash(demand.word);
        if (!Rfc6962.verifyInclusion(leafHash, index, shown.size, path, shown.root)) {
            revert Demands_NotInLog(demand.word, shown.root);
        }
        _dismiss(id, demand);
    }

    /// @inheritdoc IDemands
    function answerInBooks(
        uint256 id,
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external {
        Demand storage demand = _demandOf(id, Subject.InBooks);
        _checkAnchored(demand.accused, previous, anchors);
        Anchor calldata books = anchors[0];
        if (books.epoch != demand.books) revert Demands_WrongBooks(books.epoch, demand.books);
        if (books.anchoredAt >= demand.moment) _checkLine(demand, line, path, books.liabilitiesRoot);
        _dismiss(id, demand);
    }

    /// @inheritdoc IDemands
    function answerOpening(uint256 id, OpenedToken[] calldata opened) external {
        Demand storage demand = _demandOf(id, Subject.Opening);
        (uint32 first, uint32 count) = _rangeOf(demand);
        if (opened.length != count) revert Demands_WrongCount(opened.length, count);
        (uint256 size, bytes32 root) = (demand.tokens, demand.word);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 leafHash = Rfc6962.tokenLeafHash(opened[i].salt, opened[i].tokenId);
            if (!Rfc6962.verifyInclusion(leafHash, first + i, size, opened[i].path, root)) {
                revert Demands_NotInOutput(first + i);
            }
        }
        _dismiss(id, demand);
    }

    /// @inheritdoc IDemands
    function answerCollected(uint256 id) external {
        Demand storage demand = _demands[id];
        Subject subject = demand.subject;
        if (subject != Subject.Payment && subject != Subject.InBooks) revert Demands_WrongSubject(id, subject);
        (uint128 collectedWei, ) = ESCROW.channelOf(demand.accused, demand.harmed, POOLED);
        if (collectedWei < demand.targetWei) revert Demands_NotCollected(collectedWei, demand.targetWei);
        _dismiss(id, demand);
    }

    /// @inheritdoc IDemands
    function answerInVoucher(
        uint256 id,
        bytes32[] calldata receipts,
        uint256 which,
        uint64 index,
        uint64 size,
        bytes32[] calldata path
    ) external {
        Demand storage demand = _demandOf(id, Subject.Payment);
        bytes32 shown = keccak256(abi.encode(receipts));
        if (shown != demand.word) revert Demands_NotTheReceipts(demand.word, shown);
        if (which >= receipts.length) revert Demands_WrongCount(receipts.length, which + 1);
        bytes32 receipt = receipts[which];
        // The voucher's count is not asked for: a path of another length leads to another root.
        if (!Rfc6962.verifyInclusion(Rfc6962.leafHash(receipt), index, size, path, demand.receiptsRoot)) {
            revert Demands_NotInVoucher(receipt, demand.receiptsRoot);
        }
        _dismiss(id, demand);
    }

    /// @inheritdoc IDemands
    function fail(uint256 id) external {
        Demand memory demand = _demands[id];
        if (demand.subject == Subject.None) revert Demands_WrongSubject(id, Subject.None);
        if (block.timestamp <= demand.deadline) revert Demands_Answerable(id, demand.deadline);
        delete _demands[id];
        STAKING.unfreeze(demand.accused);
        if (demand.subject == Subject.Opening && RANDOMNESS.stateOf(demand.moment) == IRandomness.State.Pending) {
            // Nobody could know which tokens to open.
            _forget(demand.key);
            emit DemandVoid(id, demand.accused);
        } else {
            emit DemandFailed(id, demand.accused);
            Fault fault = _faultOf(demand.subject);
            _punish(fault, demand.key, demand.accused, demand.challenger, demand.harmed, demand.refundWei, 0);
        }
        _returnBond(demand.challenger);
    }

    /// @inheritdoc IDemands
    function demandOf(uint256 id) external view returns (Demand memory demand) {
        return _demands[id];
    }

    /// @inheritdoc IDemands
    function rangeOf(uint256 id) external view returns (uint32 first, uint32 count) {
        return _rangeOf(_demandOf(id, Subject.Opening));
    }

    /// @inheritdoc IDemands
    function bondWei() external view returns (uint128 amountWei) {
        return BOND_WEI;
    }

    function _open(Demand memory demand, Fault fault) private returns (uint256 id) {
        _use(fault, demand.key);
        id = ++_count;
        uint64 time = demand.subject == Subject.Payment ? PAYMENT_SECONDS : ANSWER_SECONDS;
        (demand.challenger, demand.deadline) = (msg.sender, uint64(block.timestamp) + time);
        _demands[id] = demand;
        emit DemandOpened(id, demand.subject, demand.accused, msg.sender, demand.deadline, demand.moment);
        STAKING.freeze(demand.accused);
        _takeBond();
    }

    /// @dev Half of the bond pays the accused for its trouble; the other half is burned, so that demanding from oneself costs.
    function _dismiss(uint256 id, Demand storage demand) private {
        address accused = demand.accused;
        delete _demands[id];
        STAKING.unfreeze(accused);
        emit DemandAnswered(id, accused, _forfeitBond(STAKING.payoutOf(accused), 0));
    }

    function _checkJob(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) private view returns (bytes32 receiptHash) {
        bytes32 assignmentId = _checkAssignment(assignment, assignmentProof);
        _checkWindow(assignment.deadline);
        return _checkReceipt(assignment, assignmentId, receipt, receiptProof);
    }

    function _checkLine(
        Demand storage demand,
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32 liabilitiesRoot
    ) private view {
        (bytes32 root, ) = LiabilityTree.rootOf(line, path);
        if (root != liabilitiesRoot) revert Demands_NotInBooks(liabilitiesRoot, root);
        bool isOurs = line.payer == demand.accused && line.payee == demand.harmed;
        if (!isOurs || line.epoch != uint256(demand.word)) revert Demands_WrongLine(line.payer, line.payee, line.epoch);
        if (line.cumulativeWei < demand.targetWei) revert Demands_LineTooLow(line.cumulativeWei, demand.targetWei);
    }

    function _demandOf(uint256 id, Subject subject) private view returns (Demand storage demand) {
        demand = _demands[id];
        if (demand.subject != subject) revert Demands_WrongSubject(id, demand.subject);
    }

    /// @dev A value that nobody kept is replaced by one that the challenger could steer: what it could gain is to see other
    /// tokens of its own output.
    function _rangeOf(Demand storage demand) private view returns (uint32 first, uint32 count) {
        (uint64 moment, uint32 tokens) = (demand.moment, demand.tokens);
        bytes32 value =
            RANDOMNESS.stateOf(moment) == IRandomness.State.Lost
                ? keccak256(abi.encode(demand.key, moment))
                : RANDOMNESS.valueAt(moment);
        count = tokens < RANGE_TOKENS ? tokens : RANGE_TOKENS;
        first = uint32(uint256(keccak256(abi.encode(value, demand.key))) % (tokens - count + 1));
    }

    function _faultOf(Subject subject) private pure returns (Fault fault) {
        if (subject == Subject.Opening) return Fault.Undisclosed;
        return subject == Subject.Payment ? Fault.Unpaid : Fault.Omitted;
    }
}
