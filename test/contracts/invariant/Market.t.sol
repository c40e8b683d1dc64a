// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ClockActor} from "./actors/ClockActor.sol";
import {CourtActor} from "./actors/CourtActor.sol";
import {DemandsActor} from "./actors/DemandsActor.sol";
import {GuardActor} from "./actors/GuardActor.sol";
import {PaymentsActor} from "./actors/PaymentsActor.sol";
import {RecoveryActor} from "./actors/RecoveryActor.sol";
import {RewardsActor} from "./actors/RewardsActor.sol";
import {Actor} from "./support/Actor.sol";
import {Solvency} from "./support/Solvency.sol";
import {World} from "./support/World.sol";

contract Everybody is PaymentsActor, RewardsActor, RecoveryActor, DemandsActor, CourtActor, GuardActor, ClockActor {
    constructor(World world) Actor(world) {}

    function _mints() internal override(Actor, RewardsActor) returns (bool mints) {
        return RewardsActor._mints();
    }
}

/// @title The whole market at once: what each contract does to the others
contract MarketInvariants is Solvency {
    Everybody private _all;

    function invariant_Market() external view {
        _check();
    }

    function _populate() internal override returns (Actor actor) {
        world.enrol();
        world.enrolJurors();
        _all = new Everybody(world);
        _all.seatJurors();
        return _all;
    }

    function _actor() internal view override returns (Actor actor) {
        return _all;
    }

    function _parts() internal pure override returns (uint256 count) {
        return 4;
    }

    function _checkPart(uint256 part) internal view override {
        if (part == 0) {
            _checkStaking();
            _checkRecovery();
            _checkPauses(_all);
        }
        if (part == 1) _checkEscrow();
        if (part == 2) {
            _checkSupply();
            _checkBonds();
        }
        if (part == 3) {
            _checkFreezes(_all);
            for (uint256 i = FIRST_COORDINATOR; i < FIRST_MINER; ++i) _checkHead(_all, i);
        }
    }

    function _checkBonds() private view {
        _equal(token.balanceOf(address(demands)), _all.openDemands() * DEMAND_BOND, "5: bonds");
        _equal(token.balanceOf(address(court)), _all.openCases() * CASE_BOND, "6: bonds");
    }

    function _checkEnd() internal view override {
        _checkEmpty();
        _checkRoles(_all);
    }

    /// @dev More kinds of actions than elsewhere: each has to come up.
    function _sequences() internal pure override returns (uint256 count) {
        return 12;
    }

    /// @dev A freeze without old books: here so much time passes that all of them are old.
    function _isExcused(bytes4 action) internal pure override returns (bool excused) {
        return action == RecoveryActor.release.selector;
    }
}
