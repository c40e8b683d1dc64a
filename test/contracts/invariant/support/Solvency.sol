// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRecovery} from "../../../../contracts/interfaces/IRecovery.sol";
import {GuardActor} from "../actors/GuardActor.sol";
import {Actor} from "./Actor.sol";
import {Campaign} from "./Campaign.sol";
import {Desk} from "./Desk.sol";

/// @title Every contract holds what it owes, to the wei, and nobody's rights change
abstract contract Solvency is Campaign {
    function _checkStaking() internal view {
        uint256 owedWei = 0;
        for (uint256 i = FIRST_COORDINATOR; i < USERS; ++i) {
            (, uint128 activeWei, uint128 thawingWei, ) = staking.stakeOf(users[i]);
            owedWei += uint256(activeWei) + thawingWei;
        }
        _equal(token.balanceOf(address(staking)), owedWei, "3: stakes");
    }

    /// @dev No reason is forgotten, and none outlives itself.
    function _checkFreezes(Actor actor) internal view {
        for (uint256 i = FIRST_COORDINATOR; i < USERS; ++i) {
            _equal(staking.freezesOf(users[i]), actor.freezes(i), "17: freezes");
        }
    }

    function _checkEscrow() internal view {
        uint256 owedWei = _unburnedFeesWei();
        for (uint256 i = 0; i < TRADERS; ++i) {
            (uint128 poolWei, uint128 poolThawingWei, , ) = escrow.poolOf(users[i]);
            VM.assertTrue(poolThawingWei <= poolWei, "25: more thaws than the pool has");
            owedWei += poolWei;
            if (i >= CLIENTS) continue;
            for (uint256 payee = FIRST_COORDINATOR; payee < TRADERS; ++payee) {
                (uint128 balanceWei, uint128 thawingWei, , ) = escrow.accountOf(users[i], users[payee]);
                VM.assertTrue(thawingWei <= balanceWei, "25: more thaws than the account has");
                owedWei += balanceWei;
            }
        }
        _equal(token.balanceOf(address(escrow)), owedWei, "2: accounts, pools and fees");
    }

    function _checkRecovery() internal view {
        uint256 owedWei = 0;
        for (uint256 i = 0; i < COORDINATORS; ++i) {
            IRecovery.Spell memory spell = recovery.spellOf(users[FIRST_COORDINATOR + i]);
            owedWei += spell.potWei - spell.paidWei;
        }
        _equal(token.balanceOf(address(recovery)), owedWei, "4: pots");
    }

    /// @dev The ledger's head is what the anchors made it.
    function _checkHead(Desk desks, uint256 coordinator) internal view {
        (uint64 epoch, uint64 size, uint64 anchoredAt, bytes32 commitment) = ledger.headOf(users[coordinator]);
        _equal(size, desks.sizes(coordinator), "50: size of the log");
        _equal(epoch, desks.anchorCounts(coordinator), "50: anchors");
        VM.assertTrue(anchoredAt <= block.timestamp, "50: anchored in the future");
        VM.assertTrue(commitment == desks.commitments_(coordinator), "51: commitment");
    }

    /// @dev Everything else holds nothing at any time, and nothing holds ether.
    function _checkEmpty() internal view {
        address[6] memory poor = [
            address(ledger),
            address(faultProofs),
            address(rewards),
            address(randomness),
            address(token),
            address(manager)
        ];
        for (uint256 i = 0; i < poor.length; ++i) {
            _equal(token.balanceOf(poor[i]), 0, "7: tokens of a contract that holds none");
            _equal(poor[i].balance, 0, "10: ether");
        }
        address[5] memory rich = _holders();
        for (uint256 i = 0; i < rich.length; ++i) _equal(rich[i].balance, 0, "10: ether");
    }

    /// @dev Nothing went where nobody is.
    function _checkSupply() internal view {
        uint256 knownWei = token.balanceOf(address(world)) + token.balanceOf(BAILIFF) + token.balanceOf(VAULT);
        for (uint256 i = 0; i < USERS; ++i) knownWei += token.balanceOf(users[i]);
        address[5] memory holders = _holders();
        for (uint256 i = 0; i < holders.length; ++i) knownWei += token.balanceOf(holders[i]);
        _equal(token.totalSupply(), knownWei, "1: supply");
        VM.assertTrue(token.totalSupply() <= token.cap(), "8: cap");
    }

    /// @dev Long, and nothing gives a role back.
    function _checkRoles(GuardActor guard) internal view {
        VM.assertTrue(guard.hasFirstRoles(), "70: a role changed hands");
    }

    function _checkPauses(GuardActor guard) internal view {
        _checkPause(guard, 0, staking.intakePausedUntil());
        _checkPause(guard, 1, escrow.intakePausedUntil());
    }

    function _checkPause(GuardActor guard, uint256 which, uint64 until) private view {
        _equal(until, block.timestamp < guard.pausedUntil(which) ? guard.pausedUntil(which) : 0, "72: end of a pause");
    }

    function _holders() private view returns (address[5] memory holders) {
        return [address(staking), address(escrow), address(recovery), address(demands), address(court)];
    }
}
