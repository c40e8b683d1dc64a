// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {PoseidonParameters} from "../generated/PoseidonParameters.sol";
import {IEddsaPoseidon} from "../interfaces/IEddsaPoseidon.sol";
import {BabyJubJub} from "./BabyJubJub.sol";

/// @title EddsaPoseidon
/// @notice See IEddsaPoseidon.
contract EddsaPoseidon is IEddsaPoseidon {
    using BabyJubJub for BabyJubJub.Point;

    /// @inheritdoc IEddsaPoseidon
    function hash(uint256[5] calldata inputs) external pure returns (uint256 digest) {
        uint256[5] memory copied = inputs;
        return _hash(copied);
    }

    /// @inheritdoc IEddsaPoseidon
    function isPrimeOrder(Key calldata key, Key calldata eighth) external pure returns (bool isPrime) {
        if (key.x >= BabyJubJub.FIELD || key.y >= BabyJubJub.FIELD) return false;
        if (!BabyJubJub.isOnCurve(eighth.x, eighth.y)) return false;
        // Of the subgroup's points the identity alone has an x of zero.
        if (key.x == 0) return false;
        BabyJubJub.Point memory point = BabyJubJub.Point(eighth.x, eighth.y, 1);
        point.clearCofactor();
        return point.isAt(key.x, key.y);
    }

    /// @inheritdoc IEddsaPoseidon
    function verify(
        Key calldata key,
        uint256 message,
        Signature calldata signature
    ) external pure returns (bool isValid) {
        if (signature.s >= BabyJubJub.ORDER || message >= BabyJubJub.FIELD) return false;
        if (signature.r8x >= BabyJubJub.FIELD || signature.r8y >= BabyJubJub.FIELD) return false;
        uint256 challenge = _hash([signature.r8x, signature.r8y, key.x, key.y, message]);
        // R = S B - h (8 A). A point that equals R is on the curve, so R needs no check of its own.
        BabyJubJub.Point memory negated = BabyJubJub.Point(BabyJubJub.FIELD - key.x, key.y, 1);
        negated.clearCofactor();
        BabyJubJub.Point memory r = BabyJubJub.combine(signature.s, BabyJubJub.base(), challenge, negated);
        return r.isAt(signature.r8x, signature.r8y);
    }

    /// @dev 4 full rounds, 60 partial ones, 4 full ones, on a state that begins with a zero before the inputs.
    function _hash(uint256[5] memory inputs) private pure returns (uint256 digest) {
        bytes memory parameters = PoseidonParameters.WORDS;
        uint256[6] memory state;
        uint256[6] memory mixed;
        for (uint256 i = 0; i < 5; ++i) state[i + 1] = inputs[i];
        uint256 constants;
        assembly ("memory-safe") {
            constants := add(parameters, 0x20)
        }
        // Behind 68 rounds of six words.
        uint256 matrix = constants + 68 * 6 * 32;
        for (uint256 round = 0; round < 68; ++round) {
            _substitute(state, constants, round < 4 || round > 63);
            _mix(state, mixed, matrix);
            (state, mixed) = (mixed, state);
            constants += 6 * 32;
        }
        return state[0];
    }

    /// @dev Adds a round's constants and raises to the fifth power: every element, or in a partial round the first.
    function _substitute(uint256[6] memory state, uint256 constants, bool isFull) private pure {
        uint256 field = BabyJubJub.FIELD;
        assembly ("memory-safe") {
            for {
                let offset := 0
            } lt(offset, 0xc0) {
                offset := add(offset, 0x20)
            } {
                let element := add(state, offset)
                let x := addmod(mload(element), mload(add(constants, offset)), field)
                if or(isFull, iszero(offset)) {
                    let square := mulmod(x, x, field)
                    x := mulmod(x, mulmod(square, square, field), field)
                }
                mstore(element, x)
            }
        }
    }

    /// @dev mixed = matrix * state.
    function _mix(uint256[6] memory state, uint256[6] memory mixed, uint256 matrix) private pure {
        uint256 field = BabyJubJub.FIELD;
        assembly ("memory-safe") {
            for {
                let row := 0
            } lt(row, 0xc0) {
                row := add(row, 0x20)
            } {
                let sum := 0
                for {
                    let offset := 0
                } lt(offset, 0xc0) {
                    offset := add(offset, 0x20)
                } {
                    sum := addmod(sum, mulmod(mload(add(state, offset)), mload(matrix), field), field)
                    matrix := add(matrix, 0x20)
                }
                mstore(add(mixed, row), sum)
            }
        }
    }
}
