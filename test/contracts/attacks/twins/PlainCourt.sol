// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";

/// @title The least of a court that the attacks need, with the signatures of the real one
/// @notice It has no bug that an attack here uses: each twin brings its own in the one function that it replaces. Jurors
/// weigh the same and evidence is not checked, because no twin is about them.
abstract contract PlainCourt {
    using Evidence for Receipt;

    uint256 internal constant JURY_SIZE = 5;
    uint256 internal constant POSITIONS = 4;
    uint128 internal constant BOND_WEI = 20 ether;
    uint128 internal constant FEE_WEI = 2 ether;
    uint128 internal constant PENALTY_WEI = 10 ether;

    IERC20 internal immutable TOKEN;
    IStaking internal immutable STAKING;
    IRandomness internal immutable RANDOMNESS;

    mapping(uint256 id => ICourt.Case tried) internal _cases;
    mapping(uint256 id => address[] jury) internal _juries;
    mapping(uint256 id => mapping(address juror => bytes32 commitment)) private _commitments;
    mapping(uint256 id => mapping(address juror => bytes32 vote)) private _votes;
    mapping(bytes32 vote => ICourt.Verdict verdict) private _verdicts;
    address[] private _jurors;
    uint256 private _count;

    constructor(IERC20 token, IStaking staking, IRandomness randomness) {
        (TOKEN, STAKING, RANDOMNESS) = (token, staking, randomness);
    }

    function join() external {
        _jurors.push(msg.sender);
    }

    function file(
        Assignment calldata assignment,
        BatchProof calldata,
        Receipt calldata receipt,
        BatchProof calldata
    ) external returns (uint256 id) {
        id = ++_count;
        ICourt.Case storage tried = _cases[id];
        (tried.stage, tried.moment, tried.receipt) = (ICourt.Stage.Filed, RANDOMNESS.nextMoment(), receipt.hash());
        (tried.accused, tried.challenger, tried.client) = (assignment.miner, msg.sender, assignment.client);
        (tried.outputTokens, tried.refundWei) = (receipt.outputTokens, receipt.amountWei);
        require(TOKEN.transferFrom(msg.sender, address(this), BOND_WEI), "bond");
    }

    function drawJury(uint256 id) external {
        ICourt.Case storage tried = _at(id, ICourt.Stage.Filed);
        bytes32 value = _valueOf(id, tried);
        address[] memory seats = _jurors;
        for (uint256 i = 0; i < JURY_SIZE; ++i) {
            uint256 k = i + (uint256(keccak256(abi.encode(value, id, i))) % (seats.length - i));
            (seats[i], seats[k]) = (seats[k], seats[i]);
            _juries[id].push(seats[i]);
        }
        (tried.stage, tried.deadline) = (ICourt.Stage.Committing, uint64(block.timestamp) + 24 hours);
    }

    function closeCommits(uint256 id) external {
        ICourt.Case storage tried = _at(id, ICourt.Stage.Committing);
        require(tried.commits == JURY_SIZE || block.timestamp > tried.deadline, "early");
        (tried.stage, tried.moment) = (ICourt.Stage.Revealing, RANDOMNESS.nextMoment());
        tried.deadline = uint64(block.timestamp) + 24 hours;
    }

    function reveal(uint256 id, address juror, ICourt.Revelation calldata shown) external {
        ICourt.Case storage tried = _at(id, ICourt.Stage.Revealing);
        require(msg.sender == juror && block.timestamp <= tried.deadline, "late");
        address owner = _ownerOf(juror);
        bytes32 commitment = keccak256(abi.encode(id, owner, shown.salt, shown.verdict, shown.root));
        require(commitment == _commitments[id][juror], "commitment");
        uint256[] memory positions = positionsOf(id);
        for (uint256 i = 0; i < POSITIONS; ++i) {
            bytes32 leafHash = Rfc6962.leafHash(keccak256(abi.encode(owner, positions[i], shown.values[i])));
            require(
                Rfc6962.verifyInclusion(leafHash, positions[i], tried.outputTokens, shown.paths[i], shown.root),
                "root"
            );
        }
        delete _commitments[id][juror];
        bytes32 vote = keccak256(abi.encode(id, shown.verdict, shown.values));
        (_votes[id][juror], _verdicts[vote]) = (vote, shown.verdict);
        ++tried.reveals;
    }

    function settle(uint256 id) external {
        ICourt.Case memory tried = _at(id, ICourt.Stage.Revealing);
        require(tried.reveals == tried.commits || block.timestamp > tried.deadline, "early");
        (bytes32 vote, uint256 votes) = _leading(id);
        _end(id);
        ICourt.Verdict verdict = votes < _quorum() ? ICourt.Verdict.None : _verdicts[vote];
        uint128 feesWei = uint128(FEE_WEI * votes);
        uint128 bondWei = BOND_WEI;
        if (verdict == ICourt.Verdict.Wrong) _punish(tried, feesWei);
        else if (verdict == ICourt.Verdict.None) bondWei -= _costsWithoutVerdict();
        else {
            bondWei = 0;
            _send(tried.accused, (BOND_WEI - feesWei) / 2);
        }
        _send(tried.challenger, bondWei);
        _dismiss(id, vote, verdict);
    }

    function caseOf(uint256 id) external view returns (ICourt.Case memory tried) {
        return _cases[id];
    }

    function juryOf(uint256 id) external view returns (address[] memory jury) {
        return _juries[id];
    }

    function commit(uint256 id, address juror, bytes32 commitment) public virtual {
        ICourt.Case storage tried = _at(id, ICourt.Stage.Committing);
        require(msg.sender == juror && _commitments[id][juror] == 0, "commit");
        _commitments[id][juror] = commitment;
        ++tried.commits;
    }

    function positionsOf(uint256 id) public view returns (uint256[] memory positions) {
        bytes32 seed = _seedOf(id);
        positions = new uint256[](POSITIONS);
        for (uint256 i = 0; i < POSITIONS; ++i) {
            positions[i] = uint256(keccak256(abi.encode(seed, id, i))) % _cases[id].outputTokens;
        }
    }

    function _end(uint256 id) internal virtual {
        delete _cases[id];
    }

    function _valueOf(uint256, ICourt.Case storage tried) internal view virtual returns (bytes32 value) {
        return RANDOMNESS.valueAt(tried.moment);
    }

    function _seedOf(uint256 id) internal view virtual returns (bytes32 seed) {
        return RANDOMNESS.valueAt(_cases[id].moment);
    }

    /// @dev Whom commitments and leaves name.
    function _ownerOf(address juror) internal pure virtual returns (address owner) {
        return juror;
    }

    function _quorum() internal pure virtual returns (uint256 votes) {
        return 4;
    }

    function _costsWithoutVerdict() internal pure virtual returns (uint128 costsWei) {
        return uint128(FEE_WEI * JURY_SIZE);
    }

    /// @dev With the costs, two fifths of what is taken.
    function _refundWei(uint128 askedWei, uint128 takenWei, uint128 costsWei) internal pure virtual returns (uint128) {
        uint128 mostWei = (takenWei * 2) / 5 - costsWei;
        return askedWei < mostWei ? askedWei : mostWei;
    }

    function _punish(ICourt.Case memory tried, uint128 costsWei) private {
        (, uint128 stakedWei, , ) = STAKING.stakeOf(tried.accused);
        uint128 takenWei = STAKING.slash(tried.accused, stakedWei / 2, address(this));
        _send(tried.challenger, takenWei / 10);
        _send(tried.client, _refundWei(tried.refundWei, takenWei, costsWei));
    }

    /// @dev Pays those of the majority, and takes from absent and deviating jurors. What the court then holds beside the
    /// bonds of open cases stays with it: the real one burns it, which no attack here is about.
    function _dismiss(uint256 id, bytes32 vote, ICourt.Verdict verdict) private {
        address[] memory jury = _juries[id];
        for (uint256 i = 0; i < jury.length; ++i) {
            bytes32 own = _votes[id][jury[i]];
            if (verdict != ICourt.Verdict.None && own == vote) _send(jury[i], FEE_WEI);
            else if (own == 0 || verdict != ICourt.Verdict.None) STAKING.slash(jury[i], PENALTY_WEI, address(this));
        }
    }

    function _send(address to, uint128 amountWei) private {
        require(TOKEN.transfer(to, amountWei), "transfer");
    }

    function _at(uint256 id, ICourt.Stage stage) private view returns (ICourt.Case storage tried) {
        tried = _cases[id];
        require(tried.stage == stage, "stage");
    }

    function _leading(uint256 id) private view returns (bytes32 vote, uint256 votes) {
        address[] memory jury = _juries[id];
        for (uint256 i = 0; i < jury.length; ++i) {
            bytes32 own = _votes[id][jury[i]];
            uint256 same = 0;
            for (uint256 k = 0; own != 0 && k < jury.length; ++k) if (_votes[id][jury[k]] == own) ++same;
            if (same > votes) (vote, votes) = (own, same);
        }
    }
}
