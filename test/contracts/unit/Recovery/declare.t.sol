// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Recovery} from "../../../../contracts/payments/Recovery.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../../contracts/interfaces/IRecovery.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {IReceiptLedger} from "../../../../contracts/interfaces/IReceiptLedger.sol";
import {Insolvency} from "../../helpers/Insolvency.sol";

/// @title declare and cure
contract DeclareTest is Insolvency {
    function test_FreezesPoolAndStake() public {
        _declare(WORKER, POOL + 1);
        VM.assertTrue(escrow.isPoolFrozen(COORDINATOR), "pool");
        _equal(staking.freezesOf(COORDINATOR), 1, "stake");
        IRecovery.Spell memory spell = recovery.spellOf(COORDINATOR);
        _equal(spell.dueWei, POOL + 1, "due");
        _equal(spell.declaredAt, declaredAt, "since");
    }

    function test_StopsCollectionsExitsAndSweeps() public {
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(1 ether);
        _declare(WORKER, POOL + 1);
        bytes memory frozen = abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolFrozen.selector, COORDINATOR);
        IPaymentEscrow.Voucher memory v = _owed(MINER, 1 ether);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.expectRevert(frozen);
        escrow.collect(v, signature);
        VM.warp(block.timestamp + 7 days);
        VM.prank(COORDINATOR);
        VM.expectRevert(frozen);
        escrow.withdrawPool();
        VM.prank(COORDINATOR);
        staking.startThaw(COORDINATOR_STAKE);
        VM.warp(block.timestamp + 7 days);
        VM.prank(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_Frozen.selector, COORDINATOR, 1));
        staking.withdraw();
    }

    function test_AFrozenPoolIsSkippedInBatches() public {
        _declare(WORKER, POOL + 1);
        IPaymentEscrow.Voucher[] memory list = new IPaymentEscrow.Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        list[0] = _owed(MINER, 1 ether);
        signatures[0] = _signed(COORDINATOR_KEY, list[0]);
        _equal(escrow.collectMany(list, _joined(signatures))[0], 0, "paid");
    }

    function test_FreezesAPoolWithoutAStake() public {
        // A session key stands in for a payer that never staked: its pool is all that there is.
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(CLIENT, WORKER, 1, 0, 5, 1, bytes32(0));
        recovery.declare(v, _signed(CLIENT_KEY, v));
        VM.assertTrue(escrow.isPoolFrozen(CLIENT), "pool");
        _equal(staking.freezesOf(CLIENT), 0, "stake");
    }

    function test_ASweepOfAFrozenPoolIsRefused() public {
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(CLIENT, WORKER, 1, 0, 5, 1, bytes32(0));
        recovery.declare(v, _signed(CLIENT_KEY, v));
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolFrozen.selector, CLIENT));
        escrow.sweep(CLIENT);
    }

    function test_RevertWhen_TheDeployerWouldFreezeTwiceOrReleaseNothing() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolNotFrozen.selector, COORDINATOR));
        escrow.releasePool(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolNotFrozen.selector, COORDINATOR));
        escrow.closePool(COORDINATOR, 1, STRANGER);
        escrow.freezePool(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolFrozen.selector, COORDINATOR));
        escrow.freezePool(COORDINATOR);
    }

    function test_RevertWhen_ASessionKeyPromisesFromAFrozenPool() public {
        _authorizePoolSession(POOL);
        IPaymentEscrow.Voucher memory v = _owed(MINER, POOL);
        bytes memory signature = _signed(SESSION_KEY, v);
        VM.assertTrue(escrow.isPromise(v, signature), "before the freeze");
        _declare(WORKER, POOL + 1);
        VM.assertTrue(!escrow.isPromise(v, signature), "in the freeze");
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NotAPromise.selector, COORDINATOR, MINER));
        recovery.declare(v, signature);
        // The payer's own key binds it as before, and both do when the freeze is over.
        VM.assertTrue(escrow.isPromise(v, _signed(COORDINATOR_KEY, v)), "the payer itself");
        _depositPool(1);
        _cure(WORKER, POOL + 1);
        VM.assertTrue(escrow.isPromise(v, signature), "after it");
    }

    function test_RevertWhen_SignedByAStranger() public {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL + 1);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NotAPromise.selector, COORDINATOR, WORKER));
        recovery.declare(v, _signed(STRANGER_KEY, v));
    }

    function test_RevertWhen_Dedicated() public {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL + 1);
        v.kind = 0;
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NotAPromise.selector, COORDINATOR, WORKER));
        recovery.declare(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_ThePoolCovers() public {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL);
        VM.expectRevert(
            abi.encodeWithSelector(IRecovery.Recovery_NoShortfall.selector, COORDINATOR, uint256(POOL), uint256(POOL))
        );
        recovery.declare(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_CollectedAlready() public {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        escrow.collect(v, signature);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NoShortfall.selector, COORDINATOR, 0, 0));
        recovery.declare(v, signature);
    }

    function test_RevertWhen_OfAnotherEpoch() public {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL + 1);
        v.epoch = 1;
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NoShortfall.selector, COORDINATOR, 0, uint256(POOL)));
        recovery.declare(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_DeclaredAlready() public {
        _declare(WORKER, POOL + 1);
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL + 2);
        VM.expectRevert(
            abi.encodeWithSelector(IRecovery.Recovery_AlreadyDeclared.selector, COORDINATOR, WORKER, POOL + 1)
        );
        recovery.declare(v, _signed(COORDINATOR_KEY, v));
    }

    function test_PromisesBeyondAllMoneyAddUp() public {
        _declare(WORKER, type(uint128).max);
        _declare(MINER, type(uint128).max);
        _equal(recovery.spellOf(COORDINATOR).dueWei, 2 * uint256(type(uint96).max), "what two channels can pay");
    }

    function test_ASmallerDebtJoinsWhenTheOthersTakeThePool() public {
        _declare(WORKER, POOL + 1);
        _declare(MINER, 1 ether);
        _equal(recovery.spellOf(COORDINATOR).dueWei, POOL + 1 + 1 ether, "due");
        _equal(staking.freezesOf(COORDINATOR), 1, "frozen once");
    }

    function test_CurePaysEachDeclaredVoucherAndEndsTheFreeze() public {
        _declare(WORKER, POOL + 1 ether);
        _declare(MINER, 2 ether);
        _depositPool(3 ether);
        _cure(MINER, 2 ether);
        VM.assertTrue(escrow.isPoolFrozen(COORDINATOR), "still frozen");
        _cure(WORKER, POOL + 1 ether);
        VM.assertTrue(!escrow.isPoolFrozen(COORDINATOR), "released");
        _equal(staking.freezesOf(COORDINATOR), 0, "stake");
        (uint128 workerWei, ) = escrow.channelOf(COORDINATOR, WORKER, 1);
        _equal(workerWei, POOL + 1 ether, "worker");
        _equal(_stage(), 0, "stage");
        // What was cured can be short again.
        _declare(WORKER, POOL + 2 ether);
        _equal(recovery.spellOf(COORDINATOR).dueWei, 1 ether, "due again");
    }

    function test_CureOfAPayerWithoutAStake() public {
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(CLIENT, WORKER, 1, 0, 5, 1, bytes32(0));
        recovery.declare(v, _signed(CLIENT_KEY, v));
        VM.prank(CLIENT);
        escrow.depositPool(CLIENT, 5);
        // It may stake meanwhile: the freeze of its stake was never taken.
        _stake(CLIENT, IStaking.Role.Miner, MINER_MINIMUM);
        recovery.cure(v, _signed(CLIENT_KEY, v));
        _equal(uint256(recovery.spellOf(CLIENT).stage), 0, "stage");
    }

    function test_RevertWhen_CuringBelowAllThatIsDeclared() public {
        _declare(WORKER, POOL + 1 ether);
        _declare(MINER, 2 ether);
        IPaymentEscrow.Voucher memory v = _owed(MINER, 2 ether);
        VM.expectRevert(
            abi.encodeWithSelector(
                IRecovery.Recovery_StillShort.selector,
                COORDINATOR,
                uint256(POOL + 3 ether),
                uint256(POOL)
            )
        );
        recovery.cure(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_CuringAnotherVoucher() public {
        _declare(WORKER, POOL + 1 ether);
        _depositPool(3 ether);
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL + 2 ether);
        VM.expectRevert(
            abi.encodeWithSelector(IRecovery.Recovery_NotDeclared.selector, COORDINATOR, WORKER, POOL + 2 ether)
        );
        recovery.cure(v, _signed(COORDINATOR_KEY, v));
        v = _owed(MINER, 1 ether);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NotDeclared.selector, COORDINATOR, MINER, 1 ether));
        recovery.cure(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_CuringNothing() public {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, 1 ether);
        VM.expectRevert(_wrongStage(IRecovery.Stage.None));
        recovery.cure(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_BuiltWithoutAToken() public {
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_ZeroAddress.selector));
        new Recovery(IERC20(address(0)), staking, escrow, ledger);
    }

    function test_RevertWhen_BuiltWithoutStaking() public {
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_ZeroAddress.selector));
        new Recovery(token, IStaking(address(0)), escrow, ledger);
    }

    function test_RevertWhen_BuiltWithoutAnEscrow() public {
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_ZeroAddress.selector));
        new Recovery(token, staking, IPaymentEscrow(address(0)), ledger);
    }

    function test_RevertWhen_BuiltWithoutALedger() public {
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_ZeroAddress.selector));
        new Recovery(token, staking, escrow, IReceiptLedger(address(0)));
    }
}
