// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {ClockActor} from "./actors/ClockActor.sol";
import {GuardActor} from "./actors/GuardActor.sol";
import {StakingActor} from "./actors/StakingActor.sol";
import {Actor} from "./support/Actor.sol";
import {Solvency} from "./support/Solvency.sol";
import {World} from "./support/World.sol";

contract Stakers is StakingActor, GuardActor, ClockActor {
    constructor(World world) Actor(world) {}
}

/// @title Stakes: nobody is registered at first
contract StakingInvariants is Solvency {
    Stakers private _stakers;

    function invariant_Stakes() external view {
        _check();
    }

    function _populate() internal override returns (Actor actor) {
        return _stakers = new Stakers(world);
    }

    function _actor() internal view override returns (Actor actor) {
        return _stakers;
    }

    function _parts() internal pure override returns (uint256 count) {
        return 2;
    }

    function _checkPart(uint256 part) internal view override {
        if (part == 0) {
            _checkStaking();
            _checkPauses(_stakers);
            _checkFreezes(_stakers);
        }
        if (part == 1) for (uint256 i = FIRST_COORDINATOR; i < TRADERS; ++i) _checkStaker(i);
    }

    function _checkEnd() internal view override {
        _checkSupply();
        _checkEmpty();
        _checkRoles(_stakers);
        for (uint256 i = FIRST_COORDINATOR; i < TRADERS; ++i) _checkKeys(i, users[i]);
    }

    function _checkStaker(uint256 user) private view {
        address staker = users[user];
        (IStaking.Role role, uint128 activeWei, uint128 thawingWei, uint64 thawEndsAt) = staking.stakeOf(staker);
        uint256 goneWei = _stakers.withdrawnWei(user) + _stakers.slashedWei(user);
        _equal(_stakers.stakedInWei(user), uint256(activeWei) + thawingWei + goneWei, "11: staked and slashed");
        _equal(uint256(role), uint256(_stakers.roles(user)), "13: role");
        if (thawingWei != 0) _equal(thawEndsAt, _stakers.thawEnds(user), "15: end of the thaw");
        if (role != IStaking.Role.None) _equal(staking.payoutOf(staker), _stakers.payouts(user), "19: payout");
    }

    function _checkKeys(uint256 user, address staker) private view {
        address operator = staking.operatorOf(staker);
        for (uint256 i = 0; i < USERS; ++i) {
            uint256 replacedAt = _stakers.replacedAt(user, users[i]);
            bool isLate = replacedAt != 0 && block.timestamp < replacedAt + 7 days;
            bool signs = staking.signsFor(staker, users[i]);
            VM.assertTrue(signs == (users[i] == operator || isLate), "18: keys that sign");
        }
    }
}
