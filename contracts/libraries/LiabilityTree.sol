// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What a payer says it owes a payee: signed up to `cumulativeWei`, of which `outstandingWei` is not collected.
struct Liability {
    address payer;
    address payee;
    uint64 epoch;
    uint128 cumulativeWei;
    uint128 outstandingWei;
}

/// @notice The way from a line to the root: siblings from the leaf up. Bit i of `lefts` is set when sibling i stands on
/// the left.
struct LiabilityPath {
    bytes32[] hashes;
    uint128[] sumsWei;
    uint256 lefts;
}

/// @title Sum trees over liabilities
/// @notice A leaf is keccak256(0, line), a node keccak256(1, left hash, right hash, left sum, right sum), the root
/// keccak256(top hash, total): it binds every line and their total.
library LiabilityTree {
    error Liabilities_PathMalformed(uint256 hashes, uint256 sums);
    error Liabilities_SumOverflow(uint256 sumWei);

    /// @notice Root of the tree in which `line` stands at `path`, and the tree's total.
    function rootOf(
        Liability calldata line,
        LiabilityPath calldata path
    ) internal pure returns (bytes32 root, uint128 totalWei) {
        uint256 steps = path.hashes.length;
        if (steps != path.sumsWei.length || steps > 255) {
            revert Liabilities_PathMalformed(steps, path.sumsWei.length);
        }
        bytes32 hash = keccak256(
            abi.encodePacked(bytes1(0x00), line.payer, line.payee, line.epoch, line.cumulativeWei, line.outstandingWei)
        );
        totalWei = line.outstandingWei;
        for (uint256 i = 0; i < steps; ++i) {
            uint128 besideWei = path.sumsWei[i];
            bytes32 beside = path.hashes[i];
            hash =
                (path.lefts >> i) & 1 == 1
                    ? keccak256(abi.encodePacked(bytes1(0x01), beside, hash, besideWei, totalWei))
                    : keccak256(abi.encodePacked(bytes1(0x01), hash, beside, totalWei, besideWei));
            uint256 sumWei = uint256(totalWei) + besideWei;
            if (sumWei > type(uint128).max) revert Liabilities_SumOverflow(sumWei);
            totalWei = uint128(sumWei);
        }
        root = keccak256(abi.encodePacked(hash, totalWei));
    }
}
