// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Groth16} from "../libraries/Groth16.sol";

/// @title Classifications that are paid for by proof
/// @notice A client escrows the price of one classification and shows nothing but a commitment to its input. Whoever proves
/// what the network answers for that input is paid at once, and the answer is an event: a wrong answer has no proof, so that
/// it cannot be paid, and no dispute is needed. Without a proof in time the price goes back.
/// @dev The network is the circuit `classifier`, and its verifying key is the network's identity. A proof is made for one job
/// of one contract on one chain and for one miner, so that it is worth nothing to whoever copies it. Nobody administers this
/// contract; it holds what open jobs escrowed and nothing else.
interface IZkJobs {
    /// @notice The life of a job: from open to exactly one of the other two.
    enum State {
        None,
        Open,
        Answered,
        Refunded
    }

    /// @param client Who escrowed the price, and gets it back when nobody answers.
    /// @param priceWei What a proof is paid, in wei of the payment token.
    /// @param commitment Poseidon of the salt and the input's features, as the circuit computes it.
    /// @param deadline Unix time until which a proof is taken.
    /// @param answer The class that was proved; meaningful in the state Answered only.
    struct Job {
        address client;
        uint96 priceWei;
        uint256 commitment;
        uint64 deadline;
        State state;
        uint8 answer;
    }

    /// @notice A client escrowed the price of a classification.
    /// @param jobId The job's number, from 1.
    /// @param client Who escrowed.
    /// @param commitment The input's commitment.
    /// @param priceWei The escrowed price, in wei of the payment token.
    /// @param deadline Unix time until which a proof is taken.
    event JobOpened(
        uint256 indexed jobId,
        address indexed client,
        uint256 commitment,
        uint96 priceWei,
        uint64 deadline
    );

    /// @notice A miner proved the answer and was paid.
    /// @param jobId The job's number.
    /// @param miner Whom the proof names, and who was paid.
    /// @param answer The class, as an index.
    /// @param priceWei What was paid, in wei of the payment token.
    event JobAnswered(uint256 indexed jobId, address indexed miner, uint8 answer, uint96 priceWei);

    /// @notice Nobody proved an answer in time, and the client has its price back.
    /// @param jobId The job's number.
    /// @param client Who was paid back.
    /// @param priceWei What was paid back, in wei of the payment token.
    event JobRefunded(uint256 indexed jobId, address indexed client, uint96 priceWei);

    /// @notice The verifying key comes from a setup whose secrets everybody knows; it may serve on a development chain only.
    error ZkJobs_DevelopmentKey(uint256 chainId);
    /// @notice A commitment is an element of the circuit's field; no proof could be made for this one.
    error ZkJobs_CommitmentOutOfRange(uint256 commitment);
    /// @notice A job without a price pays nobody.
    error ZkJobs_ZeroPrice();
    /// @notice The deadline is not after now, or later than `latest`.
    error ZkJobs_BadDeadline(uint64 deadline, uint256 latest);
    /// @notice The token delivered another amount than was sent.
    error ZkJobs_InexactTransfer(uint256 sentWei, uint256 receivedWei);
    /// @notice The job does not exist, was answered, or was refunded.
    error ZkJobs_NotOpen(uint256 jobId, State state);
    /// @notice The job's time for a proof is over; its price goes back to the client.
    error ZkJobs_Expired(uint256 jobId, uint64 deadline);
    /// @notice A proof is still taken; the price stays escrowed until then.
    error ZkJobs_NotExpired(uint256 jobId, uint64 deadline);
    /// @notice The network has no such class.
    error ZkJobs_UnknownClass(uint256 answer, uint256 classes);
    /// @notice The proof does not show this answer for this job and this miner.
    error ZkJobs_InvalidProof(uint256 jobId, address miner, uint256 answer);

    /// @notice Escrows the price of one classification. The caller has approved it.
    /// @param commitment The input's commitment, below the circuit's field.
    /// @param priceWei The price, in wei of the payment token; not zero.
    /// @param deadline Unix time until which a proof is taken: after now, within MAXIMUM_SECONDS.
    /// @return jobId The job's number.
    /// @dev Errors: ZkJobs_CommitmentOutOfRange, ZkJobs_ZeroPrice, ZkJobs_BadDeadline, ZkJobs_InexactTransfer, the token's.
    function open(uint256 commitment, uint96 priceWei, uint64 deadline) external returns (uint256 jobId);

    /// @notice Proves the answer of a job and pays its price to the miner that the proof names. Anybody may send it.
    /// @param jobId The job's number.
    /// @param miner Whom the proof names.
    /// @param answerIndex The class, below CLASSES.
    /// @param proof A proof of the circuit for (the job's commitment, the class, `bindingOf(jobId, miner)`).
    /// @dev Errors: ZkJobs_NotOpen, ZkJobs_Expired, ZkJobs_UnknownClass, ZkJobs_InvalidProof, the token's.
    function answer(uint256 jobId, address miner, uint256 answerIndex, Groth16.Proof calldata proof) external;

    /// @notice Gives the price of a job that nobody answered in time back to its client. Anybody may send it.
    /// @param jobId The job's number.
    /// @dev Errors: ZkJobs_NotOpen, ZkJobs_NotExpired, the token's.
    function refund(uint256 jobId) external;

    /// @notice A job as it stands; one that was never opened is in the state None.
    function jobOf(uint256 jobId) external view returns (Job memory job);

    /// @notice What a proof for a job has to name beside the input and the answer: a hash of the chain, this contract, the
    /// job and the miner, without its three lowest bits so that it fits the circuit's field.
    function bindingOf(uint256 jobId, address miner) external view returns (uint256 binding);

    /// @notice The verifying key: the network's identity.
    function verifyingKey() external pure returns (Groth16.Key memory key);

    /// @notice How many jobs were opened: the number of the last one.
    function jobCount() external view returns (uint256 count);

    /// @notice How many classes the network tells apart.
    function CLASSES() external view returns (uint256 classes);

    /// @notice Longest time from opening to the deadline, in seconds: a price is never locked for longer.
    function MAXIMUM_SECONDS() external view returns (uint64 length);
}
