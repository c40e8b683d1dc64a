// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice Bug: the domain says nothing about the chain.
contract ForgetsChain is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _separator() internal view override returns (bytes32 separator) {
        bytes32 typeHash = keccak256("EIP712Domain(string name,string version,address verifyingContract)");
        return keccak256(abi.encode(typeHash, keccak256("Lode PaymentEscrow"), keccak256("1"), address(this)));
    }
}

/// @notice Bug: the domain says nothing about the contract.
contract ForgetsContract is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _separator() internal view override returns (bytes32 separator) {
        bytes32 typeHash = keccak256("EIP712Domain(string name,string version,uint256 chainId)");
        return keccak256(abi.encode(typeHash, keccak256("Lode PaymentEscrow"), keccak256("1"), block.chainid));
    }
}

/// @notice Bug: the domain is computed once, at deployment.
contract CachesDomain is PlainEscrow {
    bytes32 private immutable CACHED;

    constructor(IERC20 token) PlainEscrow(token) {
        CACHED = _separatorOf(block.chainid, address(this));
    }

    function _separator() internal view override returns (bytes32 separator) {
        return CACHED;
    }
}

/// @notice Bug: the type string has a field of another width than what wallets are given.
contract DriftedTypeHash is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _structHash(IPaymentEscrow.Voucher memory v) internal pure override returns (bytes32 hash) {
        bytes32 typeHash = keccak256(
            "Voucher(address payer,address payee,uint8 kind,uint64 epoch,uint256 cumulativeWei,uint64 count,bytes32 receiptsRoot)"
        );
        return keccak256(abi.encode(typeHash, v));
    }
}

/// @notice Bug: one field of the voucher, counted from 0, is not signed.
contract LeavesFieldUnsigned is PlainEscrow {
    uint256 private immutable FIELD;

    constructor(IERC20 token, uint256 field) PlainEscrow(token) {
        FIELD = field;
    }

    function _structHash(IPaymentEscrow.Voucher memory v) internal view override returns (bytes32 hash) {
        bytes memory fields = abi.encode(TypeHashes.VOUCHER, v);
        uint256 field = FIELD;
        assembly ("memory-safe") {
            // The length and the type hash come before the fields.
            mstore(add(fields, mul(add(field, 2), 0x20)), 0)
        }
        return keccak256(fields);
    }
}
