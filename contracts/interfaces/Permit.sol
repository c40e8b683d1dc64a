// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice An ERC-2612 approval of exactly the amount that the call takes, signed by the caller.
/// @param deadline Unix seconds until which the approval can be given.
struct Permit {
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
