// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

/// @title startThaw, withdraw, startPoolThaw and withdrawPool
contract ThawTest is Base {
    uint128 private constant BALANCE = 100 ether;
    uint64 private constant ENDS = uint64(START + 7 days);

    function setUp() public override {
        super.setUp();
        _deposit(BALANCE);
        _depositPool(BALANCE);
        VM.startPrank(CLIENT);
    }

    function testFuzz_ReturnsWhatThawedAtItsEnd(uint128 amount) public {
        uint128 amountWei = uint128(_bound(amount, 1, BALANCE));
        uint256 before = token.balanceOf(CLIENT);
        escrow.startThaw(COORDINATOR, amountWei);
        VM.warp(ENDS);
        escrow.withdraw(COORDINATOR);
        (uint128 balanceWei, uint128 thawingWei, uint64 endsAt, ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(token.balanceOf(CLIENT), before + amountWei, "returned");
        _equal(balanceWei, BALANCE - amountWei, "balance");
        _equal(thawingWei + endsAt, 0, "nothing thaws");
    }

    function testFuzz_RevertWhen_WithdrawnBeforeTheEnd(uint64 early) public {
        uint64 time = uint64(_bound(early, START, ENDS - 1));
        escrow.startThaw(COORDINATOR, BALANCE);
        VM.warp(time);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_StillThawing.selector, ENDS));
        escrow.withdraw(COORDINATOR);
    }

    function testFuzz_CollectionReachesThawingMoneyFirstComeFirstServed(uint128 thaw, uint128 collect) public {
        uint128 thawWei = uint128(_bound(thaw, 1, BALANCE));
        uint128 collectWei = uint128(_bound(collect, 1, BALANCE - 1));
        uint256 before = token.balanceOf(CLIENT);
        escrow.startThaw(COORDINATOR, thawWei);
        IPaymentEscrow.Voucher memory v = _voucher(collectWei);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        VM.warp(ENDS);
        escrow.withdraw(COORDINATOR);
        uint128 leftWei = BALANCE - collectWei;
        _equal(token.balanceOf(CLIENT), before + (thawWei < leftWei ? thawWei : leftWei), "returned");
    }

    function test_SaysWhatThawsAndWhatWasReturned() public {
        VM.expectEmit();
        emit IPaymentEscrow.AccountThawStarted(CLIENT, COORDINATOR, 60 ether, ENDS);
        escrow.startThaw(COORDINATOR, 60 ether);
        IPaymentEscrow.Voucher memory v = _voucher(70 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        VM.warp(ENDS);
        // What was collected of it is not returned.
        VM.expectEmit();
        emit IPaymentEscrow.AccountWithdrawn(CLIENT, COORDINATOR, 30 ether);
        escrow.withdraw(COORDINATOR);
    }

    function test_SaysWhatThawsOfAPoolAndWhatWasReturned() public {
        VM.stopPrank();
        VM.expectEmit();
        emit IPaymentEscrow.PoolThawStarted(COORDINATOR, 60 ether, ENDS);
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(60 ether);
        IPaymentEscrow.Voucher memory v = _poolVoucher(70 ether);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        VM.warp(ENDS);
        VM.expectEmit();
        emit IPaymentEscrow.PoolWithdrawn(COORDINATOR, 30 ether);
        VM.prank(COORDINATOR);
        escrow.withdrawPool();
    }

    function test_DepositDoesNotJoinARunningThaw() public {
        escrow.startThaw(COORDINATOR, BALANCE);
        escrow.deposit(CLIENT, COORDINATOR, 5 ether);
        VM.warp(ENDS);
        escrow.withdraw(COORDINATOR);
        (uint128 balanceWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, 5 ether, "balance");
    }

    function test_DepositDoesNotRefillAThawThatWasCollected() public {
        escrow.startThaw(COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(60 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        escrow.deposit(CLIENT, COORDINATOR, 60 ether);
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, BALANCE, "balance");
        _equal(thawingWei, 40 ether, "thawing");
    }

    function test_AThawEndsWhenEverythingIsCollected() public {
        escrow.startThaw(COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(BALANCE);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        (, uint128 thawingWei, uint64 endsAt, ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(uint256(thawingWei) + endsAt, 0, "nothing thaws");
        escrow.deposit(CLIENT, COORDINATOR, 5 ether);
        VM.warp(START + 1 days);
        escrow.startThaw(COORDINATOR, 5 ether);
        (, , endsAt, ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(endsAt, ENDS + 1 days, "a thaw of its own");
    }

    function test_ThawsAgainAfterAWithdrawal() public {
        escrow.startThaw(COORDINATOR, 1 ether);
        VM.warp(ENDS);
        escrow.withdraw(COORDINATOR);
        escrow.startThaw(COORDINATOR, 2 ether);
        (, uint128 thawingWei, uint64 endsAt, ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(thawingWei, 2 ether, "thawing");
        _equal(endsAt, ENDS + 7 days, "end");
    }

    function test_PooledCollectionReachesThawingMoney() public {
        VM.stopPrank();
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(BALANCE);
        IPaymentEscrow.Voucher memory v = _poolVoucher(60 ether);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        _depositPool(5 ether);
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.poolOf(COORDINATOR);
        _equal(balanceWei, 45 ether, "balance");
        _equal(thawingWei, 40 ether, "thawing");
    }

    function test_RevertWhen_AThawRuns() public {
        escrow.startThaw(COORDINATOR, 1 ether);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ThawInProgress.selector, ENDS));
        escrow.startThaw(COORDINATOR, 1 ether);
    }

    function test_RevertWhen_AmountIsAboveTheBalance() public {
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_InsufficientBalance.selector, BALANCE, BALANCE + 1)
        );
        escrow.startThaw(COORDINATOR, BALANCE + 1);
    }

    function test_RevertWhen_AmountIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAmount.selector));
        escrow.startThaw(COORDINATOR, 0);
    }

    function test_RevertWhen_NothingThaws() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingThawing.selector));
        escrow.withdraw(COORDINATOR);
    }

    function test_RevertWhen_WithdrawnTwice() public {
        escrow.startThaw(COORDINATOR, 1 ether);
        VM.warp(ENDS);
        escrow.withdraw(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingThawing.selector));
        escrow.withdraw(COORDINATOR);
    }

    function test_PoolThawsToItsOwner() public {
        VM.stopPrank();
        VM.startPrank(COORDINATOR);
        uint256 before = token.balanceOf(COORDINATOR);
        escrow.startPoolThaw(BALANCE);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_StillThawing.selector, ENDS));
        escrow.withdrawPool();
        VM.warp(ENDS);
        escrow.withdrawPool();
        _equal(token.balanceOf(COORDINATOR), before + BALANCE, "returned");
    }

    function test_RevertWhen_APoolsThawRuns() public {
        VM.stopPrank();
        _depositPool(10 ether);
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(4 ether);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ThawInProgress.selector, uint64(START + 7 days)));
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(1 ether);
    }

    function test_TellsItsFee() public view {
        _equal(escrow.protocolFeePpm(), FEE_PPM, "fee");
    }
}
