// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {Hearings} from "./Hearings.sol";

/// @title commit, closeCommits and reveal
contract VotesTest is Hearings {
    uint256 private _id;
    address[] private _jury;

    function setUp() public override {
        super.setUp();
        _id = _tried(1);
        _jury = court.juryOf(_id);
    }

    function test_CommitsAreCounted() public {
        bytes32 commitment = _commitment(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        VM.expectEmit();
        emit ICourt.Committed(_id, _jury[0], commitment);
        _commit(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        _equal(court.caseOf(_id).commits, 1, "commits");
    }

    function test_TheOperatorActsForItsJuror() public {
        address juror = _jury[0];
        VM.prank(juror);
        staking.setOperator(STRANGER);
        bytes32 commitment = _commitment(_id, juror, ICourt.Verdict.Wrong, REFERENCE);
        VM.prank(STRANGER);
        court.commit(_id, juror, commitment);
        for (uint256 i = 1; i < JURY; ++i) _commit(_id, _jury[i], ICourt.Verdict.Wrong, REFERENCE);
        _close(_id);
        ICourt.Revelation memory shown = _revelation(_id, juror, ICourt.Verdict.Wrong, REFERENCE);
        VM.prank(STRANGER);
        court.reveal(_id, juror, shown);
        _equal(court.caseOf(_id).reveals, 1, "reveals");
    }

    /// @dev Evidence that a replaced key signed stays good; acting for the juror is over at once.
    function test_RevertWhen_AReplacedOperatorActs() public {
        address juror = _jury[0];
        VM.prank(juror);
        staking.setOperator(STRANGER);
        VM.prank(juror);
        staking.setOperator(CLIENT);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotTheJuror.selector, STRANGER, juror));
        VM.prank(STRANGER);
        court.commit(_id, juror, bytes32(uint256(1)));
    }

    function test_ACommitInTheLastSecond() public {
        VM.warp(court.caseOf(_id).deadline);
        _commit(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
    }

    function test_RevertWhen_CommittedTooLate() public {
        uint64 until = court.caseOf(_id).deadline;
        VM.warp(uint256(until) + 1);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_TooLate.selector, until));
        VM.prank(_jury[0]);
        court.commit(_id, _jury[0], bytes32(uint256(1)));
    }

    function test_RevertWhen_AStrangerCommits() public {
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotTheJuror.selector, STRANGER, _jury[0]));
        VM.prank(STRANGER);
        court.commit(_id, _jury[0], bytes32(uint256(1)));
    }

    function test_RevertWhen_AJurorOfNoneCommits() public {
        address other = _undrawn();
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotOnJury.selector, _id, other));
        VM.prank(other);
        court.commit(_id, other, bytes32(uint256(1)));
    }

    function test_RevertWhen_CommitmentIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_ZeroCommitment.selector));
        VM.prank(_jury[0]);
        court.commit(_id, _jury[0], bytes32(0));
    }

    function test_RevertWhen_CommittedTwice() public {
        _commit(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_AlreadyCommitted.selector, _id, _jury[0]));
        VM.prank(_jury[0]);
        court.commit(_id, _jury[0], bytes32(uint256(2)));
    }

    function test_RevertWhen_TheStageIsAnother() public {
        VM.expectRevert(_wrongStage(_id, ICourt.Stage.Committing));
        court.settle(_id);
        VM.expectRevert(_wrongStage(_id, ICourt.Stage.Committing));
        court.positionsOf(_id);
        ICourt.Revelation memory shown;
        VM.expectRevert(_wrongStage(_id, ICourt.Stage.Committing));
        court.reveal(_id, _jury[0], shown);
        _commitAll(ICourt.Verdict.Wrong);
        _close(_id);
        VM.expectRevert(_wrongStage(_id, ICourt.Stage.Revealing));
        VM.prank(_jury[0]);
        court.commit(_id, _jury[0], bytes32(uint256(1)));
        VM.expectRevert(_wrongStage(_id, ICourt.Stage.Revealing));
        court.closeCommits(_id);
    }

    function test_AFullJuryClosesAtOnce() public {
        _commitAll(ICourt.Verdict.Wrong);
        (uint64 moment, uint64 deadline) = (randomness.nextMoment(), uint64(block.timestamp) + 24 hours);
        VM.expectEmit();
        emit ICourt.CommitsClosed(_id, moment, deadline);
        VM.prank(STRANGER);
        court.closeCommits(_id);
        ICourt.Case memory tried = court.caseOf(_id);
        _equal(uint256(tried.stage), uint256(ICourt.Stage.Revealing), "stage");
        _equal(tried.moment, moment, "moment");
        _equal(tried.deadline, deadline, "deadline");
    }

    function test_RevertWhen_ClosedWhileJurorsMayCommit() public {
        for (uint256 i = 0; i < JURY - 1; ++i) _commit(_id, _jury[i], ICourt.Verdict.Wrong, REFERENCE);
        uint64 until = court.caseOf(_id).deadline;
        VM.warp(until);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, until));
        court.closeCommits(_id);
        VM.warp(uint256(until) + 1);
        court.closeCommits(_id);
    }

    function test_PositionsAreKnownAfterTheCommits() public {
        _commitAll(ICourt.Verdict.Wrong);
        court.closeCommits(_id);
        uint64 moment = court.caseOf(_id).moment;
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_NotYet.selector, moment));
        court.positionsOf(_id);
        _reach(moment);
        uint256[] memory positions = court.positionsOf(_id);
        _equal(positions.length, 4, "count");
        for (uint256 i = 0; i < 4; ++i) VM.assertTrue(positions[i] < TOKENS, "within the output");
    }

    function test_AReveal() public {
        _commitAll(ICourt.Verdict.Wrong);
        _close(_id);
        ICourt.Revelation memory shown = _revelation(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        bytes32 vote = keccak256(abi.encode(_id, ICourt.Verdict.Wrong, shown.values));
        VM.expectEmit();
        emit ICourt.Revealed(_id, _jury[0], ICourt.Verdict.Wrong, vote);
        VM.prank(_jury[0]);
        court.reveal(_id, _jury[0], shown);
        _equal(court.caseOf(_id).reveals, 1, "reveals");
    }

    /// @dev A value that gets lost between two reveals would otherwise give honest jurors different positions, and so votes.
    function test_EarlyAndLateJurorsAnswerForTheSamePositions() public {
        _commitAll(ICourt.Verdict.Wrong);
        _close(_id);
        bytes32 early = keccak256(abi.encode(court.positionsOf(_id)));
        for (uint256 i = 0; i < 3; ++i) _reveal(_id, _jury[i], ICourt.Verdict.Wrong, REFERENCE);
        VM.roll(uint256(court.caseOf(_id).moment) + 10_000);
        VM.assertTrue(early == keccak256(abi.encode(court.positionsOf(_id))), "positions moved");
        for (uint256 i = 3; i < JURY; ++i) _reveal(_id, _jury[i], ICourt.Verdict.Wrong, REFERENCE);
        court.settle(_id);
        for (uint256 i = 0; i < JURORS; ++i) _equal(_stakedWei(_juror(i)), JUROR_STAKE, "nobody pays");
    }

    function test_AValueLostBeforeAnyRevealIsReplaced() public {
        _commitAll(ICourt.Verdict.Wrong);
        court.closeCommits(_id);
        VM.roll(uint256(court.caseOf(_id).moment) + 10_000);
        for (uint256 i = 0; i < JURY; ++i) _reveal(_id, _jury[i], ICourt.Verdict.Wrong, REFERENCE);
        _equal(court.caseOf(_id).reveals, JURY, "reveals");
    }

    function test_RevertWhen_RevealedTooLate() public {
        ICourt.Revelation memory shown = _closed();
        uint64 until = court.caseOf(_id).deadline;
        VM.warp(uint256(until) + 1);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_TooLate.selector, until), shown);
    }

    function test_RevertWhen_AnotherReveals() public {
        ICourt.Revelation memory shown = _closed();
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotTheJuror.selector, STRANGER, _jury[0]));
        VM.prank(STRANGER);
        court.reveal(_id, _jury[0], shown);
        address other = _undrawn();
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotOnJury.selector, _id, other));
        VM.prank(other);
        court.reveal(_id, other, shown);
    }

    function test_RevertWhen_VerdictIsNone() public {
        ICourt.Revelation memory shown = _closed();
        shown.verdict = ICourt.Verdict.None;
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_NoVerdict.selector), shown);
    }

    function test_RevertWhen_TheRevealIsNotWhatWasCommitted() public {
        ICourt.Revelation memory shown = _closed();
        bytes32 expected = _commitment(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        shown.verdict = ICourt.Verdict.Right;
        bytes32 given = _commitment(_id, _jury[0], ICourt.Verdict.Right, REFERENCE);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_WrongCommitment.selector, expected, given), shown);
        shown.verdict = ICourt.Verdict.Wrong;
        shown.salt = bytes32(0);
        given = keccak256(abi.encode(_id, _jury[0], bytes32(0), ICourt.Verdict.Wrong, shown.root));
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_WrongCommitment.selector, expected, given), shown);
    }

    function test_RevertWhen_RevealedTwice() public {
        ICourt.Revelation memory shown = _closed();
        VM.prank(_jury[0]);
        court.reveal(_id, _jury[0], shown);
        bytes32 given = _commitment(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_WrongCommitment.selector, bytes32(0), given), shown);
    }

    function test_RevertWhen_RevealedWithoutACommitment() public {
        for (uint256 i = 1; i < JURY; ++i) _commit(_id, _jury[i], ICourt.Verdict.Wrong, REFERENCE);
        VM.warp(block.timestamp + 24 hours + 1);
        _close(_id);
        ICourt.Revelation memory shown = _revelation(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        bytes32 given = _commitment(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_WrongCommitment.selector, bytes32(0), given), shown);
    }

    function test_RevertWhen_ValuesOrPathsAreMissing() public {
        ICourt.Revelation memory shown = _closed();
        bytes32[] memory values = shown.values;
        shown.values = new bytes32[](3);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_WrongCount.selector, 3, 4), shown);
        shown.values = values;
        shown.paths = new bytes32[][](5);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_WrongCount.selector, 4, 4), shown);
    }

    function test_RevertWhen_AValueIsNotInTheRoot() public {
        ICourt.Revelation memory shown = _closed();
        uint256 position = court.positionsOf(_id)[2];
        shown.values[2] = _valueAt(GUESS, position);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_NotInRoot.selector, position), shown);
    }

    /// @dev All have committed and the positions are known; what the first juror would show.
    function _closed() private returns (ICourt.Revelation memory shown) {
        _commitAll(ICourt.Verdict.Wrong);
        _close(_id);
        return _revelation(_id, _jury[0], ICourt.Verdict.Wrong, REFERENCE);
    }

    function _commitAll(ICourt.Verdict verdict) private {
        for (uint256 i = 0; i < JURY; ++i) _commit(_id, _jury[i], verdict, REFERENCE);
    }

    function _expectRefusal(bytes memory refusal, ICourt.Revelation memory shown) private {
        VM.expectRevert(refusal);
        VM.prank(_jury[0]);
        court.reveal(_id, _jury[0], shown);
    }

    /// @dev A juror that this case did not draw.
    function _undrawn() private view returns (address juror) {
        for (uint256 i = 0; i < JURORS; ++i) {
            juror = _juror(i);
            bool isDrawn = false;
            for (uint256 k = 0; k < JURY; ++k) isDrawn = isDrawn || _jury[k] == juror;
            if (!isDrawn) return juror;
        }
    }
}
