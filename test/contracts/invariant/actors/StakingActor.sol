// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Actor} from "../support/Actor.sol";

/// @title Stakers, and a bailiff that freezes and slashes them
abstract contract StakingActor is Actor {
    /// @notice What each staker put in, took out and lost, wei.
    mapping(uint256 user => uint256 amountWei) public stakedInWei;
    mapping(uint256 user => uint256 amountWei) public withdrawnWei;
    mapping(uint256 user => uint256 amountWei) public slashedWei;
    mapping(uint256 user => IStaking.Role role) public roles;
    mapping(uint256 user => uint256 endsAt) public thawEnds;
    mapping(uint256 user => address payout) public payouts;
    /// @notice When a key stopped being the operator of a user.
    mapping(uint256 user => mapping(address key => uint256 replacedAt)) public replacedAt;

    constructor() {
        _act("register(uint256,uint256,uint256)");
        _act("topUp(uint256,uint256,uint256)");
        _act("startThaw(uint256,uint256)");
        _act("withdraw(uint256)");
        _act("withdrawWhenThawed(uint256)");
        _act("setOperator(uint256,uint256)");
        _act("setPayout(uint256,uint256)");
        _act("slash(uint256,uint256)");
        _act("freeze(uint256)");
        _act("unfreeze(uint256)");
    }

    function register(uint256 who, uint256 amount, uint256 operator) external watched {
        uint256 user = _from(who, false);
        IStaking.Role role = _isCoordinator(user) ? IStaking.Role.Coordinator : IStaking.Role.Miner;
        uint256 leastWei = staking.minimumStakeWei(role);
        uint128 amountWei = uint128(_bound(amount, leastWei, 5 * leastWei));
        address key = users[operator % USERS];
        _consent(user, Place.Wallet);
        _as(user);
        staking.register(role, amountWei, key, address(0), bytes32(amount));
        stakedInWei[user] += amountWei;
        roles[user] = role;
        payouts[user] = users[user];
    }

    /// @notice Anybody may add to anybody's stake.
    function topUp(uint256 who, uint256 from, uint256 amount) external watched {
        (uint256 user, uint256 giver) = (_known(who), from % TRADERS);
        uint128 amountWei = uint128(_bound(amount, 1, 3_000 ether));
        _consent(giver, Place.Wallet);
        _as(giver);
        staking.topUp(users[user], amountWei);
        stakedInWei[user] += amountWei;
    }

    function startThaw(uint256 who, uint256 amount) external watched {
        uint256 user = _known(who);
        (IStaking.Role role, uint128 activeWei, , ) = staking.stakeOf(users[user]);
        _need(activeWei != 0);
        uint128 leastWei = staking.minimumStakeWei(role);
        // All of it, or what leaves the minimum.
        bool isAll = amount % 3 == 0 || activeWei <= leastWei;
        uint128 amountWei = isAll ? activeWei : uint128(_bound(amount, 1, activeWei - leastWei));
        _as(user);
        staking.startThaw(amountWei);
        _hold(amountWei == activeWei || activeWei - amountWei >= leastWei, "14: a thaw left less than the minimum");
        thawEnds[user] = block.timestamp + 7 days;
    }

    function withdraw(uint256 who) public watched {
        _withdraw(_known(who));
    }

    /// @notice Waits first, so that what thaws comes out often enough.
    function withdrawWhenThawed(uint256 who) external watched {
        uint256 user = _known(who);
        (, , uint128 thawingWei, uint64 thawEndsAt) = staking.stakeOf(users[user]);
        _need(thawingWei != 0);
        if (block.timestamp < thawEndsAt) VM.warp(thawEndsAt);
        _withdraw(user);
    }

    function setOperator(uint256 who, uint256 operator) external watched {
        uint256 user = _known(who);
        address before = staking.operatorOf(users[user]);
        _as(user);
        staking.setOperator(users[operator % USERS]);
        replacedAt[user][before] = block.timestamp;
    }

    function setPayout(uint256 who, uint256 to) external watched {
        uint256 user = _known(who);
        _as(user);
        staking.setPayout(users[to % USERS]);
        payouts[user] = users[to % USERS];
    }

    function slash(uint256 who, uint256 amount) external watched {
        uint256 user = _known(who);
        (, uint128 activeWei, uint128 thawingWei, ) = staking.stakeOf(users[user]);
        uint128 amountWei = uint128(_bound(amount, 0, 4_000 ether));
        uint256 expectedWei = _least(amountWei, uint256(activeWei) + thawingWei);
        uint256 heldWei = token.balanceOf(BAILIFF);
        _consent(user, Place.Stake);
        VM.prank(BAILIFF);
        uint128 takenWei = staking.slash(users[user], amountWei, BAILIFF);
        (, uint128 activeLaterWei, uint128 thawingLaterWei, ) = staking.stakeOf(users[user]);
        _hold(takenWei == expectedWei, "12: a slash took another amount");
        _hold(token.balanceOf(BAILIFF) == heldWei + expectedWei, "12: a slash paid another amount");
        _hold(activeLaterWei == 0 || thawingLaterWei == thawingWei, "12: thawing stake was slashed first");
        slashedWei[user] += takenWei;
    }

    /// @notice Seldom, so that stake can leave.
    function freeze(uint256 who) external watched {
        _need((who >> 8) % 2 == 0);
        uint256 user = _known(who);
        VM.prank(BAILIFF);
        staking.freeze(users[user]);
        ++freezes[user];
    }

    function unfreeze(uint256 who) external watched {
        uint256 user = _known(who);
        VM.prank(BAILIFF);
        staking.unfreeze(users[user]);
        --freezes[user];
    }

    /// @dev The first registered staker, from an arbitrary one on.
    function _known(uint256 who) private view returns (uint256 user) {
        return _from(who, true);
    }

    /// @dev An arbitrary one when there is none, to be refused.
    function _from(uint256 who, bool isRegistered) private view returns (uint256 user) {
        for (uint256 i = 0; i < COORDINATORS + MINERS; ++i) {
            user = _staker((who % (COORDINATORS + MINERS)) + i);
            if ((roles[user] != IStaking.Role.None) == isRegistered) return user;
        }
    }

    function _withdraw(uint256 user) private {
        (, , uint128 thawingWei, ) = staking.stakeOf(users[user]);
        uint256 before = _walletWei(user);
        _consent(user, Place.Stake);
        _as(user);
        staking.withdraw();
        _hold(block.timestamp >= thawEnds[user], "16: stake left before its thaw ended");
        _hold(freezes[user] == 0, "16: stake left while it was frozen");
        _hold(_walletWei(user) - before == thawingWei, "16: another amount came out");
        withdrawnWei[user] += thawingWei;
        thawEnds[user] = 0;
    }
}
