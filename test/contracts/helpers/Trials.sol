// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../contracts/generated/Structs.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {BatchProof, Evidence} from "../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {Jobs} from "./Jobs.sol";

/// @title Eight jurors, and cases that the client of a job brings before them
abstract contract Trials is Jobs {
    using Evidence for Receipt;

    uint256 internal constant JURORS = 8;
    uint256 internal constant JURY = 5;
    uint128 internal constant JUROR_STAKE = 2_000 ether;
    bytes32 internal constant SALT = keccak256("a juror's salt");
    bytes32 internal constant REFERENCE = keccak256("what the reference engine gives");
    bytes32 internal constant GUESS = keccak256("what a juror guessed");

    function setUp() public virtual override {
        super.setUp();
        for (uint256 i = 0; i < JURORS; ++i) _seat(_juror(i), JUROR_STAKE);
    }

    function _juror(uint256 number) internal pure returns (address juror) {
        return address(uint160(0x10001 + number));
    }

    /// @dev A staked miner that has not joined.
    function _miner(address account, uint128 amountWei) internal {
        _fund(account);
        _stake(account, IStaking.Role.Miner, amountWei);
    }

    function _seat(address account, uint128 amountWei) internal {
        _miner(account, amountWei);
        VM.prank(account);
        court.join();
    }

    function _file(uint64 counter) internal returns (uint256 id) {
        Assignment memory a = _assignment(counter);
        return _file(a, _receipt(a));
    }

    function _file(Assignment memory a, Receipt memory r) internal returns (uint256 id) {
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        VM.prank(a.client);
        return court.file(a, assigned, r, receipted);
    }

    function _receiptHash(uint64 counter) internal view returns (bytes32 hash) {
        return _receipt(_assignment(counter)).hash();
    }

    /// @dev Goes past the block that `moment` names, and gives it a hash.
    function _reach(uint64 moment) internal {
        VM.roll(uint256(moment) + 1);
        VM.setBlockhash(moment, keccak256(abi.encode("block", moment)));
    }

    /// @dev A case whose jury is drawn.
    function _tried(uint64 counter) internal returns (uint256 id) {
        id = _file(counter);
        _reach(court.caseOf(id).moment);
        court.drawJury(id);
    }

    function _commit(uint256 id, address juror, ICourt.Verdict verdict, bytes32 seed) internal {
        bytes32 commitment = _commitment(id, juror, verdict, seed);
        VM.prank(juror);
        court.commit(id, juror, commitment);
    }

    function _commitment(
        uint256 id,
        address juror,
        ICourt.Verdict verdict,
        bytes32 seed
    ) internal view returns (bytes32 commitment) {
        return keccak256(abi.encode(id, juror, SALT, verdict, _rootOf(juror, court.caseOf(id).outputTokens, seed)));
    }

    /// @dev Ends the committing and goes to where the positions are known.
    function _close(uint256 id) internal {
        court.closeCommits(id);
        _reach(court.caseOf(id).moment);
    }

    function _reveal(uint256 id, address juror, ICourt.Verdict verdict, bytes32 seed) internal {
        ICourt.Revelation memory shown = _revelation(id, juror, verdict, seed);
        VM.prank(juror);
        court.reveal(id, juror, shown);
    }

    function _revelation(
        uint256 id,
        address juror,
        ICourt.Verdict verdict,
        bytes32 seed
    ) internal view returns (ICourt.Revelation memory shown) {
        uint256[] memory positions = court.positionsOf(id);
        bytes32[] memory leaves = _leaves(juror, court.caseOf(id).outputTokens, seed);
        (shown.verdict, shown.salt) = (verdict, SALT);
        shown.values = new bytes32[](positions.length);
        shown.paths = new bytes32[][](positions.length);
        for (uint256 i = 0; i < positions.length; ++i) {
            shown.values[i] = _valueAt(seed, positions[i]);
            (shown.root, shown.paths[i]) = _tree(leaves, positions[i]);
        }
    }

    /// @dev A whole jury that votes: the first `wrong` jurors of it for Wrong, the next `right` for Right, all by the reference
    /// values; the others do nothing. Ends where the case can be settled.
    function _vote(uint256 id, uint256 wrong, uint256 right) internal {
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < wrong + right; ++i) _commit(id, jury[i], _verdictOf(i, wrong), REFERENCE);
        if (wrong + right < jury.length) VM.warp(block.timestamp + 24 hours + 1);
        _close(id);
        for (uint256 i = 0; i < wrong + right; ++i) _reveal(id, jury[i], _verdictOf(i, wrong), REFERENCE);
    }

    function _verdictOf(uint256 number, uint256 wrong) internal pure returns (ICourt.Verdict verdict) {
        return number < wrong ? ICourt.Verdict.Wrong : ICourt.Verdict.Right;
    }

    function _valueAt(bytes32 seed, uint256 position) internal pure returns (bytes32 value) {
        return keccak256(abi.encode(seed, position));
    }

    function _leaves(address juror, uint256 tokens, bytes32 seed) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](tokens);
        for (uint256 i = 0; i < tokens; ++i) {
            leaves[i] = Rfc6962.leafHash(keccak256(abi.encode(juror, i, _valueAt(seed, i))));
        }
    }

    function _rootOf(address juror, uint256 tokens, bytes32 seed) internal pure returns (bytes32 root) {
        (root, ) = _tree(_leaves(juror, tokens, seed), 0);
    }

    function _stakedWei(address staker) internal view returns (uint256 stakedWei) {
        (, uint128 activeWei, , ) = staking.stakeOf(staker);
        return activeWei;
    }

    function _wrongStage(uint256 id, ICourt.Stage stage) internal pure returns (bytes memory data) {
        return abi.encodeWithSelector(ICourt.Court_WrongStage.selector, id, stage);
    }
}
