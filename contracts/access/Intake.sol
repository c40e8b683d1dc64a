// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IIntake} from "../interfaces/IIntake.sol";

/// @title Intake
/// @notice See IIntake.
abstract contract Intake is IIntake, AccessManaged {
    /// @notice Longest stop: time for a timelocked change to be proposed and seen, and for nobody to be locked out.
    uint64 public constant PAUSE_SECONDS = 14 days;

    /// @dev One slot. `restsUntil` keeps a guardian from making a pause permanent.
    uint64 private _pausedUntil;
    uint64 private _restsUntil;

    /// @inheritdoc IIntake
    function pauseIntake() external restricted {
        if (block.timestamp < _restsUntil) revert Intake_Resting(_restsUntil);
        uint64 until = uint64(block.timestamp) + PAUSE_SECONDS;
        (_pausedUntil, _restsUntil) = (until, until + PAUSE_SECONDS);
        emit IntakePaused(msg.sender, until);
    }

    /// @inheritdoc IIntake
    function resumeIntake() external restricted {
        if (block.timestamp >= _pausedUntil) revert Intake_NotPaused();
        _pausedUntil = uint64(block.timestamp);
        emit IntakeResumed(msg.sender);
    }

    /// @inheritdoc IIntake
    function intakePausedUntil() external view returns (uint64 until) {
        return block.timestamp < _pausedUntil ? _pausedUntil : 0;
    }

    /// @dev For the functions that take in what was not there before.
    function _checkIntake() internal view {
        if (block.timestamp < _pausedUntil) revert Intake_Paused(_pausedUntil);
    }
}
