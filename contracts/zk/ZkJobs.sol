// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ClassifierKey} from "../generated/ClassifierKey.sol";
import {IZkJobs} from "../interfaces/IZkJobs.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";
import {Groth16} from "../libraries/Groth16.sol";
import {DevelopmentKeys} from "./DevelopmentKeys.sol";

/// @title ZkJobs
/// @notice See IZkJobs.
contract ZkJobs is IZkJobs {
    using SafeERC20 for IERC20;

    /// @inheritdoc IZkJobs
    uint256 public constant CLASSES = 6;
    /// @inheritdoc IZkJobs
    uint64 public constant MAXIMUM_SECONDS = 7 days;

    /// @notice The payment token.
    IERC20 public immutable TOKEN;

    /// @inheritdoc IZkJobs
    uint256 public jobCount;

    /// @dev Three slots a job: (client, price), commitment, (deadline, state, answer). Only the last changes.
    mapping(uint256 jobId => Job job) private _jobs;

    constructor(IERC20 token) {
        if (!DevelopmentKeys.areAllowed() && ClassifierKey.IS_DEVELOPMENT) revert ZkJobs_DevelopmentKey(block.chainid);
        TOKEN = token;
    }

    /// @inheritdoc IZkJobs
    function open(uint256 commitment, uint96 priceWei, uint64 deadline) external returns (uint256 jobId) {
        if (commitment >= Groth16.ORDER) revert ZkJobs_CommitmentOutOfRange(commitment);
        if (priceWei == 0) revert ZkJobs_ZeroPrice();
        uint256 latest = block.timestamp + MAXIMUM_SECONDS;
        if (deadline <= block.timestamp || deadline > latest) revert ZkJobs_BadDeadline(deadline, latest);
        jobId = ++jobCount;
        _jobs[jobId] = Job({
            client: msg.sender,
            priceWei: priceWei,
            commitment: commitment,
            deadline: deadline,
            state: State.Open,
            answer: 0
        });
        emit JobOpened(jobId, msg.sender, commitment, priceWei, deadline);
        uint256 receivedWei = ExactTransfer.pull(TOKEN, msg.sender, priceWei);
        if (receivedWei != priceWei) revert ZkJobs_InexactTransfer(priceWei, receivedWei);
    }

    /// @inheritdoc IZkJobs
    function answer(uint256 jobId, address miner, uint256 answerIndex, Groth16.Proof calldata proof) external {
        Job storage job = _openJob(jobId);
        if (block.timestamp > job.deadline) revert ZkJobs_Expired(jobId, job.deadline);
        if (answerIndex >= CLASSES) revert ZkJobs_UnknownClass(answerIndex, CLASSES);
        uint256[] memory signals = new uint256[](3);
        (signals[0], signals[1], signals[2]) = (job.commitment, answerIndex, bindingOf(jobId, miner));
        if (!Groth16.verify(ClassifierKey.load(), proof, signals)) {
            revert ZkJobs_InvalidProof(jobId, miner, answerIndex);
        }
        // The statement is used up with the job, whatever bytes prove it.
        (job.state, job.answer) = (State.Answered, uint8(answerIndex));
        emit JobAnswered(jobId, miner, uint8(answerIndex), job.priceWei);
        TOKEN.safeTransfer(miner, job.priceWei);
    }

    /// @inheritdoc IZkJobs
    function refund(uint256 jobId) external {
        Job storage job = _openJob(jobId);
        if (block.timestamp <= job.deadline) revert ZkJobs_NotExpired(jobId, job.deadline);
        job.state = State.Refunded;
        emit JobRefunded(jobId, job.client, job.priceWei);
        TOKEN.safeTransfer(job.client, job.priceWei);
    }

    /// @inheritdoc IZkJobs
    function jobOf(uint256 jobId) external view returns (Job memory job) {
        return _jobs[jobId];
    }

    /// @inheritdoc IZkJobs
    function verifyingKey() external pure returns (Groth16.Key memory key) {
        return ClassifierKey.load();
    }

    /// @inheritdoc IZkJobs
    function bindingOf(uint256 jobId, address miner) public view returns (uint256 binding) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), jobId, miner))) >> 3;
    }

    function _openJob(uint256 jobId) private view returns (Job storage job) {
        job = _jobs[jobId];
        if (job.state != State.Open) revert ZkJobs_NotOpen(jobId, job.state);
    }
}
