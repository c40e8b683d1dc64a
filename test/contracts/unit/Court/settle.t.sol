// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Hearings} from "./Hearings.sol";

/// @title settle: who pays whom, to the wei
contract SettleTest is Hearings {
    using Evidence for Receipt;

    int256 private constant BOND = int256(uint256(CASE_BOND));
    int256 private constant FEE = int256(uint256(JUROR_FEE));
    int256 private constant PENALTY = int256(uint256(JUROR_PENALTY));
    /// @dev Half of the accused's stake, and the challenger's tenth of it.
    int256 private constant TAKEN = int256(uint256(WORKER_STAKE)) / 2;
    int256 private constant REWARD = TAKEN / 10;
    int256 private constant REFUND = 0.42 ether;

    function test_Wrong() public {
        _remember();
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        _expectDecision(id, ICourt.Verdict.Wrong, 5);
        _expectChange(REWARD + REFUND, 0, -TAKEN, 5 * FEE, 0);
        _expectHeld(0);
        _expectGone(id);
    }

    /// @dev Silence costs three tenths of the stake, or half of the minimum where that is more.
    function test_Undisclosed() public {
        _remember();
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < JURY; ++i) _commit(id, jury[i], ICourt.Verdict.Undisclosed, REFERENCE);
        _close(id);
        for (uint256 i = 0; i < JURY; ++i) _reveal(id, jury[i], ICourt.Verdict.Undisclosed, REFERENCE);
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.WrongOutput, _receiptHash(1)));
        uint128 takenWei = (WORKER_STAKE * 3) / 10;
        uint128 rewardWei = takenWei / 10;
        uint128 burnedWei = takenWei - rewardWei - 0.42 ether - 5 * JUROR_FEE;
        VM.expectEmit();
        emit IVerdicts.FaultPunished(
            IVerdicts.Fault.Undisclosed,
            WORKER,
            CLIENT,
            key,
            takenWei,
            0.42 ether,
            rewardWei,
            burnedWei
        );
        court.settle(id);
        int256 taken = int256(uint256(takenWei));
        _expectChange(taken / 10 + REFUND, 0, -taken, 5 * FEE, 0);
        _expectHeld(0);
        _expectGone(id);
    }

    function test_WrongWithADeviatingJuror() public {
        _remember();
        uint256 id = _tried(1);
        _vote(id, 4, 1);
        address deviant = court.juryOf(id)[4];
        _expectDecision(id, ICourt.Verdict.Wrong, 4);
        _expectChange(REWARD + REFUND, 0, -TAKEN, 4 * FEE, -PENALTY);
        _equal(_stakedWei(deviant), JUROR_STAKE - JUROR_PENALTY, "deviant");
        _expectHeld(0);
    }

    function test_WrongWithAnAbsentJuror() public {
        _remember();
        uint256 id = _tried(1);
        _vote(id, 4, 0);
        _expectDecision(id, ICourt.Verdict.Wrong, 4);
        _expectChange(REWARD + REFUND, 0, -TAKEN, 4 * FEE, -PENALTY);
        _expectHeld(0);
        _expectGone(id);
    }

    function test_Right() public {
        _remember();
        uint256 id = _tried(1);
        _vote(id, 0, 5);
        _expectDecision(id, ICourt.Verdict.Right, 5);
        // 20 less five fees of 2: half of the rest to the accused, half burned.
        _expectChange(-BOND, (BOND - 5 * FEE) / 2, 0, 5 * FEE, 0);
        _expectHeld(0);
        _expectGone(id);
    }

    function test_RightPaysTheAccusedsPayout() public {
        VM.prank(WORKER);
        staking.setPayout(STRANGER);
        uint256 id = _tried(1);
        _vote(id, 1, 4);
        // The first juror of the list deviates; the decision is the others'.
        court.settle(id);
        _equal(token.balanceOf(STRANGER), uint256(BOND - 4 * FEE) / 2, "payout");
        _expectHeld(0);
    }

    function test_FeesGoToTheJurorsPayout() public {
        uint256 id = _tried(1);
        address juror = court.juryOf(id)[0];
        VM.prank(juror);
        staking.setPayout(STRANGER);
        _vote(id, 0, 5);
        court.settle(id);
        _equal(token.balanceOf(STRANGER), JUROR_FEE, "payout");
    }

    /// @dev Three to two: who revealed pays nothing, since nobody knows who was right. The challenger pays for the jury.
    function test_UndecidedWhenVerdictsDiffer() public {
        _remember();
        uint256 id = _tried(1);
        _vote(id, 3, 2);
        _expectDecision(id, ICourt.Verdict.None, 3);
        _expectChange(-5 * FEE, 0, 0, 0, 0);
        _expectHeld(0);
        _expectGone(id);
    }

    /// @dev The same verdict by other values is no agreement.
    function test_UndecidedWhenValuesDiffer() public {
        _remember();
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < JURY; ++i) _commit(id, jury[i], ICourt.Verdict.Wrong, i < 3 ? REFERENCE : GUESS);
        _close(id);
        for (uint256 i = 0; i < JURY; ++i) _reveal(id, jury[i], ICourt.Verdict.Wrong, i < 3 ? REFERENCE : GUESS);
        _expectDecision(id, ICourt.Verdict.None, 3);
        _expectChange(-5 * FEE, 0, 0, 0, 0);
        _expectHeld(0);
    }

    function test_UndecidedWhenTooManyAreAbsent() public {
        _remember();
        uint256 id = _tried(1);
        _vote(id, 3, 0);
        _expectDecision(id, ICourt.Verdict.None, 3);
        _expectChange(-5 * FEE, 0, 0, 0, -2 * PENALTY);
        _expectHeld(0);
        _expectGone(id);
    }

    function test_UndecidedWhenNobodyCame() public {
        _remember();
        uint256 id = _tried(1);
        VM.warp(block.timestamp + 24 hours + 1);
        court.closeCommits(id);
        _expectDecision(id, ICourt.Verdict.None, 0);
        _expectChange(-5 * FEE, 0, 0, 0, -5 * PENALTY);
        _expectHeld(0);
        _expectGone(id);
    }

    /// @dev The source stopped after the jury was drawn.
    function test_NobodyPaysWhenThePositionsDoNotCome() public {
        _remember();
        Assignment memory a = _assignment(1);
        Receipt memory r = _receipt(a);
        uint256 id = _file(a, r);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < JURY - 1; ++i) _commit(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        VM.warp(block.timestamp + 24 hours + 1);
        court.closeCommits(id);
        uint64 until = court.caseOf(id).deadline;
        VM.warp(until);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, until));
        court.settle(id);
        VM.warp(uint256(until) + 1);
        VM.expectEmit();
        emit ICourt.CaseVoid(id, WORKER, true);
        court.settle(id);
        _expectChange(0, 0, 0, 0, 0);
        _expectHeld(0);
        _expectGone(id);
        _equal(_file(a, r), 2, "filed again");
    }

    /// @dev The positions were there, and nobody revealed: who committed was able to.
    function test_AbsentJurorsPayWhenThePositionsCame() public {
        _remember();
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < JURY; ++i) _commit(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        _close(id);
        VM.warp(uint256(court.caseOf(id).deadline) + 1);
        _expectDecision(id, ICourt.Verdict.None, 0);
        _expectChange(-5 * FEE, 0, 0, 0, -5 * PENALTY);
    }

    /// @dev Who committed and did not reveal is absent.
    function test_SettlesWithoutThoseWhoDidNotReveal() public {
        _remember();
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < JURY; ++i) _commit(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        _close(id);
        for (uint256 i = 0; i < 4; ++i) _reveal(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        uint64 until = court.caseOf(id).deadline;
        VM.warp(until);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, until));
        court.settle(id);
        VM.warp(uint256(until) + 1);
        _expectDecision(id, ICourt.Verdict.Wrong, 4);
        _expectChange(REWARD + REFUND, 0, -TAKEN, 4 * FEE, -PENALTY);
    }

    function test_SaysWhoGotWhat() public {
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.WrongOutput, court.caseOf(id).receipt));
        (uint128 taken, uint128 reward, uint128 refund) = (
            uint128(uint256(TAKEN)),
            uint128(uint256(REWARD)),
            uint128(uint256(REFUND))
        );
        uint128 burned = taken - reward - refund - 5 * JUROR_FEE;
        VM.expectEmit();
        emit IVerdicts.FaultPunished(IVerdicts.Fault.WrongOutput, WORKER, CLIENT, key, taken, refund, reward, burned);
        court.settle(id);
    }

    function test_SaysWhichJurorsPaid() public {
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        _vote(id, 3, 0);
        // One has less than the penalty: it is said what was taken.
        staking.slash(jury[3], JUROR_STAKE - 3 ether, address(this));
        VM.expectEmit();
        emit ICourt.JurorPunished(id, jury[3], 3 ether);
        VM.expectEmit();
        emit ICourt.JurorPunished(id, jury[4], JUROR_PENALTY);
        court.settle(id);
    }

    function test_SaysWhichJurorDeviated() public {
        uint256 id = _tried(1);
        address deviant = court.juryOf(id)[0];
        _vote(id, 1, 4);
        VM.expectEmit();
        emit ICourt.JurorPunished(id, deviant, JUROR_PENALTY);
        court.settle(id);
    }

    /// @dev A refund above its share is cut: with the jury's fees it is at most four tenths of what is taken.
    function test_ALargeRefundIsCutToItsShare() public {
        _remember();
        Assignment memory a = _assignment(1);
        Receipt memory r = _receipt(a);
        r.amountWei = 100_000 ether;
        uint256 id = _file(a, r);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        _vote(id, 5, 0);
        court.settle(id);
        _expectChange(REWARD + (TAKEN * 4) / 10 - 5 * FEE, 0, -TAKEN, 5 * FEE, 0);
        _expectHeld(0);
    }

    /// @dev What is thawing is taken from as well, and at least half of the minimum when little is left.
    function test_ThawingStakeCounts() public {
        VM.prank(WORKER);
        staking.startThaw(WORKER_STAKE);
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        court.settle(id);
        (, , uint128 thawingWei, ) = staking.stakeOf(WORKER);
        _equal(thawingWei, WORKER_STAKE / 2, "thawing");
    }

    /// @dev What is left does not pay all fees: each juror gets its share rounded down, and the rest is burned.
    function test_ASlashedAccusedPaysTheJuryWhatIsThere() public {
        staking.slash(WORKER, WORKER_STAKE - 7, address(this));
        _remember();
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        court.settle(id);
        // Of 7 wei: nothing for the challenger, 2 of costs, which is nothing for each of five.
        _expectChange(0, 0, -7, 0, 0);
        _expectHeld(0);
    }

    function test_AnEmptyStakeEndsTheCaseAllTheSame() public {
        staking.slash(WORKER, WORKER_STAKE, address(this));
        _remember();
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        _expectDecision(id, ICourt.Verdict.Wrong, 5);
        _expectChange(0, 0, 0, 0, 0);
        _expectHeld(0);
        _expectGone(id);
    }

    function test_CasesSideBySideKeepTheirBondsApart() public {
        _remember();
        (uint256 first, uint256 second) = (_tried(1), _tried(2));
        _expectHeld(2);
        _equal(staking.freezesOf(WORKER), 2, "freezes");
        _vote(first, 0, 5);
        court.settle(first);
        _expectHeld(1);
        _equal(staking.freezesOf(WORKER), 1, "freezes");
        VM.warp(court.caseOf(second).deadline + 1);
        court.closeCommits(second);
        court.settle(second);
        _expectHeld(0);
        _equal(staking.freezesOf(WORKER), 0, "freezes");
    }

    function test_RevertWhen_SettledTwice() public {
        uint256 id = _tried(1);
        _vote(id, 5, 0);
        court.settle(id);
        VM.expectRevert(_wrongStage(id, ICourt.Stage.None));
        court.settle(id);
    }

    /// @dev Whatever the outcome, a receipt is tried once.
    function test_RevertWhen_FiledAgain() public {
        for (uint64 wrong = 0; wrong < 6; ++wrong) _refileAfter(wrong);
    }

    function _refileAfter(uint64 wrong) private {
        Assignment memory a = _assignment(10 + wrong);
        Receipt memory r = _receipt(a);
        uint256 id = _file(a, r);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
        _vote(id, wrong, 5 - wrong);
        court.settle(id);
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.WrongOutput, r.hash()));
        VM.expectRevert(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.WrongOutput, key)
        );
        VM.prank(CLIENT);
        court.file(a, assigned, r, receipted);
    }

    function _expectDecision(uint256 id, ICourt.Verdict verdict, uint256 votes) private {
        VM.expectEmit();
        emit ICourt.CaseDecided(id, WORKER, verdict, votes);
        VM.prank(STRANGER);
        court.settle(id);
    }
}
