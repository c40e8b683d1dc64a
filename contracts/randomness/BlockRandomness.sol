// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IBlockRandomness} from "../interfaces/IBlockRandomness.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";

/// @title BlockRandomness
/// @notice See IBlockRandomness. What it costs to bias a value, and where it must not be used, is in this folder's README.
contract BlockRandomness is IBlockRandomness {
    /// @dev Four blocks bury the act deep enough that a short reorganisation does not show the caller its draw first.
    uint64 internal constant MINIMUM_DELAY = 4;
    /// @dev 64 blocks are some 13 minutes of an L1 and leave 3/4 of the 256 blocks to keep the value in.
    uint64 internal constant MAXIMUM_DELAY = 64;
    /// @dev How far the BLOCKHASH instruction and the history contract reach back.
    uint256 internal constant RECENT_BLOCKS = 256;
    uint256 internal constant HISTORY_BLOCKS = 8191;
    /// @dev EIP-2935. Its address follows from its code, so nobody else can be there.
    address internal constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    bytes32 internal constant DOMAIN = keccak256("Lode BlockRandomness");

    uint64 private immutable DELAY_BLOCKS;
    mapping(uint64 moment => bytes32 value) private _kept;

    constructor(uint64 delay) {
        if (delay < MINIMUM_DELAY || delay > MAXIMUM_DELAY) {
            revert Randomness_DelayOutOfBounds(delay, MINIMUM_DELAY, MAXIMUM_DELAY);
        }
        DELAY_BLOCKS = delay;
    }

    /// @inheritdoc IBlockRandomness
    function keep(uint64 moment) external returns (bytes32 value) {
        value = valueAt(moment);
        if (_kept[moment] != 0) return value;
        _kept[moment] = value;
        emit RandomnessKept(moment, value);
    }

    /// @inheritdoc IRandomness
    function nextMoment() external view returns (uint64 moment) {
        return uint64(block.number) + DELAY_BLOCKS;
    }

    /// @inheritdoc IRandomness
    function stateOf(uint64 moment) external view returns (State state) {
        if (moment == 0) return State.Pending;
        if (_kept[moment] != 0) return State.Ready;
        if (block.number <= moment) return State.Pending;
        return _hashOf(moment) == 0 ? State.Lost : State.Ready;
    }

    /// @inheritdoc IBlockRandomness
    function delayBlocks() external view returns (uint64 delay) {
        return DELAY_BLOCKS;
    }

    /// @inheritdoc IRandomness
    function valueAt(uint64 moment) public view returns (bytes32 value) {
        if (moment == 0) revert Randomness_ZeroMoment();
        value = _kept[moment];
        if (value != 0) return value;
        // The hash of the block being built is not known in it.
        if (block.number <= moment) revert Randomness_NotYet(moment);
        bytes32 hash = _hashOf(moment);
        if (hash == 0) revert Randomness_Lost(moment);
        return keccak256(abi.encode(DOMAIN, hash));
    }

    /// @dev The hash of a past block, or zero when the chain no longer gives it.
    function _hashOf(uint64 moment) private view returns (bytes32 hash) {
        uint256 age = block.number - moment;
        // The block was named before it existed, which is what the rule asks for.
        // solhint-disable-next-line not-rely-on-block-hash
        if (age <= RECENT_BLOCKS) return blockhash(moment);
        if (age > HISTORY_BLOCKS) return 0;
        assembly ("memory-safe") {
            mstore(0, moment)
            // Without code there the call succeeds and returns nothing. With it, every number in the window is answered (zero
            // before the fork), so a failure means too little gas: a value must not look lost because of that.
            if iszero(staticcall(gas(), HISTORY, 0, 32, 0, 32)) {
                revert(0, 0)
            }
            if eq(returndatasize(), 32) {
                hash := mload(0)
            }
        }
    }
}
