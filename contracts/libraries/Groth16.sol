// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "./Bn254.sol";

/// @title Verification of Groth16 proofs on the curve BN254
/// @notice The equation e(-A, B) e(alpha, beta) e(X, gamma) e(C, delta) = 1, where X is the sum of the key's points weighted
/// with the public signals. The precompiles refuse coordinates that are not reduced and points that are in no group.
/// @dev A proof can be changed into another of the same statement by anybody, so nothing may depend on its bytes.
library Groth16 {
    /// @notice A public signal is not below the order of the group: a second number for the same statement.
    error Groth16_SignalOutOfRange(uint256 signal);
    /// @notice The key is for another number of public signals.
    error Groth16_SignalCount(uint256 given, uint256 expected);

    struct Key {
        Bn254.G1Point alpha;
        Bn254.G2Point beta;
        Bn254.G2Point gamma;
        Bn254.G2Point delta;
        /// The constant point, then one for each public signal.
        Bn254.G1Point[] points;
    }

    struct Proof {
        Bn254.G1Point a;
        Bn254.G2Point b;
        Bn254.G1Point c;
    }

    /// @notice The order of the groups: the field of the circuits.
    uint256 internal constant ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    uint256 private constant ADD = 0x06;
    uint256 private constant MULTIPLY = 0x07;
    uint256 private constant PAIRING = 0x08;

    /// @notice Whether `proof` proves the statement `signals` for the circuit of `key`.
    function verify(
        Key memory key,
        Proof memory proof,
        uint256[] memory signals
    ) internal view returns (bool verified) {
        if (signals.length + 1 != key.points.length) {
            revert Groth16_SignalCount(signals.length, key.points.length - 1);
        }
        (bool done, Bn254.G1Point memory x) = _weigh(key.points, signals);
        // The precompile refuses what is not reduced, but does not see this one as it came.
        if (!done || proof.a.y >= Bn254.MODULUS) return false;
        Bn254.G1Point memory negated = Bn254.G1Point(proof.a.x, proof.a.y == 0 ? 0 : Bn254.MODULUS - proof.a.y);
        bytes memory input = abi.encode(negated, proof.b, key.alpha, key.beta, x, key.gamma, proof.c, key.delta);
        assembly ("memory-safe") {
            verified := staticcall(gas(), PAIRING, add(input, 32), mload(input), 0, 32)
            verified := and(verified, and(eq(returndatasize(), 32), eq(mload(0), 1)))
        }
    }

    /// @dev The constant point and every other one times its signal; not done on a chain without the precompiles.
    function _weigh(
        Bn254.G1Point[] memory points,
        uint256[] memory signals
    ) private view returns (bool done, Bn254.G1Point memory sum) {
        sum = Bn254.G1Point(points[0].x, points[0].y);
        done = true;
        // The sum's two words, then the product's: what the addition takes.
        uint256[4] memory buffer;
        for (uint256 i = 0; i < signals.length; ++i) {
            uint256 signal = signals[i];
            if (signal >= ORDER) revert Groth16_SignalOutOfRange(signal);
            Bn254.G1Point memory point = points[i + 1];
            assembly ("memory-safe") {
                mstore(buffer, mload(point))
                mstore(add(buffer, 32), mload(add(point, 32)))
                mstore(add(buffer, 64), signal)
                done := and(done, staticcall(gas(), MULTIPLY, buffer, 96, add(buffer, 64), 64))
                done := and(done, eq(returndatasize(), 64))
                mstore(buffer, mload(sum))
                mstore(add(buffer, 32), mload(add(sum, 32)))
                done := and(done, staticcall(gas(), ADD, buffer, 128, sum, 64))
                done := and(done, eq(returndatasize(), 64))
            }
        }
    }
}
