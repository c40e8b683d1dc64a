// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Rewards} from "../../../../contracts/rewards/Rewards.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRewards} from "../../../../contracts/interfaces/IRewards.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {LodeToken} from "../../../../contracts/token/LodeToken.sol";
import {Base} from "../../helpers/Base.sol";

/// @title claim, budgetWei and rewardWei
contract ClaimTest is Base {
    uint64 private constant EPOCH = uint64(START) / 7 days;
    uint256 private constant ENDS = (uint256(EPOCH) + 1) * 7 days;

    function setUp() public override {
        super.setUp();
        _deposit(1_000 ether);
    }

    /// @dev A voucher of the client to `payee` from an account of its own.
    function _pay(address payee, uint128 amountWei) private {
        if (payee != COORDINATOR) {
            VM.prank(CLIENT);
            escrow.deposit(CLIENT, payee, amountWei);
        }
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(CLIENT, payee, 0, 0, amountWei, 1, bytes32(0));
        escrow.collect(v, _signed(CLIENT_KEY, v));
    }

    function test_PaysHalfOfWhatWasBurnedAndBurnsIt() public {
        _pay(COORDINATOR, 100 ether);
        VM.warp(ENDS);
        uint256 supplyWei = token.totalSupply();
        uint256 before = token.balanceOf(COORDINATOR);
        _equal(rewards.claim(EPOCH, COORDINATOR), 0.5 ether, "reward");
        _equal(token.balanceOf(COORDINATOR) - before, 0.5 ether, "paid");
        _equal(supplyWei - token.totalSupply(), 0.5 ether, "supply shrinks");
        (uint128 accruedWei, uint128 burnedWei) = escrow.feesOf(EPOCH);
        _equal(accruedWei, 1 ether, "fees");
        _equal(burnedWei, 1 ether, "burned");
        VM.assertTrue(rewards.isClaimed(EPOCH, COORDINATOR), "claimed");
    }

    function test_SaysForWhichFeesWhoWasPaidWhere() public {
        _registerMiner();
        VM.prank(MINER);
        staking.setPayout(STRANGER);
        _pay(COORDINATOR, 200 ether);
        _pay(MINER, 100 ether);
        VM.warp(ENDS);
        VM.expectEmit();
        emit IRewards.RewardPaid(EPOCH, MINER, STRANGER, 1 ether, 0.5 ether);
        VM.expectEmit();
        emit IPaymentEscrow.FeesBurned(EPOCH, 3 ether);
        rewards.claim(EPOCH, MINER);
    }

    function test_FeesThatWereBurnedBeforeAreNotBurnedAgain() public {
        _pay(COORDINATOR, 100 ether);
        VM.warp(ENDS);
        escrow.burnFees(EPOCH);
        _equal(rewards.claim(EPOCH, COORDINATOR), 0.5 ether, "reward");
    }

    function test_PaysThePayoutAddress() public {
        _registerMiner();
        VM.prank(MINER);
        staking.setPayout(STRANGER);
        _pay(MINER, 100 ether);
        VM.warp(ENDS);
        rewards.claim(EPOCH, MINER);
        _equal(token.balanceOf(STRANGER), 0.5 ether, "payout");
    }

    function test_ASmallBudgetIsSharedByFees() public {
        Rewards small = new Rewards(token, escrow, staking, REBATE_PPM, 0.8 ether);
        manager.grantRole(MINTER, address(small), 0);
        _pay(COORDINATOR, 100 ether);
        _pay(MINER, 300 ether);
        VM.warp(ENDS);
        _equal(small.claim(EPOCH, COORDINATOR), 0.2 ether, "a quarter");
        _equal(small.claim(EPOCH, MINER), 0.6 ether, "three quarters");
    }

    function testFuzz_TradingWithOneselfLoses(uint96 amountWei, uint32 ratePpm, uint96 budgetWei) public {
        amountWei = uint96(_bound(amountWei, 1_000_000, 1_000 ether));
        uint32 rate = uint32(_bound(ratePpm, 0, rewards.MAXIMUM_RATE_PPM()));
        Rewards any = new Rewards(token, escrow, staking, rate, budgetWei);
        _pay(COORDINATOR, amountWei);
        VM.warp(ENDS);
        (uint128 burnedWei, ) = escrow.feesOf(EPOCH);
        VM.assertTrue(any.rewardWei(EPOCH, COORDINATOR) < burnedWei, "below what is burned");
        VM.assertTrue(any.rewardWei(EPOCH, COORDINATOR) <= budgetWei, "within the budget");
    }

    function test_TheBudgetHalves() public view {
        _equal(rewards.budgetWei(EPOCH - 1), 0, "before the deployment");
        _equal(rewards.budgetWei(EPOCH), WEEKLY_BUDGET, "first");
        _equal(rewards.budgetWei(EPOCH + 207), WEEKLY_BUDGET, "last before the halving");
        _equal(rewards.budgetWei(EPOCH + 208), WEEKLY_BUDGET / 2, "halved");
        _equal(rewards.budgetWei(EPOCH + 208 * 81), 0, "gone");
        _equal(rewards.budgetWei(EPOCH + 208 * 300), 0, "long gone");
    }

    function test_RevertWhen_TheEpochRuns() public {
        _pay(COORDINATOR, 100 ether);
        VM.warp(ENDS - 1);
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_EpochRunning.selector, EPOCH, ENDS));
        rewards.claim(EPOCH, COORDINATOR);
    }

    function test_RevertWhen_TheEpochIsBeyondAllTime() public {
        uint64 epoch = type(uint64).max;
        VM.expectRevert(
            abi.encodeWithSelector(IRewards.Rewards_EpochRunning.selector, epoch, (uint256(epoch) + 1) * 7 days)
        );
        rewards.claim(epoch, COORDINATOR);
    }

    function test_RevertWhen_ClaimedTwice() public {
        _pay(COORDINATOR, 100 ether);
        VM.warp(ENDS);
        rewards.claim(EPOCH, COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_AlreadyClaimed.selector, EPOCH, COORDINATOR));
        rewards.claim(EPOCH, COORDINATOR);
    }

    function test_RevertWhen_NothingIsDue() public {
        VM.warp(ENDS);
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_NothingDue.selector, EPOCH, MINER));
        rewards.claim(EPOCH, MINER);
    }

    function test_RevertWhen_TheRateIsAboveItsMaximum() public {
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_RateAboveMaximum.selector, 900_001, 900_000));
        new Rewards(token, escrow, staking, 900_001, 1);
    }

    function test_RevertWhen_BuiltWithoutAToken() public {
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_ZeroAddress.selector));
        new Rewards(LodeToken(address(0)), escrow, staking, 1, 1);
    }

    function test_RevertWhen_BuiltWithoutAnEscrow() public {
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_ZeroAddress.selector));
        new Rewards(token, IPaymentEscrow(address(0)), staking, 1, 1);
    }

    function test_RevertWhen_BuiltWithoutStaking() public {
        VM.expectRevert(abi.encodeWithSelector(IRewards.Rewards_ZeroAddress.selector));
        new Rewards(token, escrow, IStaking(address(0)), 1, 1);
    }
}
