// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {PlainCourt} from "./PlainCourt.sol";

/// @notice Bug: the jury is drawn by the last block's hash, whichever block that is when somebody draws.
contract DrawsByTheLastBlock is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _valueOf(uint256, ICourt.Case storage) internal view override returns (bytes32 value) {
        return blockhash(block.number - 1);
    }
}

/// @notice Bug: when the value of the moment is lost, the last block's hash stands in for it.
contract DrawsAgainWhenLost is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _valueOf(uint256, ICourt.Case storage tried) internal view override returns (bytes32 value) {
        uint64 moment = tried.moment;
        if (RANDOMNESS.stateOf(moment) == IRandomness.State.Lost) return blockhash(block.number - 1);
        return RANDOMNESS.valueAt(moment);
    }
}

/// @notice Bug: a verdict needs every juror.
contract NeedsEveryVote is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _quorum() internal pure override returns (uint256 votes) {
        return JURY_SIZE;
    }
}

/// @notice Bug: the positions follow from what the jurors committed to, and the last of them sees the others'.
contract PositionsFromCommitments is PlainCourt {
    mapping(uint256 id => bytes32 mixed) private _mixed;

    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function commit(uint256 id, address juror, bytes32 commitment) public override {
        super.commit(id, juror, commitment);
        _mixed[id] ^= commitment;
    }

    function _seedOf(uint256 id) internal view override returns (bytes32 seed) {
        return _mixed[id];
    }
}

/// @notice Bug: commitments and leaves do not say whose they are.
contract CommitmentsOfNobody is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _ownerOf(address) internal pure override returns (address owner) {
        return address(0);
    }
}

/// @notice Bug: the whole bond comes back when the jury finds nothing.
contract JuriesForNothing is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _costsWithoutVerdict() internal pure override returns (uint128 costsWei) {
        return 0;
    }
}

/// @notice Bug: a settled case stays open.
contract SettlesAgain is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _end(uint256) internal override {}
}

/// @notice Bug: the refund is what the receipt asks for, up to all that is left of the slash.
contract RefundsInFull is PlainCourt {
    constructor(IERC20 token, IStaking staking, IRandomness source) PlainCourt(token, staking, source) {}

    function _refundWei(uint128 askedWei, uint128 takenWei, uint128 costsWei) internal pure override returns (uint128) {
        uint128 mostWei = takenWei - takenWei / 10 - costsWei;
        return askedWei < mostWei ? askedWei : mostWei;
    }
}
