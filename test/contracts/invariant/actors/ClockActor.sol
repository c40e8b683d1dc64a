// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Actor} from "../support/Actor.sol";

/// @title Time passes
abstract contract ClockActor is Actor {
    constructor() {
        _act("passHours(uint256)");
        _act("passDays(uint256)");
    }

    /// @notice A minute to twelve hours, and few enough blocks that a value named before is still there.
    function passHours(uint256 time) external watched {
        VM.warp(block.timestamp + _bound(time, 1 minutes, 12 hours));
        VM.roll(block.number + 1 + (time % 20));
    }

    /// @notice A day to eight: beyond any thaw.
    function passDays(uint256 time) external watched {
        VM.warp(block.timestamp + _bound(time, 1 days, 8 days));
        VM.roll(block.number + 1 + (time % 40));
    }
}
