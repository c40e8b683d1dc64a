// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IBlockRandomness} from "../../../../contracts/interfaces/IBlockRandomness.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {BlockRandomness} from "../../../../contracts/randomness/BlockRandomness.sol";
import {Fixture} from "./Fixture.sol";

/// @title nextMoment, valueAt and stateOf from the act until the chain forgets the named block
contract ValueAtTest is Fixture {
    function test_AnActNamesABlockToCome() public view {
        _equal(source.nextMoment(), MOMENT, "moment");
        _equal(source.delayBlocks(), DELAY, "delay");
    }

    function testFuzz_TheNamedBlockIsDelayBlocksAhead(uint64 number, uint64 delay) public {
        delay = uint64(_bound(delay, 4, 64));
        number = uint64(_bound(number, 1, type(uint64).max - 64));
        BlockRandomness other = new BlockRandomness(delay);
        VM.roll(number);
        _equal(other.nextMoment(), uint256(number) + delay, "moment");
    }

    function test_TheValueIsTheHashUnderADomain() public {
        _goTo(MOMENT + 1);
        _equal(source.valueAt(MOMENT), _value(), "value");
        _equal(source.stateOf(MOMENT), IRandomness.State.Ready, "state");
    }

    function test_TheLastOf256BlocksReadsIt() public {
        _goTo(MOMENT + 256);
        _equal(source.valueAt(MOMENT), _value(), "value");
        _equal(source.stateOf(MOMENT), IRandomness.State.Ready, "state");
    }

    function test_AnotherHashIsAnotherValue() public {
        _goTo(MOMENT + 1);
        VM.setBlockhash(MOMENT, HASH ^ bytes32(uint256(1)));
        VM.assertTrue(source.valueAt(MOMENT) != _value(), "bound to the hash");
    }

    function test_RevertWhen_TheActIsInThisBlock() public {
        _expect(IRandomness.Randomness_NotYet.selector, MOMENT);
        source.valueAt(MOMENT);
        _equal(source.stateOf(MOMENT), IRandomness.State.Pending, "state");
    }

    /// @dev Whoever builds the named block can put the reader in it; it must not read a value of its own block.
    function test_RevertWhen_ReadInTheNamedBlock() public {
        _goTo(MOMENT);
        _expect(IRandomness.Randomness_NotYet.selector, MOMENT);
        source.valueAt(MOMENT);
        _equal(source.stateOf(MOMENT), IRandomness.State.Pending, "state");
    }

    function test_RevertWhen_TheChainForgot() public {
        _goTo(uint256(MOMENT) + 257);
        _expect(IRandomness.Randomness_Lost.selector, MOMENT);
        source.valueAt(MOMENT);
        _equal(source.stateOf(MOMENT), IRandomness.State.Lost, "state");
    }

    function test_RevertWhen_MomentIsZero() public {
        _goTo(MOMENT + 1);
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_ZeroMoment.selector));
        source.valueAt(0);
        _equal(source.stateOf(0), IRandomness.State.Pending, "state");
    }

    function testFuzz_NoMomentComesBackFromLost(uint64 later) public {
        later = uint64(_bound(later, MOMENT + 257, type(uint64).max));
        VM.roll(later);
        _equal(source.stateOf(MOMENT), IRandomness.State.Lost, "state");
    }

    function test_RevertWhen_TheDelayIsTooShort() public {
        new BlockRandomness(4);
        VM.expectRevert(
            abi.encodeWithSelector(IBlockRandomness.Randomness_DelayOutOfBounds.selector, uint64(3), 4, 64)
        );
        new BlockRandomness(3);
    }

    function test_RevertWhen_TheDelayIsTooLong() public {
        new BlockRandomness(64);
        VM.expectRevert(
            abi.encodeWithSelector(IBlockRandomness.Randomness_DelayOutOfBounds.selector, uint64(65), 4, 64)
        );
        new BlockRandomness(65);
    }
}
