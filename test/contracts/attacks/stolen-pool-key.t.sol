// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {PromisesInAFreeze} from "./twins/StolenKeys.sol";

/// @title Everything that a thief can do with the key that signs for a coordinator's pool, added up
/// @notice The owner revokes it at once. What the thief signs for the owner's clients is in signers.t.sol, a shortfall
/// towards one sybil in recoveries.t.sol.
contract StolenPoolKeyAttacks is PaymentAttack {
    uint128 private constant DAILY_CAP = 10 ether;
    /// @dev Three days of the cap, and a half: on the third day what is left is less than what the key may promise.
    uint128 private constant POOL = 35 ether;
    uint160 private constant SYBILS = 20;

    /// @dev Source: the Ronin bridge, March 2022: what a few hot keys may sign for has to be bounded in sum. A bound
    /// for each payee is none, because payees cost nothing.
    function test_PromisesToManySybils_Fails() public {
        uint256 lostWei = _promiseToSybils(escrow, recovery);
        // Four UTC days until the revocation bites, and the one promise that the owner had to keep to end the freeze.
        _equal(lostWei, 5 * DAILY_CAP, "five daily caps");
        _refusedWith(abi.encodeWithSelector(IRecovery.Recovery_NotAPromise.selector, COORDINATOR, _sybil(SYBILS)));
        VM.assertTrue(!escrow.isPoolFrozen(COORDINATOR), "in business");
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, COORDINATOR_MINIMUM, "the stake");
    }

    function test_PromisesToManySybils_SucceedsAgainstTwin() public {
        address twin = address(new PromisesInAFreeze(token));
        _succeeds(_promiseToSybils(_twin(twin), IRecovery(twin)) > 5 * DAILY_CAP);
    }

    /// @dev The thief spends the pool down until one cap is a shortfall, declares it, and then as many more as it
    /// likes. The owner cures what it has to, with its own key and at once.
    function _promiseToSybils(IPaymentEscrow target, IRecovery over) private returns (uint256 lostWei) {
        _registerCoordinator();
        VM.warp((START / 1 days) * 1 days + 12 hours);
        _depositPoolFor(target, COORDINATOR, POOL);
        _authorizePoolFor(target, COORDINATOR, DAILY_CAP);
        VM.prank(COORDINATOR);
        target.revokePoolSigner(SESSION);
        for (uint128 day = 1; day <= 3; ++day) {
            lostWei += _collectSigned(target, SESSION_KEY, _to(_sybil(0), day * DAILY_CAP));
            if (day != 3) VM.warp(block.timestamp + 1 days);
        }
        bool[] memory declared = new bool[](SYBILS + 1);
        for (uint160 i = 1; i <= SYBILS; ++i) {
            IPaymentEscrow.Voucher memory v = _to(_sybil(i), DAILY_CAP);
            bytes memory signature = _signedFor(target, SESSION_KEY, v);
            declared[i] = _try(STRANGER, address(over), abi.encodeCall(IRecovery.declare, (v, signature)));
        }
        bytes memory reason = refusal;
        _depositPoolFor(target, COORDINATOR, 10 * BALANCE);
        for (uint160 i = 1; i <= SYBILS; ++i) {
            IPaymentEscrow.Voucher memory v = _to(_sybil(i), DAILY_CAP);
            bytes memory signature = _signedFor(target, COORDINATOR_KEY, v);
            if (!declared[i]) continue;
            _must(COORDINATOR, address(over), abi.encodeCall(IRecovery.cure, (v, signature)));
            lostWei += DAILY_CAP;
        }
        lostWei += _lastDays(target, 3 * DAILY_CAP);
        refusal = reason;
    }

    /// @dev Until the revocation bites, and a while after it.
    function _lastDays(IPaymentEscrow target, uint128 paidWei) private returns (uint256 lostWei) {
        for (uint256 hour = 0; hour < 72; ++hour) {
            VM.warp(block.timestamp + 1 hours);
            uint256 moreWei = _collectSigned(
                target,
                SESSION_KEY,
                _to(_sybil(0), paidWei + uint128(lostWei) + DAILY_CAP)
            );
            lostWei += moreWei;
        }
    }

    function _to(address payee, uint128 cumulativeWei) private view returns (IPaymentEscrow.Voucher memory v) {
        v = _poolVoucher(cumulativeWei);
        v.payee = payee;
    }

    function _sybil(uint160 number) private pure returns (address sybil) {
        return address(0x517B11 + number);
    }
}
