// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bonds} from "../../../../contracts/disputes/Bonds.sol";
import {Demands} from "../../../../contracts/disputes/Demands.sol";
import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title Demands of a miner to be paid
contract PaymentTest is Jobs {
    using Evidence for Assignment;
    using Evidence for Receipt;

    uint128 private constant LAST = 5 ether;
    /// @dev 0.02 + 0.4, less the coordinator's 5 %.
    uint128 private constant EARNED = 0.399 ether;

    function setUp() public override {
        super.setUp();
        _depositPool(10 ether);
    }

    function _job(uint64 counter) private view returns (IDemands.UnpaidJob memory job) {
        job.assignment = _assignment(counter);
        job.receipt = _receipt(job.assignment);
        job.progress = _progress(job.assignment, TOKENS);
        _sign(job);
    }

    function _sign(IDemands.UnpaidJob memory job) private view {
        job.receipt.assignment = _idOf(job.assignment);
        job.progress.assignment = _idOf(job.assignment);
        job.assignmentProof = _assigned(job.assignment);
        job.progressProof = _acknowledged(job.progress);
    }

    function _one(IDemands.UnpaidJob memory job) private pure returns (IDemands.UnpaidJob[] memory jobs) {
        jobs = new IDemands.UnpaidJob[](1);
        jobs[0] = job;
    }

    function _two() private view returns (IDemands.UnpaidJob[] memory jobs) {
        jobs = new IDemands.UnpaidJob[](2);
        (jobs[0], jobs[1]) = (_job(1), _job(2));
        if (jobs[0].receipt.assignment > jobs[1].receipt.assignment) (jobs[0], jobs[1]) = (jobs[1], jobs[0]);
    }

    function _last() private view returns (IPaymentEscrow.Voucher memory voucher) {
        return IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, LAST, 3, keccak256("receipts"));
    }

    function _demand(IDemands.UnpaidJob[] memory jobs) private returns (uint256 id) {
        IPaymentEscrow.Voucher memory v = _last();
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        return demands.demandPayment(v, signature, jobs);
    }

    function _collect(uint128 cumulativeWei) private {
        IPaymentEscrow.Voucher memory v = _last();
        v.cumulativeWei = cumulativeWei;
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
    }

    function test_DemandsTheVoucherAndWhatTheJobsEarned() public {
        uint256 id = _demand(_two());
        IDemands.Demand memory demand = demands.demandOf(id);
        _equal(demand.targetWei, LAST + 2 * EARNED, "target");
        _equal(demand.refundWei, 2 * EARNED, "owed");
        _equal(staking.freezesOf(COORDINATOR), 1, "frozen");
    }

    function test_OnlyACollectionInFullAnswers() public {
        uint256 id = _demand(_one(_job(1)));
        _collect(LAST + EARNED - 1);
        VM.expectRevert(
            abi.encodeWithSelector(IDemands.Demands_NotCollected.selector, LAST + EARNED - 1, LAST + EARNED)
        );
        demands.answerCollected(id);
        _collect(LAST + EARNED);
        demands.answerCollected(id);
        _equal(staking.freezesOf(COORDINATOR), 0, "released");
    }

    function test_SilenceCostsTheCoordinatorAndPaysTheMiner() public {
        uint256 before = token.balanceOf(WORKER);
        uint256 id = _demand(_one(_job(1)));
        VM.warp(START + 5 days);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_Answerable.selector, id, START + 5 days));
        demands.fail(id);
        VM.warp(START + 5 days + 1);
        demands.fail(id);
        _equal(token.balanceOf(WORKER) - before, EARNED + COORDINATOR_MINIMUM / 20, "refund and reward");
    }

    function test_SaysWhoMustPayAndThatItDid() public {
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        uint64 deadline = uint64(START + 5 days);
        IPaymentEscrow.Voucher memory none;
        VM.expectEmit();
        emit IDemands.DemandOpened(1, IDemands.Subject.Payment, COORDINATOR, WORKER, deadline, 0);
        VM.prank(WORKER);
        uint256 id = demands.demandPayment(none, "", jobs);
        _collect(EARNED);
        VM.expectEmit();
        emit IDemands.DemandAnswered(id, COORDINATOR, DEMAND_BOND / 2);
        demands.answerCollected(id);
    }

    function test_SaysWhoDidNotPayAndWhatItCost() public {
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        bytes32[] memory claimed = new bytes32[](1);
        claimed[0] = _idOf(jobs[0].assignment);
        _equal(_demand(jobs), 1, "id");
        VM.warp(START + 5 days + 1);
        bytes32 key = keccak256(abi.encode(IDemands.Subject.Payment, claimed));
        uint128 taken = COORDINATOR_MINIMUM / 2;
        uint128 reward = taken / 10;
        uint128 burned = taken - EARNED - reward;
        VM.expectEmit();
        emit IDemands.DemandFailed(1, COORDINATOR);
        VM.expectEmit();
        emit IVerdicts.FaultPunished(IVerdicts.Fault.Unpaid, COORDINATOR, WORKER, key, taken, EARNED, reward, burned);
        demands.fail(1);
    }

    function test_AShortfallLeavesTimeToPayAfterItsCure() public {
        VM.assertTrue(demands.PAYMENT_SECONDS() > recovery.CURE_SECONDS(), "a demand outlasts a cure");
        IPaymentEscrow.Voucher memory v = _last();
        v.cumulativeWei = 11 ether;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        recovery.declare(v, signature);
        uint256 id = _demand(_one(_job(1)));
        VM.warp(START + 3 days - 1);
        _depositPool(1 ether);
        recovery.cure(v, signature);
        VM.warp(START + 5 days);
        demands.answerCollected(id);
        _equal(staking.freezesOf(COORDINATOR), 0, "released");
    }

    function test_TheVoucherThatCoversAReceiptAnswers() public {
        IDemands.UnpaidJob memory job = _job(1);
        bytes32[] memory leaves = new bytes32[](2);
        (leaves[0], leaves[1]) = (Rfc6962.leafHash(keccak256("older")), Rfc6962.leafHash(job.receipt.hash()));
        (bytes32 root, bytes32[] memory path) = _tree(leaves, 1);
        IPaymentEscrow.Voucher memory v = _last();
        v.receiptsRoot = root;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        uint256 id = demands.demandPayment(v, signature, _one(job));
        bytes32[] memory receipts = new bytes32[](1);
        receipts[0] = job.receipt.hash();
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotInVoucher.selector, receipts[0], root));
        demands.answerInVoucher(id, receipts, 0, 0, 2, path);
        demands.answerInVoucher(id, receipts, 0, 1, 2, path);
        _equal(staking.freezesOf(COORDINATOR), 0, "released");
    }

    function test_RevertWhen_OtherReceiptsAreShown() public {
        uint256 id = _demand(_one(_job(1)));
        bytes32[] memory receipts = new bytes32[](1);
        bytes32 word = demands.demandOf(id).word;
        VM.expectRevert(
            abi.encodeWithSelector(IDemands.Demands_NotTheReceipts.selector, word, keccak256(abi.encode(receipts)))
        );
        demands.answerInVoucher(id, receipts, 0, 0, 1, new bytes32[](0));
    }

    function test_PaysAcknowledgedTokensOnly() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.progress.count = 1;
        _sign(job);
        uint256 id = _demand(_one(job));
        _equal(demands.demandOf(id).refundWei, 0.0285 ether, "input and one token, less the fee");
    }

    function test_PaysNoMoreThanTheReceiptAsksAndTheAssignmentAllows() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.receipt.amountWei = 0.1 ether;
        _equal(demands.demandOf(_demand(_one(job))).refundWei, 0.095 ether, "asked");
        job = _job(2);
        job.assignment.maxAmountWei = 0.2 ether;
        _sign(job);
        _equal(demands.demandOf(_demand(_one(job))).refundWei, 0.19 ether, "allowed");
        job = _job(3);
        (job.receipt.inputTokens, job.receipt.amountWei) = (1_000, 3 ether);
        _equal(demands.demandOf(_demand(_one(job))).refundWei, 0.475 ether, "input within its bound");
        job = _job(4);
        (job.receipt.outputTokens, job.receipt.amountWei) = (1_000, 3 ether);
        _equal(demands.demandOf(_demand(_one(job))).refundWei, EARNED, "output within what is acknowledged");
    }

    function test_AMarginAboveEverythingLeavesNothing() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.assignment.feePpm = type(uint32).max;
        _sign(job);
        _equal(demands.demandOf(_demand(_one(job))).refundWei, 0, "nothing");
    }

    function test_RevertWhen_TheSumIsMoreThanAVoucherCanPromise() public {
        IPaymentEscrow.Voucher memory v = _last();
        v.cumulativeWei = type(uint128).max - EARNED + 1;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        VM.prank(WORKER);
        VM.expectRevert(
            abi.encodeWithSelector(IDemands.Demands_AmountTooLarge.selector, uint256(type(uint128).max) + 1)
        );
        demands.demandPayment(v, signature, jobs);
        v.cumulativeWei -= 1;
        signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        _equal(demands.demandPayment(v, signature, jobs), 1, "the most");
    }

    function test_RevertWhen_NoSuchReceiptIsShown() public {
        IDemands.UnpaidJob memory job = _job(1);
        uint256 id = _demand(_one(job));
        bytes32[] memory receipts = new bytes32[](1);
        receipts[0] = job.receipt.hash();
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_WrongCount.selector, 1, 2));
        demands.answerInVoucher(id, receipts, 1, 0, 1, new bytes32[](0));
    }

    function test_AMinerWithoutAVoucherDemandsWhatItEarned() public {
        IPaymentEscrow.Voucher memory none;
        VM.prank(WORKER);
        uint256 id = demands.demandPayment(none, "", _one(_job(1)));
        _equal(demands.demandOf(id).targetWei, EARNED, "target");
    }

    function test_TheOperatorMayDemand() public {
        VM.prank(WORKER);
        staking.setOperator(SESSION);
        _fund(SESSION);
        IPaymentEscrow.Voucher memory none;
        VM.prank(SESSION);
        _equal(demands.demandPayment(none, "", _one(_job(1))), 1, "id");
    }

    function test_RevertWhen_NothingWasAcknowledged() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.progress.count = 0;
        _sign(job);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotAcknowledged.selector, _idOf(job.assignment)));
        _demand(_one(job));
    }

    function test_RevertWhen_TheAcknowledgementIsOfAnotherJob() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.progress = _progress(_assignment(2), TOKENS);
        job.progressProof = _acknowledged(job.progress);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotAcknowledged.selector, _idOf(job.assignment)));
        _demand(_one(job));
    }

    function test_RevertWhen_TheMinerAcknowledgesItself() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.progressProof = _batch(
            WORKER_KEY,
            keccak256("ProgressBatch(bytes32 root,uint32 count)"),
            Evidence.hash(job.progress)
        );
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, COORDINATOR, WORKER));
        _demand(_one(job));
    }

    function test_RevertWhen_TheReceiptIsOfAnotherJob() public {
        IDemands.UnpaidJob memory job = _job(1);
        job.receipt.assignment = _idOf(_assignment(2));
        VM.expectRevert(
            abi.encodeWithSelector(
                IVerdicts.Verdicts_WrongAssignment.selector,
                _idOf(job.assignment),
                _idOf(_assignment(2))
            )
        );
        _demand(_one(job));
    }

    function test_RevertWhen_AJobIsClaimedTwice() public {
        IDemands.UnpaidJob memory job = _job(1);
        IDemands.UnpaidJob[] memory twice = new IDemands.UnpaidJob[](2);
        (twice[0], twice[1]) = (job, job);
        bytes32 hash = _idOf(job.assignment);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_JobsNotAscending.selector, hash, hash));
        _demand(twice);
        _demand(_one(job));
        VM.expectRevert(
            abi.encodeWithSelector(
                IVerdicts.Verdicts_AlreadyPunished.selector,
                IVerdicts.Fault.Unpaid,
                keccak256(abi.encode(IVerdicts.Fault.Unpaid, hash))
            )
        );
        _demand(_one(job));
    }

    function test_RevertWhen_AJobIsOfOthers() public {
        IDemands.UnpaidJob[] memory jobs = _two();
        jobs[1].assignment.miner = MINER;
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_OtherParties.selector, COORDINATOR, MINER));
        _demand(jobs);
    }

    function test_RevertWhen_ThereIsNoJob() public {
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_WrongCount.selector, 0, 1));
        _demand(new IDemands.UnpaidJob[](0));
    }

    function test_RevertWhen_NotTheMiner() public {
        IPaymentEscrow.Voucher memory none;
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        VM.prank(STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotTheMiner.selector, STRANGER, WORKER));
        demands.demandPayment(none, "", jobs);
    }

    function test_RevertWhen_TheVoucherIsNotTheirs() public {
        IPaymentEscrow.Voucher memory v = _last();
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        bytes memory refused = abi.encodeWithSelector(IDemands.Demands_NotAPromise.selector, COORDINATOR, WORKER);
        bytes memory signature = _signed(STRANGER_KEY, v);
        VM.startPrank(WORKER);
        VM.expectRevert(refused);
        demands.demandPayment(v, signature, jobs);
        v.kind = 0;
        signature = _signed(COORDINATOR_KEY, v);
        VM.expectRevert(refused);
        demands.demandPayment(v, signature, jobs);
        (v.kind, v.payee) = (1, MINER);
        signature = _signed(COORDINATOR_KEY, v);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotAPromise.selector, COORDINATOR, MINER));
        demands.demandPayment(v, signature, jobs);
    }

    /// @dev Real, and of somebody else: what a stranger promised the miner is not the coordinator's to answer for.
    function test_RevertWhen_TheVoucherIsOfAnotherPayer() public {
        IPaymentEscrow.Voucher memory v = _last();
        v.payer = STRANGER;
        bytes memory signature = _signed(STRANGER_KEY, v);
        VM.assertTrue(escrow.isPromise(v, signature), "a promise");
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        VM.prank(WORKER);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotAPromise.selector, STRANGER, WORKER));
        demands.demandPayment(v, signature, jobs);
    }

    function test_RevertWhen_TheVoucherIsOfAnotherEpoch() public {
        IPaymentEscrow.Voucher memory v = _last();
        v.epoch = 1;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        VM.prank(WORKER);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_WrongEpoch.selector, uint64(1), uint64(0)));
        demands.demandPayment(v, signature, jobs);
    }

    function test_RevertWhen_TheJobIsTooOld() public {
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        uint64 until = jobs[0].assignment.deadline + 4 days;
        VM.warp(until + 1);
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_TooLate.selector, until));
        _demand(jobs);
    }

    function test_TellsItsBond() public view {
        _equal(demands.bondWei(), DEMAND_BOND, "bond");
    }

    function test_RevertWhen_BuiltWithoutAnEscrow() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_ZeroAddress.selector));
        new Demands(token, staking, ledger, IPaymentEscrow(address(0)), faultProofs, randomness, DEMAND_BOND);
    }

    function test_RevertWhen_BuiltWithoutProofs() public {
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_ZeroAddress.selector));
        new Demands(token, staking, ledger, escrow, IFaultProofs(address(0)), randomness, DEMAND_BOND);
    }

    function test_RevertWhen_BuiltWithoutRandomness() public {
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_ZeroAddress.selector));
        new Demands(token, staking, ledger, escrow, faultProofs, IRandomness(address(0)), DEMAND_BOND);
    }

    function test_RevertWhen_BuiltWithoutABond() public {
        VM.expectRevert(abi.encodeWithSelector(Bonds.Bonds_ZeroBond.selector));
        new Demands(token, staking, ledger, escrow, faultProofs, randomness, 0);
    }

    function test_RevertWhen_TheTokenKeepsPartOfTheBond() public {
        HalfToken half = new HalfToken();
        Demands greedy = new Demands(half, staking, ledger, escrow, faultProofs, randomness, DEMAND_BOND);
        manager.grantRole(SLASHER, address(greedy), 0);
        IPaymentEscrow.Voucher memory none;
        IDemands.UnpaidJob[] memory jobs = _one(_job(1));
        VM.prank(WORKER);
        VM.expectRevert(
            abi.encodeWithSelector(Bonds.Bonds_InexactTransfer.selector, uint256(DEMAND_BOND), DEMAND_BOND / 2)
        );
        greedy.demandPayment(none, "", jobs);
    }
}

/// @title A token that delivers half
contract HalfToken is IERC20 {
    mapping(address account => uint256 amount) public balanceOf;

    function transferFrom(address, address to, uint256 value) external returns (bool done) {
        balanceOf[to] += value / 2;
        return true;
    }

    function transfer(address, uint256) external pure returns (bool done) {
        return true;
    }

    function approve(address, uint256) external pure returns (bool done) {
        return true;
    }

    function totalSupply() external pure returns (uint256 supply) {
        return 0;
    }

    function allowance(address, address) external pure returns (uint256 amount) {
        return type(uint256).max;
    }
}
