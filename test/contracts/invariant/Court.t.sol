// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../contracts/interfaces/IRandomness.sol";
import {ClockActor} from "./actors/ClockActor.sol";
import {CourtActor} from "./actors/CourtActor.sol";
import {Actor} from "./support/Actor.sol";
import {Solvency} from "./support/Solvency.sol";
import {World} from "./support/World.sol";

contract Judges is CourtActor, ClockActor {
    constructor(World world) Actor(world) {}
}

/// @title Juries, cases about outputs, and the values that draw them
contract CourtInvariants is Solvency {
    Judges private _judges;

    function invariant_Cases() external view {
        _check();
    }

    function _populate() internal override returns (Actor actor) {
        world.enrol();
        world.enrolJurors();
        _judges = new Judges(world);
        _judges.seatJurors();
        return _judges;
    }

    function _actor() internal view override returns (Actor actor) {
        return _judges;
    }

    function _parts() internal pure override returns (uint256 count) {
        return 4;
    }

    function _checkPart(uint256 part) internal view override {
        if (part == 0) {
            _checkStaking();
            _checkFreezes(_judges);
        }
        if (part == 1) _checkSupply();
        if (part == 2) _checkJurors();
        if (part == 3) _checkCases();
    }

    function _checkEnd() internal view override {
        _checkEmpty();
        _checkValues();
    }

    function _checkJurors() private view {
        uint256 sum = 0;
        for (uint256 i = FIRST_MINER; i < USERS; ++i) {
            (uint32 weight, uint32 duties) = court.jurorOf(users[i]);
            _equal(weight, _judges.weights(i), "59: weight");
            _equal(duties, _judges.duties(i), "60: duties");
            sum += weight;
            if (_judges.seated(i)) VM.assertTrue(staking.freezesOf(users[i]) != 0, "67: a juror's stake is free");
        }
        _equal(court.totalWeight(), sum, "59: total weight");
        _equal(court.pendingDraws(), _judges.waiting(), "61: pending draws");
    }

    function _checkCases() private view {
        uint256 count = _judges.openCases();
        _equal(token.balanceOf(address(court)), count * CASE_BOND, "6: bonds");
        for (uint256 i = 0; i < count; ++i) {
            CourtActor.Trial memory trial = _judges.trialAt(i);
            ICourt.Case memory tried = court.caseOf(trial.id);
            _equal(uint256(tried.stage), uint256(trial.stage), "63: stage");
            _equal(tried.commits, trial.commits, "63: commits");
            _equal(tried.reveals, trial.reveals, "63: reveals");
            VM.assertTrue(tried.reveals <= tried.commits && tried.commits <= 5, "63: more votes than jurors");
            if (trial.stage == ICourt.Stage.Filed) continue;
            bytes32 jury = keccak256(abi.encode(court.juryOf(trial.id)));
            VM.assertTrue(jury == trial.jury, "62: another jury than was drawn");
        }
    }

    function _checkValues() private view {
        uint64[] memory moments = _judges.keptMoments();
        for (uint256 i = 0; i < moments.length; ++i) {
            VM.assertTrue(randomness.valueAt(moments[i]) == _judges.firstValues(moments[i]), "68: a value changed");
        }
        uint64 next = randomness.nextMoment();
        _equal(next, block.number + RANDOMNESS_DELAY, "69: next moment");
        VM.assertTrue(randomness.stateOf(next) == IRandomness.State.Pending, "69: a value before its block");
        VM.assertTrue(randomness.stateOf(uint64(block.number)) == IRandomness.State.Pending, "69: of this block");
    }

    /// @dev Jurors seldom may leave.
    function _sequences() internal pure override returns (uint256 count) {
        return 5;
    }
}
