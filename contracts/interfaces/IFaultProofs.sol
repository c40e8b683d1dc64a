// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt, TreeHead} from "../generated/Structs.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {BatchProof} from "../libraries/Evidence.sol";
import {Liability, LiabilityPath} from "../libraries/LiabilityTree.sol";
import {IPaymentEscrow} from "./IPaymentEscrow.sol";

/// @title Faults that prove themselves
/// @notice What is shown is signed by the accused and contradicts itself: nobody needs to answer, and nobody risks a bond.
interface IFaultProofs {
    /// @notice A receipt and its miner's signature.
    struct SignedReceipt {
        Receipt receipt;
        BatchProof proof;
    }

    /// @notice A head of a coordinator's log and a leaf in it. The head is signed, or, with an empty signature, the first
    /// of `anchors`, which lead from the commitment `previous` to the coordinator's present one.
    struct ShownHead {
        TreeHead head;
        bytes signature;
        bytes32 previous;
        Anchor[] anchors;
        bytes32 leaf;
        bytes32[] path;
    }

    /// @notice A pooled voucher that was put on record: from then on its payer knows that the payee holds it.
    struct Exhibit {
        uint128 cumulativeWei;
        uint64 epoch;
        uint64 exhibitedAt;
    }

    event VoucherExhibited(address indexed payer, address indexed payee, uint64 epoch, uint128 cumulativeWei);

    error FaultProofs_SameReceipt(bytes32 receiptHash);
    error FaultProofs_WrongCoordinator(address expected, address shown);
    error FaultProofs_HeadNotAnchored(bytes32 root, uint64 size);
    error FaultProofs_LeafNotInHead(bytes32 leaf, bytes32 root);
    error FaultProofs_SameLeaf(bytes32 leaf);
    error FaultProofs_NotThePayee(address caller, address payee);
    error FaultProofs_NotAPromise(address payer, address payee);
    error FaultProofs_WrongEpoch(uint64 epoch, uint64 expected);
    error FaultProofs_NotMore(uint128 cumulativeWei, uint128 exhibitedWei);
    error FaultProofs_NothingExhibited(address payer, address payee);
    error FaultProofs_AnchorTooEarly(uint64 anchoredAt, uint64 from);
    error FaultProofs_LineNotInRoot(bytes32 expected, bytes32 shown);
    error FaultProofs_WrongLine(address payer, address payee, uint64 epoch);
    error FaultProofs_LineCovers(uint128 lineWei, uint128 dueWei);

    /// @notice Two different receipts of one miner for one assignment.
    function proveEquivocation(
        Assignment calldata assignment,
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external;

    /// @notice Two heads of one coordinator with different leaves at one index. Proved once: afterwards nobody has reason to
    /// serve or pay that coordinator, and what is left of its stake is its creditors'.
    function proveSplitView(
        address coordinator,
        uint64 index,
        ShownHead calldata first,
        ShownHead calldata second
    ) external;

    /// @notice The payee, or its operator, puts a pooled voucher on record.
    function exhibit(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external;

    /// @notice A line, anchored GRACE_SECONDS or more after an exhibit, that promises less than the exhibited voucher, or
    /// leaves less outstanding than it promises and was not collected. Once for each anchor.
    function proveUnderstated(
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external;

    /// @notice The highest voucher on record between two parties; zero when there is none.
    function exhibitOf(address payer, address payee) external view returns (Exhibit memory shown);

    /// @notice Whether a coordinator's log was proved to be forked.
    function isForked(address coordinator) external view returns (bool forked);
}
