// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {Attack} from "./Attack.sol";
import {RegistersAgain, SlashInParts, SlashMustFit, SlashUnderflows, StakesAreShares} from "./twins/StakingSlash.sol";

/// @title Attacks on the arithmetic of slashes and stakes
contract StakingSlashAttacks is Attack {
    uint128 private constant STAKE = 2_000 ether;
    uint128 private constant OTHERS = 50_000 ether;

    /// @dev Source: Keep, "TokenStaking.slash fails when the operator has less stake than slashed"
    /// (threshold-network/keep-core pull request 1410); The Graph Horizon, OpenZeppelin audit M-05
    /// (graphprotocol/contracts pull request 997).
    function test_SlashAboveBalance_Fails() public {
        _fails(_slashAboveBalance(staking));
        _equal(token.balanceOf(STRANGER), STAKE, "all that was there");
        _equal(token.balanceOf(address(staking)), OTHERS, "and nothing of the others");
    }

    function test_SlashAboveBalance_SucceedsAgainstTwin() public {
        _succeeds(_slashAboveBalance(_twin(address(new SlashMustFit(token)))));
    }

    /// @dev Source: Proof of Weak Hands Coin, 2018, for the class; UMA DVM 2.0, OpenZeppelin audit H-01, for
    /// underflows of staked sums after slashes (UMAprotocol/protocol pull request 4411).
    function test_UnderflowInSlashing_Fails() public {
        _fails(_underflow(staking));
        (, uint128 stakedWei, , ) = staking.stakeOf(MINER);
        _equal(stakedWei, 0, "slashed to nothing");
        _equal(token.balanceOf(STRANGER), STAKE, "by what was there");
        _equal(token.balanceOf(address(staking)), OTHERS, "the others' stake");
    }

    function test_UnderflowInSlashing_SucceedsAgainstTwin() public {
        _succeeds(_underflow(_twin(address(new SlashUnderflows(token)))));
    }

    /// @dev Source: EigenLayer slashing audit EGSL-13, small slashes round down to nothing (Layr-Labs/eigenlayer-contracts
    /// pull request 1088).
    function test_DustSlash_Fails() public {
        _fails(_dustSlash(staking));
        _equal(token.balanceOf(STRANGER), 1_000 * 999, "every wei of every slash");
    }

    function test_DustSlash_SucceedsAgainstTwin() public {
        _succeeds(_dustSlash(_twin(address(new SlashInParts(token)))));
    }

    /// @dev Source: ERC-4626 inflation attacks (OpenZeppelin/openzeppelin-contracts issue 3706); Hundred Finance, April 2023.
    function test_RoundingForTheFirstParticipant_Fails() public {
        _fails(_inflate(staking));
        (, uint128 victimWei, , ) = staking.stakeOf(CLIENT);
        _equal(victimWei, 9_000 ether, "the victim's stake is what it paid");
        _equal(token.balanceOf(MINER), 1_000_000 ether - 9_000 ether, "the donation is lost to the attacker");
    }

    function test_RoundingForTheFirstParticipant_SucceedsAgainstTwin() public {
        _succeeds(_inflate(_twin(address(new StakesAreShares(token)))));
    }

    /// @dev Source: Morph, "Fix L1 staker register", duplicates were not told from new stakers (morph-l2/morph issue 237).
    function test_OverwritingARegistration_Fails() public {
        _fails(_registerAgain(staking));
        _refusedWith(
            abi.encodeWithSelector(IStaking.Staking_AlreadyRegistered.selector, MINER, uint8(IStaking.Role.Miner))
        );
    }

    function test_OverwritingARegistration_SucceedsAgainstTwin() public {
        _succeeds(_registerAgain(_twin(address(new RegistersAgain(token)))));
    }

    /// @dev The attacker wins by keeping its stake after a slash that was larger than it.
    function _slashAboveBalance(IStaking target) private returns (bool won) {
        _registerBoth(target);
        _try(address(this), address(target), abi.encodeCall(IStaking.slash, (MINER, STAKE + 1, STRANGER)));
        (, uint128 stakedWei, , ) = target.stakeOf(MINER);
        return stakedWei != 0;
    }

    /// @dev The attacker wins by having more after the slash than before, or others' stake leaving with its own.
    function _underflow(IStaking target) private returns (bool won) {
        _registerBoth(target);
        _must(address(this), address(target), abi.encodeCall(IStaking.slash, (MINER, STAKE + 1_000 ether, STRANGER)));
        (, uint128 stakedWei, , ) = target.stakeOf(MINER);
        return stakedWei > STAKE || token.balanceOf(address(target)) < OTHERS;
    }

    /// @dev The attacker wins when slashes that the protocol decided on do not arrive.
    function _dustSlash(IStaking target) private returns (bool won) {
        _registerBoth(target);
        for (uint256 i = 0; i < 1_000; ++i) target.slash(MINER, 999, STRANGER);
        (, uint128 stakedWei, , ) = target.stakeOf(MINER);
        return stakedWei != STAKE - 1_000 * 999;
    }

    /// @dev The first staker, at the minimum, gives the contract tokens so that the next one's stake rounds to nothing.
    function _inflate(IStaking target) private returns (bool won) {
        uint256 before = token.balanceOf(MINER);
        uint128 minimumWei = target.minimumStakeWei(IStaking.Role.Miner);
        _register(target, MINER, minimumWei);
        VM.prank(MINER);
        VM.assertTrue(token.transfer(address(target), 9_000 ether), "donation");
        VM.prank(CLIENT);
        token.approve(address(target), type(uint256).max);
        _register(target, CLIENT, 9_000 ether);
        _must(MINER, address(target), abi.encodeCall(IStaking.startThaw, (minimumWei)));
        VM.warp(START + 7 days);
        _must(MINER, address(target), abi.encodeCall(IStaking.withdraw, ()));
        return token.balanceOf(MINER) > before;
    }

    /// @dev What was staked at first is then nobody's.
    function _registerAgain(IStaking target) private returns (bool won) {
        _register(target, MINER, STAKE);
        IStaking.Role role = IStaking.Role.Coordinator;
        _try(
            MINER,
            address(target),
            abi.encodeCall(IStaking.register, (role, 10_000 ether, address(0), address(0), bytes32(0)))
        );
        (, uint128 stakedWei, , ) = target.stakeOf(MINER);
        return stakedWei != token.balanceOf(address(target));
    }

    function _registerBoth(IStaking target) private {
        VM.prank(CLIENT);
        token.approve(address(target), type(uint256).max);
        _register(target, CLIENT, OTHERS);
        _register(target, MINER, STAKE);
    }

    function _register(IStaking target, address staker, uint128 amountWei) private {
        _must(
            staker,
            address(target),
            abi.encodeCall(IStaking.register, (IStaking.Role.Miner, amountWei, address(0), address(0), bytes32(0)))
        );
    }

    function _twin(address twin) private returns (IStaking target) {
        VM.prank(MINER);
        token.approve(twin, type(uint256).max);
        return IStaking(twin);
    }
}
