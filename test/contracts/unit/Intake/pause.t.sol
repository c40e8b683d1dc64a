// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IIntake} from "../../../../contracts/interfaces/IIntake.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Base} from "../../helpers/Base.sol";

/// @title pauseIntake and resumeIntake: what a guardian can stop, and for how long
contract PauseTest is Base {
    uint256 private constant UNTIL = START + 14 days;

    function _pause() private {
        VM.startPrank(GUARDIAN);
        escrow.pauseIntake();
        staking.pauseIntake();
        VM.stopPrank();
    }

    function test_StopsNewStakesAndNewAccounts() public {
        _pause();
        _equal(escrow.intakePausedUntil(), UNTIL, "until");
        bytes memory paused = abi.encodeWithSelector(IIntake.Intake_Paused.selector, UNTIL);
        VM.prank(MINER);
        VM.expectRevert(paused);
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, address(0), address(0), bytes32(0));
        VM.prank(CLIENT);
        VM.expectRevert(paused);
        escrow.deposit(CLIENT, COORDINATOR, 1);
    }

    function test_SaysWhoStoppedItAndUntilWhen() public {
        VM.startPrank(GUARDIAN);
        VM.expectEmit();
        emit IIntake.IntakePaused(GUARDIAN, uint64(UNTIL));
        escrow.pauseIntake();
        VM.expectEmit();
        emit IIntake.IntakeResumed(GUARDIAN);
        escrow.resumeIntake();
        VM.warp(START + 1 hours);
        VM.expectEmit();
        emit IIntake.IntakePaused(GUARDIAN, uint64(UNTIL + 1 hours));
        staking.pauseIntake();
        VM.expectEmit();
        emit IIntake.IntakeResumed(GUARDIAN);
        staking.resumeIntake();
    }

    function test_NeverStopsTopUpsCuresCollectionsOrExits() public {
        _registerMiner();
        _deposit(10 ether);
        _pause();
        _deposit(1 ether);
        _depositPool(1 ether);
        VM.prank(MINER);
        staking.topUp(MINER, 1 ether);
        IPaymentEscrow.Voucher memory v = _voucher(2 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        VM.startPrank(CLIENT);
        escrow.startThaw(COORDINATOR, 1 ether);
        VM.warp(START + 7 days);
        escrow.withdraw(COORDINATOR);
        VM.stopPrank();
        VM.startPrank(MINER);
        staking.startThaw(MINER_MINIMUM);
        VM.warp(START + 14 days - 1);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_StillThawing.selector, START + 14 days));
        staking.withdraw();
    }

    function test_EndsByItself() public {
        _pause();
        VM.warp(UNTIL);
        _equal(escrow.intakePausedUntil(), 0, "open");
        _deposit(1);
        _registerMiner();
    }

    function test_CanBeEndedEarly() public {
        _pause();
        VM.prank(GUARDIAN);
        escrow.resumeIntake();
        _deposit(1);
        _equal(escrow.intakePausedUntil(), 0, "open");
    }

    function test_RevertWhen_RenewedBeforeTheRestIsOver() public {
        _pause();
        VM.startPrank(GUARDIAN);
        escrow.resumeIntake();
        VM.warp(START + 28 days - 1);
        VM.expectRevert(abi.encodeWithSelector(IIntake.Intake_Resting.selector, START + 28 days));
        escrow.pauseIntake();
        VM.warp(START + 28 days);
        escrow.pauseIntake();
        _equal(escrow.intakePausedUntil(), START + 42 days, "again");
    }

    function test_RevertWhen_ResumedWithoutAPause() public {
        bytes memory open = abi.encodeWithSelector(IIntake.Intake_NotPaused.selector);
        VM.prank(GUARDIAN);
        VM.expectRevert(open);
        escrow.resumeIntake();
        _pause();
        VM.warp(UNTIL);
        VM.prank(GUARDIAN);
        VM.expectRevert(open);
        escrow.resumeIntake();
    }

    function test_RevertWhen_CallerIsNotTheGuardian() public {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
        VM.startPrank(STRANGER);
        VM.expectRevert(refused);
        escrow.pauseIntake();
        VM.expectRevert(refused);
        escrow.resumeIntake();
        VM.expectRevert(refused);
        escrow.freezePool(COORDINATOR);
        VM.expectRevert(refused);
        escrow.releasePool(COORDINATOR);
        VM.expectRevert(refused);
        escrow.closePool(COORDINATOR, 1, STRANGER);
        VM.expectRevert(refused);
        staking.freeze(MINER);
        VM.expectRevert(refused);
        staking.unfreeze(MINER);
    }
}
