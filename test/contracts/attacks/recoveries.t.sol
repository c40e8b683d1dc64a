// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {ThawsWhileFrozen, VoidsOnRelease} from "./twins/Recoveries.sol";

/// @title Attacks by a coordinator that declares a shortfall towards a sybil, and so freezes its own pool
contract RecoveryAttacks is PaymentAttack {
    uint128 private constant OWED = 90 ether;

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
