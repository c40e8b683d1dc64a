// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJury} from "../../../../contracts/interfaces/IJury.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {SumTree} from "../../../../contracts/libraries/SumTree.sol";
import {Trials} from "../../helpers/Trials.sol";

/// @title join, reweigh and resign
contract MembershipTest is Trials {
    uint256 private constant ALL = (JURORS * JUROR_STAKE) / 1 ether;

    function test_JoiningWeighsTheStakeAndFreezesIt() public {
        _miner(STRANGER, 3_000 ether + 1 ether - 1);
        VM.expectEmit();
        emit IJury.JurorJoined(STRANGER, JURORS + 1, 3_000);
        VM.prank(STRANGER);
        court.join();
        (uint32 weight, uint32 duties) = court.jurorOf(STRANGER);
        _equal(weight, 3_000, "whole tokens, rounded down");
        _equal(duties, 0, "duties");
        _equal(court.totalWeight(), ALL + 3_000, "total");
        _equal(staking.freezesOf(STRANGER), 1, "freezes");
    }

    function test_ThawingStakeDoesNotWeigh() public {
        _miner(STRANGER, 3_000 ether);
        VM.prank(STRANGER);
        staking.startThaw(1_500 ether);
        VM.prank(STRANGER);
        court.join();
        (uint32 weight, ) = court.jurorOf(STRANGER);
        _equal(weight, 1_500, "weight");
    }

    function test_AJurorsStakeDoesNotLeave() public {
        VM.prank(_juror(0));
        staking.startThaw(JUROR_STAKE);
        VM.warp(START + 8 days);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_Frozen.selector, _juror(0), 1));
        VM.prank(_juror(0));
        staking.withdraw();
    }

    function test_AnybodyReweighs() public {
        staking.slash(_juror(0), 500 ether, address(this));
        VM.expectEmit();
        emit IJury.JurorReweighed(_juror(0), 1_500);
        VM.prank(STRANGER);
        court.reweigh(_juror(0));
        _equal(court.totalWeight(), ALL - 500, "total");
        VM.prank(_juror(0));
        staking.topUp(_juror(0), 1_000 ether);
        court.reweigh(_juror(0));
        _equal(court.totalWeight(), ALL + 500, "topped up");
    }

    /// @dev A juror without stake has nothing to lose: it keeps its seat, and is never drawn.
    function test_AJurorWithoutStakeWeighsNothing() public {
        staking.slash(_juror(0), JUROR_STAKE, address(this));
        court.reweigh(_juror(0));
        (uint32 weight, ) = court.jurorOf(_juror(0));
        _equal(weight, 0, "weight");
        VM.prank(_juror(0));
        court.resign();
        _equal(court.totalWeight(), ALL - 2_000, "total");
    }

    function test_ResigningEndsTheServiceAndTheFreeze() public {
        VM.expectEmit();
        emit IJury.JurorLeft(_juror(3));
        VM.prank(_juror(3));
        court.resign();
        (uint32 weight, ) = court.jurorOf(_juror(3));
        _equal(weight, 0, "weight");
        _equal(court.totalWeight(), ALL - 2_000, "total");
        _equal(staking.freezesOf(_juror(3)), 0, "freezes");
    }

    function test_AFreeSeatIsTakenAgain() public {
        VM.prank(_juror(3));
        court.resign();
        VM.prank(_juror(5));
        court.resign();
        _miner(STRANGER, JUROR_STAKE);
        // Last left, first taken.
        VM.expectEmit();
        emit IJury.JurorJoined(STRANGER, 6, 2_000);
        VM.prank(STRANGER);
        court.join();
        VM.expectEmit();
        emit IJury.JurorJoined(_juror(3), 4, 2_000);
        VM.prank(_juror(3));
        court.join();
        _equal(court.totalWeight(), ALL, "total");
    }

    function test_MembershipIsOpenWhenTheDrawIsDone() public {
        uint256 id = _file(1);
        _equal(court.pendingDraws(), 1, "pending");
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        _equal(court.pendingDraws(), 0, "drawn");
        _seat(STRANGER, JUROR_STAKE);
    }

    function test_RevertWhen_AnOutsiderJoins() public {
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAMiner.selector, STRANGER));
        VM.prank(STRANGER);
        court.join();
    }

    function test_RevertWhen_ACoordinatorJoins() public {
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAMiner.selector, COORDINATOR));
        VM.prank(COORDINATOR);
        court.join();
    }

    function test_RevertWhen_AMinerBelowTheMinimumJoins() public {
        staking.slash(WORKER, WORKER_STAKE - MINER_MINIMUM + 1, address(this));
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAMiner.selector, WORKER));
        VM.prank(WORKER);
        court.join();
    }

    function test_RevertWhen_JoiningTwice() public {
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_AlreadyJoined.selector, _juror(0)));
        VM.prank(_juror(0));
        court.join();
    }

    function test_RevertWhen_NoJurorIsReweighedOrResigns() public {
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, WORKER));
        court.reweigh(WORKER);
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, WORKER));
        VM.prank(WORKER);
        court.resign();
        VM.prank(_juror(0));
        court.resign();
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, _juror(0)));
        VM.prank(_juror(0));
        court.resign();
    }

    function test_RevertWhen_MembershipChangesDuringADraw() public {
        _file(1);
        _file(2);
        bytes memory refused = abi.encodeWithSelector(IJury.Jury_DrawPending.selector, 2);
        VM.expectRevert(refused);
        VM.prank(WORKER);
        court.join();
        VM.expectRevert(refused);
        court.reweigh(_juror(0));
        VM.expectRevert(refused);
        VM.prank(_juror(0));
        court.resign();
    }

    function test_RevertWhen_ResigningOnDuty() public {
        uint256 first = _tried(1);
        uint256 second = _tried(2);
        address[] memory jury = court.juryOf(second);
        address juror = jury[0];
        uint256 duties = 1;
        for (uint256 i = 0; i < JURY; ++i) if (court.juryOf(first)[i] == juror) duties = 2;
        (, uint32 known) = court.jurorOf(juror);
        _equal(known, duties, "duties");
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_OnDuty.selector, juror, duties));
        VM.prank(juror);
        court.resign();
        _vote(first, 5, 0);
        court.settle(first);
        _vote(second, 5, 0);
        court.settle(second);
        VM.prank(juror);
        court.resign();
    }

    /// @dev Seats are counted in one slot, which is set to the last of them: filling 32,768 would take an hour.
    function test_RevertWhen_EverySeatIsTaken() public {
        _miner(STRANGER, JUROR_STAKE);
        bytes32 slot = _seatCountSlot();
        VM.store(address(court), slot, bytes32(SumTree.CAPACITY));
        VM.expectRevert(abi.encodeWithSelector(IJury.Jury_Full.selector, SumTree.CAPACITY));
        VM.prank(STRANGER);
        court.join();
        VM.prank(_juror(7));
        court.resign();
        VM.prank(STRANGER);
        court.join();
    }

    /// @dev The slot that holds the number of seats: setting it decides the seat that the next juror gets.
    function _seatCountSlot() private view returns (bytes32 slot) {
        while (uint256(VM.load(address(court), slot)) != JURORS) slot = bytes32(uint256(slot) + 1);
    }
}
