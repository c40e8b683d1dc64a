// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Assignment, Progress, Receipt, TreeHead} from "../generated/Structs.sol";
import {TypeHashes} from "../generated/TypeHashes.sol";
import {Rfc6962} from "./Rfc6962.sol";

/// @notice The way from a struct hash to a batch's signature, which covers (root, count).
struct BatchProof {
    bytes32 root;
    uint32 count;
    uint32 index;
    bytes32[] path;
    bytes signature;
}

/// @title What people signed off the chain, and who did
library Evidence {
    using Rfc6962 for bytes32;

    /// @dev What the SDK signs at most; more would let a stranger make the path long.
    uint32 internal constant MAXIMUM_BATCH = 1 << 20;

    error Evidence_NotInBatch(bytes32 leaf, bytes32 root);

    /// @notice EIP-712 struct hash.
    function hash(Assignment memory value) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(TypeHashes.ASSIGNMENT, value));
    }

    /// @notice An assignment's id: its EIP-712 digest, which binds the chain and the contract. Receipts and acknowledgements name it.
    function idOf(Assignment memory value, bytes32 domain) internal pure returns (bytes32 id) {
        return MessageHashUtils.toTypedDataHash(domain, hash(value));
    }

    /// @notice EIP-712 struct hash.
    function hash(Receipt memory value) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(TypeHashes.RECEIPT, value));
    }

    /// @notice EIP-712 struct hash.
    function hash(Progress memory value) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(TypeHashes.PROGRESS, value));
    }

    /// @notice EIP-712 struct hash.
    function hash(TreeHead memory value) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(TypeHashes.TREE_HEAD, value));
    }

    /// @notice Who signed the batch that holds `leaf`; the zero address when the signature is none. `batchType` keeps a
    /// batch of one kind from passing for another.
    function batchSigner(
        bytes32 domain,
        bytes32 batchType,
        bytes32 leaf,
        BatchProof calldata proof
    ) internal pure returns (address signer) {
        if (
            proof.count > MAXIMUM_BATCH ||
            !Rfc6962.verifyInclusion(leaf.leafHash(), proof.index, proof.count, proof.path, proof.root)
        ) revert Evidence_NotInBatch(leaf, proof.root);
        return signerOf(domain, keccak256(abi.encode(batchType, proof.root, proof.count)), proof.signature);
    }

    /// @notice Who signed a struct hash; the zero address when the signature is none.
    function signerOf(
        bytes32 domain,
        bytes32 structHash,
        bytes calldata signature
    ) internal pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(MessageHashUtils.toTypedDataHash(domain, structHash), signature);
    }
}
