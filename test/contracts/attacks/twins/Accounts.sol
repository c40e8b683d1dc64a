// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Assignment} from "../../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IReceiptLedger} from "../../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";

/// @notice Bug: an accused that has code is asked whether it signed. Only batches of one are understood.
contract AsksSignersWithCode {
    IStaking private immutable STAKING;
    IReceiptLedger private immutable LEDGER;

    constructor(IStaking staking, IReceiptLedger ledger) {
        (STAKING, LEDGER) = (staking, ledger);
    }

    function proveEquivocation(
        Assignment calldata assignment,
        IFaultProofs.SignedReceipt calldata first,
        IFaultProofs.SignedReceipt calldata second
    ) external {
        require(first.proof.root != second.proof.root, "same");
        _check(assignment.miner, first);
        _check(assignment.miner, second);
        (, uint128 stakedWei, , ) = STAKING.stakeOf(assignment.miner);
        STAKING.slash(assignment.miner, stakedWei / 2, msg.sender);
    }

    function _check(address miner, IFaultProofs.SignedReceipt calldata shown) private view {
        bytes32 structHash = keccak256(abi.encode(TypeHashes.RECEIPT_BATCH, shown.proof.root, shown.proof.count));
        bytes32 digest = MessageHashUtils.toTypedDataHash(LEDGER.domainSeparator(), structHash);
        require(SignatureChecker.isValidSignatureNow(miner, digest, shown.proof.signature), "signature");
    }
}
