// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {JuryActor} from "./JuryActor.sol";

/// @title Cases about outputs: filed by clients or after a draw, tried by juries of every opinion
abstract contract CourtActor is JuryActor {
    /// @dev What is known of an open case.
    struct Trial {
        uint256 id;
        ICourt.Stage stage;
        uint256 accused;
        uint256 challenger;
        uint256 client;
        bytes32 jury;
        uint256 commits;
        uint256 reveals;
        bool isHeard;
    }

    /// @dev What the votes of a case must lead to.
    struct Outcome {
        uint256 leading;
        bool isVerdict;
        bool isWrong;
        uint256 penaltyWei;
        uint256[] jurorsWei;
    }

    /// @dev What a juror does: nothing, or one of three votes.
    uint256 private constant OPINIONS = 4;
    uint256 private constant SEATS = 5;
    bytes32 private constant REFERENCE = keccak256("what the reference engine gives");
    bytes32 private constant GUESS = keccak256("what a juror guessed");
    bytes32 private constant SALT = keccak256("a juror's salt");

    Trial[] private _trials;
    mapping(uint256 id => Job job) private _jobs;
    /// @dev By seat: 0 is absent.
    mapping(uint256 id => uint256[5] opinions) private _committed;
    mapping(uint256 id => uint256[5] opinions) private _revealed;
    uint256[] private _judged;

    constructor() {
        _act("fileCase(uint256,uint256)");
        _act("fileDrawnCase(uint256,uint256)");
        _act("fileAgain(uint256)");
        _act("drawJury(uint256)");
        _act("commitAll(uint256,uint256)");
        _act("revealAll(uint256,uint256)");
        _act("settle(uint256)");
        _act("settleEarly(uint256)");
    }

    function fileCase(uint256 who, uint256 whom) external watched {
        Job memory job = _newJob(_client(who), _coordinator(who >> 8), _worker(whom));
        Signed memory done = _signedJob(job);
        _consent(job.client, Place.Wallet);
        _as(job.client);
        uint256 id = court.file(done.assignment, done.assigned, done.receipt, done.receipted);
        _begin(id, job, job.client);
        _drawMostly(who, whom);
    }

    /// @notice Anybody, when the draw after the anchor hits the receipt: about every second does.
    function fileDrawnCase(uint256 who, uint256 whom) external watched {
        Job memory job = _newJob(_client(who), _coordinator(who >> 8), _worker(whom));
        Signed memory done = _signedJob(job);
        uint256 index = _log[job.coordinator].length;
        _log[job.coordinator].push(done.receiptHash);
        _anchorDesk(job.coordinator, false);
        uint64 moment = court.scheduleDraw(users[job.coordinator]);
        VM.roll(uint256(moment) + 1);
        (bytes32 previous, Anchor[] memory anchors) = _lastAnchor(job.coordinator);
        _need(court.isDrawn(users[job.coordinator], anchors[0].epoch, done.receiptHash, done.receipt.amountWei));
        (, bytes32[] memory path) = _logTree(job.coordinator, index);
        uint256 challenger = _client(whom >> 8);
        _consent(challenger, Place.Wallet);
        _as(challenger);
        uint256 id = court.fileDrawn(
            done.assignment,
            done.assigned,
            done.receipt,
            done.receipted,
            uint64(index),
            path,
            previous,
            anchors
        );
        _begin(id, job, challenger);
        _drawMostly(who, whom);
    }

    /// @notice What a jury has judged, or a challenger let lapse, is not tried again.
    function fileAgain(uint256 which) external watched {
        _need(_judged.length != 0);
        Job memory job = _jobs[_judged[which % _judged.length]];
        Signed memory done = _signedJob(job);
        _as(job.client);
        try court.file(done.assignment, done.assigned, done.receipt, done.receipted) {
            _hold(false, "66: tried twice");
        } catch {
            return;
        }
    }

    function drawJury(uint256 which) external watched {
        (uint256 number, ) = _find(ICourt.Stage.Filed, which);
        _draw(number, which);
    }

    /// @notice All jurors commit who do, unless it is too late, and the committing is closed.
    function commitAll(uint256 which, uint256 minds) external watched {
        (uint256 number, Trial memory trial) = _find(ICourt.Stage.Committing, which);
        _commit(number, trial, minds);
    }

    /// @notice All jurors reveal who committed, but for one, one time of four; the value is lost one time of eight.
    function revealAll(uint256 which, uint256 minds) external watched {
        (uint256 number, Trial memory trial) = _findRevealing(which, false);
        _need(!trial.isHeard);
        uint64 moment = court.caseOf(trial.id).moment;
        if (block.number <= moment) VM.roll(uint256(moment) + (minds % 8 == 0 ? 300 : 1));
        address[] memory jury = court.juryOf(trial.id);
        bool isLate = block.timestamp > court.caseOf(trial.id).deadline;
        uint256 silent = (minds >> 8) % 4 == 0 ? (minds >> 16) % SEATS : SEATS;
        for (uint256 i = 0; i < SEATS; ++i) {
            uint256 opinion = _committed[trial.id][i];
            if (opinion == 0 || i == silent || isLate) continue;
            ICourt.Revelation memory shown = _revelation(trial.id, jury[i], opinion);
            VM.prank(jury[i]);
            court.reveal(trial.id, jury[i], shown);
            _revealed[trial.id][i] = opinion;
            ++trial.reveals;
        }
        trial.isHeard = true;
        _trials[number] = trial;
    }

    /// @notice When all revealed or time is over; one time of eight nobody did.
    function settle(uint256 which) external watched {
        (uint256 number, Trial memory trial) = _findRevealing(which, true);
        _need(trial.isHeard || (which >> 8) % 8 == 0);
        uint256 deadline = court.caseOf(trial.id).deadline;
        if (trial.reveals < trial.commits && block.timestamp <= deadline) VM.warp(deadline + 1);
        // A case whose positions never came is void.
        uint64 moment = court.caseOf(trial.id).moment;
        if (block.number <= moment) VM.roll(uint256(moment) + 1);
        Outcome memory outcome = _expect(trial);
        uint256 accusedWei = _stakeWei(trial.accused);
        uint256 challengerWei = _walletWei(trial.challenger);
        court.settle(trial.id);
        _hold(accusedWei - _stakeWei(trial.accused) == outcome.penaltyWei, "64: another penalty than the votes'");
        uint256 gainWei = _walletWei(trial.challenger) - challengerWei;
        // Without a verdict the jury's work is on the challenger.
        uint256 backWei = outcome.isVerdict ? 0 : CASE_BOND - SEATS * JUROR_FEE;
        _hold(outcome.isWrong ? gainWei >= CASE_BOND : gainWei == backWei, "64: another bond came back");
        _checkJurors(trial.id, outcome);
        _judged.push(trial.id);
        _end(number, trial);
    }

    /// @notice While jurors may reveal; where no case is there, one comes there first.
    function settleEarly(uint256 which) external watched {
        uint256 count = _trials.length;
        uint256 number = count;
        for (uint256 i = 0; i < count && number == count; ++i) {
            if (_isEarly(_trials[((which % count) + i) % count])) number = ((which % count) + i) % count;
        }
        if (number == count) {
            Trial memory next;
            (number, next) = _find(ICourt.Stage.Committing, which);
            _commit(number, next, which);
        }
        Trial memory trial = _trials[number];
        _need(_isEarly(trial));
        try court.settle(trial.id) {
            _hold(false, "64: judged before all could reveal");
        } catch {
            return;
        }
    }

    /// @notice Cases that are open now.
    function openCases() external view returns (uint256 count) {
        return _trials.length;
    }

    function trialAt(uint256 number) external view returns (Trial memory trial) {
        return _trials[number];
    }

    function _begin(uint256 id, Job memory job, uint256 challenger) private {
        Trial memory trial;
        (trial.id, trial.stage, trial.accused) = (id, ICourt.Stage.Filed, job.miner);
        (trial.challenger, trial.client) = (challenger, job.client);
        _trials.push(trial);
        _jobs[id] = job;
        ++freezes[job.miner];
        ++waiting;
    }

    function _commit(uint256 number, Trial memory trial, uint256 minds) private {
        address[] memory jury = court.juryOf(trial.id);
        bool isLate = block.timestamp > court.caseOf(trial.id).deadline;
        for (uint256 i = 0; i < SEATS; ++i) {
            uint256 opinion = _opinion(i, minds);
            if (opinion == 0 || isLate) continue;
            bytes32 root = _rootOf(jury[i], _seedOf(opinion));
            bytes32 commitment = keccak256(abi.encode(trial.id, jury[i], SALT, _verdictOf(opinion), root));
            VM.prank(jury[i]);
            court.commit(trial.id, jury[i], commitment);
            _committed[trial.id][i] = opinion;
            ++trial.commits;
        }
        if (trial.commits < SEATS && !isLate) VM.warp(uint256(court.caseOf(trial.id).deadline) + 1);
        court.closeCommits(trial.id);
        trial.stage = ICourt.Stage.Revealing;
        _trials[number] = trial;
    }

    function _isEarly(Trial memory trial) private view returns (bool isEarly) {
        if (trial.stage != ICourt.Stage.Revealing || trial.reveals >= trial.commits) return false;
        return block.timestamp <= court.caseOf(trial.id).deadline;
    }

    /// @dev Few cases wait at once: jurors come and go only when nobody waits.
    function _drawMostly(uint256 who, uint256 which) private {
        uint256 odds = waiting > 1 ? 8 : 2;
        if ((who >> 24) % odds != 1) _draw(_trials.length - 1, which);
    }

    /// @dev Once the value is there; one time of eight after it was lost, which costs the challenger its bond.
    function _draw(uint256 number, uint256 which) private {
        Trial memory trial = _trials[number];
        uint64 moment = court.caseOf(trial.id).moment;
        bool isLost = (which >> 8) % 8 == 0;
        if (block.number <= moment) VM.roll(uint256(moment) + (isLost ? 400 : 1));
        isLost = randomness.stateOf(moment) == IRandomness.State.Lost;
        if (!isLost) _keep(moment);
        uint256 stakeWei = _stakeWei(trial.accused);
        uint256 challengerWei = _walletWei(trial.challenger);
        uint256 supplyWei = token.totalSupply();
        court.drawJury(trial.id);
        --waiting;
        address[] memory jury = court.juryOf(trial.id);
        if (jury.length == SEATS) {
            _seat(number, trial, jury);
            return;
        }
        _hold(_stakeWei(trial.accused) == stakeWei, "64: punished without a jury");
        uint256 returnedWei = _walletWei(trial.challenger) - challengerWei;
        _hold(returnedWei == (isLost ? 0 : CASE_BOND), "62: another bond came back without a jury");
        _hold(supplyWei - token.totalSupply() == (isLost ? CASE_BOND / 2 : 0), "62: another part of a bond was burned");
        if (isLost) _judged.push(trial.id);
        _end(number, trial);
    }

    function _seat(uint256 number, Trial memory trial, address[] memory jury) private {
        for (uint256 i = 0; i < SEATS; ++i) {
            uint256 user = _numberOf(jury[i]);
            bool isParty = user == trial.accused || user == trial.challenger || user == trial.client;
            _hold(seated[user] && !isParty, "62: drawn without being eligible");
            for (uint256 k = 0; k < i; ++k) _hold(jury[k] != jury[i], "62: drawn twice");
            ++duties[user];
        }
        (trial.stage, trial.jury) = (ICourt.Stage.Committing, keccak256(abi.encode(jury)));
        _trials[number] = trial;
    }

    function _end(uint256 number, Trial memory trial) private {
        bool isOver = court.caseOf(trial.id).stage == ICourt.Stage.None;
        _hold(isOver, "63: a case that ended is still open");
        --freezes[trial.accused];
        _trials[number] = _trials[_trials.length - 1];
        _trials.pop();
    }

    function _expect(Trial memory trial) private returns (Outcome memory outcome) {
        uint256 votes;
        (outcome.leading, votes) = _leading(trial.id);
        outcome.isVerdict = votes >= 4;
        outcome.isWrong = outcome.isVerdict && outcome.leading != 2;
        address[] memory jury = court.juryOf(trial.id);
        outcome.jurorsWei = new uint256[](SEATS);
        for (uint256 i = 0; i < SEATS; ++i) {
            uint256 juror = _numberOf(jury[i]);
            outcome.jurorsWei[i] = _stakeWei(juror);
            if (_deviates(trial.id, i, outcome)) _consent(juror, Place.Stake);
        }
        if (outcome.isWrong) {
            outcome.penaltyWei = _weigh(trial.accused, trial.challenger, trial.client, 500_000).penaltyWei;
        }
    }

    function _checkJurors(uint256 id, Outcome memory outcome) private {
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < SEATS; ++i) {
            uint256 juror = _numberOf(jury[i]);
            uint256 lostWei = outcome.jurorsWei[i] - _stakeWei(juror);
            uint256 dueWei = _deviates(id, i, outcome) ? _least(JUROR_PENALTY, outcome.jurorsWei[i]) : 0;
            _hold(lostWei == dueWei, "65: another penalty of a juror");
            --duties[juror];
        }
    }

    /// @dev The first case at a stage, from an arbitrary one on.
    function _find(ICourt.Stage stage, uint256 from) private view returns (uint256 number, Trial memory trial) {
        uint256 count = _trials.length;
        for (uint256 i = 0; i < count; ++i) {
            number = ((from % count) + i) % count;
            if (_trials[number].stage == stage) return (number, _trials[number]);
        }
        revert Actor_NothingToDo();
    }

    /// @dev One whose jurors were heard, or were not; any other whose jurors may reveal when there is none.
    function _findRevealing(uint256 from, bool isHeard) private view returns (uint256 number, Trial memory trial) {
        for (uint256 i = 0; i < _trials.length; ++i) {
            (number, trial) = _find(ICourt.Stage.Revealing, (from % _trials.length) + i);
            if (trial.isHeard == isHeard) return (number, trial);
        }
        return _find(ICourt.Stage.Revealing, from);
    }

    /// @dev What most jurors revealed, and how many.
    function _leading(uint256 id) private view returns (uint256 leading, uint256 votes) {
        uint256[5] memory opinions = _revealed[id];
        for (uint256 opinion = 1; opinion < OPINIONS; ++opinion) {
            uint256 same = 0;
            for (uint256 i = 0; i < SEATS; ++i) if (opinions[i] == opinion) ++same;
            if (same > votes) (leading, votes) = (opinion, same);
        }
    }

    /// @dev Absent jurors always pay; those of another opinion when there is a verdict.
    function _deviates(uint256 id, uint256 seat, Outcome memory outcome) private view returns (bool deviates) {
        uint256 opinion = _revealed[id][seat];
        return opinion == 0 || (outcome.isVerdict && opinion != outcome.leading);
    }

    function _revelation(
        uint256 id,
        address juror,
        uint256 opinion
    ) private view returns (ICourt.Revelation memory shown) {
        uint256[] memory positions = court.positionsOf(id);
        bytes32 seed = _seedOf(opinion);
        bytes32[] memory leaves = _leavesOf(juror, seed);
        (shown.verdict, shown.salt) = (_verdictOf(opinion), SALT);
        shown.values = new bytes32[](positions.length);
        shown.paths = new bytes32[][](positions.length);
        for (uint256 i = 0; i < positions.length; ++i) {
            shown.values[i] = keccak256(abi.encode(seed, positions[i]));
            (shown.root, shown.paths[i]) = _tree(leaves, positions[i]);
        }
    }

    function _rootOf(address juror, bytes32 seed) private pure returns (bytes32 root) {
        (root, ) = _tree(_leavesOf(juror, seed), 0);
    }

    function _leavesOf(address juror, bytes32 seed) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](OUTPUT);
        for (uint256 i = 0; i < OUTPUT; ++i) {
            bytes32 value = keccak256(abi.encode(seed, i));
            leaves[i] = Rfc6962.leafHash(keccak256(abi.encode(juror, i, value)));
        }
    }

    /// @dev Two times of four all agree, once one does not, once everybody does as it likes.
    function _opinion(uint256 seat, uint256 minds) private pure returns (uint256 opinion) {
        uint256 mood = minds % 4;
        uint256 own = (minds >> (8 + 8 * seat)) % OPINIONS;
        if (mood == 3 || (mood == 2 && seat == (minds >> 64) % SEATS)) return own;
        return 1 + ((minds >> 72) % 2);
    }

    /// @dev Wrong by the reference values, right by them, wrong by a guess.
    function _verdictOf(uint256 opinion) private pure returns (ICourt.Verdict verdict) {
        return opinion == 2 ? ICourt.Verdict.Right : ICourt.Verdict.Wrong;
    }

    function _seedOf(uint256 opinion) private pure returns (bytes32 seed) {
        return opinion == 3 ? GUESS : REFERENCE;
    }
}
