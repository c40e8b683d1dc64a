// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {Base} from "../../helpers/Base.sol";
import {Vectors} from "../../generated/Vectors.sol";

/// @title The golden messages have the digests that TypeScript, viem and ethers compute
contract DigestsTest is Base {
    function test_Voucher() public pure {
        _check(_escrow(), TypeHashes.VOUCHER, Vectors.VOUCHER, Vectors.VOUCHER_HASH, Vectors.VOUCHER_DIGEST);
    }

    function test_SignerProof() public pure {
        _check(
            _escrow(),
            TypeHashes.SIGNER_PROOF,
            Vectors.SIGNER_PROOF,
            Vectors.SIGNER_PROOF_HASH,
            Vectors.SIGNER_PROOF_DIGEST
        );
    }

    function test_Quote() public pure {
        _check(_ledger(), TypeHashes.QUOTE, Vectors.QUOTE, Vectors.QUOTE_HASH, Vectors.QUOTE_DIGEST);
    }

    function test_Assignment() public pure {
        _check(
            _ledger(),
            TypeHashes.ASSIGNMENT,
            Vectors.ASSIGNMENT,
            Vectors.ASSIGNMENT_HASH,
            Vectors.ASSIGNMENT_DIGEST
        );
    }

    function test_Receipt() public pure {
        _check(_ledger(), TypeHashes.RECEIPT, Vectors.RECEIPT, Vectors.RECEIPT_HASH, Vectors.RECEIPT_DIGEST);
    }

    function test_Progress() public pure {
        _check(_ledger(), TypeHashes.PROGRESS, Vectors.PROGRESS, Vectors.PROGRESS_HASH, Vectors.PROGRESS_DIGEST);
    }

    function test_AssignmentBatch() public pure {
        _check(
            _ledger(),
            TypeHashes.ASSIGNMENT_BATCH,
            Vectors.ASSIGNMENT_BATCH,
            Vectors.ASSIGNMENT_BATCH_HASH,
            Vectors.ASSIGNMENT_BATCH_DIGEST
        );
    }

    function test_ReceiptBatch() public pure {
        _check(
            _ledger(),
            TypeHashes.RECEIPT_BATCH,
            Vectors.RECEIPT_BATCH,
            Vectors.RECEIPT_BATCH_HASH,
            Vectors.RECEIPT_BATCH_DIGEST
        );
    }

    function test_ProgressBatch() public pure {
        _check(
            _ledger(),
            TypeHashes.PROGRESS_BATCH,
            Vectors.PROGRESS_BATCH,
            Vectors.PROGRESS_BATCH_HASH,
            Vectors.PROGRESS_BATCH_DIGEST
        );
    }

    function test_TreeHead() public pure {
        _check(_ledger(), TypeHashes.TREE_HEAD, Vectors.TREE_HEAD, Vectors.TREE_HEAD_HASH, Vectors.TREE_HEAD_DIGEST);
    }

    function test_MinerHello() public pure {
        _check(
            _ledger(),
            TypeHashes.MINER_HELLO,
            Vectors.MINER_HELLO,
            Vectors.MINER_HELLO_HASH,
            Vectors.MINER_HELLO_DIGEST
        );
    }

    function test_ClientLogin() public pure {
        _check(
            _ledger(),
            TypeHashes.CLIENT_LOGIN,
            Vectors.CLIENT_LOGIN,
            Vectors.CLIENT_LOGIN_HASH,
            Vectors.CLIENT_LOGIN_DIGEST
        );
    }

    function test_Letter() public pure {
        _check(_ledger(), TypeHashes.LETTER, Vectors.LETTER, Vectors.LETTER_HASH, Vectors.LETTER_DIGEST);
    }

    function _check(
        bytes32 domain,
        bytes32 typeHash,
        bytes memory fields,
        bytes32 structHash,
        bytes32 digest
    ) private pure {
        bytes32 hash = keccak256(abi.encodePacked(typeHash, fields));
        _equal(uint256(hash), uint256(structHash), "struct hash");
        _equal(uint256(keccak256(abi.encodePacked(hex"1901", domain, hash))), uint256(digest), "digest");
    }

    function _escrow() private pure returns (bytes32 separator) {
        return _domain("Lode PaymentEscrow", Vectors.PAYMENT_ESCROW);
    }

    function _ledger() private pure returns (bytes32 separator) {
        return _domain("Lode ReceiptLedger", Vectors.RECEIPT_LEDGER);
    }

    function _domain(string memory name, address deployed) private pure returns (bytes32 separator) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256(bytes(name)),
                    keccak256("1"),
                    Vectors.CHAIN_ID,
                    deployed
                )
            );
    }
}
