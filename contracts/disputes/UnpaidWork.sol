// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Progress, Receipt} from "../generated/Structs.sol";
import {TypeHashes} from "../generated/TypeHashes.sol";
import {IDemands} from "../interfaces/IDemands.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {Evidence} from "../libraries/Evidence.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title What a miner may claim: acknowledged work after its last voucher
abstract contract UnpaidWork is IDemands, Verdicts {
    using Evidence for Progress;
    using Evidence for Receipt;

    uint8 internal constant POOLED = 1;

    IPaymentEscrow internal immutable ESCROW;

    constructor(IPaymentEscrow escrow) {
        if (address(escrow) == address(0)) revert Verdicts_ZeroAddress();
        ESCROW = escrow;
    }

    /// @dev The demand for what `jobs` earned beyond the voucher, and the assignments that it uses up.
    function _claimOf(
        IPaymentEscrow.Voucher calldata last,
        bytes calldata signature,
        UnpaidJob[] calldata jobs
    ) internal view returns (Demand memory demand, bytes32[] memory assignments) {
        if (jobs.length == 0) revert Demands_WrongCount(0, 1);
        (address coordinator, address miner) = (jobs[0].assignment.coordinator, jobs[0].assignment.miner);
        if (msg.sender != miner && !STAKING.signsFor(miner, msg.sender)) revert Demands_NotTheMiner(msg.sender, miner);
        _checkLast(coordinator, miner, last, signature);
        assignments = new bytes32[](jobs.length);
        bytes32[] memory receipts = new bytes32[](jobs.length);
        uint256 owedWei = 0;
        for (uint256 i = 0; i < jobs.length; ++i) {
            if (jobs[i].assignment.coordinator != coordinator || jobs[i].assignment.miner != miner) {
                revert Demands_OtherParties(jobs[i].assignment.coordinator, jobs[i].assignment.miner);
            }
            uint128 earnedWei;
            (assignments[i], receipts[i], earnedWei) = _earned(jobs[i]);
            // Ascending, so that nothing is claimed twice.
            if (i != 0 && assignments[i] <= assignments[i - 1]) {
                revert Demands_JobsNotAscending(assignments[i - 1], assignments[i]);
            }
            owedWei += earnedWei;
        }
        (demand.subject, demand.accused, demand.harmed) = (Subject.Payment, coordinator, miner);
        uint256 targetWei = last.cumulativeWei + owedWei;
        if (targetWei > type(uint128).max) revert Demands_AmountTooLarge(targetWei);
        (demand.refundWei, demand.targetWei) = (uint128(owedWei), uint128(targetWei));
        (demand.word, demand.receiptsRoot) = (keccak256(abi.encode(receipts)), last.receiptsRoot);
        demand.key = keccak256(abi.encode(Subject.Payment, assignments));
    }

    /// @dev The voucher must be real, or the coordinator could be made to answer for money that nobody was promised. A miner
    /// that hides its last one demands less than it could.
    function _checkLast(
        address coordinator,
        address miner,
        IPaymentEscrow.Voucher calldata last,
        bytes calldata signature
    ) private view {
        if (last.cumulativeWei == 0) return;
        bool isTheirs = last.payer == coordinator && last.payee == miner && last.kind == POOLED;
        if (!isTheirs || !ESCROW.isPromise(last, signature)) revert Demands_NotAPromise(last.payer, last.payee);
        // What an older epoch promised was shared out when it ended, and never collects.
        (, , , uint64 epoch) = ESCROW.poolOf(coordinator);
        if (last.epoch != epoch) revert Demands_WrongEpoch(last.epoch, epoch);
    }

    /// @dev Acknowledged tokens only, within the assignment's bounds: a receipt is the miner's own word.
    function _earned(
        UnpaidJob calldata job
    ) private view returns (bytes32 assignmentId, bytes32 receiptHash, uint128 earnedWei) {
        Assignment calldata assignment = job.assignment;
        Receipt calldata receipt = job.receipt;
        assignmentId = _checkAssignment(assignment, job.assignmentProof);
        _checkWindow(assignment.deadline);
        if (receipt.assignment != assignmentId) revert Verdicts_WrongAssignment(assignmentId, receipt.assignment);
        receiptHash = receipt.hash();
        if (job.progress.assignment != assignmentId || job.progress.count == 0) {
            revert Demands_NotAcknowledged(assignmentId);
        }
        _checkBatch(assignment.coordinator, TypeHashes.PROGRESS_BATCH, job.progress.hash(), job.progressProof);
        uint256 outputTokens = _least(receipt.outputTokens, job.progress.count);
        uint256 inputTokens = _least(receipt.inputTokens, assignment.maxInputTokens);
        uint256 amountWei = inputTokens * assignment.inputPriceWei + outputTokens * assignment.outputPriceWei;
        amountWei = _least(amountWei, _least(receipt.amountWei, assignment.maxAmountWei));
        // The coordinator's margin is rounded down, in the miner's favour; one above everything leaves nothing.
        uint256 marginWei = (amountWei * _least(assignment.feePpm, PPM)) / PPM;
        return (assignmentId, receiptHash, uint128(amountWei - marginWei));
    }

    function _least(uint256 left, uint256 right) private pure returns (uint256 least) {
        return left < right ? left : right;
    }
}
