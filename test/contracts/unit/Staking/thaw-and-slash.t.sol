// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Base} from "../../helpers/Base.sol";

/// @title startThaw, withdraw and slash
contract ThawAndSlashTest is Base {
    uint128 private constant STAKE = MINER_MINIMUM * 2;
    uint64 private constant ENDS = uint64(START + 7 days);

    function setUp() public override {
        super.setUp();
        _registerMiner();
    }

    function testFuzz_ThawKeepsTheMinimumOrNothing(uint128 amount) public {
        uint128 amountWei = uint128(_bound(amount, 1, STAKE));
        uint128 leftWei = STAKE - amountWei;
        VM.startPrank(MINER);
        if (leftWei != 0 && leftWei < MINER_MINIMUM) {
            VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_BelowMinimum.selector, leftWei, MINER_MINIMUM));
            staking.startThaw(amountWei);
            return;
        }
        staking.startThaw(amountWei);
        (, uint128 stakedWei, uint128 thawingWei, uint64 endsAt) = staking.stakeOf(MINER);
        _equal(stakedWei, leftWei, "staked");
        _equal(thawingWei, amountWei, "thawing");
        _equal(endsAt, ENDS, "end");
        uint256 before = token.balanceOf(MINER);
        VM.warp(ENDS);
        staking.withdraw();
        _equal(token.balanceOf(MINER), before + amountWei, "returned");
        (, stakedWei, thawingWei, endsAt) = staking.stakeOf(MINER);
        _equal(stakedWei, leftWei, "staked after");
        _equal(thawingWei, 0, "thawing after");
        _equal(endsAt, 0, "end after");
    }

    function testFuzz_RevertWhen_WithdrawnBeforeTheEnd(uint64 early) public {
        VM.startPrank(MINER);
        staking.startThaw(STAKE);
        VM.warp(_bound(early, START, ENDS - 1));
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_StillThawing.selector, ENDS));
        staking.withdraw();
    }

    function test_RevertWhen_AThawRuns() public {
        VM.startPrank(MINER);
        staking.startThaw(1);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ThawInProgress.selector, ENDS));
        staking.startThaw(1);
    }

    function test_RevertWhen_NothingThaws() public {
        VM.prank(MINER);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_NothingThawing.selector, MINER));
        staking.withdraw();
    }

    function test_RevertWhen_ThawIsAboveTheStake() public {
        VM.prank(MINER);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_InsufficientStake.selector, STAKE, STAKE + 1));
        staking.startThaw(STAKE + 1);
    }

    function testFuzz_SlashTakesActiveThenThawing(uint128 thaw, uint128 slash) public {
        uint128 thawWei = uint128(_bound(thaw, 1, MINER_MINIMUM));
        VM.prank(MINER);
        staking.startThaw(thawWei);
        uint256 taken = staking.slash(MINER, slash, STRANGER);
        _equal(taken, slash < STAKE ? slash : STAKE, "taken");
        _equal(token.balanceOf(STRANGER), taken, "recipient");
        (, uint128 stakedWei, uint128 thawingWei, ) = staking.stakeOf(MINER);
        uint256 active = STAKE - thawWei;
        _equal(stakedWei, taken < active ? active - taken : 0, "staked");
        _equal(uint256(stakedWei) + thawingWei, STAKE - taken, "left");
        _equal(token.balanceOf(address(staking)), STAKE - taken, "tokens");
    }

    function test_SaysWhatThawsAndWhatWasReturned() public {
        VM.expectEmit();
        emit IStaking.ThawStarted(MINER, 700 ether, ENDS, 1_300 ether);
        VM.prank(MINER);
        staking.startThaw(700 ether);
        // What is slashed of it is not returned.
        staking.slash(MINER, 1_500 ether, STRANGER);
        VM.warp(ENDS);
        VM.expectEmit();
        emit IStaking.StakeWithdrawn(MINER, 500 ether);
        VM.prank(MINER);
        staking.withdraw();
    }

    function test_SaysWhatWasTakenAndWhatIsLeft() public {
        VM.prank(MINER);
        staking.startThaw(700 ether);
        VM.expectEmit();
        emit IStaking.StakeSlashed(MINER, 200 ether, 1_100 ether, 700 ether);
        staking.slash(MINER, 200 ether, STRANGER);
        VM.expectEmit();
        emit IStaking.StakeSlashed(MINER, 1_300 ether, 0, 500 ether);
        staking.slash(MINER, 1_300 ether, STRANGER);
        // Asked for more than there is: what was taken.
        VM.expectEmit();
        emit IStaking.StakeSlashed(MINER, 500 ether, 0, 0);
        staking.slash(MINER, 600 ether, STRANGER);
    }

    function test_RevertWhen_SlasherHasNoRole() public {
        VM.prank(STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        staking.slash(MINER, 1, STRANGER);
    }

    function test_RevertWhen_SlashedStakeGoesNowhere() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAddress.selector));
        staking.slash(MINER, 1, address(0));
    }

    function test_RevertWhen_ThawIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAmount.selector));
        VM.prank(MINER);
        staking.startThaw(0);
    }
}
