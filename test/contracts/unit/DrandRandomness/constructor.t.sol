// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDrandRandomness} from "../../../../contracts/interfaces/IDrandRandomness.sol";
import {DrandRandomness} from "../../../../contracts/randomness/DrandRandomness.sol";
import {DrandVectors} from "../../generated/DrandVectors.sol";
import {Fixture} from "./Fixture.sol";

/// @title The network that a source is deployed for
contract ConstructorTest is Fixture {
    function test_SaysItsNetwork() public view {
        (uint256[4] memory key, uint64 genesis, uint64 period, uint64 margin) = source.network();
        _equal(uint256(keccak256(abi.encode(key))), uint256(keccak256(DrandVectors.EVMNET_KEY)), "key");
        _equal(genesis, GENESIS, "genesis");
        _equal(period, PERIOD, "period");
        _equal(margin, MARGIN, "margin");
    }

    function test_RevertWhen_TheKeyIsInfinity() public {
        uint256[4] memory key;
        _refusesKey(key);
    }

    function testFuzz_RevertWhen_ACoordinateOfTheKeyIsOff(uint256 at) public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        ++key[at % 4];
        _refusesKey(key);
    }

    function testFuzz_RevertWhen_ACoordinateOfTheKeyIsNotReduced(uint256 at) public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        key[at % 4] += MODULUS;
        _refusesKey(key);
    }

    function test_RevertWhen_ThePartsOfTheKeyAreSwapped() public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        (key[0], key[1], key[2], key[3]) = (key[1], key[0], key[3], key[2]);
        _refusesKey(key);
    }

    /// @dev On the curve of G2, outside of the subgroup that keys are in.
    function test_RevertWhen_TheKeyIsOutsideOfTheSubgroup() public {
        _refusesKey(_key(DrandVectors.OUTSIDER_KEY));
    }

    function test_RevertWhen_ThereIsNoPeriod() public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        VM.expectRevert(abi.encodeWithSelector(IDrandRandomness.Randomness_BadSchedule.selector, GENESIS, 0));
        new DrandRandomness(key, GENESIS, 0, MARGIN);
    }

    function test_RevertWhen_ThereIsNoBeginning() public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        VM.expectRevert(abi.encodeWithSelector(IDrandRandomness.Randomness_BadSchedule.selector, 0, PERIOD));
        new DrandRandomness(key, 0, PERIOD, MARGIN);
    }

    function test_RevertWhen_TheMarginIsTooShort() public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        new DrandRandomness(key, GENESIS, PERIOD, 12);
        bytes4 selector = IDrandRandomness.Randomness_MarginOutOfBounds.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 11, 12, 1 days));
        new DrandRandomness(key, GENESIS, PERIOD, 11);
    }

    function test_RevertWhen_TheMarginIsTooLong() public {
        uint256[4] memory key = _key(DrandVectors.EVMNET_KEY);
        new DrandRandomness(key, GENESIS, PERIOD, 1 days);
        bytes4 selector = IDrandRandomness.Randomness_MarginOutOfBounds.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 1 days + 1, 12, 1 days));
        new DrandRandomness(key, GENESIS, PERIOD, 1 days + 1);
    }

    function _refusesKey(uint256[4] memory key) private {
        VM.expectRevert(abi.encodeWithSelector(IDrandRandomness.Randomness_BadPublicKey.selector));
        new DrandRandomness(key, GENESIS, PERIOD, MARGIN);
    }
}
