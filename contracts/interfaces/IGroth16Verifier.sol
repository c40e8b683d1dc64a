// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Groth16} from "../libraries/Groth16.sol";

/// @title A verifier of Groth16 proofs with three public signals
/// @notice It holds one verifying key, chosen when it is deployed, and nothing else.
interface IGroth16Verifier {
    /// @notice With gamma = delta anybody can make proofs of anything: the second phase of the setup was left out.
    error Groth16_GammaIsDelta();
    /// @notice The secrets of a development setup are public, so its keys are for development chains.
    error Groth16_DevelopmentKey(uint256 chainId);

    /// @notice Whether `proof` proves the statement of the public signals. A proof that is none, its points outside the curve
    /// included, is false; a signal that is not below the field's modulus reverts with Groth16_SignalOutOfRange.
    /// @dev (-a, -b, c) proves whatever (a, b, c) does: a proof's bytes identify nothing, its signals do.
    /// @param signals in the circuit's order, outputs first
    function verify(Groth16.Proof calldata proof, uint256[3] calldata signals) external view returns (bool isValid);

    /// @notice The key that this contract was deployed with.
    function verifyingKey() external view returns (Groth16.Key memory key);
}
