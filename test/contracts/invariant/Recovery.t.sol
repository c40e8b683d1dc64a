// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {ClockActor} from "./actors/ClockActor.sol";
import {RecoveryActor} from "./actors/RecoveryActor.sol";
import {Actor} from "./support/Actor.sol";
import {Solvency} from "./support/Solvency.sol";
import {World} from "./support/World.sol";

contract Creditors is RecoveryActor, ClockActor {
    constructor(World world) Actor(world) {}
}

/// @title Insolvencies of two coordinators that owe four miners
contract RecoveryInvariants is Solvency {
    Creditors private _creditors;

    function invariant_Recoveries() external view {
        _check();
    }

    function _populate() internal override returns (Actor actor) {
        world.enrol();
        return _creditors = new Creditors(world);
    }

    function _actor() internal view override returns (Actor actor) {
        return _creditors;
    }

    function _parts() internal pure override returns (uint256 count) {
        return 4;
    }

    function _checkPart(uint256 part) internal view override {
        if (part == 0) {
            _checkEscrow();
            _checkRecovery();
        }
        if (part == 1) {
            _checkStaking();
            _checkSupply();
            _checkFreezes(_creditors);
        }
        if (part == 2) for (uint256 i = FIRST_COORDINATOR; i < FIRST_MINER; ++i) _checkSpell(i);
        if (part == 3) for (uint256 i = FIRST_COORDINATOR; i < FIRST_MINER; ++i) _checkHead(_creditors, i);
    }

    function _checkEnd() internal view override {
        _checkEmpty();
    }

    function _checkSpell(uint256 coordinator) private view {
        IRecovery.Spell memory spell = recovery.spellOf(users[coordinator]);
        bool isFrozen = spell.stage == IRecovery.Stage.Frozen;
        VM.assertTrue(escrow.isPoolFrozen(users[coordinator]) == isFrozen, "40: frozen");
        uint256 dueWei = 0;
        uint256 declared = 0;
        for (uint256 i = FIRST_MINER; i < TRADERS; ++i) {
            uint256 ofMinerWei = _creditors.declaredWei(coordinator, i);
            dueWei += ofMinerWei;
            if (ofMinerWei != 0) ++declared;
            uint128 registeredWei = recovery.registeredOf(users[coordinator], users[i]);
            uint256 expectedWei = _creditors.registeredWei(coordinator, i);
            if (spell.stage == IRecovery.Stage.Open) _equal(registeredWei, expectedWei, "47: a registered line");
        }
        if (isFrozen) _equal(spell.dueWei, dueWei, "41: declared amounts");
        if (isFrozen) _equal(spell.declared, declared, "41: declarations");
        VM.assertTrue(spell.paidWei <= spell.potWei, "45: paid more than the pot");
        VM.assertTrue(spell.potWei <= _creditors.booksWei(coordinator), "45: took more than the books owe");
        _equal(spell.registeredWei, _creditors.claimsWei(coordinator), "47: registered lines");
        (, , , uint64 epoch) = escrow.poolOf(users[coordinator]);
        _equal(epoch, _creditors.openings(coordinator), "48: epoch");
    }
}
