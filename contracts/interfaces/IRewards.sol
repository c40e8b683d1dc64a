// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Rebates on burned fees
/// @notice Each fee epoch has a budget of new tokens. A payee gets back a part of the protocol fees that its collections
/// burned in the epoch: never as much as was burned, so that trading with oneself loses, and never more than its share of
/// the budget.
interface IRewards {
    event RewardPaid(
        uint64 indexed epoch,
        address indexed payee,
        address indexed to,
        uint256 feesWei,
        uint256 amountWei
    );

    error Rewards_ZeroAddress();
    error Rewards_RateAboveMaximum(uint32 ratePpm, uint32 maximumPpm);
    error Rewards_EpochRunning(uint64 epoch, uint256 endsAt);
    error Rewards_AlreadyClaimed(uint64 epoch, address payee);
    error Rewards_NothingDue(uint64 epoch, address payee);

    /// @notice Mints the rebate of a payee for a past epoch to its payout address. Anyone may submit. The epoch's fees are
    /// burned first if they are not yet.
    function claim(uint64 epoch, address payee) external returns (uint256 amountWei);

    /// @notice New tokens that an epoch may bring at most, wei. It halves every HALVING_EPOCHS.
    function budgetWei(uint64 epoch) external view returns (uint256 amountWei);

    /// @notice Rebate of a payee in an epoch as its fees stand now, wei.
    function rewardWei(uint64 epoch, address payee) external view returns (uint256 amountWei);

    /// @notice Whether the payee's rebate of an epoch was paid.
    function isClaimed(uint64 epoch, address payee) external view returns (bool claimed);
}
