// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PlainEscrow} from "./PlainEscrow.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @notice Bug: what was asked for is staked, whatever arrived.
contract CreditsStakeAsked is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function _add(address staker, uint128 amountWei) internal override {
        _stakes[staker].stakedWei += amountWei;
        require(TOKEN.transferFrom(msg.sender, address(this), amountWei), "transfer");
    }
}

/// @notice Bug: what was asked for is credited, whatever arrived.
contract CreditsWhatWasAsked is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _pull(uint256 amountWei) internal override {
        require(TOKEN.transferFrom(msg.sender, address(this), amountWei), "transfer");
    }
}

/// @notice Bug: what arrived during the transfer is credited, also what a deposit within it has credited already.
contract CreditsWhatArrived is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _deposit(Account storage account, uint256 amountWei) internal override {
        uint256 before = TOKEN.balanceOf(address(this));
        require(TOKEN.transferFrom(msg.sender, address(this), amountWei), "transfer");
        account.balanceWei += TOKEN.balanceOf(address(this)) - before;
    }
}

/// @notice Bug: the money leaves before the books say so.
contract PaysFirst is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function sweep(address account) external override {
        Account storage pool = _accounts[_key(account, address(0))];
        _send(account, pool.balanceWei);
        pool.balanceWei = 0;
    }

    function _withdraw(Account storage account) internal override {
        uint256 amountWei = account.thawingWei;
        require(amountWei != 0 && block.timestamp >= account.thawEndsAt, "thawing");
        _send(msg.sender, amountWei);
        account.thawingWei = 0;
        account.balanceWei = account.balanceWei < amountWei ? 0 : account.balanceWei - amountWei;
    }
}
