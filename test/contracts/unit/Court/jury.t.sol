// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Hearings} from "./Hearings.sol";

/// @title drawJury, with the two ways in which a case ends without a jury
contract DrawJuryTest is Hearings {
    using Evidence for Receipt;

    int256 private constant BOND = int256(uint256(CASE_BOND));

    function test_DrawsFiveDifferentJurors() public {
        uint256 id = _file(1);
        _reach(court.caseOf(id).moment);
        VM.prank(STRANGER);
        court.drawJury(id);
        address[] memory jury = court.juryOf(id);
        _equal(jury.length, JURY, "size");
        for (uint256 i = 0; i < JURY; ++i) {
            (uint32 weight, uint32 duties) = court.jurorOf(jury[i]);
            _equal(weight, 2_000, "a juror");
            _equal(duties, 1, "duties");
            for (uint256 k = 0; k < i; ++k) VM.assertTrue(jury[i] != jury[k], "twice");
        }
        ICourt.Case memory tried = court.caseOf(id);
        _equal(uint256(tried.stage), uint256(ICourt.Stage.Committing), "stage");
        _equal(tried.deadline, block.timestamp + 24 hours, "deadline");
    }

    function test_SaysWhoIsOnTheJuryAndHowLongItHas() public {
        uint256 id = _file(1);
        _reach(court.caseOf(id).moment);
        (, bytes memory answer) = address(this).call(abi.encodeCall(this.foresee, (id)));
        address[] memory jury = abi.decode(answer, (address[]));
        _equal(jury.length, JURY, "size");
        VM.expectEmit();
        emit ICourt.JuryDrawn(id, jury, uint64(block.timestamp + 24 hours));
        court.drawJury(id);
        VM.assertTrue(keccak256(abi.encode(court.juryOf(id))) == keccak256(abi.encode(jury)), "jury");
    }

    /// @dev Answers with the jury by undoing its draw.
    function foresee(uint256 id) external {
        court.drawJury(id);
        bytes memory answer = abi.encode(court.juryOf(id));
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    /// @dev The accused, the challenger and the client sit on no jury, however heavy they are.
    function testFuzz_PartiesAreNotDrawn(uint256 seed) public {
        VM.prank(WORKER);
        court.join();
        _stake(CLIENT, IStaking.Role.Miner, 5_000 ether);
        VM.prank(CLIENT);
        court.join();
        uint256 id = _file(1);
        uint64 moment = court.caseOf(id).moment;
        VM.roll(uint256(moment) + 1);
        VM.setBlockhash(moment, keccak256(abi.encode(seed)));
        court.drawJury(id);
        address[] memory jury = court.juryOf(id);
        _equal(jury.length, JURY, "size");
        for (uint256 i = 0; i < JURY; ++i) VM.assertTrue(jury[i] != WORKER && jury[i] != CLIENT, "a party");
    }

    /// @dev Two cases of one block have one value, and yet juries of their own.
    function test_CasesOfOneBlockHaveTheirOwnJuries() public {
        (uint256 first, uint256 second) = (_file(1), _file(2));
        _equal(court.caseOf(first).moment, court.caseOf(second).moment, "moment");
        _reach(court.caseOf(first).moment);
        court.drawJury(first);
        court.drawJury(second);
        VM.assertTrue(
            keccak256(abi.encode(court.juryOf(first))) != keccak256(abi.encode(court.juryOf(second))),
            "same jury"
        );
    }

    function test_ALostValueVoidsTheCaseAtTheChallengersExpense() public {
        _remember();
        uint256 id = _file(1);
        VM.roll(uint256(court.caseOf(id).moment) + 10_000);
        VM.expectEmit();
        emit ICourt.CaseVoid(id, WORKER, false);
        court.drawJury(id);
        // Half of the bond to the accused, half burned.
        _expectChange(-BOND, BOND / 2, 0, 0, 0);
        _expectHeld(0);
        _expectGone(id);
    }

    function test_RevertWhen_FiledAgainAfterALoss() public {
        uint256 id = _file(1);
        VM.roll(uint256(court.caseOf(id).moment) + 10_000);
        court.drawJury(id);
        Assignment memory a = _assignment(1);
        Receipt memory r = _receipt(a);
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.WrongOutput, r.hash()));
        VM.expectRevert(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.WrongOutput, key)
        );
        VM.prank(CLIENT);
        court.file(a, assigned, r, receipted);
    }

    function test_WithoutAJuryTheBondGoesBackAndTheCaseCanBeFiledAgain() public {
        _remember();
        _shrinkTo(4);
        Assignment memory a = _assignment(1);
        Receipt memory r = _receipt(a);
        uint256 id = _file(a, r);
        _reach(court.caseOf(id).moment);
        VM.expectEmit();
        emit ICourt.CaseVoid(id, WORKER, true);
        court.drawJury(id);
        _expectChange(0, 0, 0, 0, 0);
        _expectHeld(0);
        _expectGone(id);
        VM.warp(block.timestamp + 1 hours);
        VM.prank(_juror(7));
        court.join();
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        VM.prank(CLIENT);
        uint256 again = court.file(a, assigned, r, receipted);
        _reach(court.caseOf(again).moment);
        court.drawJury(again);
        _equal(court.juryOf(again).length, JURY, "five jurors are enough");
    }

    /// @dev Nobody can keep the jury from filling up by filing anew in the block of each draw.
    function test_RevertWhen_FiledInTheRecess() public {
        _shrinkTo(4);
        uint256 id = _file(1);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        uint64 until = uint64(block.timestamp) + 1 hours;
        VM.warp(until - 1);
        Assignment memory a = _assignment(2);
        Receipt memory r = _receipt(a);
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_Recess.selector, until));
        VM.prank(CLIENT);
        court.file(a, assigned, r, receipted);
        VM.prank(_juror(7));
        court.join();
    }

    /// @dev The rest of the jury's weight is too light: a draw gives up after 64 tries.
    function test_WithoutAJuryWhenOneHoldsAlmostAll() public {
        _seat(STRANGER, 1_000_000 ether);
        _shrinkTo(6);
        token.approve(address(staking), type(uint256).max);
        staking.topUp(STRANGER, 50_000_000 ether);
        court.reweigh(STRANGER);
        uint256 id = _file(1);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        _equal(court.juryOf(id).length, 0, "jury");
        _expectGone(id);
    }

    function test_RevertWhen_DrawnBeforeTheValueIsKnown() public {
        uint256 id = _file(1);
        uint64 moment = court.caseOf(id).moment;
        VM.roll(moment);
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_NotYet.selector, moment));
        court.drawJury(id);
    }

    /// @dev A source that stopped keeps nobody for ever: neither the accused nor a juror.
    function test_AValueThatDoesNotComeVoidsTheCase() public {
        _remember();
        uint256 id = _file(1);
        uint64 moment = court.caseOf(id).moment;
        VM.warp(START + 3 days);
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_NotYet.selector, moment));
        court.drawJury(id);
        VM.warp(START + 3 days + 1);
        VM.expectEmit();
        emit ICourt.CaseVoid(id, WORKER, true);
        court.drawJury(id);
        _expectChange(0, 0, 0, 0, 0);
        _expectHeld(0);
        _expectGone(id);
        VM.prank(_juror(0));
        court.resign();
        VM.warp(START + 3 days + 1 hours + 1);
        _equal(_file(1), 2, "filed again");
    }

    function test_AValueThatComesLateDrawsTheJury() public {
        uint256 id = _file(1);
        VM.warp(START + 30 days);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        _equal(court.juryOf(id).length, JURY, "jury");
    }

    function test_RevertWhen_DrawnTwiceOrNeverFiled() public {
        uint256 id = _tried(1);
        VM.expectRevert(_wrongStage(id, ICourt.Stage.Committing));
        court.drawJury(id);
        VM.expectRevert(_wrongStage(99, ICourt.Stage.None));
        court.drawJury(99);
    }

    /// @dev Leaves `jurors` of the eight on the jury.
    function _shrinkTo(uint256 jurors) private {
        for (uint256 i = jurors; i < JURORS; ++i) {
            VM.prank(_juror(i));
            court.resign();
        }
    }
}
