// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Base} from "../../helpers/Base.sol";
import {Vectors} from "../../generated/Vectors.sol";

/// @title verifyInclusion and verifyConsistency on the tree that TypeScript tests too
contract VerifyTest is Base {
    function test_RootsAreTheSharedVectors() public pure {
        bytes memory roots = Vectors.ROOTS;
        for (uint256 size = 0; size <= Vectors.LEAVES; ++size) {
            bytes32 expected;
            assembly ("memory-safe") {
                expected := mload(add(add(roots, 32), mul(size, 32)))
            }
            _equal(uint256(_root(0, size)), uint256(expected), "root");
        }
    }

    function test_EveryIndexOfEverySizeIsIncluded() public pure {
        for (uint256 size = 1; size <= Vectors.LEAVES; ++size) {
            bytes32 root = _root(0, size);
            for (uint256 index = 0; index < size; ++index) {
                bytes32[] memory path = _path(index, 0, size);
                VM.assertTrue(Rfc6962.verifyInclusion(_leaf(index), index, size, path, root), "included");
                VM.assertTrue(
                    !Rfc6962.verifyInclusion(_leaf(index), (index + 1) % size, size, path, root) || size == 1,
                    "at another index"
                );
            }
        }
    }

    function test_APathOfAnotherLengthProvesNothing() public pure {
        (bytes32 three, bytes32 five, bytes32 four) = (_root(0, 3), _root(0, 5), _root(0, 4));
        VM.assertTrue(Rfc6962.verifyConsistency(3, 5, three, five, _proof(3, 5)), "whole");
        VM.assertTrue(!Rfc6962.verifyConsistency(3, 5, three, five, new bytes32[](0)), "empty");
        bytes32[] memory path = _proof(2, 4);
        bytes32[] memory longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) longer[i] = path[i];
        VM.assertTrue(!Rfc6962.verifyConsistency(2, 4, _root(0, 2), four, longer), "longer");
    }

    function test_EveryPairOfSizesIsConsistent() public pure {
        for (uint256 to = 0; to <= Vectors.LEAVES; ++to) {
            for (uint256 from = 0; from <= to; ++from) {
                bytes32[] memory path = _proof(from, to);
                bytes32 fromRoot = _root(0, from);
                bytes32 toRoot = _root(0, to);
                VM.assertTrue(Rfc6962.verifyConsistency(from, to, fromRoot, toRoot, path), "consistent");
                VM.assertTrue(!Rfc6962.verifyConsistency(from, to, ~fromRoot, toRoot, path), "another past");
                // Nothing about the later root follows from the empty tree.
                if (from != 0) {
                    VM.assertTrue(!Rfc6962.verifyConsistency(from, to, fromRoot, ~toRoot, path), "another future");
                }
                VM.assertTrue(!Rfc6962.verifyConsistency(to + 1, to, fromRoot, toRoot, path), "shrunk");
            }
        }
    }

    function testFuzz_ChangedInclusionFails(uint256 seed, bytes32 change) public pure {
        VM.assume(change != 0);
        uint256 size = _bound(seed, 2, Vectors.LEAVES);
        uint256 index = _bound(seed >> 8, 0, size - 1);
        bytes32[] memory path = _path(index, 0, size);
        bytes32 root = _root(0, size);
        VM.assertTrue(!Rfc6962.verifyInclusion(_leaf(index) ^ change, index, size, path, root), "leaf");
        VM.assertTrue(!Rfc6962.verifyInclusion(_leaf(index), index, size, path, root ^ change), "root");
        uint256 step = (seed >> 16) % path.length;
        path[step] ^= change;
        VM.assertTrue(!Rfc6962.verifyInclusion(_leaf(index), index, size, path, root), "path");
    }

    function testFuzz_ChangedConsistencyPathFails(uint256 seed, bytes32 change) public pure {
        VM.assume(change != 0);
        uint256 to = _bound(seed, 2, Vectors.LEAVES);
        uint256 from = _bound(seed >> 8, 1, to - 1);
        bytes32[] memory path = _proof(from, to);
        path[(seed >> 16) % path.length] ^= change;
        VM.assertTrue(!Rfc6962.verifyConsistency(from, to, _root(0, from), _root(0, to), path), "path");
    }

    function _leaf(uint256 index) private pure returns (bytes32 hash) {
        return Rfc6962.leafHash(keccak256(abi.encodePacked(uint8(index))));
    }

    function _split(uint256 size) private pure returns (uint256 left) {
        left = 1;
        while (left * 2 < size) left *= 2;
    }

    function _root(uint256 start, uint256 size) private pure returns (bytes32 root) {
        if (size == 0) return keccak256("");
        if (size == 1) return _leaf(start);
        uint256 left = _split(size);
        return Rfc6962.nodeHash(_root(start, left), _root(start + left, size - left));
    }

    function _path(uint256 index, uint256 start, uint256 size) private pure returns (bytes32[] memory path) {
        if (size == 1) return path;
        uint256 left = _split(size);
        if (index < left) return _push(_path(index, start, left), _root(start + left, size - left));
        return _push(_path(index - left, start + left, size - left), _root(start, left));
    }

    function _proof(uint256 from, uint256 to) private pure returns (bytes32[] memory path) {
        return from == 0 || from == to ? path : _subproof(from, 0, to, true);
    }

    function _subproof(
        uint256 from,
        uint256 start,
        uint256 size,
        bool whole
    ) private pure returns (bytes32[] memory path) {
        if (from == size) return whole ? path : _push(path, _root(start, size));
        uint256 left = _split(size);
        if (from <= left) return _push(_subproof(from, start, left, whole), _root(start + left, size - left));
        return _push(_subproof(from - left, start + left, size - left, false), _root(start, left));
    }

    function _push(bytes32[] memory list, bytes32 item) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = item;
    }
}
