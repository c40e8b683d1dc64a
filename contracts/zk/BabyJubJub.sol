// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title The curve Baby Jubjub (ERC-2494): a x^2 + y^2 = 1 + d x^2 y^2 over the scalar field of BN254
/// @notice 168700 is a square there and 168696 is not, so that both formulas hold for every pair of points.
/// @dev Everything here is public: nothing runs in constant time. A point is (x / z, y / z), and the functions change their
/// first argument in place, so that hundreds of them need no new memory.
library BabyJubJub {
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
    }

    /// @notice The field of the coordinates, which is the field that the circuits compute in.
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @notice Order of the subgroup that keys are in; the curve has eight times as many points.
    uint256 internal constant ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041;

    uint256 private constant A = 168700;
    uint256 private constant D = 168696;
    uint256 private constant BASE_X = 5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 private constant BASE_Y = 16950150798460657717958625567821834550301663161624707787222815936182638968203;

    /// @notice The subgroup's generator of the standard, eight times the curve's own.
    function base() internal pure returns (Point memory point) {
        return Point(BASE_X, BASE_Y, 1);
    }

    /// @notice Whether (x, y) is a point of the curve, in its one way to be written.
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool isOn) {
        if (x >= FIELD || y >= FIELD) return false;
        uint256 xx = mulmod(x, x, FIELD);
        uint256 yy = mulmod(y, y, FIELD);
        uint256 right = addmod(1, mulmod(D, mulmod(xx, yy, FIELD), FIELD), FIELD);
        return addmod(mulmod(A, xx, FIELD), yy, FIELD) == right;
    }

    /// @notice Whether `point` is (x, y), whose coordinates are reduced.
    function isAt(Point memory point, uint256 x, uint256 y) internal pure returns (bool isThere) {
        return mulmod(x, point.z, FIELD) == point.x && mulmod(y, point.z, FIELD) == point.y;
    }

    /// @notice point = 8 point: in the subgroup, whatever point of the curve it was.
    function clearCofactor(Point memory point) internal pure {
        double(point);
        double(point);
        double(point);
    }

    /// @notice point = 2 point.
    function double(Point memory point) internal pure {
        unchecked {
            // Sums of two reduced numbers are below 2^255, and mulmod takes any word.
            uint256 c = mulmod(point.x, point.x, FIELD);
            uint256 d = mulmod(point.y, point.y, FIELD);
            uint256 sum = point.x + point.y;
            uint256 e = mulmod(A, c, FIELD);
            uint256 f = addmod(e, d, FIELD);
            uint256 h = mulmod(point.z, point.z, FIELD);
            uint256 j = addmod(f, 2 * (FIELD - h), FIELD);
            uint256 b = addmod(mulmod(sum, sum, FIELD), 2 * FIELD - c - d, FIELD);
            point.x = mulmod(b, j, FIELD);
            point.y = mulmod(f, e + FIELD - d, FIELD);
            point.z = mulmod(f, j, FIELD);
        }
    }

    /// @notice point = point + other.
    function add(Point memory point, Point memory other) internal pure {
        unchecked {
            uint256 a = mulmod(point.z, other.z, FIELD);
            uint256 b = mulmod(a, a, FIELD);
            uint256 c = mulmod(point.x, other.x, FIELD);
            uint256 d = mulmod(point.y, other.y, FIELD);
            uint256 e = mulmod(D, mulmod(c, d, FIELD), FIELD);
            uint256 cross = mulmod(point.x + point.y, other.x + other.y, FIELD);
            cross = addmod(cross, 2 * FIELD - c - d, FIELD);
            uint256 f = b + FIELD - e;
            uint256 g = b + e;
            point.x = mulmod(a, mulmod(f, cross, FIELD), FIELD);
            point.y = mulmod(a, mulmod(g, d + FIELD - mulmod(A, c, FIELD), FIELD), FIELD);
            point.z = mulmod(f, g, FIELD);
        }
    }

    /// @notice m p + n q, from the highest bit of both scalars downwards.
    function combine(uint256 m, Point memory p, uint256 n, Point memory q) internal pure returns (Point memory sum) {
        Point memory both = Point(p.x, p.y, p.z);
        add(both, q);
        sum = Point(0, 1, 1);
        for (uint256 bit = 256; bit != 0;) {
            unchecked {
                --bit;
            }
            uint256 digits = ((m >> bit) & 1) | (((n >> bit) & 1) << 1);
            // The identity doubled is the identity: leading zeros are skipped by their being cheap, not by a rule.
            double(sum);
            if (digits == 1) add(sum, p);
            else if (digits == 2) add(sum, q);
            else if (digits == 3) add(sum, both);
        }
    }
}
