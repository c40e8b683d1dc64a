// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Assignment, Receipt} from "../generated/Structs.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {IReceiptLedger} from "../interfaces/IReceiptLedger.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {BatchProof} from "../libraries/Evidence.sol";
import {Rfc6962} from "../libraries/Rfc6962.sol";
import {Bonds} from "./Bonds.sol";
import {Draws} from "./Draws.sol";
import {Jury} from "./Jury.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title Court
/// @notice See ICourt.
contract Court is ICourt, Verdicts, Bonds, Jury, Draws {
    using SafeERC20 for IERC20;

    /// @notice Jurors of a case; at most two of them may be wrong or absent, and one may be both.
    uint256 public constant JURY_SIZE = 5;
    /// @notice Two thirds, rounded up.
    uint256 public constant QUORUM = 4;
    /// @notice Positions at which values are revealed.
    uint256 public constant POSITIONS = 4;
    /// @notice Time in which the value that draws a jury must come.
    uint64 public constant DRAW_SECONDS = 3 days;
    /// @notice Time to fetch the transcript, run the engine and commit.
    uint64 public constant COMMIT_SECONDS = 24 hours;
    /// @notice Time to reveal.
    uint64 public constant REVEAL_SECONDS = 24 hours;
    /// @notice Time to join after a draw that found no jury, in which nobody can stop it by filing.
    uint64 public constant RECESS_SECONDS = 1 hours;
    /// @notice Jurors build a tree over an output's tokens: a miner that signed for more would make them all fail.
    uint32 public constant MAXIMUM_TOKENS = 1 << 17;

    uint128 private immutable JUROR_FEE_WEI;
    uint128 private immutable JUROR_PENALTY_WEI;

    mapping(uint256 id => Case tried) private _cases;
    mapping(uint256 id => address[] jury) private _juries;
    /// @dev Deleted when the juror reveals.
    mapping(uint256 id => mapping(address juror => bytes32 commitment)) private _commitments;
    /// @dev Verdict and values together: jurors agree when all of it is equal.
    mapping(uint256 id => mapping(address juror => bytes32 vote)) private _votes;
    mapping(bytes32 vote => Verdict verdict) private _verdicts;
    /// @dev What the first juror that reveals is shown names the positions of all.
    mapping(uint256 id => bytes32 seed) private _seeds;
    uint256 private _count;
    uint64 private _recessUntil;

    constructor(
        IERC20 token,
        IStaking staking,
        IReceiptLedger ledger,
        IRandomness randomness,
        uint128 bond,
        uint128 jurorFeeWei,
        uint128 jurorPenaltyWei,
        uint32 drawRatePpm
    ) Verdicts(token, staking, ledger) Bonds(bond) Draws(randomness, drawRatePpm) {
        if (bond < jurorFeeWei * JURY_SIZE) revert Court_BondBelowFees(bond, jurorFeeWei * JURY_SIZE);
        (JUROR_FEE_WEI, JUROR_PENALTY_WEI) = (jurorFeeWei, jurorPenaltyWei);
    }

    /// @inheritdoc ICourt
    function file(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) external returns (uint256 id) {
        if (msg.sender != assignment.client) revert Court_NotTheClient(msg.sender, assignment.client);
        return _file(assignment, receipt, _checkJob(assignment, assignmentProof, receipt, receiptProof));
    }

    /// @inheritdoc ICourt
    function fileDrawn(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof,
        uint64 index,
        bytes32[] calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external returns (uint256 id) {
        bytes32 receiptHash = _checkJob(assignment, assignmentProof, receipt, receiptProof);
        _checkAnchored(assignment.coordinator, previous, anchors);
        _checkDrawn(assignment.coordinator, receiptHash, receipt.amountWei, index, path, anchors[0]);
        return _file(assignment, receipt, receiptHash);
    }

    /// @inheritdoc ICourt
    function drawJury(uint256 id) external {
        Case storage tried = _caseAt(id, Stage.Filed);
        IRandomness.State state = RANDOMNESS.stateOf(tried.moment);
        if (state == IRandomness.State.Lost) {
            // No second draw: who lets a value that it does not like pass pays for the case, and the receipt is not tried again.
            _endDraw();
            _void(id, tried, false);
            return;
        }
        address[] memory jury;
        // A source that stopped for ever must not hold the accused, and jurors, for ever.
        if (state == IRandomness.State.Ready || block.timestamp <= tried.deadline) {
            bytes32 value = keccak256(abi.encode(RANDOMNESS.valueAt(tried.moment), id));
            jury = _drawJury(value, JURY_SIZE, [tried.accused, tried.challenger, tried.client]);
        }
        _endDraw();
        if (jury.length == 0) {
            // Nobody's fault: there is no value, or there are not enough jurors now. The case may be filed again.
            _forget(_keyOf(tried.receipt));
            _recessUntil = uint64(block.timestamp) + RECESS_SECONDS;
            _void(id, tried, true);
            return;
        }
        _juries[id] = jury;
        uint64 deadline = uint64(block.timestamp) + COMMIT_SECONDS;
        (tried.stage, tried.deadline) = (Stage.Committing, deadline);
        for (uint256 i = 0; i < jury.length; ++i) _beginDuty(jury[i]);
        emit JuryDrawn(id, jury, deadline);
    }

    /// @inheritdoc ICourt
    function commit(uint256 id, address juror, bytes32 commitment) external {
        Case storage tried = _caseAt(id, Stage.Committing);
        if (block.timestamp > tried.deadline) revert Court_TooLate(tried.deadline);
        _checkJuror(id, juror);
        if (commitment == 0) revert Court_ZeroCommitment();
        if (_commitments[id][juror] != 0) revert Court_AlreadyCommitted(id, juror);
        _commitments[id][juror] = commitment;
        ++tried.commits;
        emit Committed(id, juror, commitment);
    }

    /// @inheritdoc ICourt
    function closeCommits(uint256 id) external {
        Case storage tried = _caseAt(id, Stage.Committing);
        if (tried.commits < JURY_SIZE && block.timestamp <= tried.deadline) revert Court_TooEarly(tried.deadline);
        (uint64 moment, uint64 deadline) = (RANDOMNESS.nextMoment(), uint64(block.timestamp) + REVEAL_SECONDS);
        (tried.stage, tried.moment, tried.deadline) = (Stage.Revealing, moment, deadline);
        emit CommitsClosed(id, moment, deadline);
    }

    /// @inheritdoc ICourt
    function reveal(uint256 id, address juror, Revelation calldata shown) external {
        Case storage tried = _caseAt(id, Stage.Revealing);
        if (block.timestamp > tried.deadline) revert Court_TooLate(tried.deadline);
        _checkJuror(id, juror);
        if (shown.verdict == Verdict.None) revert Court_NoVerdict();
        bytes32 commitment = keccak256(abi.encode(id, juror, shown.salt, shown.verdict, shown.root));
        bytes32 expected = _commitments[id][juror];
        if (commitment != expected) revert Court_WrongCommitment(expected, commitment);
        // Jurors that reveal early and late answer for the same positions, also if the value gets lost in between.
        if (_seeds[id] == 0) _seeds[id] = _seedOf(id, tried);
        _checkValues(id, tried, juror, shown);
        delete _commitments[id][juror];
        bytes32 vote = keccak256(abi.encode(id, shown.verdict, shown.values));
        (_votes[id][juror], _verdicts[vote]) = (vote, shown.verdict);
        ++tried.reveals;
        emit Revealed(id, juror, shown.verdict, vote);
    }

    /// @inheritdoc ICourt
    function settle(uint256 id) external {
        Case memory tried = _cases[id];
        if (tried.stage != Stage.Revealing) revert Court_WrongStage(id, tried.stage);
        if (tried.reveals < tried.commits && block.timestamp <= tried.deadline) revert Court_TooEarly(tried.deadline);
        if (tried.commits != 0 && RANDOMNESS.stateOf(tried.moment) == IRandomness.State.Pending) {
            // The positions never came, and who committed could not reveal: nobody pays.
            address[] memory jury = _juries[id];
            for (uint256 i = 0; i < jury.length; ++i) _endDuty(jury[i]);
            _forget(_keyOf(tried.receipt));
            _void(id, _cases[id], true);
            return;
        }
        (bytes32 vote, uint256 votes) = _leading(id);
        delete _cases[id];
        STAKING.unfreeze(tried.accused);
        Verdict verdict = votes < QUORUM ? Verdict.None : _verdicts[vote];
        emit CaseDecided(id, tried.accused, verdict, votes);
        uint128 feesWei = uint128(JUROR_FEE_WEI * (verdict == Verdict.None ? JURY_SIZE : votes));
        if (verdict == Verdict.Wrong || verdict == Verdict.Undisclosed) {
            bytes32 key = _keyOf(tried.receipt);
            feesWei = _punish(
                verdict == Verdict.Wrong ? Fault.WrongOutput : Fault.Undisclosed,
                key,
                tried.accused,
                tried.challenger,
                tried.client,
                tried.refundWei,
                feesWei
            );
            _returnBond(tried.challenger);
        } else if (verdict == Verdict.Right) {
            _forfeitBond(STAKING.payoutOf(tried.accused), feesWei);
        } else {
            // A jury that does not agree proves nothing against either side; the receipt is not tried again. The jury's work is
            // on the challenger: it could else call juries for nothing, and see to it that they find nothing.
            TOKEN.safeTransfer(tried.challenger, BOND_WEI - feesWei);
        }
        _dismissJury(id, vote, verdict, feesWei, votes);
    }

    /// @inheritdoc ICourt
    function caseOf(uint256 id) external view returns (Case memory tried) {
        return _cases[id];
    }

    /// @inheritdoc ICourt
    function juryOf(uint256 id) external view returns (address[] memory jury) {
        return _juries[id];
    }

    /// @inheritdoc ICourt
    function positionsOf(uint256 id) external view returns (uint256[] memory positions) {
        return _positionsOf(id, _caseAt(id, Stage.Revealing));
    }

    function _file(
        Assignment calldata assignment,
        Receipt calldata receipt,
        bytes32 receiptHash
    ) private returns (uint256 id) {
        if (block.timestamp < _recessUntil) revert Court_Recess(_recessUntil);
        if (receipt.outputTokens == 0) revert Court_NoOutput(receiptHash);
        if (receipt.outputTokens > MAXIMUM_TOKENS) revert Court_TooManyTokens(receipt.outputTokens, MAXIMUM_TOKENS);
        _use(Fault.WrongOutput, _keyOf(receiptHash));
        id = ++_count;
        Case storage tried = _cases[id];
        (tried.stage, tried.moment, tried.receipt) = (Stage.Filed, RANDOMNESS.nextMoment(), receiptHash);
        (tried.accused, tried.challenger, tried.client) = (assignment.miner, msg.sender, assignment.client);
        (tried.outputTokens, tried.refundWei) = (receipt.outputTokens, receipt.amountWei);
        tried.deadline = uint64(block.timestamp) + DRAW_SECONDS;
        emit CaseFiled(id, assignment.miner, msg.sender, receiptHash, tried.moment);
        _beginDraw();
        STAKING.freeze(assignment.miner);
        _takeBond();
    }

    function _void(uint256 id, Case storage tried, bool isBondReturned) private {
        (address accused, address challenger) = (tried.accused, tried.challenger);
        delete _cases[id];
        STAKING.unfreeze(accused);
        emit CaseVoid(id, accused, isBondReturned);
        if (isBondReturned) _returnBond(challenger);
        else _forfeitBond(STAKING.payoutOf(accused), 0);
    }

    /// @dev Pays who found what the jury found, and takes a penalty from who was absent, or found otherwise than a majority.
    function _dismissJury(uint256 id, bytes32 vote, Verdict verdict, uint128 feesWei, uint256 votes) private {
        address[] memory jury = _juries[id];
        // Without a verdict nobody is known to have found anything: the fees are burned.
        uint128 feeWei = verdict == Verdict.None ? 0 : uint128(feesWei / votes);
        uint128 burnedWei = feesWei - uint128(feeWei * votes);
        for (uint256 i = 0; i < jury.length; ++i) {
            address juror = jury[i];
            _endDuty(juror);
            bytes32 own = _votes[id][juror];
            bool isWithMajority = own != 0 && own == vote;
            if (verdict != Verdict.None && isWithMajority) {
                if (feeWei != 0) TOKEN.safeTransfer(STAKING.payoutOf(juror), feeWei);
            } else if (own == 0 || verdict != Verdict.None) {
                uint128 takenWei = STAKING.slash(juror, JUROR_PENALTY_WEI, address(this));
                burnedWei += takenWei;
                emit JurorPunished(id, juror, takenWei);
            }
        }
        if (burnedWei != 0) ERC20Burnable(address(TOKEN)).burn(burnedWei);
    }

    /// @dev The vote that most jurors revealed, and by how many.
    function _leading(uint256 id) private view returns (bytes32 vote, uint256 votes) {
        address[] memory jury = _juries[id];
        for (uint256 i = 0; i < jury.length; ++i) {
            bytes32 own = _votes[id][jury[i]];
            if (own == 0) continue;
            uint256 same = 0;
            for (uint256 k = 0; k < jury.length; ++k) if (_votes[id][jury[k]] == own) ++same;
            if (same > votes) (vote, votes) = (own, same);
        }
    }

    function _checkValues(uint256 id, Case storage tried, address juror, Revelation calldata shown) private view {
        uint256[] memory positions = _positionsOf(id, tried);
        if (shown.values.length != positions.length || shown.paths.length != positions.length) {
            revert Court_WrongCount(shown.values.length, positions.length);
        }
        for (uint256 i = 0; i < positions.length; ++i) {
            bytes32 leafHash = Rfc6962.leafHash(keccak256(abi.encode(juror, positions[i], shown.values[i])));
            if (!Rfc6962.verifyInclusion(leafHash, positions[i], tried.outputTokens, shown.paths[i], shown.root))
                revert Court_NotInRoot(positions[i]);
        }
    }

    function _positionsOf(uint256 id, Case storage tried) private view returns (uint256[] memory positions) {
        bytes32 seed = _seedOf(id, tried);
        positions = new uint256[](POSITIONS);
        for (uint256 i = 0; i < POSITIONS; ++i) {
            positions[i] = uint256(keccak256(abi.encode(seed, id, i))) % tried.outputTokens;
        }
    }

    /// @dev Commitments are closed before the moment is fixed, so a value that nobody kept can be replaced by any other.
    function _seedOf(uint256 id, Case storage tried) private view returns (bytes32 seed) {
        seed = _seeds[id];
        if (seed != 0) return seed;
        uint64 moment = tried.moment;
        if (RANDOMNESS.stateOf(moment) == IRandomness.State.Lost) return keccak256(abi.encode(id, moment));
        return RANDOMNESS.valueAt(moment);
    }

    function _checkJob(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) private view returns (bytes32 receiptHash) {
        bytes32 assignmentId = _checkAssignment(assignment, assignmentProof);
        _checkWindow(assignment.deadline);
        return _checkReceipt(assignment, assignmentId, receipt, receiptProof);
    }

    function _checkJuror(uint256 id, address juror) private view {
        // Not what `signsFor` says: a key that was replaced must not act for the juror any more.
        if (msg.sender != juror && msg.sender != STAKING.operatorOf(juror)) {
            revert Court_NotTheJuror(msg.sender, juror);
        }
        address[] memory jury = _juries[id];
        for (uint256 i = 0; i < jury.length; ++i) if (jury[i] == juror) return;
        revert Court_NotOnJury(id, juror);
    }

    function _caseAt(uint256 id, Stage stage) private view returns (Case storage tried) {
        tried = _cases[id];
        if (tried.stage != stage) revert Court_WrongStage(id, tried.stage);
    }

    function _keyOf(bytes32 receipt) private pure returns (bytes32 key) {
        return keccak256(abi.encode(Fault.WrongOutput, receipt));
    }
}
