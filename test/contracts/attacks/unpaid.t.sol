// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {Assignment, Progress, Receipt} from "../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../contracts/generated/TypeHashes.sol";
import {Evidence} from "../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {Base} from "../helpers/Base.sol";
import {Jobs} from "../helpers/Jobs.sol";
import {Attack} from "./Attack.sol";
import {AnswersByAnyCollection, NoTimeToCure, PaysWhatReceiptsSay} from "./twins/Unpaid.sol";

/// @title Attacks on and by the demand to be paid
contract UnpaidAttacks is Attack, Jobs {
    using Evidence for Assignment;
    using Evidence for Progress;
    using Evidence for Receipt;

    uint128 private constant POOL = 4 ether;
    uint128 private constant LAST = 3 ether;
    /// @dev 0.02 + 0.4, less the coordinator's 5 %.
    uint128 private constant EARNED = 0.399 ether;

    /// @dev What the first of two answers was refused with.
    bytes private firstRefusal;

    function setUp() public override(Base, Jobs) {
        Jobs.setUp();
        _depositPool(POOL);
    }

    /// @dev Source: a dispute answered by a statement that only the answerer made (KanishJebaMathewM/Truxify issue
    /// 5936).
    function test_OneWeiVoucherAnsweringUnpaid_Fails() public {
        uint256 before = token.balanceOf(WORKER);
        bytes32 receipt = _receipt(_assignment(1)).hash();
        _fails(_answerWithAWei(demands));
        _equal(token.balanceOf(WORKER) - before, EARNED + COORDINATOR_MINIMUM / 20, "refund and reward");
        _refusedWith(abi.encodeWithSelector(IDemands.Demands_NotCollected.selector, LAST + 1, LAST + EARNED));
        _equal(
            uint256(keccak256(firstRefusal)),
            uint256(
                keccak256(
                    abi.encodeWithSelector(IDemands.Demands_NotInVoucher.selector, receipt, keccak256("receipts"))
                )
            ),
            "its tree is not the one that the miner accepted"
        );
    }

    function test_OneWeiVoucherAnsweringUnpaid_SucceedsAgainstTwin() public {
        _succeeds(_answerWithAWei(_judge(address(new AnswersByAnyCollection(staking, escrow)))));
    }

    /// @dev Source: the amount of work done is what workers say of themselves
    /// (graphprotocol/graph-improvement-proposals pull request 59, on the disputes that this needs).
    function test_MaximumReceiptForNothingDelivered_Fails() public {
        bytes32 job = _idOf(_assignment(3));
        _fails(_claimForNothing(demands));
        _refusedWith(abi.encodeWithSelector(IDemands.Demands_NotAcknowledged.selector, job));
        // One token acknowledged is one token paid: what the receipt says beyond it is worth nothing.
        IDemands.UnpaidJob memory one = _bragging(4);
        one.progress.count = 1;
        one.progressProof = _acknowledged(one.progress);
        VM.prank(WORKER);
        uint256 id = demands.demandPayment(_last(), _signed(COORDINATOR_KEY, _last()), _list(one));
        _equal(demands.demandOf(id).refundWei, 0.1045 ether, "the whole prompt and one token, less the fee");
    }

    function test_MaximumReceiptForNothingDelivered_SucceedsAgainstTwin() public {
        _succeeds(_claimForNothing(_judge(address(new PaysWhatReceiptsSay(staking, escrow)))));
    }

    /// @dev Source: as above; what the client can do about such a receipt.
    function test_MaximumReceiptForNothingDelivered_RefundsTheClient() public {
        IDemands.UnpaidJob memory job = _bragging(1);
        uint256 before = token.balanceOf(CLIENT);
        VM.prank(CLIENT);
        uint256 id = demands.demandOpening(job.assignment, job.assignmentProof, job.receipt, _receipted(job.receipt));
        _passMoment();
        (uint32 first, uint32 count) = demands.rangeOf(id);
        // There is no output behind the commitment: nothing that the miner can show opens it.
        IDemands.OpenedToken[] memory opened = new IDemands.OpenedToken[](count);
        _fails(_try(WORKER, address(demands), abi.encodeCall(IDemands.answerOpening, (id, opened))));
        _refusedWith(abi.encodeWithSelector(IDemands.Demands_NotInOutput.selector, first));
        VM.warp(block.timestamp + 48 hours + 1);
        demands.fail(id);
        _equal(token.balanceOf(CLIENT) - before, 3 ether + (WORKER_STAKE * 3) / 100, "refund and reward");
    }

    /// @dev Source: liquidations that go on while repayments are stopped (sherlock-audit/2024-08-sentiment-v2-judging
    /// issue 422).
    function test_DemandWhileThePoolIsFrozen_Fails() public {
        _fails(_demandInTheFreeze(demands));
        _refusedWith(abi.encodeWithSelector(IDemands.Demands_WrongSubject.selector, 1, IDemands.Subject.None));
        (uint128 collectedWei, ) = escrow.channelOf(COORDINATOR, WORKER, 1);
        _equal(collectedWei, 2 * POOL + EARNED, "the miner is paid in full");
    }

    function test_DemandWhileThePoolIsFrozen_SucceedsAgainstTwin() public {
        _succeeds(_demandInTheFreeze(_judge(address(new NoTimeToCure(staking, escrow)))));
    }

    /// @dev The coordinator owes for a job, and answers with a wei more and a tree that holds the receipt.
    function _answerWithAWei(IDemands target) private returns (bool won) {
        IDemands.UnpaidJob memory job = _job(1);
        IPaymentEscrow.Voucher memory v = _last();
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        uint256 id = target.demandPayment(v, signature, _list(job));
        (v.cumulativeWei, v.receiptsRoot) = (LAST + 1, Rfc6962.leafHash(job.receipt.hash()));
        _equal(escrow.collect(v, _signed(COORDINATOR_KEY, v)), LAST + 1, "its own voucher, paid");
        bytes32[] memory receipts = new bytes32[](1);
        receipts[0] = job.receipt.hash();
        bytes memory inTree = abi.encodeCall(IDemands.answerInVoucher, (id, receipts, 0, 0, 1, new bytes32[](0)));
        _try(COORDINATOR, address(target), inTree);
        firstRefusal = refusal;
        _try(COORDINATOR, address(target), abi.encodeCall(IDemands.answerCollected, (id)));
        VM.warp(block.timestamp + 30 days);
        bytes memory reason = refusal;
        _try(WORKER, address(target), abi.encodeCall(IDemands.fail, (id)));
        refusal = reason;
        return _stakeWei() == COORDINATOR_STAKE;
    }

    /// @dev The miner was assigned three jobs, delivered nothing of them, and signs receipts for the most.
    function _claimForNothing(IDemands target) private returns (bool won) {
        uint256 before = token.balanceOf(WORKER);
        for (uint64 counter = 1; counter <= 3; ++counter) {
            IDemands.UnpaidJob memory job = _bragging(counter);
            // What the coordinator did sign: that nothing has arrived yet.
            if (counter == 1) job.progressProof = _acknowledged(job.progress);
            else job.progress.count = 200;
            // What the miner can sign itself.
            if (counter == 2) {
                job.progressProof = _batch(WORKER_KEY, TypeHashes.PROGRESS_BATCH, job.progress.hash());
            }
            // What was acknowledged in another job.
            if (counter == 3) {
                job.progress = _progress(_assignment(9), 200);
                job.progressProof = _acknowledged(job.progress);
            }
            bytes memory signature = _signed(COORDINATOR_KEY, _last());
            _try(WORKER, address(target), abi.encodeCall(IDemands.demandPayment, (_last(), signature, _list(job))));
        }
        VM.warp(block.timestamp + 30 days);
        bytes memory reason = refusal;
        for (uint256 id = 1; id <= 3; ++id) {
            _try(WORKER, address(target), abi.encodeCall(IDemands.fail, (id)));
        }
        refusal = reason;
        return token.balanceOf(WORKER) > before;
    }

    /// @dev The pool is short for a moment. The miner freezes it, demands at once to be paid out of it, and has the
    /// coordinator punished that brings the money within the time that a cure has.
    function _demandInTheFreeze(IDemands target) private returns (bool won) {
        IPaymentEscrow.Voucher memory v = _last();
        v.cumulativeWei = 2 * POOL;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        recovery.declare(v, signature);
        IDemands.UnpaidJob[] memory jobs = _list(_job(1));
        VM.prank(WORKER);
        uint256 id = target.demandPayment(v, signature, jobs);
        bytes memory punish = abi.encodeCall(IDemands.fail, (id));
        for (uint256 hour = 0; hour < 71; ++hour) {
            VM.warp(block.timestamp + 1 hours);
            _try(WORKER, address(target), punish);
        }
        _depositPool(POOL + EARNED);
        recovery.cure(v, signature);
        _try(WORKER, address(target), punish);
        v.cumulativeWei += EARNED;
        _equal(escrow.collect(v, _signed(COORDINATOR_KEY, v)), EARNED, "the job");
        _try(COORDINATOR, address(target), abi.encodeCall(IDemands.answerCollected, (id)));
        VM.warp(block.timestamp + 30 days);
        _try(WORKER, address(target), punish);
        return _stakeWei() != COORDINATOR_STAKE;
    }

    function _judge(address twin) private returns (IDemands target) {
        manager.grantRole(SLASHER, twin, 0);
        return IDemands(twin);
    }

    function _job(uint64 counter) private view returns (IDemands.UnpaidJob memory job) {
        job.assignment = _assignment(counter);
        job.assignmentProof = _assigned(job.assignment);
        job.receipt = _receipt(job.assignment);
        job.progress = _progress(job.assignment, TOKENS);
        job.progressProof = _acknowledged(job.progress);
    }

    /// @dev All that the assignment allows, and an output that does not exist.
    function _bragging(uint64 counter) private view returns (IDemands.UnpaidJob memory job) {
        job = _job(counter);
        job.receipt.outputCommitment = keccak256("no output");
        (job.receipt.inputTokens, job.receipt.outputTokens) = (100, 200);
        job.receipt.amountWei = job.assignment.maxAmountWei;
        job.progress.count = 0;
    }

    function _list(IDemands.UnpaidJob memory job) private pure returns (IDemands.UnpaidJob[] memory jobs) {
        jobs = new IDemands.UnpaidJob[](1);
        jobs[0] = job;
    }

    function _last() private view returns (IPaymentEscrow.Voucher memory voucher) {
        return IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, LAST, 3, keccak256("receipts"));
    }

    function _stakeWei() private view returns (uint256 stakedWei) {
        (, stakedWei, , ) = staking.stakeOf(COORDINATOR);
    }
}
