// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Intake that a guardian can stop for a while
/// @notice A pause stops new stakes and new accounts. It never stops top-ups, cures, collections or exits, ends by itself,
/// and cannot be renewed before a rest of the same length.
interface IIntake {
    event IntakePaused(address indexed guardian, uint64 until);
    event IntakeResumed(address indexed guardian);

    error Intake_Paused(uint64 until);
    error Intake_Resting(uint64 until);
    error Intake_NotPaused();

    /// @notice Stops intake for PAUSE_SECONDS. Only the guardian's role may.
    function pauseIntake() external;

    /// @notice Ends a pause early; the rest until the next one stays as long as if it had run out.
    function resumeIntake() external;

    /// @notice Unix seconds until which intake is stopped; 0 when it is open.
    function intakePausedUntil() external view returns (uint64 until);
}
