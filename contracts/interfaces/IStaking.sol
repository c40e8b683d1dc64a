// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Permit} from "./Permit.sol";

/// @title Stakes of miners and coordinators
/// @notice One staker has one role, one operator (hot) key and one payout address. Stake leaves only after a thaw, and
/// slashing reaches stake that is thawing.
interface IStaking {
    /// @notice What a staker does for the market.
    enum Role {
        None,
        Miner,
        Coordinator
    }

    event StakerRegistered(
        address indexed staker,
        Role indexed role,
        address operator,
        address payout,
        bytes32 capabilitiesHash
    );
    event StakeAdded(address indexed staker, uint128 amountWei, uint128 stakedWei);
    event OperatorChanged(address indexed staker, address indexed operator);
    event PayoutChanged(address indexed staker, address indexed payout);
    event CapabilitiesAnnounced(address indexed staker, bytes32 capabilitiesHash);
    event ThawStarted(address indexed staker, uint128 amountWei, uint64 thawEndsAt, uint128 stakedWei);
    event StakeWithdrawn(address indexed staker, uint128 amountWei);
    event StakeFrozen(address indexed staker, address indexed by, uint16 freezes);
    event StakeUnfrozen(address indexed staker, address indexed by, uint16 freezes);
    event StakeSlashed(address indexed staker, uint128 amountWei, uint128 stakedWei, uint128 thawingWei);

    error Staking_ZeroAddress();
    error Staking_ZeroAmount();
    error Staking_RoleRequired();
    error Staking_AlreadyRegistered(address staker, Role role);
    error Staking_NotRegistered(address staker);
    error Staking_BelowMinimum(uint256 stakedWei, uint256 minimumWei);
    error Staking_AmountTooLarge(uint256 amountWei);
    error Staking_InsufficientStake(uint256 stakedWei, uint256 amountWei);
    error Staking_ThawInProgress(uint64 thawEndsAt);
    error Staking_NothingThawing(address staker);
    error Staking_StillThawing(uint64 thawEndsAt);
    error Staking_Frozen(address staker, uint16 freezes);
    error Staking_TooManyCases(address staker, uint16 freezes);
    error Staking_NotFrozen(address staker);
    error Staking_InexactTransfer(uint256 expectedWei, uint256 receivedWei);

    /// @notice Registers the caller and stakes for it. The token must be approved first.
    /// @param role Miner or Coordinator.
    /// @param amountWei First stake, at least the role's minimum.
    /// @param operator Key that signs receipts or assignments. Zero means the staker itself.
    /// @param payout Receives swept earnings. Zero means the staker itself.
    /// @param capabilitiesHash Commitment to what the staker offers; kept in an event only.
    function register(
        Role role,
        uint128 amountWei,
        address operator,
        address payout,
        bytes32 capabilitiesHash
    ) external;

    /// @notice The same with the caller's ERC-2612 approval of `amountWei` in the same transaction.
    function registerWithPermit(
        Role role,
        uint128 amountWei,
        address operator,
        address payout,
        bytes32 capabilitiesHash,
        Permit calldata permit
    ) external;

    /// @notice Adds the caller's tokens to the stake of `staker`.
    function topUp(address staker, uint128 amountWei) external;

    /// @notice Replaces the caller's operator key at once; receipts before the change keep the old one.
    function setOperator(address operator) external;

    /// @notice Replaces the address that the caller's sweeps pay.
    function setPayout(address payout) external;

    /// @notice Publishes a new commitment to the caller's capabilities.
    function announceCapabilities(bytes32 capabilitiesHash) external;

    /// @notice Starts the thaw of part of the caller's stake. What stays must be zero or the role's minimum.
    function startThaw(uint128 amountWei) external;

    /// @notice Returns thawed stake to the caller.
    function withdraw() external;

    /// @notice Takes at most `amountWei` of active, then thawing stake and sends it to `recipient`.
    /// @return takenWei What was there to take.
    function slash(address staker, uint128 amountWei, address recipient) external returns (uint128 takenWei);

    /// @notice Keeps the stake of `staker` from being withdrawn until as many `unfreeze` calls follow. It still thaws.
    function freeze(address staker) external;

    /// @notice Takes one freeze back.
    function unfreeze(address staker) external;

    /// @notice Freezes that keep the stake of `staker` here: open cases, a shortfall, a jury seat.
    function freezesOf(address staker) external view returns (uint16 freezes);

    /// @notice Whether signatures of `key` bind `staker`: it is the operator, or was within the last THAW_SECONDS. So
    /// replacing the operator does not shake off what the old key signed, and an old key that leaks later harms nobody.
    function signsFor(address staker, address key) external view returns (bool signs);

    /// @notice Role, active stake, thawing stake and the thaw's end (unix seconds, 0 when nothing thaws).
    function stakeOf(
        address staker
    ) external view returns (Role role, uint128 stakedWei, uint128 thawingWei, uint64 thawEndsAt);

    /// @notice Key that signs for `staker`; zero when it is not registered.
    function operatorOf(address staker) external view returns (address operator);

    /// @notice Address that sweeps of `staker` pay; the account itself when none is set.
    function payoutOf(address staker) external view returns (address payout);

    /// @notice Smallest active stake of a role, wei.
    function minimumStakeWei(Role role) external view returns (uint128 minimumWei);

    /// @notice Whether `staker` holds at least the minimum active stake in `role`.
    function isActive(address staker, Role role) external view returns (bool active);
}
