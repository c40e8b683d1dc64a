// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {Trials} from "../../helpers/Trials.sol";

/// @title Who had what before a case, to tell to the wei who has what after it
abstract contract Hearings is Trials {
    struct Purses {
        uint256 supplyWei;
        uint256 clientWei;
        uint256 accusedWei;
        uint256 stakeWei;
        uint256 juryWei;
        uint256 juryStakeWei;
    }

    Purses internal before;

    /// @dev Before anything is filed: nobody is on a jury yet, so all jurors count.
    function _remember() internal {
        before = _purses();
    }

    function _purses() internal view returns (Purses memory now_) {
        now_.supplyWei = token.totalSupply();
        now_.clientWei = token.balanceOf(CLIENT);
        now_.accusedWei = token.balanceOf(WORKER);
        now_.stakeWei = _stakedWei(WORKER);
        for (uint256 i = 0; i < JURORS; ++i) {
            now_.juryWei += token.balanceOf(_juror(i));
            now_.juryStakeWei += _stakedWei(_juror(i));
        }
    }

    /// @dev Gains and losses of the client, the accused's payout, its stake, all jurors' purses and all jurors' stakes; what
    /// is missing in the sum was burned.
    function _expectChange(
        int256 clientWei,
        int256 accusedWei,
        int256 stakeWei,
        int256 juryWei,
        int256 juryStakeWei
    ) internal view {
        Purses memory now_ = _purses();
        _moved(before.clientWei, now_.clientWei, clientWei, "client");
        _moved(before.accusedWei, now_.accusedWei, accusedWei, "accused");
        _moved(before.stakeWei, now_.stakeWei, stakeWei, "stake");
        _moved(before.juryWei, now_.juryWei, juryWei, "jury");
        _moved(before.juryStakeWei, now_.juryStakeWei, juryStakeWei, "jury's stakes");
        // Nobody else gains: what left one of these and reached none was burned, or is a bond that the court holds.
        int256 goneWei = clientWei + accusedWei + stakeWei + juryWei + juryStakeWei;
        _moved(before.supplyWei, now_.supplyWei, goneWei + int256(token.balanceOf(address(court))), "supply");
    }

    /// @dev The court keeps the bonds of open cases, and nothing else.
    function _expectHeld(uint256 openCases) internal view {
        _equal(token.balanceOf(address(court)), openCases * CASE_BOND, "held by the court");
    }

    function _expectGone(uint256 id) internal view {
        _equal(uint256(court.caseOf(id).stage), uint256(ICourt.Stage.None), "stage");
        _equal(staking.freezesOf(WORKER), 0, "freezes");
        _equal(court.pendingDraws(), 0, "pending draws");
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < jury.length; ++i) {
            (, uint32 duties) = court.jurorOf(jury[i]);
            _equal(duties, 0, "duties");
        }
    }

    function _moved(uint256 from, uint256 to, int256 byWei, string memory what) private pure {
        _equal(uint256(int256(from) + byWei), to, what);
    }
}
