// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Poseidon over five inputs, and EdDSA signatures on Baby Jubjub that hash with it
/// @notice The signature scheme of circomlib's EdDSAPoseidonVerifier: S B = R + 8 h A with h = Poseidon(R, A, M). It holds
/// nothing and asks nobody.
interface IEddsaPoseidon {
    /// @notice A public key, affine.
    struct Key {
        uint256 x;
        uint256 y;
    }

    /// @notice A signature: the point R8, affine, and the scalar S.
    struct Signature {
        uint256 r8x;
        uint256 r8y;
        uint256 s;
    }

    /// @notice Poseidon of five field elements.
    /// @param inputs each below the field's modulus; a larger one gives the hash of what it is modulo the field
    function hash(uint256[5] calldata inputs) external pure returns (uint256 digest);

    /// @notice Whether `key` is of prime order and not the identity: eight times a point of the curve, and not the neutral one.
    /// @param eighth the point of which the key is eight times; the key's owner knows it as the same multiple of the
    /// curve's generator. Coordinates that are not reduced are refused.
    function isPrimeOrder(Key calldata key, Key calldata eighth) external pure returns (bool isPrime);

    /// @notice Whether `signature` is `key`'s over `message`. There is one encoding of each signature.
    /// @param key has passed isPrimeOrder
    /// @param message a field element
    function verify(
        Key calldata key,
        uint256 message,
        Signature calldata signature
    ) external pure returns (bool isValid);
}
