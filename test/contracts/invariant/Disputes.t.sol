// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {ClockActor} from "./actors/ClockActor.sol";
import {DemandsActor} from "./actors/DemandsActor.sol";
import {Actor} from "./support/Actor.sol";
import {Solvency} from "./support/Solvency.sol";
import {World} from "./support/World.sol";

contract Disputants is DemandsActor, ClockActor {
    constructor(World world) Actor(world) {}
}

/// @title Faults that prove themselves, and demands
contract DisputeInvariants is Solvency {
    Disputants private _disputants;

    function invariant_Disputes() external view {
        _check();
    }

    function _populate() internal override returns (Actor actor) {
        world.enrol();
        return _disputants = new Disputants(world);
    }

    function _actor() internal view override returns (Actor actor) {
        return _disputants;
    }

    function _parts() internal pure override returns (uint256 count) {
        return 4;
    }

    function _checkPart(uint256 part) internal view override {
        if (part == 0) {
            _checkStaking();
            _checkFreezes(_disputants);
        }
        if (part == 1) _checkSupply();
        if (part == 2) _checkDemands();
        if (part == 3) for (uint256 i = FIRST_COORDINATOR; i < FIRST_MINER; ++i) _checkCoordinator(i);
    }

    function _checkEnd() internal view override {
        _checkEmpty();
    }

    function _checkDemands() private view {
        uint256 count = _disputants.openDemands();
        _equal(token.balanceOf(address(demands)), count * DEMAND_BOND, "5: bonds");
        for (uint256 i = 0; i < count; ++i) {
            IDemands.Demand memory demand = demands.demandOf(_disputants.demandAt(i));
            VM.assertTrue(demand.subject != IDemands.Subject.None, "56: an open demand vanished");
        }
    }

    function _checkCoordinator(uint256 coordinator) private view {
        _checkHead(_disputants, coordinator);
        address account = users[coordinator];
        VM.assertTrue(faultProofs.isForked(account) == _disputants.forked(coordinator), "58: forked");
        for (uint256 i = FIRST_MINER; i < TRADERS; ++i) {
            uint128 shownWei = faultProofs.exhibitOf(account, users[i]).cumulativeWei;
            _equal(shownWei, _disputants.exhibitedWei(coordinator, i), "57: exhibits");
        }
    }
}
