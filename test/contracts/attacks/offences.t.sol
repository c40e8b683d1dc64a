// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment} from "../../../contracts/generated/Structs.sol";
import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IVerdicts} from "../../../contracts/interfaces/IVerdicts.sol";
import {Evidence} from "../../../contracts/libraries/Evidence.sol";
import {JobAttack} from "./DisputeAttack.sol";
import {ForgetsTheAttempt, KnowsOffencesByEvidence, RewardsAllOfIt} from "./twins/Proofs.sol";

/// @title Attacks with proofs of a miner's equivocation
contract OffenceAttacks is JobAttack {
    using Evidence for Assignment;

    /// @dev Source: Filecoin, "On burning funds and rewarding slashers", who slashes itself by another identity keeps what the
    /// slasher gets (filecoin-project/specs issue 159).
    function test_SlashRecycledToASybilChallenger_Fails() public {
        _fails(_reportOneself(faultProofs));
        _refusedWith(_alreadyPunished());
        _equal(_stakedWei(), WORKER_STAKE / 2, "slashed");
        _equal(token.balanceOf(STRANGER), WORKER_STAKE / 20, "a tenth of it is the sybil's");
    }

    function test_SlashRecycledToASybilChallenger_SucceedsAgainstTwin() public {
        _succeeds(_reportOneself(_twin(address(new RewardsAllOfIt(token, staking, ledger.domainSeparator())))));
    }

    /// @dev Source: Namada, several slashes at one height for one misbehaviour (namada-net/namada issue 2567); Filecoin, a fault
    /// shown with the same block twice (filecoin-project/specs issue 511).
    function test_SecondIdenticalOffence_Fails() public {
        _fails(_proveAgain(faultProofs));
        _refusedWith(_alreadyPunished());
        _equal(_stakedWei(), WORKER_STAKE / 2, "slashed once");
    }

    function test_SecondIdenticalOffence_SucceedsAgainstTwin() public {
        _succeeds(_proveAgain(_twin(address(new KnowsOffencesByEvidence(token, staking, ledger.domainSeparator())))));
    }

    /// @dev Source: EIP-3076, an honest signer that is started again signs twice for one duty, and is slashed
    /// (ethereum/EIPs pull request 3076; harmony-dev/beacon-chain-java issue 166). Here the coordinator lets the same miner try
    /// a job again, and shows its two receipts as one offence.
    function test_SameMinerRetry_Fails() public {
        _fails(_frameByARetry(faultProofs, true));
        (Assignment memory job, Assignment memory retry) = _attempts();
        _refusedWith(abi.encodeWithSelector(IVerdicts.Verdicts_WrongAssignment.selector, _idOf(retry), _idOf(job)));
        _equal(_stakedWei(), WORKER_STAKE, "untouched");
    }

    function test_SameMinerRetry_SucceedsAgainstTwin() public {
        _succeeds(
            _frameByARetry(_twin(address(new ForgetsTheAttempt(token, staking, ledger.domainSeparator()))), false)
        );
    }

    /// @dev The miner sees that it is about to be reported, and is faster by another account of its own.
    function _reportOneself(IFaultProofs target) private returns (bool won) {
        Assignment memory job = _assignment(1);
        (IFaultProofs.SignedReceipt memory first, IFaultProofs.SignedReceipt memory second) = _twoReceipts(job);
        bytes memory report = abi.encodeCall(IFaultProofs.proveEquivocation, (job, first, second));
        uint256 before = token.balanceOf(STRANGER);
        _must(STRANGER, address(target), report);
        _fails(_try(CLIENT, address(target), report));
        return token.balanceOf(STRANGER) - before >= (WORKER_STAKE - _stakedWei()) / 2;
    }

    /// @dev The same evidence, the other way round, and with a third receipt.
    function _proveAgain(IFaultProofs target) private returns (bool won) {
        Assignment memory job = _assignment(1);
        (IFaultProofs.SignedReceipt memory first, IFaultProofs.SignedReceipt memory second) = _twoReceipts(job);
        IFaultProofs.SignedReceipt memory third;
        third.receipt = _receipt(job);
        third.receipt.outputCommitment = keccak256("a third answer");
        third.proof = _receipted(third.receipt);
        _must(STRANGER, address(target), abi.encodeCall(IFaultProofs.proveEquivocation, (job, first, second)));
        uint256 once = _stakedWei();
        _try(STRANGER, address(target), abi.encodeCall(IFaultProofs.proveEquivocation, (job, first, second)));
        _try(STRANGER, address(target), abi.encodeCall(IFaultProofs.proveEquivocation, (job, second, first)));
        _try(STRANGER, address(target), abi.encodeCall(IFaultProofs.proveEquivocation, (job, third, first)));
        return _stakedWei() < once;
    }

    /// @dev `isAttemptSigned`: whether what miners sign for, by the rules of the contract that is attacked, names the attempt.
    function _frameByARetry(IFaultProofs target, bool isAttemptSigned) private returns (bool won) {
        (Assignment memory job, Assignment memory retry) = _attempts();
        IFaultProofs.SignedReceipt memory first;
        IFaultProofs.SignedReceipt memory second;
        (first.receipt, second.receipt) = (_receipt(job), _receipt(retry));
        second.receipt.startedAtMs += 60_000;
        if (!isAttemptSigned) second.receipt.assignment = first.receipt.assignment;
        (first.proof, second.proof) = (_receipted(first.receipt), _receipted(second.receipt));
        _try(STRANGER, address(target), abi.encodeCall(IFaultProofs.proveEquivocation, (job, first, second)));
        _try(STRANGER, address(target), abi.encodeCall(IFaultProofs.proveEquivocation, (retry, first, second)));
        return _stakedWei() < WORKER_STAKE;
    }

    function _attempts() private view returns (Assignment memory job, Assignment memory retry) {
        (job, retry) = (_assignment(1), _assignment(1));
        retry.attempt = 1;
    }

    function _twoReceipts(
        Assignment memory job
    ) private view returns (IFaultProofs.SignedReceipt memory first, IFaultProofs.SignedReceipt memory second) {
        (first.receipt, second.receipt) = (_receipt(job), _receipt(job));
        second.receipt.outputCommitment = keccak256("another answer");
        (first.proof, second.proof) = (_receipted(first.receipt), _receipted(second.receipt));
    }

    function _alreadyPunished() private view returns (bytes memory data) {
        IVerdicts.Fault fault = IVerdicts.Fault.Equivocation;
        bytes32 key = keccak256(abi.encode(fault, WORKER, _idOf(_assignment(1))));
        return abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, fault, key);
    }

    function _stakedWei() private view returns (uint256 amountWei) {
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        return stakedWei;
    }

    function _twin(address twin) private returns (IFaultProofs target) {
        _allow(twin);
        return IFaultProofs(twin);
    }
}
