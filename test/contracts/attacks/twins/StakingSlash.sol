// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @notice Bug: a slash above what is there reverts instead of taking what is there.
contract SlashMustFit is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        require(_stakes[staker].stakedWei >= amountWei, "too much");
        _stakes[staker].stakedWei -= amountWei;
        require(TOKEN.transfer(recipient, amountWei), "transfer");
        return amountWei;
    }
}

/// @notice Bug: the subtraction is unchecked, so that a slash above what is there takes from others and leaves the slashed
/// with almost all numbers there are.
contract SlashUnderflows is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        unchecked {
            _stakes[staker].stakedWei -= amountWei;
        }
        require(TOKEN.transfer(recipient, amountWei), "transfer");
        return amountWei;
    }
}

/// @notice Bug: a slash is turned into parts per million of the stake first, and small ones are then none at all.
contract SlashInParts is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        uint256 partPpm = (uint256(amountWei) * 1e6) / _stakes[staker].stakedWei;
        takenWei = uint128((_stakes[staker].stakedWei * partPpm) / 1e6);
        _stakes[staker].stakedWei -= takenWei;
        require(TOKEN.transfer(recipient, takenWei), "transfer");
    }
}

/// @notice Bug: stakes are shares of the contract's token balance, rounded down, and the first staker sets their price.
contract StakesAreShares is PlainStaking {
    uint256 private _shares;

    constructor(IERC20 token) PlainStaking(token) {}

    function withdraw() external override {
        Stake storage stake = _stakes[msg.sender];
        require(block.timestamp >= stake.thawEndsAt, "thawing");
        uint256 amountWei = (stake.thawingWei * TOKEN.balanceOf(address(this))) / _shares;
        _shares -= stake.thawingWei;
        stake.thawingWei = 0;
        require(TOKEN.transfer(msg.sender, amountWei), "transfer");
    }

    function _add(address staker, uint128 amountWei) internal override {
        uint256 heldWei = TOKEN.balanceOf(address(this));
        uint256 shares = _shares == 0 ? amountWei : (amountWei * _shares) / heldWei;
        _shares += shares;
        _stakes[staker].stakedWei += shares;
        _pull(amountWei);
    }
}

/// @notice Bug: registering again replaces the registration and what was staked in it.
contract RegistersAgain is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function register(IStaking.Role role, uint128 amountWei, address, address, bytes32) external override {
        _stakes[msg.sender] = Stake(role, amountWei, 0, 0);
        _pull(amountWei);
    }
}
