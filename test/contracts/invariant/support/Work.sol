// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Desk} from "./Desk.sol";

/// @title Jobs of any client, coordinator and miner, and what a punishment for one of them must look like
abstract contract Work is Desk {
    using Evidence for Assignment;
    using Evidence for Receipt;

    struct Job {
        uint256 client;
        uint256 coordinator;
        uint256 miner;
        uint64 counter;
        uint64 madeAt;
    }

    /// @dev A job as its parties signed it.
    struct Signed {
        Assignment assignment;
        BatchProof assigned;
        Receipt receipt;
        BatchProof receipted;
        bytes32 receiptHash;
    }

    /// @dev What there was before somebody is judged.
    struct Scales {
        uint256 accused;
        uint256 challenger;
        uint256 harmed;
        uint256 stakeWei;
        uint256 supplyWei;
        uint256 challengerWei;
        uint256 harmedWei;
        uint256 penaltyWei;
    }

    /// @dev Few, so that trees over them are small.
    uint32 internal constant OUTPUT = 4;

    uint64 private _counter;

    function _newJob(uint256 client, uint256 coordinator, uint256 miner) internal returns (Job memory job) {
        return Job(client, coordinator, miner, ++_counter, uint64(block.timestamp));
    }

    function _signedJob(Job memory job) internal view returns (Signed memory done) {
        Assignment memory a = _assignment(job.counter);
        (a.client, a.coordinator, a.miner) = (users[job.client], users[job.coordinator], users[job.miner]);
        a.deadline = job.madeAt + 60;
        Receipt memory r;
        (r.assignment, r.inputCommitment) = (_idOf(a), keccak256("input"));
        (r.outputCommitment, ) = _outputOf(0);
        (r.inputTokens, r.outputTokens, r.amountWei) = (20, OUTPUT, 0.06 ether);
        (r.startedAtMs, r.finishedAtMs) = (job.madeAt * 1000, job.madeAt * 1000 + 1500);
        (done.assignment, done.receipt, done.receiptHash) = (a, r, r.hash());
        done.assigned = _batch(_keyOf(job.coordinator), TypeHashes.ASSIGNMENT_BATCH, a.hash());
        done.receipted = _batch(_keyOf(job.miner), TypeHashes.RECEIPT_BATCH, done.receiptHash);
    }

    function _outputOf(uint256 position) internal pure returns (bytes32 root, bytes32[] memory path) {
        bytes32[] memory leaves = new bytes32[](OUTPUT);
        for (uint256 i = 0; i < OUTPUT; ++i) leaves[i] = Rfc6962.tokenLeafHash(_saltOf(i), _tokenAt(i));
        return _tree(leaves, position);
    }

    /// @dev Just before a verdict.
    function _weigh(
        uint256 accused,
        uint256 challenger,
        uint256 harmed,
        uint256 ppm
    ) internal returns (Scales memory scales) {
        (scales.accused, scales.challenger, scales.harmed) = (accused, challenger, harmed);
        (scales.stakeWei, scales.supplyWei) = (_stakeWei(accused), token.totalSupply());
        (scales.challengerWei, scales.harmedWei) = (_walletWei(challenger), _walletWei(harmed));
        uint256 leastWei = (_isCoordinator(accused) ? COORDINATOR_MINIMUM : MINER_MINIMUM) / 2;
        scales.penaltyWei = (scales.stakeWei * ppm) / 1_000_000;
        if (scales.penaltyWei < leastWei) scales.penaltyWei = _least(leastWei, scales.stakeWei);
        _consent(accused, Place.Stake);
    }

    /// @dev Right after it. `bondWei` went back to the challenger beside its reward.
    function _checkPunishment(Scales memory before, uint256 bondWei, uint256 costsWei) internal {
        uint256 takenWei = before.stakeWei - _stakeWei(before.accused);
        _hold(takenWei == before.penaltyWei, "54: another penalty");
        uint256 burnedWei = before.supplyWei - token.totalSupply();
        _hold(burnedWei * 2 + 1 >= takenWei, "54: less than half was burned");
        uint256 rewardWei = takenWei / 10;
        uint256 gainWei = _walletWei(before.challenger) - before.challengerWei - bondWei;
        if (before.challenger == before.harmed) {
            _hold(gainWei >= rewardWei && gainWei <= takenWei / 2, "54: another reward");
        } else {
            _hold(gainWei == rewardWei, "54: another reward");
            gainWei += _walletWei(before.harmed) - before.harmedWei;
        }
        _hold(burnedWei + gainWei + costsWei == takenWei, "54: parts are not the whole");
    }
}
