// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IRewards} from "../interfaces/IRewards.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {LodeToken} from "../token/LodeToken.sol";

/// @title Rewards
/// @notice See IRewards. It holds nothing; the token's cap bounds all that it can ever mint.
contract Rewards is IRewards {
    /// @notice Highest rebate that a deployment can have: nine tenths of what was burned.
    uint32 public constant MAXIMUM_RATE_PPM = 900_000;
    /// @notice Epochs until the budget halves: about four years of weeks.
    uint64 public constant HALVING_EPOCHS = 208;
    /// @notice Length of an epoch; the escrow counts fees by the same.
    uint64 public constant EPOCH_SECONDS = 7 days;

    LodeToken private immutable TOKEN;
    IPaymentEscrow private immutable ESCROW;
    IStaking private immutable STAKING;
    uint32 private immutable RATE_PPM;
    uint256 private immutable FIRST_BUDGET_WEI;
    uint64 private immutable FIRST_EPOCH;

    mapping(uint64 epoch => mapping(address payee => bool claimed)) private _claimed;

    constructor(LodeToken token, IPaymentEscrow escrow, IStaking staking, uint32 ratePpm, uint256 firstBudgetWei) {
        if (address(token) == address(0) || address(escrow) == address(0) || address(staking) == address(0)) {
            revert Rewards_ZeroAddress();
        }
        if (ratePpm > MAXIMUM_RATE_PPM) revert Rewards_RateAboveMaximum(ratePpm, MAXIMUM_RATE_PPM);
        (TOKEN, ESCROW, STAKING) = (token, escrow, staking);
        (RATE_PPM, FIRST_BUDGET_WEI) = (ratePpm, firstBudgetWei);
        FIRST_EPOCH = uint64(block.timestamp) / EPOCH_SECONDS;
    }

    /// @inheritdoc IRewards
    function claim(uint64 epoch, address payee) external returns (uint256 amountWei) {
        // The epoch's fees are complete when it is over: no later collection changes a share.
        uint256 endsAt = (uint256(epoch) + 1) * EPOCH_SECONDS;
        if (block.timestamp < endsAt) revert Rewards_EpochRunning(epoch, endsAt);
        if (_claimed[epoch][payee]) revert Rewards_AlreadyClaimed(epoch, payee);
        amountWei = rewardWei(epoch, payee);
        if (amountWei == 0) revert Rewards_NothingDue(epoch, payee);
        _claimed[epoch][payee] = true;
        address to = STAKING.payoutOf(payee);
        emit RewardPaid(epoch, payee, to, ESCROW.payeeFeesWei(epoch, payee), amountWei);
        (uint128 accruedWei, uint128 burnedWei) = ESCROW.feesOf(epoch);
        if (burnedWei < accruedWei) ESCROW.burnFees(epoch);
        TOKEN.mint(to, amountWei);
    }

    /// @inheritdoc IRewards
    function isClaimed(uint64 epoch, address payee) external view returns (bool claimed) {
        return _claimed[epoch][payee];
    }

    /// @inheritdoc IRewards
    function rewardWei(uint64 epoch, address payee) public view returns (uint256 amountWei) {
        uint256 feesWei = ESCROW.payeeFeesWei(epoch, payee);
        if (feesWei == 0) return 0;
        (uint128 accruedWei, ) = ESCROW.feesOf(epoch);
        uint256 rebateWei = (feesWei * RATE_PPM) / 1_000_000;
        uint256 shareWei = (budgetWei(epoch) * feesWei) / accruedWei;
        return rebateWei < shareWei ? rebateWei : shareWei;
    }

    /// @inheritdoc IRewards
    function budgetWei(uint64 epoch) public view returns (uint256 amountWei) {
        if (epoch < FIRST_EPOCH) return 0;
        uint64 halvings = (epoch - FIRST_EPOCH) / HALVING_EPOCHS;
        return halvings > 255 ? 0 : FIRST_BUDGET_WEI >> halvings;
    }
}
