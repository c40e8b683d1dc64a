// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IBlockRandomness} from "../../../../contracts/interfaces/IBlockRandomness.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {Fixture} from "./Fixture.sol";

/// @title keep: what anybody stored in time is never lost
contract KeepTest is Fixture {
    function test_AKeptValueOutlivesTheHash() public {
        _goTo(MOMENT + 1);
        VM.expectEmit();
        emit IBlockRandomness.RandomnessKept(MOMENT, _value());
        VM.prank(STRANGER);
        _equal(source.keep(MOMENT), _value(), "returned");
        VM.roll(uint256(MOMENT) + 1_000_000);
        _equal(source.valueAt(MOMENT), _value(), "value");
        _equal(source.stateOf(MOMENT), IRandomness.State.Ready, "state");
    }

    function test_TheLastOf256BlocksKeepsIt() public {
        _goTo(uint256(MOMENT) + 256);
        _equal(source.keep(MOMENT), _value(), "value");
    }

    function test_KeepingAgainChangesNothing() public {
        _goTo(MOMENT + 1);
        source.keep(MOMENT);
        VM.setBlockhash(MOMENT, HASH ^ bytes32(uint256(1)));
        VM.recordLogs();
        _equal(source.keep(MOMENT), _value(), "value");
        VM.roll(uint256(MOMENT) + 1_000_000);
        _equal(source.keep(MOMENT), _value(), "after the window");
        _equal(VM.getRecordedLogs().length, 0, "nothing said again");
    }

    function test_RevertWhen_KeptBeforeItIsReady() public {
        _goTo(MOMENT);
        _expect(IRandomness.Randomness_NotYet.selector, MOMENT);
        source.keep(MOMENT);
    }

    function test_RevertWhen_KeptAfterTheWindow() public {
        _goTo(uint256(MOMENT) + 257);
        _expect(IRandomness.Randomness_Lost.selector, MOMENT);
        source.keep(MOMENT);
    }

    function test_RevertWhen_TheNextMomentIsRead() public {
        _goTo(MOMENT + 1);
        source.keep(MOMENT);
        _expect(IRandomness.Randomness_NotYet.selector, MOMENT + 1);
        source.valueAt(MOMENT + 1);
    }

    function test_RevertWhen_MomentIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_ZeroMoment.selector));
        source.keep(0);
    }
}
