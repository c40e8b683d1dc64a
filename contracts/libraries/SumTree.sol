// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Sum tree over weights, for draws by weight
/// @notice Eight children a node, their 32-bit sums packed in one slot, five levels: 32,768 leaves. A change writes five
/// slots (about 25,000 gas when they hold something already, 110,000 on fresh ones), a draw reads five (10,500 gas cold).
library SumTree {
    struct Tree {
        /// @dev By level and number of the node.
        mapping(uint256 node => uint256 lanes) nodes;
    }

    uint256 internal constant LEVELS = 5;
    uint256 internal constant CAPACITY = 8 ** LEVELS;
    uint256 private constant LANE = type(uint32).max;

    error SumTree_IndexOutOfRange(uint256 index, uint256 capacity);
    error SumTree_Overflow(uint256 sum);
    error SumTree_PointOutOfRange(uint256 point, uint256 total);

    /// @notice Sets the weight of a leaf.
    function set(Tree storage tree, uint256 index, uint32 weight) internal {
        uint32 before = weightOf(tree, index);
        for (uint256 level = 0; level < LEVELS; ++level) {
            uint256 shift = 3 * (LEVELS - 1 - level);
            uint256 child = index >> shift;
            uint256 key = _key(level, child >> 3);
            uint256 offset = (child & 7) * 32;
            uint256 lanes = tree.nodes[key];
            // Checked: a lane that ran over would lend its weight to the lane beside it.
            uint256 sum = ((lanes >> offset) & LANE) + weight - before;
            if (sum > LANE) revert SumTree_Overflow(sum);
            tree.nodes[key] = (lanes & ~(LANE << offset)) | (sum << offset);
        }
    }

    /// @notice The leaf at which the running sum of weights passes `point`.
    function find(Tree storage tree, uint256 point) internal view returns (uint256 index) {
        uint256 left = point;
        for (uint256 level = 0; level < LEVELS; ++level) {
            uint256 lanes = tree.nodes[_key(level, index)];
            uint256 child = 0;
            while (child < 8) {
                uint256 sum = (lanes >> (child * 32)) & LANE;
                if (left < sum) break;
                left -= sum;
                ++child;
            }
            if (child == 8) revert SumTree_PointOutOfRange(point, total(tree));
            index = (index << 3) | child;
        }
    }

    /// @notice Sum of all weights.
    function total(Tree storage tree) internal view returns (uint256 sum) {
        uint256 lanes = tree.nodes[_key(0, 0)];
        for (uint256 child = 0; child < 8; ++child) sum += (lanes >> (child * 32)) & LANE;
    }

    /// @notice Weight of a leaf.
    function weightOf(Tree storage tree, uint256 index) internal view returns (uint32 weight) {
        if (index >= CAPACITY) revert SumTree_IndexOutOfRange(index, CAPACITY);
        return uint32((tree.nodes[_key(LEVELS - 1, index >> 3)] >> ((index & 7) * 32)) & LANE);
    }

    function _key(uint256 level, uint256 node) private pure returns (uint256 key) {
        return (level << 128) | node;
    }
}
