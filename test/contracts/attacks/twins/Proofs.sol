// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";

/// @title The least of a contract that proves equivocation, with the signature of the real one
/// @notice It has no bug that an attack here uses: each twin brings its own in the one function that it replaces.
/// Signatures are not checked, because no twin is about them.
abstract contract PlainProofs {
    using Evidence for Assignment;
    using Evidence for Receipt;

    IERC20 private immutable TOKEN;
    IStaking private immutable STAKING;
    bytes32 private immutable DOMAIN;
    mapping(bytes32 key => bool used) private _used;

    constructor(IERC20 token, IStaking staking, bytes32 domain) {
        (TOKEN, STAKING, DOMAIN) = (token, staking, domain);
    }

    function proveEquivocation(
        Assignment calldata assignment,
        IFaultProofs.SignedReceipt calldata first,
        IFaultProofs.SignedReceipt calldata second
    ) external {
        bytes32 job = _jobOf(assignment);
        bytes32 id = keccak256(abi.encodePacked(hex"1901", DOMAIN, job));
        require(first.receipt.assignment == id && second.receipt.assignment == id, "assignment");
        (bytes32 firstHash, bytes32 secondHash) = (first.receipt.hash(), second.receipt.hash());
        require(firstHash != secondHash, "same");
        bytes32 key = _keyOf(assignment.miner, job, firstHash, secondHash);
        require(!_used[key], "punished");
        _used[key] = true;
        (, uint128 stakedWei, , ) = STAKING.stakeOf(assignment.miner);
        uint128 takenWei = STAKING.slash(assignment.miner, stakedWei / 2, address(this));
        require(TOKEN.transfer(msg.sender, _rewardWei(takenWei)), "transfer");
    }

    function _jobOf(Assignment memory assignment) internal pure virtual returns (bytes32 job) {
        return assignment.hash();
    }

    function _keyOf(address miner, bytes32 job, bytes32, bytes32) internal pure virtual returns (bytes32 key) {
        return keccak256(abi.encode(miner, job));
    }

    function _rewardWei(uint128 takenWei) internal pure virtual returns (uint128 rewardWei) {
        return takenWei / 10;
    }
}

/// @notice Bug: who shows an offence gets all that it costs.
contract RewardsAllOfIt is PlainProofs {
    constructor(IERC20 token, IStaking staking, bytes32 domain) PlainProofs(token, staking, domain) {}

    function _rewardWei(uint128 takenWei) internal pure override returns (uint128 rewardWei) {
        return takenWei;
    }
}

/// @notice Bug: an offence is known by what it was shown with, so that other evidence of it is another offence.
contract KnowsOffencesByEvidence is PlainProofs {
    constructor(IERC20 token, IStaking staking, bytes32 domain) PlainProofs(token, staking, domain) {}

    function _keyOf(address, bytes32, bytes32 first, bytes32 second) internal pure override returns (bytes32 key) {
        return keccak256(abi.encode(first, second));
    }
}

/// @notice Bug: what a miner signs for names the job, and not which attempt at it.
contract ForgetsTheAttempt is PlainProofs {
    using Evidence for Assignment;

    constructor(IERC20 token, IStaking staking, bytes32 domain) PlainProofs(token, staking, domain) {}

    function _jobOf(Assignment memory assignment) internal pure override returns (bytes32 job) {
        assignment.attempt = 0;
        return assignment.hash();
    }
}
