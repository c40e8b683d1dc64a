// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRandomness} from "./IRandomness.sol";

/// @title Randomness from the hash of a block that is named in advance
/// @notice A moment is a block number. Its value can be read while the chain still gives the block's hash: 256 blocks, or
/// 8191 where the history contract of EIP-2935 is. Anybody may keep it in that time, and then it can be read for ever.
interface IBlockRandomness is IRandomness {
    /// @notice `value` is stored as the value of `moment`.
    event RandomnessKept(uint64 indexed moment, bytes32 value);

    /// @notice The delay must be between `minimum` and `maximum` blocks.
    error Randomness_DelayOutOfBounds(uint64 delay, uint64 minimum, uint64 maximum);

    /// @notice Stores the value of `moment` while it can be read. Anybody may call it, and again.
    /// @dev Reverts with Randomness_NotYet, Randomness_Lost or Randomness_ZeroMoment.
    /// @param moment A block number that has passed.
    function keep(uint64 moment) external returns (bytes32 value);

    /// @notice Blocks between an act and the block that decides it.
    function delayBlocks() external view returns (uint64 delay);
}
