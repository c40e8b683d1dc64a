// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Assignment, TreeHead} from "../generated/Structs.sol";
import {IFaultProofs} from "../interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IReceiptLedger} from "../interfaces/IReceiptLedger.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {Evidence} from "../libraries/Evidence.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../libraries/LiabilityTree.sol";
import {Rfc6962} from "../libraries/Rfc6962.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title FaultProofs
/// @notice See IFaultProofs.
contract FaultProofs is IFaultProofs, Verdicts {
    using Evidence for Assignment;
    using Evidence for TreeHead;

    uint8 private constant POOLED = 1;

    IPaymentEscrow private immutable ESCROW;
    mapping(address payer => mapping(address payee => Exhibit shown)) private _exhibits;
    mapping(address coordinator => bool forked) private _forked;

    constructor(
        IERC20 token,
        IStaking staking,
        IReceiptLedger ledger,
        IPaymentEscrow escrow
    ) Verdicts(token, staking, ledger) {
        if (address(escrow) == address(0)) revert Verdicts_ZeroAddress();
        ESCROW = escrow;
    }

    /// @inheritdoc IFaultProofs
    function proveEquivocation(
        Assignment calldata assignment,
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external {
        // Who signed the assignment does not matter: the miner's receipts bind its id, and thereby its miner.
        bytes32 assignmentId = _idOf(assignment);
        bytes32 firstHash = _checkReceipt(assignment, assignmentId, first.receipt, first.proof);
        bytes32 secondHash = _checkReceipt(assignment, assignmentId, second.receipt, second.proof);
        if (firstHash == secondHash) revert FaultProofs_SameReceipt(firstHash);
        bytes32 key = keccak256(abi.encode(Fault.Equivocation, assignment.miner, assignmentId));
        _use(Fault.Equivocation, key);
        uint128 refundWei =
            first.receipt.amountWei > second.receipt.amountWei ? first.receipt.amountWei : second.receipt.amountWei;
        _punish(Fault.Equivocation, key, assignment.miner, msg.sender, assignment.client, refundWei, 0);
    }

    /// @inheritdoc IFaultProofs
    function proveSplitView(
        address coordinator,
        uint64 index,
        ShownHead calldata first,
        ShownHead calldata second
    ) external {
        if (first.leaf == second.leaf) revert FaultProofs_SameLeaf(first.leaf);
        _checkHead(coordinator, index, first);
        _checkHead(coordinator, index, second);
        bytes32 key = keccak256(abi.encode(Fault.SplitView, coordinator));
        _use(Fault.SplitView, key);
        _forked[coordinator] = true;
        _punish(Fault.SplitView, key, coordinator, msg.sender, address(0), 0, 0);
    }

    /// @inheritdoc IFaultProofs
    function exhibit(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        (address payer, address payee) = (voucher.payer, voucher.payee);
        // The payee alone says since when its payer knows: a payer that could would begin anew with a wei before each anchor.
        if (msg.sender != payee && msg.sender != STAKING.operatorOf(payee)) {
            revert FaultProofs_NotThePayee(msg.sender, payee);
        }
        if (voucher.kind != POOLED || !ESCROW.isPromise(voucher, signature)) {
            revert FaultProofs_NotAPromise(payer, payee);
        }
        (, , , uint64 epoch) = ESCROW.poolOf(payer);
        if (voucher.epoch != epoch) revert FaultProofs_WrongEpoch(voucher.epoch, epoch);
        Exhibit storage shown = _exhibits[payer][payee];
        // What was on record in an older epoch is settled, however much it was.
        if (shown.epoch == epoch && voucher.cumulativeWei <= shown.cumulativeWei) {
            revert FaultProofs_NotMore(voucher.cumulativeWei, shown.cumulativeWei);
        }
        _exhibits[payer][payee] = Exhibit(voucher.cumulativeWei, voucher.epoch, uint64(block.timestamp));
        emit VoucherExhibited(payer, payee, voucher.epoch, voucher.cumulativeWei);
    }

    /// @inheritdoc IFaultProofs
    function proveUnderstated(
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external {
        _checkAnchored(line.payer, previous, anchors);
        (bytes32 root, ) = LiabilityTree.rootOf(line, path);
        if (root != anchors[0].liabilitiesRoot) {
            revert FaultProofs_LineNotInRoot(anchors[0].liabilitiesRoot, root);
        }
        _checkExhibitBefore(line, anchors[0].anchoredAt);
        _checkShort(line);
        bytes32 key = keccak256(abi.encode(Fault.Understated, line.payer, anchors[0].epoch));
        _use(Fault.Understated, key);
        _punish(Fault.Understated, key, line.payer, msg.sender, address(0), 0, 0);
    }

    /// @inheritdoc IFaultProofs
    function exhibitOf(address payer, address payee) external view returns (Exhibit memory shown) {
        return _exhibits[payer][payee];
    }

    /// @inheritdoc IFaultProofs
    function isForked(address coordinator) external view returns (bool forked) {
        return _forked[coordinator];
    }

    function _checkHead(address coordinator, uint64 index, ShownHead calldata shown) private view {
        TreeHead calldata head = shown.head;
        if (head.coordinator != coordinator) revert FaultProofs_WrongCoordinator(coordinator, head.coordinator);
        if (shown.signature.length != 0) {
            _checkSigner(coordinator, Evidence.signerOf(LEDGER.domainSeparator(), head.hash(), shown.signature));
        } else {
            _checkAnchored(coordinator, shown.previous, shown.anchors);
            if (head.root != shown.anchors[0].root || head.size != shown.anchors[0].size) {
                revert FaultProofs_HeadNotAnchored(head.root, head.size);
            }
        }
        bytes32 leafHash = Rfc6962.leafHash(shown.leaf);
        if (!Rfc6962.verifyInclusion(leafHash, index, head.size, shown.path, head.root)) {
            revert FaultProofs_LeafNotInHead(shown.leaf, head.root);
        }
    }

    /// @dev The payer knew of the voucher when it anchored, and the pool is still in that epoch.
    function _checkExhibitBefore(Liability calldata line, uint64 anchoredAt) private view {
        Exhibit storage shown = _exhibits[line.payer][line.payee];
        if (shown.exhibitedAt == 0) revert FaultProofs_NothingExhibited(line.payer, line.payee);
        uint64 from = shown.exhibitedAt + GRACE_SECONDS;
        if (anchoredAt < from) revert FaultProofs_AnchorTooEarly(anchoredAt, from);
        (, , , uint64 epoch) = ESCROW.poolOf(line.payer);
        if (line.epoch != epoch || shown.epoch != epoch) {
            revert FaultProofs_WrongLine(line.payer, line.payee, line.epoch);
        }
    }

    /// @dev What was collected only grows: a line that is short by today's figure was short when it was anchored.
    function _checkShort(Liability calldata line) private view {
        if (line.cumulativeWei < _exhibits[line.payer][line.payee].cumulativeWei) return;
        (uint128 collectedWei, ) = ESCROW.channelOf(line.payer, line.payee, POOLED);
        uint128 dueWei = line.cumulativeWei > collectedWei ? line.cumulativeWei - collectedWei : 0;
        if (line.outstandingWei >= dueWei) revert FaultProofs_LineCovers(line.outstandingWei, dueWei);
    }
}
