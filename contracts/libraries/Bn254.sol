// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title BLS signatures on the curve BN254, with signatures in G1 and keys in G2
/// @notice The curve and its precompiles are those of EIP-196 and EIP-197: y^2 = x^3 + 3 over the field of MODULUS. G1 is the
/// whole curve, so a point on it needs no other check. Hashing to G1 follows RFC 9380: expand_message_xmd with keccak256,
/// two field elements, the map of Shallue and van de Woestijne with Z = 1, and the sum of both points.
/// @dev Everything hashed here is public, so nothing runs in constant time. A point is two words, infinity is (0, 0).
library Bn254 {
    /// @notice The precompile at this address is missing on this chain, or had too little gas.
    error Bn254_PrecompileFailed(uint256 precompile);

    struct G1Point {
        uint256 x;
        uint256 y;
    }

    /// @dev Coordinates are in the order of EIP-197: the imaginary part comes first.
    struct G2Point {
        uint256 xImaginary;
        uint256 xReal;
        uint256 yImaginary;
        uint256 yReal;
    }

    uint256 internal constant MODULUS = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    uint256 private constant MODEXP = 0x05;
    uint256 private constant ADD = 0x06;
    uint256 private constant PAIRING = 0x08;

    /// @dev 2^256 modulo the field, to reduce what is wider than a word.
    uint256 private constant WORD = 0x0e0a77c19a07df2f666ea36f7879462c0a78eb28f5c70b3dd35d438dc58f0d9d;
    /// @dev The modulus is 3 modulo 4, so a square's root is its power to (MODULUS + 1) / 4.
    uint256 private constant ROOT_EXPONENT = (MODULUS + 1) / 4;

    /// @dev The constants of RFC 9380, 6.6.1, for g(x) = x^3 + 3 and Z = 1, which its find_z_svdw gives.
    /// C1 = g(Z), C2 = -Z / 2, C3 = sqrt(-3 Z^2 g(Z)), the even one, C4 = -4 g(Z) / (3 Z^2).
    uint256 private constant Z = 1;
    uint256 private constant C1 = 4;
    uint256 private constant C2 = 0x183227397098d014dc2822db40c0ac2ecbc0b548b438e5469e10460b6c3e7ea3;
    uint256 private constant C3 = 0x16789af3a83522eb353c98fc6b36d713d5d8d1cc5dffffffa;
    uint256 private constant C4 = 0x10216f7ba065e00de81ac1e7808072c9dd2b2385cd7b438469602eb24829a9bd;

    /// @dev 136 bytes: a block of keccak256, which expand_message_xmd puts before the message.
    uint256 private constant BLOCK_BYTES = 136;

    /// @notice Whether both coordinates are reduced, and the point is on the curve and not infinity.
    function isValid(G1Point memory point) internal pure returns (bool valid) {
        if (point.x >= MODULUS || point.y >= MODULUS) return false;
        // Infinity, (0, 0), is not on the curve as an affine point: 0 is not 3.
        return mulmod(point.y, point.y, MODULUS) == _curve(point.x);
    }

    /// @notice Whether a key is reduced, on its curve, in the subgroup of the right order and not infinity.
    function isValidKey(G2Point memory key) internal view returns (bool valid) {
        if (key.xImaginary == 0 && key.xReal == 0 && key.yImaginary == 0 && key.yReal == 0) return false;
        // The precompile refuses what is not a point of G2. For a point, the product with the opposite pairing is one.
        return _pairingProductIsOne(G1Point(1, 2), key, G1Point(1, MODULUS - 2), key);
    }

    /// @notice Whether `signature` is the signature of the hashed message `hashed` under `key`. There is exactly one.
    /// @dev `hashed` comes from hashToG1 and `key` has passed isValidKey.
    function verify(
        G1Point memory signature,
        G1Point memory hashed,
        G2Point memory key
    ) internal view returns (bool verified) {
        if (!isValid(signature)) return false;
        // e(signature, -generator) e(hashed, key) = 1
        G2Point memory negated = G2Point({
            xImaginary: 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            xReal: 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            yImaginary: 0x275dc4a288d1afb3cbb1ac09187524c7db36395df7be3b99e673b13a075a65ec,
            yReal: 0x1d9befcd05a5323e6da4d435f3b617cdb3af83285c2df711ef39c01571827f9d
        });
        return _pairingProductIsOne(signature, negated, hashed, key);
    }

    /// @notice hash_to_curve of `message` under the domain separation tag `dst`.
    function hashToG1(bytes memory dst, bytes memory message) internal view returns (G1Point memory point) {
        (uint256 u0, uint256 u1) = hashToField(dst, message);
        return _add(mapToCurve(u0), mapToCurve(u1));
    }

    /// @notice hash_to_field for two elements of 48 bytes each, so that their bias is below 2^-128.
    function hashToField(bytes memory dst, bytes memory message) internal pure returns (uint256 u0, uint256 u1) {
        // A tag longer than 255 bytes would be hashed first; ours are constants and short.
        bytes memory tag = abi.encodePacked(dst, uint8(dst.length));
        bytes32 b0 = keccak256(abi.encodePacked(new bytes(BLOCK_BYTES), message, uint16(96), uint8(0), tag));
        bytes32 b1 = keccak256(abi.encodePacked(b0, uint8(1), tag));
        bytes32 b2 = keccak256(abi.encodePacked(b0 ^ b1, uint8(2), tag));
        bytes32 b3 = keccak256(abi.encodePacked(b0 ^ b2, uint8(3), tag));
        // 96 bytes in two halves of 48: b1 and the first half of b2, the second half of b2 and b3.
        u0 = addmod(mulmod(uint256(b1), 1 << 128, MODULUS), uint256(b2) >> 128, MODULUS);
        u1 = addmod(mulmod(uint256(uint128(uint256(b2))), WORD, MODULUS), uint256(b3), MODULUS);
    }

    /// @notice map_to_curve of the field element `u`: RFC 9380, appendix F.1, with A = 0 and B = 3.
    function mapToCurve(uint256 u) internal view returns (G1Point memory point) {
        uint256 tv1 = mulmod(mulmod(u, u, MODULUS), C1, MODULUS);
        uint256 tv2 = addmod(1, tv1, MODULUS);
        tv1 = addmod(1, MODULUS - tv1, MODULUS);
        // The inverse of zero is zero, as the RFC's inv0 wants it.
        uint256 tv3 = _power(mulmod(tv1, tv2, MODULUS), MODULUS - 2);
        uint256 tv4 = mulmod(mulmod(mulmod(u, tv1, MODULUS), tv3, MODULUS), C3, MODULUS);

        point.x = addmod(C2, MODULUS - tv4, MODULUS);
        bool found;
        (found, point.y) = _root(_curve(point.x));
        if (!found) {
            point.x = addmod(C2, tv4, MODULUS);
            (found, point.y) = _root(_curve(point.x));
        }
        if (!found) {
            // When neither of the others is on the curve, this one is: the product of the three right sides is a square.
            uint256 tv5 = mulmod(mulmod(tv2, tv2, MODULUS), tv3, MODULUS);
            point.x = addmod(mulmod(mulmod(tv5, tv5, MODULUS), C4, MODULUS), Z, MODULUS);
            (, point.y) = _root(_curve(point.x));
        }
        // Of the two roots, the one with the parity of u. No point of this curve has y = 0.
        if ((u ^ point.y) & 1 == 1) point.y = MODULUS - point.y;
    }

    /// @dev x^3 + 3.
    function _curve(uint256 x) private pure returns (uint256 right) {
        return addmod(mulmod(mulmod(x, x, MODULUS), x, MODULUS), 3, MODULUS);
    }

    /// @dev A square root of `value` and whether it has one.
    function _root(uint256 value) private view returns (bool found, uint256 root) {
        root = _power(value, ROOT_EXPONENT);
        found = mulmod(root, root, MODULUS) == value;
    }

    function _power(uint256 base, uint256 exponent) private view returns (uint256 result) {
        uint256[6] memory input = [32, 32, 32, base, exponent, MODULUS];
        bool done;
        assembly ("memory-safe") {
            done := staticcall(gas(), MODEXP, input, 192, 0, 32)
            done := and(done, eq(returndatasize(), 32))
            result := mload(0)
        }
        if (!done) revert Bn254_PrecompileFailed(MODEXP);
    }

    function _add(G1Point memory left, G1Point memory right) private view returns (G1Point memory sum) {
        uint256[4] memory input = [left.x, left.y, right.x, right.y];
        bool done;
        assembly ("memory-safe") {
            done := staticcall(gas(), ADD, input, 128, sum, 64)
            done := and(done, eq(returndatasize(), 64))
        }
        if (!done) revert Bn254_PrecompileFailed(ADD);
    }

    /// @dev Whether e(p1, q1) e(p2, q2) = 1; false when one of them is no point of its group. All gas given goes with a
    /// refusal, and a chain without the precompile answers nothing, which is false too.
    function _pairingProductIsOne(
        G1Point memory p1,
        G2Point memory q1,
        G1Point memory p2,
        G2Point memory q2
    ) private view returns (bool one) {
        bytes memory input = abi.encode(p1, q1, p2, q2);
        assembly ("memory-safe") {
            one := staticcall(gas(), PAIRING, add(input, 32), mload(input), 0, 32)
            one := and(one, and(eq(returndatasize(), 32), eq(mload(0), 1)))
        }
    }
}
