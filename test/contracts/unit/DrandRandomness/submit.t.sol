// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDrandRandomness} from "../../../../contracts/interfaces/IDrandRandomness.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {DrandRandomness} from "../../../../contracts/randomness/DrandRandomness.sol";
import {DrandVectors} from "../../generated/DrandVectors.sol";
import {Fixture} from "./Fixture.sol";

/// @title submit: published rounds pass, and with any one change they do not
contract SubmitTest is Fixture {
    function test_PublishedRoundsOfEvmnetVerify() public {
        uint256 count = DrandVectors.EVMNET_ROUNDS.length / 96;
        for (uint256 i = 0; i < count; ++i) {
            (uint64 round, uint256 x, uint256 y) = _signed(DrandVectors.EVMNET_ROUNDS, i);
            bytes32 value = keccak256(_bytes(x, y));
            VM.expectEmit();
            emit IDrandRandomness.RandomnessVerified(round, value);
            VM.prank(STRANGER);
            _equal(uint256(source.submit(round, _bytes(x, y))), uint256(value), "returned");
            _equal(uint256(source.valueAt(round)), uint256(value), "value");
            _equal(uint256(source.stateOf(round)), uint256(IRandomness.State.Ready), "state");
        }
    }

    function test_RoundsSignedInTypeScriptVerify() public {
        source = new DrandRandomness(_key(DrandVectors.OWN_KEY), 1, 1, MARGIN);
        VM.warp(type(uint128).max);
        uint256 count = DrandVectors.OWN_ROUNDS.length / 96;
        for (uint256 i = 0; i < count; ++i) {
            (uint64 round, uint256 x, uint256 y) = _signed(DrandVectors.OWN_ROUNDS, i);
            source.submit(round, _bytes(x, y));
        }
    }

    function test_AStoredRoundStaysAsItIs() public {
        (uint256 x, uint256 y) = _signature();
        bytes32 value = source.submit(ROUND, _bytes(x, y));
        _equal(uint256(source.submit(ROUND, "")), uint256(value), "again");
        _equal(uint256(source.valueAt(ROUND)), uint256(value), "value");
    }

    /// @dev A guard and no measurement: the README has the measured range. It leaves room for the dearest round and compiler.
    function test_GasOfASubmission() public {
        (uint256 x, uint256 y) = _signature();
        bytes memory signature = _bytes(x, y);
        uint256 before = gasleft();
        source.submit(ROUND, signature);
        VM.assertTrue(before - gasleft() < 220_000, "dearer than it was");
    }

    function test_ReadyAtTheTimeOfTheRound() public {
        (uint256 x, uint256 y) = _signature();
        VM.warp(source.timeOf(ROUND));
        source.submit(ROUND, _bytes(x, y));
    }

    function test_RevertWhen_TheRoundIsNotOut() public {
        (uint256 x, uint256 y) = _signature();
        VM.warp(source.timeOf(ROUND) - 1);
        _expect(IRandomness.Randomness_NotYet.selector, ROUND);
        source.submit(ROUND, _bytes(x, y));
    }

    function test_RevertWhen_RoundIsZero() public {
        (uint256 x, uint256 y) = _signature();
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_ZeroMoment.selector));
        source.submit(0, _bytes(x, y));
    }

    function test_RevertWhen_TheRoundIsTheNext() public {
        (uint256 x, uint256 y) = _signature();
        _refuses(ROUND + 1, _bytes(x, y));
    }

    function test_RevertWhen_TheKeyIsAnother() public {
        (uint256 x, uint256 y) = _signature();
        source = new DrandRandomness(_key(DrandVectors.OWN_KEY), GENESIS, PERIOD, MARGIN);
        _refuses(ROUND, _bytes(x, y));
    }

    function testFuzz_RevertWhen_ABitIsFlipped(uint256 bit) public {
        (uint256 x, uint256 y) = _signature();
        bit = _bound(bit, 0, 511);
        if (bit < 256) x ^= 1 << bit;
        else y ^= 1 << (bit - 256);
        _refuses(ROUND, _bytes(x, y));
    }

    function test_RevertWhen_ThePointIsInfinity() public {
        _refuses(ROUND, _bytes(0, 0));
    }

    function test_RevertWhen_ThePointIsNotOnTheCurve() public {
        (uint256 x, uint256 y) = _signature();
        _refuses(ROUND, _bytes(x, y + 1));
    }

    function test_RevertWhen_ThePointIsNegated() public {
        (uint256 x, uint256 y) = _signature();
        _refuses(ROUND, _bytes(x, MODULUS - y));
    }

    function test_RevertWhen_ThePointIsAnotherOne() public {
        (, uint256 x, uint256 y) = _signed(DrandVectors.EVMNET_ROUNDS, 0);
        _refuses(ROUND, _bytes(x, y));
    }

    /// @dev The same point in other bytes would be another value.
    function test_RevertWhen_ACoordinateIsNotReduced() public {
        (uint256 x, uint256 y) = _signature();
        _refuses(ROUND, _bytes(x + MODULUS, y));
        _refuses(ROUND, _bytes(x, y + MODULUS));
    }

    function test_RevertWhen_TheSignatureHasAnotherLength() public {
        (uint256 x, uint256 y) = _signature();
        _refuses(ROUND, abi.encodePacked(x, y, uint8(0)));
        _refuses(ROUND, abi.encodePacked(x, uint248(y >> 8)));
        _refuses(ROUND, "");
    }
}
