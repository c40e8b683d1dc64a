// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Assignment, see contracts/sdk/typed-data/schemas.ts
struct Assignment {
    address coordinator;
    uint64 counter;
    uint32 attempt;
    address client;
    address miner;
    bytes32 modelDigest;
    bytes32 engineClass;
    bytes32 promptCommitment;
    bytes32 prefixCommitment;
    uint32 outputOffset;
    uint32 maxInputTokens;
    uint32 maxOutputTokens;
    bytes32 samplerHash;
    bytes32 seed;
    bytes32 quoteHash;
    uint128 inputPriceWei;
    uint128 outputPriceWei;
    uint32 feePpm;
    uint128 maxAmountWei;
    uint64 deadline;
    uint8 tier;
}

/// @notice Receipt, see contracts/sdk/typed-data/schemas.ts
struct Receipt {
    bytes32 assignment;
    bytes32 inputCommitment;
    bytes32 outputCommitment;
    bytes32 fingerprintCommitment;
    uint32 inputTokens;
    uint32 outputTokens;
    uint128 amountWei;
    uint64 startedAtMs;
    uint64 finishedAtMs;
    uint8 finishReason;
    bool hosted;
}

/// @notice Progress, see contracts/sdk/typed-data/schemas.ts
struct Progress {
    bytes32 assignment;
    uint32 count;
    bytes32 prefixRoot;
}

/// @notice TreeHead, see contracts/sdk/typed-data/schemas.ts
struct TreeHead {
    address coordinator;
    uint64 size;
    bytes32 root;
    uint64 timestampMs;
}
