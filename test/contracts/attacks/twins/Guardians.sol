// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IIntake} from "../../../../contracts/interfaces/IIntake.sol";

/// @notice Bug: a pause can be renewed before it is over, and as often as its guardian likes. Who the guardian is, is not what it is
/// about.
contract PausesAgain is IIntake {
    uint64 private _until;

    function pauseIntake() external {
        _until = uint64(block.timestamp) + 14 days;
    }

    function resumeIntake() external {
        _until = 0;
    }

    function intakePausedUntil() external view returns (uint64 until) {
        return block.timestamp < _until ? _until : 0;
    }
}
