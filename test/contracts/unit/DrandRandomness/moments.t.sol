// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {Fixture} from "./Fixture.sol";

/// @title nextMoment, timeOf, valueAt and stateOf: rounds against the clock
contract MomentsTest is Fixture {
    function testFuzz_TheNextMomentIsTheFirstRoundAfterTheMargin(uint64 time) public {
        time = uint64(_bound(time, 1, 1 << 40));
        VM.warp(time);
        uint64 moment = source.nextMoment();
        VM.assertTrue(source.timeOf(moment) > uint256(time) + MARGIN, "after the margin");
        if (moment > 1) VM.assertTrue(source.timeOf(moment - 1) <= uint256(time) + MARGIN, "the first");
    }

    function test_TheNextMomentAroundGenesis() public {
        VM.warp(GENESIS - MARGIN - 1);
        _equal(source.nextMoment(), 1, "a second before");
        VM.warp(GENESIS - MARGIN);
        _equal(source.nextMoment(), 2, "round 1 comes out at that second");
        VM.warp(GENESIS - MARGIN + 2);
        _equal(source.nextMoment(), 2, "just before round 2");
        VM.warp(GENESIS - MARGIN + 3);
        _equal(source.nextMoment(), 3, "round 2 comes out at that second");
    }

    function test_RoundsComeOutByTheClock() public view {
        _equal(source.timeOf(1), GENESIS, "round 1");
        _equal(source.timeOf(ROUND), uint256(GENESIS) + (ROUND - 1) * 3, "a later round");
        _equal(source.timeOf(type(uint64).max), uint256(GENESIS) + (uint256(type(uint64).max) - 1) * 3, "the last one");
    }

    function test_RevertWhen_TimeOfZeroIsAsked() public {
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_ZeroMoment.selector));
        source.timeOf(0);
    }

    function test_AMomentIsPendingUntilItIsSubmitted() public {
        (uint256 x, uint256 y) = _signature();
        _equal(uint256(source.stateOf(ROUND)), uint256(IRandomness.State.Pending), "before");
        source.submit(ROUND, _bytes(x, y));
        _equal(uint256(source.stateOf(ROUND)), uint256(IRandomness.State.Ready), "after");
        VM.warp(START + 36_500 days);
        _equal(uint256(source.stateOf(ROUND)), uint256(IRandomness.State.Ready), "for ever");
        _equal(uint256(source.stateOf(ROUND + 1)), uint256(IRandomness.State.Pending), "never lost");
    }

    function test_RevertWhen_TheValueIsNotSubmitted() public {
        (uint256 x, uint256 y) = _signature();
        source.submit(ROUND, _bytes(x, y));
        source.valueAt(ROUND);
        _expect(IRandomness.Randomness_NotYet.selector, ROUND + 1);
        source.valueAt(ROUND + 1);
    }

    function test_RevertWhen_TheValueOfZeroIsAsked() public {
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_ZeroMoment.selector));
        source.valueAt(0);
        _equal(uint256(source.stateOf(0)), uint256(IRandomness.State.Pending), "state");
    }
}
