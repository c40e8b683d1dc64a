// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Actor} from "../support/Actor.sol";

/// @title Payees that ask for the rebate on their fees
abstract contract RewardsActor is Actor {
    uint256 private constant EPOCHS = 30;

    /// @notice What rewards minted, wei: of all epochs, of one, and of one to one payee.
    uint256 public mintedWei;
    mapping(uint64 epoch => uint256 amountWei) public mintedInWei;
    mapping(uint64 epoch => mapping(uint256 payee => uint256 amountWei)) public mintedToWei;
    uint64[] private _epochs;
    bool private _isClaiming;

    constructor() {
        _act("claimReward(uint256,uint256)");
        _act("claimRewardEarly(uint256)");
    }

    /// @notice Of one of the last epochs, to one of the three payees that carry fees.
    function claimReward(uint256 epochsAgo, uint256 who) external watched {
        (uint64 epoch, uint256 payee) = _earned(epochsAgo % EPOCHS, who % 3);
        uint256 feesWei = escrow.payeeFeesWei(epoch, users[payee]);
        uint256 dueWei = rewards.rewardWei(epoch, users[payee]);
        address payout = staking.payoutOf(users[payee]);
        uint256 before = token.balanceOf(payout);
        _isClaiming = true;
        uint256 amountWei = rewards.claim(epoch, users[payee]);
        _hold(amountWei == dueWei && token.balanceOf(payout) - before == amountWei, "37: rewarded another amount");
        _hold(amountWei <= (feesWei * REBATE_PPM) / 1_000_000, "38: a reward above the rate");
        (uint128 accruedWei, uint128 burnedWei) = escrow.feesOf(epoch);
        _hold(accruedWei == burnedWei, "38: rewarded before the fees were burned");
        if (mintedInWei[epoch] == 0) _epochs.push(epoch);
        mintedWei += amountWei;
        mintedInWei[epoch] += amountWei;
        mintedToWei[epoch][payee] = amountWei;
        _claimAgain(epoch, payee);
    }

    /// @notice The running epoch pays nobody.
    function claimRewardEarly(uint256 who) external watched {
        uint64 epoch = _feeEpoch();
        try rewards.claim(epoch, users[FIRST_COORDINATOR + (who % 3)]) {
            _hold(false, "37: rewarded before the epoch was over");
        } catch {
            return;
        }
    }

    /// @notice Epochs that rewards were paid for.
    function rewardedEpochs() external view returns (uint64[] memory epochs) {
        return _epochs;
    }

    function _claimAgain(uint64 epoch, uint256 payee) private {
        try rewards.claim(epoch, users[payee]) {
            _hold(false, "37: rewarded twice");
        } catch {
            return;
        }
    }

    /// @dev The first past epoch in which a payee's collections carried fees, from arbitrary ones on.
    function _earned(uint256 from, uint256 who) private view returns (uint64 epoch, uint256 payee) {
        for (uint256 i = 0; i < EPOCHS * 3; ++i) {
            epoch = _feeEpoch() - 1 - uint64((from + i / 3) % EPOCHS);
            payee = FIRST_COORDINATOR + ((who + i) % 3);
            if (escrow.payeeFeesWei(epoch, users[payee]) != 0 && mintedToWei[epoch][payee] == 0) return (epoch, payee);
        }
        revert Actor_NothingToDo();
    }

    /// @dev Asked once, at the end of an action.
    function _mints() internal virtual override returns (bool mints) {
        mints = _isClaiming;
        _isClaiming = false;
    }
}
