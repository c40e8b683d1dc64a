// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {TrialAttack} from "./DisputeAttack.sol";
import {DrawsAgainWhenLost, DrawsByTheLastBlock} from "./twins/Courts.sol";

/// @title Attacks on the draw of a jury
/// @dev The challenger has four friends among the eight jurors: with all of them on a jury the verdict is its own.
contract JuryAttacks is TrialAttack {
    uint256 private constant FRIENDS = 4;
    uint256 private constant BLOCKS = 200;

    error Unlucky(uint256 friends);

    /// @dev Source: slotthereum/source issue 1, whose draws anybody computed first in the block in which they were made; SWC-120.
    function test_CallerChosenJuryBlock_Fails() public {
        _fails(_drawWhenLucky(1));
        _refusedWith(abi.encodeWithSelector(Unlucky.selector, 2));
        // Whoever draws, and when: the jury is the one of the first try.
        court.drawJury(1);
        _equal(_friendsOn(court.juryOf(1)), 2, "friends on the jury");
    }

    function test_CallerChosenJuryBlock_SucceedsAgainstTwin() public {
        _goTo(address(new DrawsByTheLastBlock(token, staking, randomness)));
        _succeeds(_drawWhenLucky(1));
    }

    /// @dev Source: Kleros, "Generalized blockhashRNGFallback", a random number that can be tried again every 256 blocks
    /// (kleros/kleros-interaction issue 105, mended by pull request 313).
    function test_WaitingUntilTheValueIsLost_Fails() public {
        uint256 before = token.balanceOf(CLIENT);
        _fails(_drawWhenLucky(10_000));
        // There is no second draw: the case is void, at the cost of who let the value pass.
        _refusedWith(abi.encodeWithSelector(Unlucky.selector, 0));
        court.drawJury(1);
        _equal(uint256(court.caseOf(1).stage), uint256(ICourt.Stage.None), "void");
        _equal(before - token.balanceOf(CLIENT), CASE_BOND, "bond");
    }

    function test_WaitingUntilTheValueIsLost_SucceedsAgainstTwin() public {
        _goTo(address(new DrawsAgainWhenLost(token, staking, randomness)));
        _succeeds(_drawWhenLucky(10_000));
    }

    /// @dev What the attacker's contract does in one transaction: nothing has happened unless the jury suits it.
    function drawIfLucky(uint256 id) external {
        court.drawJury(id);
        uint256 friends = _friendsOn(court.juryOf(id));
        if (friends != FRIENDS) revert Unlucky(friends);
    }

    /// @dev From `delay` blocks after the moment on, one try in each block.
    function _drawWhenLucky(uint256 delay) private returns (bool won) {
        uint256 id = _file(1);
        uint64 moment = court.caseOf(id).moment;
        _reach(moment);
        for (uint256 i = 0; i < BLOCKS && !won; ++i) {
            uint256 last = uint256(moment) + delay + i;
            VM.roll(last + 1);
            if (last != moment) VM.setBlockhash(last, keccak256(abi.encode("block", last)));
            won = _try(STRANGER, address(this), abi.encodeCall(this.drawIfLucky, (id)));
        }
    }

    function _friendsOn(address[] memory jury) private pure returns (uint256 friends) {
        for (uint256 i = 0; i < jury.length; ++i) {
            for (uint256 k = 0; k < FRIENDS; ++k) if (jury[i] == _juror(k)) ++friends;
        }
    }
}
