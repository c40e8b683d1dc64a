// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @notice Bug: the end of a thaw is kept in 32 bits and wraps in the year 2106.
contract NarrowThawEnd is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function startThaw(uint128 amountWei) external override {
        Stake storage stake = _stakes[msg.sender];
        stake.stakedWei -= amountWei;
        (stake.thawingWei, stake.thawEndsAt) = (amountWei, uint32(block.timestamp + 7 days));
    }
}

/// @notice Bug: a slash takes active stake only, so that whoever thaws first keeps everything.
contract SlashSparesThaws is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        Stake storage stake = _stakes[staker];
        takenWei = amountWei < stake.stakedWei ? amountWei : uint128(stake.stakedWei);
        stake.stakedWei -= takenWei;
        require(TOKEN.transfer(recipient, takenWei), "transfer");
    }
}

/// @notice Bug: every addition to a stake, whoever makes it, is a lot that its owner has to walk through to leave.
contract WalksThroughLots is PlainStaking {
    mapping(address staker => uint256[] lots) private _lots;

    constructor(IERC20 token) PlainStaking(token) {}

    function withdraw() external override {
        Stake storage stake = _stakes[msg.sender];
        require(block.timestamp >= stake.thawEndsAt, "thawing");
        uint256[] storage lots = _lots[msg.sender];
        uint256 amountWei = 0;
        while (lots.length != 0) {
            amountWei += lots[lots.length - 1];
            lots.pop();
        }
        require(TOKEN.transfer(msg.sender, amountWei), "transfer");
    }

    function _add(address staker, uint128 amountWei) internal override {
        _lots[staker].push(amountWei);
        super._add(staker, amountWei);
    }
}

/// @notice Bug: a thaw is a share of the whole stake, and a slash takes the tokens but leaves the shares; what is staked
/// later is then shared with the old thaw.
contract ThawKeepsItsShares is PlainStaking {
    mapping(address staker => uint256 sharesPpm) private _thawing;

    constructor(IERC20 token) PlainStaking(token) {}

    function startThaw(uint128 amountWei) external override {
        Stake storage stake = _stakes[msg.sender];
        _thawing[msg.sender] = (uint256(amountWei) * 1e6) / stake.stakedWei;
        stake.thawEndsAt = block.timestamp + 7 days;
    }

    function withdraw() external override {
        Stake storage stake = _stakes[msg.sender];
        require(block.timestamp >= stake.thawEndsAt, "thawing");
        uint256 amountWei = (stake.stakedWei * _thawing[msg.sender]) / 1e6;
        _thawing[msg.sender] = 0;
        stake.stakedWei -= amountWei;
        require(TOKEN.transfer(msg.sender, amountWei), "transfer");
    }
}

/// @notice Bug: active and thawing stake each lose their part rounded down, while the tokens leave in full.
contract SlashRoundsItsParts is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        Stake storage stake = _stakes[staker];
        uint256 wholeWei = stake.stakedWei + stake.thawingWei;
        (uint256 active, uint256 thawing) = (stake.stakedWei, stake.thawingWei);
        stake.stakedWei -= (uint256(amountWei) * active) / wholeWei;
        stake.thawingWei -= (uint256(amountWei) * thawing) / wholeWei;
        require(TOKEN.transfer(recipient, amountWei), "transfer");
        return amountWei;
    }
}
