// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Progress, Receipt} from "../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../contracts/generated/TypeHashes.sol";
import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IReceiptLedger} from "../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {IVerdicts} from "../../../contracts/interfaces/IVerdicts.sol";
import {Evidence} from "../../../contracts/libraries/Evidence.sol";
import {Base} from "../helpers/Base.sol";
import {Jobs} from "../helpers/Jobs.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {OperatorActsForStaker, OperatorSpendsPool} from "./twins/Operators.sol";

/// @title What a thief can do with the hot key of a coordinator or a miner
/// @notice It signs assignments, acknowledgements, log heads and anchors, or receipts. The worst is to sign offences
/// and to be their victim and their challenger: that costs the stake, half of which at least is burned, and nothing
/// beside it.
contract StolenOperatorAttacks is PaymentAttack, Jobs {
    using Evidence for Assignment;
    using Evidence for Progress;
    using Evidence for Receipt;

    uint128 private constant POOL = 50 ether;

    function setUp() public override(Base, Jobs) {
        Jobs.setUp();
        _fund(STRANGER);
        _depositPool(POOL);
        VM.prank(COORDINATOR);
        staking.setOperator(STRANGER);
    }

    /// @dev Source: a hot key that could unstake and redirect what it unstaked (pokt-network/pocket-core issue 1204;
    /// OffchainLabs/bold pull request 627).
    function test_StolenOperatorKeyTowardsMoney_Fails() public {
        _fails(_spend(escrow, COORDINATOR));
        _refusedWith(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerUnknown.selector, COORDINATOR, address(0), STRANGER)
        );
        _fails(_redirect(staking, COORDINATOR));
        _refusedWith(abi.encodeWithSelector(IStaking.Staking_NotRegistered.selector, STRANGER));
    }

    function test_StolenOperatorKeyTowardsMoney_SucceedsAgainstTwins() public {
        IPaymentEscrow target = _twin(address(new OperatorSpendsPool(token, staking)));
        _depositPoolFor(target, COORDINATOR, POOL);
        _succeeds(_spend(target, COORDINATOR));
        OperatorActsForStaker twin = new OperatorActsForStaker(token);
        VM.startPrank(COORDINATOR);
        token.approve(address(twin), type(uint256).max);
        twin.register(IStaking.Role.Coordinator, COORDINATOR_MINIMUM, STRANGER, address(0), bytes32(0));
        VM.stopPrank();
        _succeeds(_redirect(IStaking(address(twin)), COORDINATOR));
    }

    /// @dev Source: as above: "a compromised key can still lead to a full slashing" is what is left. The thief assigns
    /// jobs to itself, acknowledges them, and demands to be paid.
    function test_StolenCoordinatorOperatorKey_CostsTheStakeAndNothingElse() public {
        uint256 before = token.balanceOf(STRANGER);
        uint256 supplyWei = token.totalSupply();
        // 5,000 a time: half of the role's minimum, above a tenth of this stake.
        for (uint64 counter = 1; counter <= 4; ++counter) _demandOfOneself(counter);
        VM.warp(block.timestamp + 5 days + 1);
        for (uint256 id = 1; id <= 4; ++id) demands.fail(id);
        _equal(_stakeWei(COORDINATOR), 0, "the stake");
        _equal(token.balanceOf(STRANGER) - before, COORDINATOR_STAKE / 2, "half of it for the thief");
        _equal(supplyWei - token.totalSupply(), COORDINATOR_STAKE / 2, "half burned");
        (uint128 poolWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(poolWei, POOL, "the pool");
        // What a thief anchors stands: the owner goes on under another address.
        VM.prank(STRANGER);
        ledger.anchor(COORDINATOR, keccak256("nonsense"), type(uint64).max, 0, 0);
        VM.startPrank(COORDINATOR);
        staking.setOperator(COORDINATOR);
        VM.expectRevert(
            abi.encodeWithSelector(IReceiptLedger.Ledger_SizeShrank.selector, uint64(10), type(uint64).max)
        );
        ledger.anchor(COORDINATOR, keccak256("log"), 10, 0, 0);
        escrow.startPoolThaw(POOL);
        VM.warp(block.timestamp + 7 days);
        escrow.withdrawPool();
        VM.stopPrank();
    }

    /// @dev Source: as above. The owner replaces the key at once; what it signs counts for as long as a thaw, because a
    /// miner could else undo its own offences by replacing its key.
    function test_StolenMinerOperatorKey_CostsTheStakeAndNothingElse() public {
        _depositPoolFor(escrow, WORKER, POOL);
        VM.startPrank(WORKER);
        staking.setOperator(STRANGER);
        staking.setOperator(WORKER);
        VM.stopPrank();
        uint256 before = token.balanceOf(STRANGER);
        uint256 supplyWei = token.totalSupply();
        VM.warp(START + 7 days - 1);
        // 2,000, 1,000, 500 and the last 500, which are half of the role's minimum.
        for (uint64 counter = 1; counter <= 4; ++counter) _must(STRANGER, address(faultProofs), _equivocation(counter));
        _equal(_stakeWei(WORKER), 0, "the stake");
        _equal(token.balanceOf(STRANGER) - before, WORKER_STAKE / 2, "half of it for the thief");
        _equal(supplyWei - token.totalSupply(), WORKER_STAKE / 2, "half burned");
        escrow.sweep(WORKER);
        _equal(token.balanceOf(WORKER), 1_000_000 ether - WORKER_STAKE + POOL, "what it earned");
        VM.warp(START + 7 days);
        _fails(_try(STRANGER, address(faultProofs), _equivocation(5)));
        _refusedWith(abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, WORKER, STRANGER));
    }

    /// @dev The thief signs a voucher for itself, and sweeps.
    function _spend(IPaymentEscrow target, address owner) private returns (bool won) {
        uint256 before = token.balanceOf(STRANGER);
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(owner, STRANGER, 1, 0, POOL, 1, 0);
        _collectSigned(target, STRANGER_KEY, v);
        bytes memory reason = refusal;
        _try(STRANGER, address(target), abi.encodeCall(IPaymentEscrow.sweep, (STRANGER)));
        refusal = reason;
        return token.balanceOf(STRANGER) != before;
    }

    /// @dev The thief names itself everything that a staker can name, and asks for the stake.
    function _redirect(IStaking target, address owner) private returns (bool won) {
        _try(STRANGER, address(target), abi.encodeCall(IStaking.setPayout, (STRANGER)));
        _try(STRANGER, address(target), abi.encodeCall(IStaking.setOperator, (STRANGER)));
        _try(STRANGER, address(target), abi.encodeCall(IStaking.startThaw, (1_000 ether)));
        (, , uint128 thawingWei, ) = target.stakeOf(owner);
        return thawingWei != 0 || target.payoutOf(owner) != owner;
    }

    /// @dev A job of the thief for the thief, in which any price stands.
    function _demandOfOneself(uint64 counter) private {
        IDemands.UnpaidJob[] memory jobs = new IDemands.UnpaidJob[](1);
        jobs[0].assignment = _assignment(counter);
        (jobs[0].assignment.miner, jobs[0].assignment.feePpm) = (STRANGER, 0);
        jobs[0].assignment.maxAmountWei = type(uint128).max;
        jobs[0].assignment.outputPriceWei = 1_000_000 ether;
        jobs[0].receipt = _receipt(jobs[0].assignment);
        jobs[0].receipt.amountWei = 1_000_000 ether;
        jobs[0].progress = _progress(jobs[0].assignment, 1);
        bytes32 leaf = jobs[0].assignment.hash();
        jobs[0].assignmentProof = _batch(STRANGER_KEY, TypeHashes.ASSIGNMENT_BATCH, leaf);
        leaf = jobs[0].progress.hash();
        jobs[0].progressProof = _batch(STRANGER_KEY, TypeHashes.PROGRESS_BATCH, leaf);
        IPaymentEscrow.Voucher memory none;
        VM.prank(STRANGER);
        demands.demandPayment(none, "", jobs);
    }

    /// @dev Two receipts for a job that nobody gave; its client is the thief.
    function _equivocation(uint64 counter) private view returns (bytes memory call) {
        Assignment memory job = _assignment(counter);
        job.client = STRANGER;
        IFaultProofs.SignedReceipt memory first;
        IFaultProofs.SignedReceipt memory second;
        (first.receipt, second.receipt) = (_receipt(job), _receipt(job));
        second.receipt.amountWei = type(uint128).max;
        first.proof = _batch(STRANGER_KEY, TypeHashes.RECEIPT_BATCH, first.receipt.hash());
        second.proof = _batch(STRANGER_KEY, TypeHashes.RECEIPT_BATCH, second.receipt.hash());
        return abi.encodeCall(IFaultProofs.proveEquivocation, (job, first, second));
    }

    function _stakeWei(address staker) private view returns (uint256 stakedWei) {
        (, stakedWei, , ) = staking.stakeOf(staker);
    }
}
