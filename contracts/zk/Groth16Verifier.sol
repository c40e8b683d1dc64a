// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {Groth16} from "../libraries/Groth16.sol";
import {DevelopmentKeys} from "./DevelopmentKeys.sol";

/// @title Groth16Verifier
/// @notice See IGroth16Verifier.
/// @dev The key is in immutables, in the code: 22 words from storage would cost more than the additions. One contract serves
/// every size of slab. Whether the key's points are on their curves is checked by the precompiles at each use.
contract Groth16Verifier is IGroth16Verifier {
    uint256 private immutable ALPHA_X;
    uint256 private immutable ALPHA_Y;
    uint256 private immutable BETA_X_IMAGINARY;
    uint256 private immutable BETA_X_REAL;
    uint256 private immutable BETA_Y_IMAGINARY;
    uint256 private immutable BETA_Y_REAL;
    uint256 private immutable GAMMA_X_IMAGINARY;
    uint256 private immutable GAMMA_X_REAL;
    uint256 private immutable GAMMA_Y_IMAGINARY;
    uint256 private immutable GAMMA_Y_REAL;
    uint256 private immutable DELTA_X_IMAGINARY;
    uint256 private immutable DELTA_X_REAL;
    uint256 private immutable DELTA_Y_IMAGINARY;
    uint256 private immutable DELTA_Y_REAL;
    uint256 private immutable POINT_0_X;
    uint256 private immutable POINT_0_Y;
    uint256 private immutable POINT_1_X;
    uint256 private immutable POINT_1_Y;
    uint256 private immutable POINT_2_X;
    uint256 private immutable POINT_2_Y;
    uint256 private immutable POINT_3_X;
    uint256 private immutable POINT_3_Y;

    /// @param isDevelopment whether the setup's secrets are public
    constructor(Groth16.Key memory key, bool isDevelopment) {
        if (isDevelopment && !DevelopmentKeys.areAllowed()) revert Groth16_DevelopmentKey(block.chainid);
        if (key.points.length != 4) revert Groth16.Groth16_SignalCount(3, key.points.length - 1);
        if (keccak256(abi.encode(key.gamma)) == keccak256(abi.encode(key.delta))) revert Groth16_GammaIsDelta();
        (ALPHA_X, ALPHA_Y) = (key.alpha.x, key.alpha.y);
        (BETA_X_IMAGINARY, BETA_X_REAL) = (key.beta.xImaginary, key.beta.xReal);
        (BETA_Y_IMAGINARY, BETA_Y_REAL) = (key.beta.yImaginary, key.beta.yReal);
        (GAMMA_X_IMAGINARY, GAMMA_X_REAL) = (key.gamma.xImaginary, key.gamma.xReal);
        (GAMMA_Y_IMAGINARY, GAMMA_Y_REAL) = (key.gamma.yImaginary, key.gamma.yReal);
        (DELTA_X_IMAGINARY, DELTA_X_REAL) = (key.delta.xImaginary, key.delta.xReal);
        (DELTA_Y_IMAGINARY, DELTA_Y_REAL) = (key.delta.yImaginary, key.delta.yReal);
        (POINT_0_X, POINT_0_Y) = (key.points[0].x, key.points[0].y);
        (POINT_1_X, POINT_1_Y) = (key.points[1].x, key.points[1].y);
        (POINT_2_X, POINT_2_Y) = (key.points[2].x, key.points[2].y);
        (POINT_3_X, POINT_3_Y) = (key.points[3].x, key.points[3].y);
    }

    /// @inheritdoc IGroth16Verifier
    function verify(Groth16.Proof calldata proof, uint256[3] calldata signals) external view returns (bool isValid) {
        uint256[] memory listed = new uint256[](3);
        (listed[0], listed[1], listed[2]) = (signals[0], signals[1], signals[2]);
        return Groth16.verify(verifyingKey(), proof, listed);
    }

    /// @inheritdoc IGroth16Verifier
    function verifyingKey() public view returns (Groth16.Key memory key) {
        key.alpha = Bn254.G1Point(ALPHA_X, ALPHA_Y);
        key.beta = Bn254.G2Point(BETA_X_IMAGINARY, BETA_X_REAL, BETA_Y_IMAGINARY, BETA_Y_REAL);
        key.gamma = Bn254.G2Point(GAMMA_X_IMAGINARY, GAMMA_X_REAL, GAMMA_Y_IMAGINARY, GAMMA_Y_REAL);
        key.delta = Bn254.G2Point(DELTA_X_IMAGINARY, DELTA_X_REAL, DELTA_Y_IMAGINARY, DELTA_Y_REAL);
        key.points = new Bn254.G1Point[](4);
        key.points[0] = Bn254.G1Point(POINT_0_X, POINT_0_Y);
        key.points[1] = Bn254.G1Point(POINT_1_X, POINT_1_Y);
        key.points[2] = Bn254.G1Point(POINT_2_X, POINT_2_Y);
        key.points[3] = Bn254.G1Point(POINT_3_X, POINT_3_Y);
    }
}
