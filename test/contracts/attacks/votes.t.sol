// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {TrialAttack} from "./DisputeAttack.sol";
import {CommitmentsOfNobody, NeedsEveryVote, PositionsFromCommitments} from "./twins/Courts.sol";

/// @title Attacks by jurors
contract VoteAttacks is TrialAttack {
    /// @dev What a juror that wants to be done early computes of an output of 40 tokens.
    uint256 private constant COMPUTED = 10;
    uint256 private constant TRIES = 3_000;

    /// @dev Source: Syta et al., "Scalable Bias-Resistant Distributed Randomness", 2017, bias by abort, as collected in
    /// manifoldfinance/defi-threat issue 19; berachain/beacon-kit issue 1059, the last revealer.
    function test_LastRevealerBias_Fails() public {
        _fails(_withholdTheLastVote());
        _equal(_stakedWei(WORKER), WORKER_STAKE / 2, "four votes are enough");
        _equal(_stakedWei(court.juryOf(1)[4]), JUROR_STAKE - JUROR_PENALTY, "and silence costs");
    }

    function test_LastRevealerBias_SucceedsAgainstTwin() public {
        _goTo(address(new NeedsEveryVote(token, staking, randomness)));
        _succeeds(_withholdTheLastVote());
    }

    /// @dev Source: razor-network/oracle-contracts pull request 253, a seed of the stakers' own secrets, of which the last one
    /// knows all others.
    function test_LastCommitterChoosesThePositions_Fails() public {
        _fails(_grindThePositions());
        _equal(_stakedWei(court.juryOf(1)[4]), JUROR_STAKE - JUROR_PENALTY, "a guess costs");
    }

    function test_LastCommitterChoosesThePositions_SucceedsAgainstTwin() public {
        _goTo(address(new PositionsFromCommitments(token, staking, randomness)));
        _succeeds(_grindThePositions());
    }

    /// @dev Source: UMA, OpenZeppelin audit P1-H01, votes can be duplicated (UMAprotocol/protocol issue 1216, pull request 1217).
    function test_JurorCopying_Fails() public {
        _fails(_copyACommitment(true));
        address[] memory jury = court.juryOf(1);
        bytes32 copied = _commitmentOf(1, jury[0]);
        bytes32 own = keccak256(
            abi.encode(1, jury[4], SALT, ICourt.Verdict.Wrong, _rootOf(jury[0], TOKENS, REFERENCE))
        );
        _refusedWith(abi.encodeWithSelector(ICourt.Court_WrongCommitment.selector, copied, own));
        _equal(_stakedWei(jury[4]), JUROR_STAKE - JUROR_PENALTY, "the copier was absent");
    }

    function test_JurorCopying_SucceedsAgainstTwin() public {
        _goTo(address(new CommitmentsOfNobody(token, staking, randomness)));
        _succeeds(_copyACommitment(false));
    }

    /// @dev The last juror knows how the others voted, and that its silence would save its friend.
    function _withholdTheLastVote() private returns (bool won) {
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        for (uint256 i = 0; i < JURY; ++i) _commit(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        _close(id);
        for (uint256 i = 0; i < JURY - 1; ++i) _reveal(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        VM.warp(block.timestamp + 24 hours + 1);
        court.settle(id);
        return _stakedWei(WORKER) == WORKER_STAKE;
    }

    /// @dev The last juror computed a quarter of the values, guesses the others, and looks for a salt with which no guess is
    /// asked for.
    function _grindThePositions() private returns (bool won) {
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        address lazy = jury[4];
        bytes32 others = 0;
        for (uint256 i = 0; i < JURY - 1; ++i) {
            _commit(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
            others ^= _commitmentOf(id, jury[i]);
        }
        bytes32[] memory leaves = _lazyLeaves(lazy);
        (bytes32 root, ) = _tree(leaves, 0);
        bytes32 salt = _saltFor(id, lazy, root, others);
        bytes32 commitment = keccak256(abi.encode(id, lazy, salt, ICourt.Verdict.Wrong, root));
        VM.prank(lazy);
        court.commit(id, lazy, commitment);
        _close(id);
        for (uint256 i = 0; i < JURY - 1; ++i) _reveal(id, jury[i], ICourt.Verdict.Wrong, REFERENCE);
        ICourt.Revelation memory shown = _lazyRevelation(id, leaves, salt);
        VM.prank(lazy);
        court.reveal(id, lazy, shown);
        uint256 before = token.balanceOf(lazy);
        court.settle(id);
        return token.balanceOf(lazy) - before == JUROR_FEE;
    }

    /// @dev The last juror sends the first one's commitment, and what the first one revealed. `isNamed`: the court that is
    /// attacked asks jurors to put themselves into what they commit to, and the honest ones do.
    function _copyACommitment(bool isNamed) private returns (bool won) {
        uint256 id = _tried(1);
        address[] memory jury = court.juryOf(id);
        address[] memory named = new address[](JURY);
        for (uint256 i = 0; i < JURY; ++i) {
            if (isNamed) named[i] = jury[i % (JURY - 1)];
            bytes32 commitment = _commitmentOf(id, named[i]);
            VM.prank(jury[i]);
            court.commit(id, jury[i], commitment);
        }
        _close(id);
        for (uint256 i = 0; i < JURY; ++i) {
            ICourt.Revelation memory shown = _revelation(id, named[i], ICourt.Verdict.Wrong, REFERENCE);
            _try(jury[i], address(court), abi.encodeCall(ICourt.reveal, (id, jury[i], shown)));
        }
        VM.warp(block.timestamp + 24 hours + 1);
        uint256 before = token.balanceOf(jury[4]);
        court.settle(id);
        return token.balanceOf(jury[4]) != before;
    }

    function _commitmentOf(uint256 id, address owner) private pure returns (bytes32 commitment) {
        return keccak256(abi.encode(id, owner, SALT, ICourt.Verdict.Wrong, _rootOf(owner, TOKENS, REFERENCE)));
    }

    function _lazyValue(uint256 position) private pure returns (bytes32 value) {
        return _valueAt(position < COMPUTED ? REFERENCE : GUESS, position);
    }

    function _lazyLeaves(address lazy) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](TOKENS);
        for (uint256 i = 0; i < TOKENS; ++i) {
            leaves[i] = Rfc6962.leafHash(keccak256(abi.encode(lazy, i, _lazyValue(i))));
        }
    }

    function _lazyRevelation(
        uint256 id,
        bytes32[] memory leaves,
        bytes32 salt
    ) private view returns (ICourt.Revelation memory shown) {
        uint256[] memory positions = court.positionsOf(id);
        (shown.verdict, shown.salt) = (ICourt.Verdict.Wrong, salt);
        shown.values = new bytes32[](positions.length);
        shown.paths = new bytes32[][](positions.length);
        for (uint256 i = 0; i < positions.length; ++i) {
            shown.values[i] = _lazyValue(positions[i]);
            (shown.root, shown.paths[i]) = _tree(leaves, positions[i]);
        }
    }

    /// @dev A salt with which positions that are made of the commitments fall on what was computed.
    function _saltFor(uint256 id, address lazy, bytes32 root, bytes32 others) private pure returns (bytes32 salt) {
        for (uint256 i = 0; i < TRIES; ++i) {
            salt = bytes32(i);
            bytes32 seed = others ^ keccak256(abi.encode(id, lazy, salt, ICourt.Verdict.Wrong, root));
            uint256 known = 0;
            for (uint256 k = 0; k < 4; ++k) {
                if (uint256(keccak256(abi.encode(seed, id, k))) % TOKENS < COMPUTED) ++known;
            }
            if (known == 4) return salt;
        }
    }
}
