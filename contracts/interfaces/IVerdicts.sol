// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Faults, and what each costs
/// @notice Every fault ends the same way, in one transaction: stake of the accused is slashed, the harmed party refunded,
/// the challenger rewarded, and what is left burned. At least half is always burned, so that an accused who is its own
/// victim and challenger loses as well.
interface IVerdicts {
    /// @notice What somebody did wrong.
    enum Fault {
        /// @dev A miner signed two receipts for one assignment.
        Equivocation,
        /// @dev A coordinator signed or anchored two logs that differ.
        SplitView,
        /// @dev A coordinator anchored a liability below what it owes.
        Understated,
        /// @dev A coordinator did not show a receipt or a liability in its anchored trees on demand.
        Omitted,
        /// @dev A miner did not open the range of its output that was drawn.
        Undisclosed,
        /// @dev A coordinator did not pay acknowledged work.
        Unpaid,
        /// @dev A jury found that a miner's output is not the model's.
        WrongOutput
    }

    event FaultPunished(
        Fault indexed fault,
        address indexed accused,
        address indexed challenger,
        bytes32 key,
        uint128 takenWei,
        uint128 refundWei,
        uint128 rewardWei,
        uint128 burnedWei
    );

    error Verdicts_ZeroAddress();
    error Verdicts_AlreadyPunished(Fault fault, bytes32 key);
    error Verdicts_NotSignedBy(address staker, address signer);
    error Verdicts_WrongAssignment(bytes32 expected, bytes32 shown);
    error Verdicts_AnchorNotShown(address coordinator, bytes32 commitment);
    error Verdicts_TooLate(uint64 until);

    /// @notice Share of the stake, thawing included, that a fault takes, in parts per million.
    function penaltyPpm(Fault fault) external view returns (uint32 ppm);
}
