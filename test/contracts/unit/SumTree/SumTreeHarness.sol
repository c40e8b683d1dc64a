// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SumTree} from "../../../../contracts/libraries/SumTree.sol";

/// @title A sum tree whose functions can be called
contract SumTreeHarness {
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
