// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";

/// @notice How a contract is shown that a word is a leaf of a tree.
interface IShows {
    function isIncluded(
        bytes32 data,
        uint256 index,
        uint256 size,
        bytes32[] calldata path,
        bytes32 root
    ) external pure returns (bool included);
}

/// @notice How a contract turns the fields of a receipt, as ABI words, into a leaf hash.
interface IHashesReceipts {
    function leafOf(bytes calldata fields) external pure returns (bytes32 leaf);
}

/// @notice The library of the ledger, as contracts use it: they hash the data themselves.
contract RealTrees is IShows, IHashesReceipts {
    function isIncluded(
        bytes32 data,
        uint256 index,
        uint256 size,
        bytes32[] calldata path,
        bytes32 root
    ) external pure returns (bool included) {
        return Rfc6962.verifyInclusion(Rfc6962.leafHash(data), index, size, path, root);
    }

    function leafOf(bytes calldata fields) external pure returns (bytes32 leaf) {
        return Rfc6962.leafHash(keccak256(abi.encodePacked(TypeHashes.RECEIPT, fields)));
    }
}

/// @notice Bug: leaves are their data and nodes have no prefix, so that an inner node is as good as a leaf, and the root
/// with an empty path too.
contract PlainNodes is IShows {
    function isIncluded(
        bytes32 data,
        uint256 index,
        uint256,
        bytes32[] calldata path,
        bytes32 root
    ) external pure returns (bool included) {
        bytes32 hash = data;
        for (uint256 i = 0; i < path.length; ++i) {
            hash =
                (index >> i) & 1 == 1
                    ? keccak256(abi.encodePacked(path[i], hash))
                    : keccak256(abi.encodePacked(hash, path[i]));
        }
        return hash == root;
    }
}

/// @notice Bug: siblings are sorted before they are hashed, so that a path says nothing about where the leaf stands.
contract SortedSiblings is IShows {
    function isIncluded(
        bytes32 data,
        uint256,
        uint256,
        bytes32[] calldata path,
        bytes32 root
    ) external pure returns (bool included) {
        bytes32 hash = Rfc6962.leafHash(data);
        for (uint256 i = 0; i < path.length; ++i) {
            hash = hash < path[i] ? Rfc6962.nodeHash(hash, path[i]) : Rfc6962.nodeHash(path[i], hash);
        }
        return hash == root;
    }
}

/// @notice Bug: the last of an odd number of nodes is hashed with itself, so that a tree and the same tree with its last leaf
/// twice have one root.
contract DoublesTheLast is IShows {
    function isIncluded(
        bytes32 data,
        uint256 index,
        uint256 size,
        bytes32[] calldata path,
        bytes32 root
    ) external pure returns (bool included) {
        if (index >= size) return false;
        bytes32 hash = Rfc6962.leafHash(data);
        uint256 used = 0;
        for (uint256 width = size; width > 1; width = (width + 1) / 2) {
            bytes32 beside = index == width - 1 && index & 1 == 0 ? hash : path[used++];
            hash = index & 1 == 1 ? Rfc6962.nodeHash(beside, hash) : Rfc6962.nodeHash(hash, beside);
            index /= 2;
        }
        return hash == root;
    }
}

/// @notice Bug: the fields are packed to their own widths instead of encoded as EIP-712 says.
contract PacksReceipts is IHashesReceipts {
    function leafOf(bytes calldata fields) external pure returns (bytes32 leaf) {
        // The first four fields are words, the fifth is an input count of 32 bits.
        return
            Rfc6962.leafHash(
                keccak256(abi.encodePacked(TypeHashes.RECEIPT, fields[:128], fields[156:160], fields[160:]))
            );
    }
}
