// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title RFC 6962 Merkle trees with keccak256
/// @notice Leaves are prefixed with 0x00 and inner nodes with 0x01, so that neither can pass for the other.
library Rfc6962 {
    /// @notice Hash of a leaf whose data is one word.
    function leafHash(bytes32 data) internal pure returns (bytes32 hash) {
        return keccak256(abi.encodePacked(bytes1(0x00), data));
    }

    /// @notice Hash of a leaf that holds a token: the token's own salt, which the SDK derives from the job's salt, side and
    /// position, and the token's number.
    function tokenLeafHash(bytes32 salt, uint32 tokenId) internal pure returns (bytes32 hash) {
        return keccak256(abi.encodePacked(bytes1(0x00), salt, tokenId));
    }

    /// @notice Hash of an inner node.
    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32 hash) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Whether `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with `root`.
    function verifyInclusion(
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32[] memory path,
        bytes32 root
    ) internal pure returns (bool included) {
        if (index >= size) return false;
        uint256 fn = index;
        uint256 sn = size - 1;
        bytes32 hash = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                hash = nodeHash(path[i], hash);
                // A node at the right edge has no sibling on the levels where it is the last even one.
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                hash = nodeHash(hash, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && hash == root;
    }

    /// @notice Whether the tree (toSize, toRoot) begins with the tree (fromSize, fromRoot).
    function verifyConsistency(
        uint256 fromSize,
        uint256 toSize,
        bytes32 fromRoot,
        bytes32 toRoot,
        bytes32[] memory path
    ) internal pure returns (bool consistent) {
        if (fromSize > toSize) return false;
        if (fromSize == toSize) return path.length == 0 && fromRoot == toRoot;
        // Every tree extends the empty one, whose root is the hash of nothing.
        if (fromSize == 0) return path.length == 0 && fromRoot == keccak256("");
        uint256 fn = fromSize - 1;
        uint256 sn = toSize - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        uint256 i = 0;
        bytes32 seed = fromRoot;
        if (fromSize & (fromSize - 1) != 0) {
            if (path.length == 0) return false;
            seed = path[i++];
        }
        bytes32 fr = seed;
        bytes32 sr = seed;
        for (; i < path.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                fr = nodeHash(path[i], fr);
                sr = nodeHash(path[i], sr);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = nodeHash(sr, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == fromRoot && sr == toRoot;
    }
}
