// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDrandRandomness} from "../../../../contracts/interfaces/IDrandRandomness.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {DrandRandomness} from "../../../../contracts/randomness/DrandRandomness.sol";
import {DrandVectors} from "../../generated/DrandVectors.sol";
import {Base} from "../../helpers/Base.sol";

/// @title The evmnet network with a margin of half a minute, long after its round 20,000,000
abstract contract Fixture is Base {
    uint64 internal constant MARGIN = 30;
    uint64 internal constant ROUND = 12_345_678;
    uint256 internal constant MODULUS = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    uint64 internal constant GENESIS = DrandVectors.EVMNET_GENESIS;
    uint64 internal constant PERIOD = DrandVectors.EVMNET_PERIOD;

    DrandRandomness internal source;

    function setUp() public virtual override {
        source = new DrandRandomness(_key(DrandVectors.EVMNET_KEY), GENESIS, PERIOD, MARGIN);
        VM.warp(START);
    }

    function _key(bytes memory words) internal pure returns (uint256[4] memory key) {
        return abi.decode(words, (uint256[4]));
    }

    /// @dev The `index`th of `rounds`, which are three words each.
    function _signed(bytes memory rounds, uint256 index) internal pure returns (uint64 round, uint256 x, uint256 y) {
        assembly ("memory-safe") {
            let at := add(add(rounds, 32), mul(index, 96))
            round := mload(at)
            x := mload(add(at, 32))
            y := mload(add(at, 64))
        }
    }

    /// @dev The published signature of ROUND.
    function _signature() internal pure returns (uint256 x, uint256 y) {
        uint64 round;
        (round, x, y) = _signed(DrandVectors.EVMNET_ROUNDS, 2);
        _equal(round, ROUND, "the fixture's round");
    }

    function _bytes(uint256 x, uint256 y) internal pure returns (bytes memory signature) {
        return abi.encodePacked(x, y);
    }

    function _expect(bytes4 selector, uint64 moment) internal {
        VM.expectRevert(abi.encodeWithSelector(selector, moment));
    }

    function _refuses(uint64 round, bytes memory signature) internal {
        _expect(IDrandRandomness.Randomness_BadSignature.selector, round);
        source.submit(round, signature);
        _equal(uint256(source.stateOf(round)), uint256(IRandomness.State.Pending), "still pending");
    }
}
