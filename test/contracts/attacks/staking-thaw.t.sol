// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {Attack} from "./Attack.sol";
import {
    NarrowThawEnd,
    SlashRoundsItsParts,
    SlashSparesThaws,
    ThawKeepsItsShares,
    WalksThroughLots
} from "./twins/StakingThaw.sol";

/// @title Attacks on thaws of stake; the miner is the attacker where nobody else is named
contract StakingThawAttacks is Attack {
    uint128 private constant STAKE = 2_000 ether;

    /// @dev Source: Tokamak Network, "Staking vulnerability: withdraw delay issue", an overflow that makes the delay zero
    /// (tokamak-network/ton-staking-v2 issue 33); The Graph Horizon, OpenZeppelin audit M-01, thawing periods near the end
    /// of their type (graphprotocol/contracts pull request 1128).
    function test_ThawOverflow_Fails() public {
        _fails(_thawOverflow(staking));
        _refusedWith(abi.encodeWithSelector(IStaking.Staking_StillThawing.selector, uint64(2 ** 32 + 6 days)));
        VM.warp(2 ** 32 + 6 days);
        _must(MINER, address(staking), abi.encodeCall(IStaking.withdraw, ()));
    }

    function test_ThawOverflow_SucceedsAgainstTwin() public {
        _succeeds(_thawOverflow(_twin(address(new NarrowThawEnd(token)))));
    }

    /// @dev Source: Celo, audit finding "Accounts slashed via governance can front-run penalties" (celo-org/celo-monorepo
    /// issue 2887).
    function test_SlashFrontRunByExit_Fails() public {
        _fails(_exitBeforeSlash(staking));
        _equal(token.balanceOf(STRANGER), STAKE, "slashed in full");
        _refusedWith(abi.encodeWithSelector(IStaking.Staking_NothingThawing.selector, MINER));
    }

    function test_SlashFrontRunByExit_SucceedsAgainstTwin() public {
        _succeeds(_exitBeforeSlash(_twin(address(new SlashSparesThaws(token)))));
        _equal(token.balanceOf(STRANGER), 0, "slashed nothing");
    }

    /// @dev Source: The Graph Horizon, Trust Security audit TRST-H-3 "An attacker could prevent a delegator from ever
    /// withdrawing their tokens" (graphprotocol/contracts pull request 1073).
    function test_FillingAVictimsThawQueue_Fails() public {
        uint256 before = token.balanceOf(MINER);
        _fails(_fillQueue(staking));
        _equal(token.balanceOf(MINER), before + 300, "the victim leaves with the attacker's dust");
    }

    function test_FillingAVictimsThawQueue_SucceedsAgainstTwin() public {
        _succeeds(_fillQueue(_twin(address(new WalksThroughLots(token)))));
    }

    /// @dev Source: Succinct network, "protect against overflow DoS from slashing" (succinctlabs/network pull request
    /// 167): slashed and staked again, the old shares weigh on the new stake.
    function test_ThawSlashRestakeDilution_Fails() public {
        _fails(_thawSlashRestake(staking));
        _refusedWith(abi.encodeWithSelector(IStaking.Staking_NothingThawing.selector, MINER));
        (, uint128 stakedWei, , ) = staking.stakeOf(MINER);
        _equal(stakedWei, STAKE, "the new stake is whole");
    }

    function test_ThawSlashRestakeDilution_SucceedsAgainstTwin() public {
        _succeeds(_thawSlashRestake(_twin(address(new ThawKeepsItsShares(token)))));
    }

    /// @dev Source: The Graph Horizon, Trust Security audit TRST-H-4 "The last withdrawal from a provision or delegation
    /// could permanently revert due to accounting flaw in slashing" (graphprotocol/contracts pull request 1073); UMA
    /// DVM 2.0, OpenZeppelin audit H-01 (UMAprotocol/protocol pull request 4411).
    function test_OneWeiSlashBricksTheLastWithdrawal_Fails() public {
        uint256 before = token.balanceOf(MINER);
        _fails(_oneWeiSlash(staking));
        _equal(token.balanceOf(MINER), before - 1, "everything else came back");
        _equal(token.balanceOf(address(staking)), 0, "nothing is left behind");
    }

    function test_OneWeiSlashBricksTheLastWithdrawal_SucceedsAgainstTwin() public {
        _succeeds(_oneWeiSlash(_twin(address(new SlashRoundsItsParts(token)))));
    }

    function _thawOverflow(IStaking target) private returns (bool won) {
        _register(target);
        VM.warp(2 ** 32 - 1 days);
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (STAKE)));
        return _try(MINER, address(target), abi.encodeCall(IStaking.withdraw, ()));
    }

    function _exitBeforeSlash(IStaking target) private returns (bool won) {
        _register(target);
        uint256 before = token.balanceOf(MINER);
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (STAKE)));
        target.slash(MINER, STAKE, STRANGER);
        VM.warp(START + 7 days);
        _try(MINER, address(target), abi.encodeCall(IStaking.withdraw, ()));
        return token.balanceOf(MINER) > before;
    }

    /// @dev The attacker is the client; leaving must cost the victim no more than before, well below 200,000 gas.
    function _fillQueue(IStaking target) private returns (bool won) {
        _register(target);
        VM.prank(CLIENT);
        token.approve(address(target), type(uint256).max);
        for (uint256 i = 0; i < 300; ++i) _must(CLIENT, address(target), abi.encodeCall(IStaking.topUp, (MINER, 1)));
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (STAKE + 300)));
        VM.warp(START + 7 days);
        VM.prank(MINER);
        try target.withdraw{gas: 200_000}() {
            return false;
        } catch {
            return true;
        }
    }

    /// @dev Stake that comes after a slash must wait for a thaw of its own, else no later slash could reach it.
    function _thawSlashRestake(IStaking target) private returns (bool won) {
        _register(target);
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (STAKE)));
        target.slash(MINER, STAKE, STRANGER);
        VM.warp(START + 7 days);
        _must(MINER, address(target), abi.encodeCall(IStaking.topUp, (MINER, STAKE)));
        uint256 before = token.balanceOf(MINER);
        _try(MINER, address(target), abi.encodeCall(IStaking.withdraw, ()));
        return token.balanceOf(MINER) > before;
    }

    function _oneWeiSlash(IStaking target) private returns (bool won) {
        uint256 before = token.balanceOf(MINER);
        _register(target);
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (STAKE / 2)));
        target.slash(MINER, 1, STRANGER);
        VM.warp(START + 7 days);
        _must(MINER, address(target), abi.encodeCall(IStaking.withdraw, ()));
        (, uint128 leftWei, , ) = target.stakeOf(MINER);
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (leftWei)));
        VM.warp(START + 14 days);
        bool left = _try(MINER, address(target), abi.encodeCall(IStaking.withdraw, ()));
        return !left || token.balanceOf(MINER) > before;
    }

    function _register(IStaking target) private {
        _must(
            MINER,
            address(target),
            abi.encodeCall(IStaking.register, (IStaking.Role.Miner, STAKE, address(0), address(0), bytes32(0)))
        );
    }

    function _twin(address twin) private returns (IStaking target) {
        VM.prank(MINER);
        token.approve(twin, type(uint256).max);
        return IStaking(twin);
    }
}
