// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SumTree} from "../../../../contracts/libraries/SumTree.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../../../../contracts/libraries/LiabilityTree.sol";

/// @notice How jurors' weights are set and drawn.
interface IWeights {
    function set(uint256 index, uint32 weight) external;
    function find(uint256 point) external view returns (uint256 index);
    function total() external view returns (uint256 sum);
    function weightOf(uint256 index) external view returns (uint32 weight);
}

/// @notice How a contract is shown a line of a coordinator's books.
interface IBooks {
    function rootOf(
        Liability calldata line,
        LiabilityPath calldata path
    ) external pure returns (bytes32 root, uint128 totalWei);
}

/// @notice The library of the jury, as the court uses it.
contract RealWeights is IWeights {
    using SumTree for SumTree.Tree;

    SumTree.Tree private _tree;

    function set(uint256 index, uint32 weight) external {
        _tree.set(index, weight);
    }

    function find(uint256 point) external view returns (uint256 index) {
        return _tree.find(point);
    }

    function total() external view returns (uint256 sum) {
        return _tree.total();
    }

    function weightOf(uint256 index) external view returns (uint32 weight) {
        return _tree.weightOf(index);
    }
}

/// @notice 64 leaves under eight sums of 32 bits in one word. Bug: a sum is added to its word without a look at its lane, so
/// that what runs over is the next lane's.
contract LanesRunOver is IWeights {
    uint256 private constant LANE = type(uint32).max;

    uint256 private _root;
    uint32[64] private _weights;

    function set(uint256 index, uint32 weight) external {
        uint256 offset = (index >> 3) * 32;
        unchecked {
            _root = _root + (uint256(weight) << offset) - (uint256(_weights[index]) << offset);
        }
        _weights[index] = weight;
    }

    function find(uint256 point) external view returns (uint256 index) {
        for (uint256 node = 0; node < 8; ++node) {
            uint256 sum = (_root >> (node * 32)) & LANE;
            if (point < sum) return _within(node, point);
            point -= sum;
        }
        revert("out of range");
    }

    function total() external view returns (uint256 sum) {
        for (uint256 node = 0; node < 8; ++node) sum += (_root >> (node * 32)) & LANE;
    }

    function weightOf(uint256 index) external view returns (uint32 weight) {
        return _weights[index];
    }

    /// @dev The last leaf of a node takes what the others leave.
    function _within(uint256 node, uint256 point) private view returns (uint256 index) {
        for (index = node * 8; index < node * 8 + 7; ++index) {
            if (point < _weights[index]) return index;
            point -= _weights[index];
        }
    }
}

/// @notice The library of the books, as recoveries and proofs use it.
contract RealBooks is IBooks {
    function rootOf(
        Liability calldata line,
        LiabilityPath calldata path
    ) external pure returns (bytes32 root, uint128 totalWei) {
        return LiabilityTree.rootOf(line, path);
    }
}

/// @title Books with the one function in which the twins differ from the real ones
abstract contract PlainBooks is IBooks {
    function rootOf(
        Liability calldata line,
        LiabilityPath calldata path
    ) external pure returns (bytes32 root, uint128 totalWei) {
        bytes32 hash = keccak256(
            abi.encodePacked(bytes1(0x00), line.payer, line.payee, line.epoch, line.cumulativeWei, line.outstandingWei)
        );
        totalWei = line.outstandingWei;
        for (uint256 i = 0; i < path.hashes.length; ++i) {
            bool isRight = (path.lefts >> i) & 1 == 1;
            (bytes32 left, bytes32 right) = isRight ? (path.hashes[i], hash) : (hash, path.hashes[i]);
            (uint128 leftWei, uint128 rightWei) = isRight ? (path.sumsWei[i], totalWei) : (totalWei, path.sumsWei[i]);
            hash = _nodeHash(left, right, leftWei, rightWei);
            totalWei = _sum(leftWei, rightWei);
        }
        root = keccak256(abi.encodePacked(hash, totalWei));
    }

    function _nodeHash(
        bytes32 left,
        bytes32 right,
        uint128 leftWei,
        uint128 rightWei
    ) internal pure virtual returns (bytes32 hash) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right, leftWei, rightWei));
    }

    function _sum(uint128 leftWei, uint128 rightWei) internal pure virtual returns (uint128 sumWei) {
        return leftWei + rightWei;
    }
}

/// @notice Bug: sums wrap around, so that a large line beside makes the total small.
contract SumsWrap is PlainBooks {
    function _sum(uint128 leftWei, uint128 rightWei) internal pure override returns (uint128 sumWei) {
        unchecked {
            return leftWei + rightWei;
        }
    }
}

/// @notice Bug: a node binds the sum of its children, and not what each of them adds to it.
contract NodesBindTheirSum is PlainBooks {
    function _nodeHash(
        bytes32 left,
        bytes32 right,
        uint128 leftWei,
        uint128 rightWei
    ) internal pure override returns (bytes32 hash) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right, leftWei + rightWei));
    }
}
