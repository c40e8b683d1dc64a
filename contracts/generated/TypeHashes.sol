// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title EIP-712 type hashes, generated from contracts/sdk/typed-data/schemas.ts
library TypeHashes {
    /// @notice Voucher
    bytes32 internal constant VOUCHER = keccak256(
        "Voucher(address payer,address payee,uint8 kind,uint64 epoch,uint128 cumulativeWei,uint64 count,bytes32 receiptsRoot)"
    );
    /// @notice SignerProof
    bytes32 internal constant SIGNER_PROOF = keccak256(
        "SignerProof(address payer,address payee,address signer,uint8 kind)"
    );
    /// @notice Quote
    bytes32 internal constant QUOTE = keccak256(
        "Quote(address coordinator,bytes32 modelDigest,uint128 inputPriceWei,uint128 outputPriceWei,uint32 feePpm,uint8 tier,uint64 expiresAt,bytes32 salt)"
    );
    /// @notice Assignment
    bytes32 internal constant ASSIGNMENT = keccak256(
        "Assignment(address coordinator,uint64 counter,uint32 attempt,address client,address miner,bytes32 modelDigest,bytes32 engineClass,bytes32 promptCommitment,bytes32 prefixCommitment,uint32 outputOffset,uint32 maxInputTokens,uint32 maxOutputTokens,bytes32 samplerHash,bytes32 seed,bytes32 quoteHash,uint128 inputPriceWei,uint128 outputPriceWei,uint32 feePpm,uint128 maxAmountWei,uint64 deadline,uint8 tier)"
    );
    /// @notice Receipt
    bytes32 internal constant RECEIPT = keccak256(
        "Receipt(bytes32 assignment,bytes32 inputCommitment,bytes32 outputCommitment,bytes32 fingerprintCommitment,uint32 inputTokens,uint32 outputTokens,uint128 amountWei,uint64 startedAtMs,uint64 finishedAtMs,uint8 finishReason,bool hosted)"
    );
    /// @notice Progress
    bytes32 internal constant PROGRESS = keccak256("Progress(bytes32 assignment,uint32 count,bytes32 prefixRoot)");
    /// @notice AssignmentBatch
    bytes32 internal constant ASSIGNMENT_BATCH = keccak256("AssignmentBatch(bytes32 root,uint32 count)");
    /// @notice ReceiptBatch
    bytes32 internal constant RECEIPT_BATCH = keccak256("ReceiptBatch(bytes32 root,uint32 count)");
    /// @notice ProgressBatch
    bytes32 internal constant PROGRESS_BATCH = keccak256("ProgressBatch(bytes32 root,uint32 count)");
    /// @notice TreeHead
    bytes32 internal constant TREE_HEAD = keccak256(
        "TreeHead(address coordinator,uint64 size,bytes32 root,uint64 timestampMs)"
    );
    /// @notice MinerHello
    bytes32 internal constant MINER_HELLO = keccak256(
        "MinerHello(address coordinator,string origin,address miner,bytes32 nonce,uint64 timestampMs)"
    );
    /// @notice ClientLogin
    bytes32 internal constant CLIENT_LOGIN = keccak256(
        "ClientLogin(address coordinator,string origin,address client,string scope,string terms,bytes32 nonce,uint64 timestampMs)"
    );
    /// @notice Letter
    bytes32 internal constant LETTER = keccak256(
        "Letter(address from,address to,bytes32 about,bytes32 body,uint64 timestampMs)"
    );
}
