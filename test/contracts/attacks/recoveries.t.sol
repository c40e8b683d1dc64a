// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {PromisesAboveCaps, ThawsWhileFrozen, VoidsOnRelease} from "./twins/Recoveries.sol";

/// @title Attacks that declare a shortfall towards a sybil: by the coordinator itself, and by a thief of its session key
contract RecoveryAttacks is PaymentAttack {
    uint128 private constant OWED = 90 ether;
    uint128 private constant DAILY_CAP = 10 ether;

    /// @dev Source: Livepeer, delayed withdrawals and the penalty escrow that a sender could pay to itself
    /// (livepeer/protocol issue 245). Here the sybil is paid nothing: it is there to have the others' vouchers void.
    function test_VoidingVouchersByAShortfallOfOnesOwn_Fails() public {
        _fails(_voidVouchers(escrow, recovery));
        (uint128 minerWei, , , ) = escrow.poolOf(MINER);
        _equal(minerWei, OWED, "paid after the freeze");
        // And not again at once: payees have the time that they lost.
        IPaymentEscrow.Voucher memory own = _ownVoucher(BALANCE + 2);
        own.payee = CLIENT;
        bytes memory signature = _signed(COORDINATOR_KEY, own);
        _try(COORDINATOR, address(recovery), abi.encodeCall(IRecovery.declare, (own, signature)));
        _refusedWith(abi.encodeWithSelector(IRecovery.Recovery_Resting.selector, COORDINATOR, uint64(START + 6 days)));
        VM.warp(START + 6 days);
        own = _ownVoucher(BALANCE + 1);
        _must(COORDINATOR, address(recovery), abi.encodeCall(IRecovery.declare, (own, _signed(COORDINATOR_KEY, own))));
    }

    function test_VoidingVouchersByAShortfallOfOnesOwn_SucceedsAgainstTwin() public {
        address twin = address(new VoidsOnRelease(token));
        _succeeds(_voidVouchers(_twin(twin), IRecovery(twin)));
    }

    /// @dev Source: as above; The Graph Horizon, Trust Security audit TRST-H-1, for escrows that empty before a collection.
    function test_ThawingThroughAFreeze_Fails() public {
        _fails(_thawThroughFreeze(escrow, recovery));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_StillThawing.selector, uint64(START + 10 days)));
        (uint128 minerWei, , , ) = escrow.poolOf(MINER);
        _equal(minerWei, OWED, "paid after the freeze");
    }

    function test_ThawingThroughAFreeze_SucceedsAgainstTwin() public {
        address twin = address(new ThawsWhileFrozen(token));
        _succeeds(_thawThroughFreeze(_twin(twin), IRecovery(twin)));
    }

    /// @dev Source: the Ronin bridge, March 2022, as for `StolenCoordinatorKey`. The thief has a pooled session key and takes the
    /// coordinator out of business instead of its money.
    function test_FreezingAPoolWithAStolenKey_Fails() public {
        _fails(_freezeWithSession(escrow, recovery));
        _refusedWith(abi.encodeWithSelector(IRecovery.Recovery_WrongStage.selector, COORDINATOR, uint8(0)));
        // Up to the cap it is a promise, beyond it none: neither here nor in a fault proof.
        IPaymentEscrow.Voucher memory v = _ownVoucher(DAILY_CAP);
        VM.assertTrue(escrow.isPromise(v, _signed(SESSION_KEY, v)), "up to the cap");
        _equal(escrow.collect(v, _signed(SESSION_KEY, v)), DAILY_CAP, "which collects");
        v.cumulativeWei = 2 * DAILY_CAP;
        VM.assertTrue(escrow.isPromise(v, _signed(SESSION_KEY, v)), "and again beyond what was collected");
        v.cumulativeWei = 2 * DAILY_CAP + 1;
        bytes memory signature = _signed(SESSION_KEY, v);
        VM.assertTrue(!escrow.isPromise(v, signature), "above the cap");
        _fails(_try(STRANGER, address(faultProofs), abi.encodeCall(IFaultProofs.exhibit, (v, signature))));
        _refusedWith(abi.encodeWithSelector(IFaultProofs.FaultProofs_NotAPromise.selector, COORDINATOR, STRANGER));
    }

    function test_FreezingAPoolWithAStolenKey_SucceedsAgainstTwin() public {
        address twin = address(new PromisesAboveCaps(token));
        _succeeds(_freezeWithSession(_twin(twin), IRecovery(twin)));
    }

    /// @dev The coordinator has ten times what is claimed, and still cannot cure what its key may not spend in a day.
    function _freezeWithSession(IPaymentEscrow target, IRecovery over) private returns (bool won) {
        _registerCoordinator();
        _depositPoolFor(target, COORDINATOR, BALANCE);
        _authorizePoolFor(target, COORDINATOR, DAILY_CAP);
        IPaymentEscrow.Voucher memory v = _ownVoucher(BALANCE + 1);
        bytes memory signature = _signedFor(target, SESSION_KEY, v);
        _try(STRANGER, address(over), abi.encodeCall(IRecovery.declare, (v, signature)));
        _depositPoolFor(target, COORDINATOR, 10 * BALANCE);
        _try(COORDINATOR, address(over), abi.encodeCall(IRecovery.cure, (v, signature)));
        return target.isPoolFrozen(COORDINATOR);
    }

    /// @dev The miner holds a good voucher that the pool can pay.
    function _voidVouchers(IPaymentEscrow target, IRecovery over) private returns (bool won) {
        _registerCoordinator();
        _depositPoolFor(target, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory own = _ownVoucher(BALANCE + 1);
        over.declare(own, _signedFor(target, COORDINATOR_KEY, own));
        _equal(_collectSigned(target, COORDINATOR_KEY, _poolVoucher(OWED)), 0, "frozen");
        VM.warp(START + 3 days);
        over.release(COORDINATOR);
        return _collectSigned(target, COORDINATOR_KEY, _poolVoucher(OWED)) < OWED;
    }

    /// @dev The freeze covers the last days of a thaw; what ends it and the withdrawal come in one block.
    function _thawThroughFreeze(IPaymentEscrow target, IRecovery over) private returns (bool won) {
        _registerCoordinator();
        _depositPoolFor(target, COORDINATOR, BALANCE);
        _must(COORDINATOR, address(target), abi.encodeCall(IPaymentEscrow.startPoolThaw, (BALANCE)));
        VM.warp(START + 4 days);
        IPaymentEscrow.Voucher memory own = _ownVoucher(BALANCE + 1);
        over.declare(own, _signedFor(target, COORDINATOR_KEY, own));
        VM.warp(START + 7 days);
        over.release(COORDINATOR);
        _try(COORDINATOR, address(target), abi.encodeCall(IPaymentEscrow.withdrawPool, ()));
        bytes memory reason = refusal;
        won = _collectSigned(target, COORDINATOR_KEY, _poolVoucher(OWED)) < OWED;
        refusal = reason;
    }

    function _ownVoucher(uint128 cumulativeWei) private view returns (IPaymentEscrow.Voucher memory own) {
        own = _poolVoucher(cumulativeWei);
        own.payee = STRANGER;
    }
}
