// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";

/// @title The least of a staking contract that the attacks need, with the signatures of the real one
/// @notice It has no bug that an attack here uses: each twin brings its own in the one function that it replaces. Anybody may slash: who
/// may is the access manager's business, and no twin is about it.
abstract contract PlainStaking {
    struct Stake {
        IStaking.Role role;
        uint256 stakedWei;
        uint256 thawingWei;
        uint256 thawEndsAt;
    }

    IERC20 internal immutable TOKEN;
    mapping(address staker => Stake stake) internal _stakes;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function register(IStaking.Role role, uint128 amountWei, address, address, bytes32) external virtual {
        require(_stakes[msg.sender].role == IStaking.Role.None, "registered");
        _stakes[msg.sender].role = role;
        _add(msg.sender, amountWei);
    }

    function topUp(address staker, uint128 amountWei) external virtual {
        _add(staker, amountWei);
    }

    function startThaw(uint128 amountWei) external virtual {
        Stake storage stake = _stakes[msg.sender];
        require(stake.thawingWei == 0, "thawing");
        stake.stakedWei -= amountWei;
        (stake.thawingWei, stake.thawEndsAt) = (amountWei, block.timestamp + 7 days);
    }

    function withdraw() external virtual {
        Stake storage stake = _stakes[msg.sender];
        uint256 amountWei = stake.thawingWei;
        require(amountWei != 0 && block.timestamp >= stake.thawEndsAt, "thawing");
        (stake.thawingWei, stake.thawEndsAt) = (0, 0);
        require(TOKEN.transfer(msg.sender, amountWei), "transfer");
    }

    function slash(address staker, uint128 amountWei, address recipient) external virtual returns (uint128 takenWei) {
        Stake storage stake = _stakes[staker];
        uint256 fromActive = amountWei < stake.stakedWei ? amountWei : stake.stakedWei;
        uint256 rest = amountWei - fromActive;
        uint256 fromThawing = rest < stake.thawingWei ? rest : stake.thawingWei;
        stake.stakedWei -= fromActive;
        stake.thawingWei -= fromThawing;
        takenWei = uint128(fromActive + fromThawing);
        require(TOKEN.transfer(recipient, takenWei), "transfer");
    }

    function stakeOf(address staker) external view virtual returns (IStaking.Role, uint128, uint128, uint64) {
        Stake storage stake = _stakes[staker];
        return (stake.role, uint128(stake.stakedWei), uint128(stake.thawingWei), uint64(stake.thawEndsAt));
    }

    function minimumStakeWei(IStaking.Role) external pure returns (uint128 minimumWei) {
        return 1;
    }

    function _add(address staker, uint128 amountWei) internal virtual {
        _stakes[staker].stakedWei += amountWei;
        _pull(amountWei);
    }

    function _pull(uint256 amountWei) internal {
        uint256 before = TOKEN.balanceOf(address(this));
        require(TOKEN.transferFrom(msg.sender, address(this), amountWei), "transfer");
        require(TOKEN.balanceOf(address(this)) - before == amountWei, "inexact");
    }
}
