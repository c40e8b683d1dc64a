// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {TypeHashes} from "../../../contracts/generated/TypeHashes.sol";
import {Attack} from "./Attack.sol";

/// @title What the attacks on the escrow share: signing and submitting vouchers for whatever escrow is attacked
abstract contract PaymentAttack is Attack {
    uint128 internal constant BALANCE = 100 ether;
    /// @dev Fields of a voucher; also what stands for none of them.
    uint256 internal constant FIELDS = 7;

    function _digestOf(address target, uint256 chainId, bytes32 structHash) internal pure returns (bytes32 digest) {
        bytes32 typeHash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 separator = keccak256(
            abi.encode(typeHash, keccak256("Lode PaymentEscrow"), keccak256("1"), chainId, target)
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function _signedFor(
        IPaymentEscrow target,
        uint256 key,
        IPaymentEscrow.Voucher memory v
    ) internal view returns (bytes memory signature) {
        return _sign(key, _digestOf(address(target), block.chainid, keccak256(abi.encode(TypeHashes.VOUCHER, v))));
    }

    /// @dev What a voucher pays, 0 when it is refused.
    function _paid(
        IPaymentEscrow target,
        IPaymentEscrow.Voucher memory v,
        bytes memory signature
    ) internal returns (uint256 paidWei) {
        try target.collect(v, signature) returns (uint128 amountWei) {
            return amountWei;
        } catch (bytes memory reason) {
            refusal = reason;
            return 0;
        }
    }

    /// @dev What a wallet signs for a type without the field; all fields when there is no such field.
    function _hashWithout(IPaymentEscrow.Voucher memory v, uint256 field) internal pure returns (bytes32 hash) {
        bytes memory fields = abi.encode(TypeHashes.VOUCHER, v);
        if (field < FIELDS) {
            assembly ("memory-safe") {
                mstore(add(fields, mul(add(field, 2), 0x20)), 0)
            }
        }
        return keccak256(fields);
    }

    function _collectSigned(
        IPaymentEscrow target,
        uint256 key,
        IPaymentEscrow.Voucher memory v
    ) internal returns (uint256 paidWei) {
        return _paid(target, v, _signedFor(target, key, v));
    }

    /// @dev `payer`'s dedicated account with `payee`; any of the funded parties pays for it.
    function _depositFor(IPaymentEscrow target, address payer, address payee, uint128 amountWei) internal {
        VM.prank(CLIENT);
        target.deposit(payer, payee, amountWei);
    }

    function _depositPoolFor(IPaymentEscrow target, address payer, uint128 amountWei) internal {
        VM.prank(CLIENT);
        target.depositPool(payer, amountWei);
    }

    /// @dev The session key agrees with `payer` on `payee` in the domain of `target`.
    function _proofFor(
        IPaymentEscrow target,
        address payer,
        address payee,
        uint8 kind
    ) internal view returns (bytes memory proof) {
        bytes32 structHash = keccak256(abi.encode(TypeHashes.SIGNER_PROOF, payer, payee, SESSION, kind));
        return _sign(SESSION_KEY, _digestOf(address(target), block.chainid, structHash));
    }

    function _authorizeFor(IPaymentEscrow target, address payer, address payee, uint128 capWei) internal {
        bytes memory proof = _proofFor(target, payer, payee, 0);
        VM.prank(payer);
        target.authorizeSigner(payee, SESSION, capWei, uint64(block.timestamp + 30 days), proof);
    }

    function _authorizePoolFor(IPaymentEscrow target, address payer, uint128 dailyCapWei) internal {
        bytes memory proof = _proofFor(target, payer, address(0), 1);
        VM.prank(payer);
        target.authorizePoolSigner(SESSION, dailyCapWei, uint64(block.timestamp + 30 days), proof);
    }

    function _twin(address twin) internal returns (IPaymentEscrow target) {
        address[3] memory parties = [CLIENT, COORDINATOR, MINER];
        for (uint256 i = 0; i < parties.length; ++i) {
            VM.prank(parties[i]);
            token.approve(twin, type(uint256).max);
        }
        return IPaymentEscrow(twin);
    }

    /// @dev The signature recovers to nobody whom the payer authorised.
    function _refusedAsUnsigned() internal view {
        _equal(
            uint32(bytes4(refusal)),
            uint32(IPaymentEscrow.Escrow_SignerUnknown.selector),
            "refused for another reason"
        );
    }
}
