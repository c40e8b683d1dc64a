// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../contracts/generated/Structs.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {TrialAttack} from "./DisputeAttack.sol";
import {JuriesForNothing, RefundsInFull, SettlesAgain} from "./twins/Courts.sol";

/// @title Attacks by the parties of a case
contract CaseAttacks is TrialAttack {
    /// @dev Source: World Chain, a fee on challenges against griefing that costs nothing (worldcoin/world-chain pull request 947).
    /// Here the challenger withholds what the jurors need.
    function test_WithheldTranscript_Fails() public {
        uint256 before = token.balanceOf(CLIENT);
        _fails(_callAJuryForNothing());
        _equal(before - token.balanceOf(CLIENT), JURY * JUROR_FEE, "five jurors' fees");
        _equal(token.balanceOf(address(court)), 0, "burned");
    }

    function test_WithheldTranscript_SucceedsAgainstTwin() public {
        _goTo(address(new JuriesForNothing(token, staking, randomness)));
        _succeeds(_callAJuryForNothing());
    }

    /// @dev Source: Story Protocol, audit H-1, members claim their reward repeatedly (thedatafoundation/protocol-core-v1 issue 288).
    function test_DuplicateRewardOfACase_Fails() public {
        _fails(_settleAgain());
        _refusedWith(_wrongStage(1, ICourt.Stage.None));
        _equal(_stakedWei(WORKER), WORKER_STAKE / 2, "slashed once");
    }

    function test_DuplicateRewardOfACase_SucceedsAgainstTwin() public {
        _goTo(address(new SettlesAgain(token, staking, randomness)));
        _succeeds(_settleAgain());
    }

    /// @dev Source: Harmony, a profitable slash of two validators that collude (harmony-one/harmony issue 4059).
    function test_ColludingSlasher_Fails() public {
        uint256 supplyWei = token.totalSupply();
        uint256 before = token.balanceOf(CLIENT);
        _fails(_slashOneself());
        _equal(_stakedWei(WORKER), WORKER_STAKE / 2, "slashed");
        // A tenth is the reward, and refund and jury share four.
        uint256 jurorsWei = JURY * JUROR_FEE;
        _equal(token.balanceOf(CLIENT) - before, WORKER_STAKE / 4 - jurorsWei, "reward and refund");
        _equal(supplyWei - token.totalSupply(), WORKER_STAKE / 4, "half is burned");
    }

    function test_ColludingSlasher_SucceedsAgainstTwin() public {
        _goTo(address(new RefundsInFull(token, staking, randomness)));
        _succeeds(_slashOneself());
    }

    /// @dev Without the transcript no juror can find anything: the accused is frozen for two days, and the jury pays for its
    /// absence.
    function _callAJuryForNothing() private returns (bool won) {
        uint256 before = token.balanceOf(CLIENT);
        uint256 id = _tried(1);
        VM.warp(block.timestamp + 24 hours + 1);
        court.closeCommits(id);
        court.settle(id);
        return token.balanceOf(CLIENT) == before && _stakedWei(court.juryOf(id)[0]) < JUROR_STAKE;
    }

    /// @dev The challenger's reward, the refund and the jurors' fees are paid again.
    function _settleAgain() private returns (bool won) {
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        court.settle(id);
        uint256 before = _purse();
        for (uint256 i = 0; i < 3; ++i) _try(CLIENT, address(court), abi.encodeCall(ICourt.settle, (id)));
        return _purse() != before;
    }

    /// @dev Accused, client and the whole jury are one: stake that would thaw for a week, or is about to be slashed by others,
    /// comes out at once. It wins when more comes back than is lost.
    function _slashOneself() private returns (bool won) {
        Assignment memory a = _assignment(1);
        Receipt memory r = _receipt(a);
        r.amountWei = 100_000 ether;
        uint256 before = _purse();
        uint256 id = _file(a, r);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        _vote(id, 5, 0);
        court.settle(id);
        uint256 lostWei = WORKER_STAKE - _stakedWei(WORKER);
        return _purse() - before > lostWei / 2;
    }

    /// @dev What the parties and the jurors have beside their stakes.
    function _purse() private view returns (uint256 amountWei) {
        amountWei = token.balanceOf(CLIENT) + token.balanceOf(WORKER);
        for (uint256 i = 0; i < JURORS; ++i) amountWei += token.balanceOf(_juror(i));
    }
}
