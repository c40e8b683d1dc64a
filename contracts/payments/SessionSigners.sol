// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {TypeHashes} from "../generated/TypeHashes.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";

/// @title Who may sign a payer's vouchers: the payer itself, and the session keys that it authorised
abstract contract SessionSigners is IPaymentEscrow, EIP712 {
    /// @dev One slot. A dedicated signer's cap bounds the channel's cumulative amount: one comparison, no write.
    struct SessionSigner {
        uint128 capWei;
        uint64 expiresAt;
    }

    /// @dev One slot: 96 + 96 + 40 + 24 bits. A pooled signer reaches every payee, so what it spends in a day is bounded.
    struct PoolSigner {
        uint96 dailyCapWei;
        uint96 spentWei;
        uint40 expiresAt;
        uint24 day;
    }

    /// @notice Voucher drawing on the dedicated account of (payer, payee).
    uint8 public constant KIND_DEDICATED = 0;
    /// @notice Voucher drawing on the payer's internal balance.
    uint8 public constant KIND_POOLED = 1;
    /// @notice How long a revoked signer's vouchers still collect.
    uint64 public constant REVOCATION_SECONDS = 3 days;

    mapping(address payer => mapping(address payee => mapping(address signer => SessionSigner session)))
        private _signers;
    mapping(address payer => mapping(address signer => PoolSigner session)) private _poolSigners;

    constructor() EIP712("Lode PaymentEscrow", "1") {}

    /// @inheritdoc IPaymentEscrow
    function authorizeSigner(
        address payee,
        address signer,
        uint128 capWei,
        uint64 expiresAt,
        bytes calldata proof
    ) external {
        if (payee == address(0)) revert Escrow_ZeroAddress();
        if (capWei == 0) revert Escrow_ZeroAmount();
        _checkSigner(payee, signer, KIND_DEDICATED, expiresAt, proof);
        SessionSigner storage session = _signers[msg.sender][payee][signer];
        _checkNotWeakened(signer, session.capWei, session.expiresAt, capWei, expiresAt);
        (session.capWei, session.expiresAt) = (capWei, expiresAt);
        emit SignerAuthorized(msg.sender, payee, signer, capWei, expiresAt);
    }

    /// @inheritdoc IPaymentEscrow
    function authorizePoolSigner(address signer, uint128 dailyCapWei, uint64 expiresAt, bytes calldata proof) external {
        if (dailyCapWei == 0) revert Escrow_ZeroAmount();
        if (dailyCapWei > type(uint96).max) revert Escrow_AmountTooLarge(dailyCapWei);
        if (expiresAt > type(uint40).max) revert Escrow_SignerExpiryTooLate(expiresAt, type(uint40).max);
        _checkSigner(address(0), signer, KIND_POOLED, expiresAt, proof);
        PoolSigner storage session = _poolSigners[msg.sender][signer];
        _checkNotWeakened(signer, session.dailyCapWei, session.expiresAt, dailyCapWei, expiresAt);
        // What was spent today stays counted, so that authorising again does not refill the day's allowance.
        (session.dailyCapWei, session.expiresAt) = (uint96(dailyCapWei), uint40(expiresAt));
        emit PoolSignerAuthorized(msg.sender, signer, dailyCapWei, expiresAt);
    }

    /// @inheritdoc IPaymentEscrow
    function revokeSigner(address payee, address signer) external {
        SessionSigner storage session = _signers[msg.sender][payee][signer];
        uint64 expiresAt = session.expiresAt;
        if (expiresAt == 0) revert Escrow_SignerUnknown(msg.sender, payee, signer);
        expiresAt = _sooner(expiresAt);
        session.expiresAt = expiresAt;
        emit SignerRevoked(msg.sender, payee, signer, expiresAt);
    }

    /// @inheritdoc IPaymentEscrow
    function revokePoolSigner(address signer) external {
        PoolSigner storage session = _poolSigners[msg.sender][signer];
        uint64 expiresAt = session.expiresAt;
        if (expiresAt == 0) revert Escrow_SignerUnknown(msg.sender, address(0), signer);
        expiresAt = _sooner(expiresAt);
        session.expiresAt = uint40(expiresAt);
        emit PoolSignerRevoked(msg.sender, signer, expiresAt);
    }

    /// @inheritdoc IPaymentEscrow
    function signerOf(
        address payer,
        address payee,
        address signer
    ) external view returns (uint128 capWei, uint64 expiresAt) {
        SessionSigner storage session = _signers[payer][payee][signer];
        return (session.capWei, session.expiresAt);
    }

    /// @inheritdoc IPaymentEscrow
    function poolSignerOf(address payer, address signer) external view returns (uint128 dailyCapWei, uint64 expiresAt) {
        PoolSigner storage session = _poolSigners[payer][signer];
        return (session.dailyCapWei, session.expiresAt);
    }

    /// @dev Plain ECDSA whatever code the payer has: a payer that gains code after service cannot refuse to pay. With
    /// `strict` it reverts with the reason, without it answers false. A pooled signer's spending is counted here.
    function _authorize(
        Voucher memory voucher,
        bytes calldata signature,
        uint96 paidWei,
        bool strict
    ) internal returns (bool authorized) {
        address signer = _signerOf(voucher, signature);
        address payer = voucher.payer;
        if (signer == payer && signer != address(0)) return true;
        if (voucher.kind == KIND_POOLED) return _spendPooled(payer, signer, paidWei, strict);
        SessionSigner storage session = _signers[payer][voucher.payee][signer];
        if (!_isLive(payer, voucher.payee, signer, session.expiresAt, strict)) return false;
        uint128 capWei = session.capWei;
        if (voucher.cumulativeWei > capWei) {
            if (strict) revert Escrow_SignerCapExceeded(signer, voucher.cumulativeWei, capWei);
            return false;
        }
        return true;
    }

    /// @dev Whether the voucher binds its payer: what `_authorize` asks, but for what a pooled signer spent today, which
    /// bounds how fast a promise is paid and not whether it was made. A pooled signer promises no more than it can have paid
    /// in a day, and nothing while the pool is frozen: whoever stole its key could else owe itself any amount in its payer's
    /// name, or a day's amount to each of any number of payees, all of whom a freeze would have to be bought off.
    function _mayPromise(
        Voucher memory voucher,
        bytes calldata signature,
        uint96 collectedWei,
        bool isFrozen
    ) internal view returns (bool promised) {
        address signer = _signerOf(voucher, signature);
        if (signer == address(0)) return false;
        address payer = voucher.payer;
        if (signer == payer) return true;
        if (voucher.kind == KIND_POOLED) {
            PoolSigner storage pooled = _poolSigners[payer][signer];
            return
                !isFrozen &&
                block.timestamp <= pooled.expiresAt &&
                voucher.cumulativeWei <= uint256(collectedWei) + pooled.dailyCapWei;
        }
        SessionSigner storage session = _signers[payer][voucher.payee][signer];
        return block.timestamp <= session.expiresAt && voucher.cumulativeWei <= session.capWei;
    }

    /// @dev The zero address when the signature is none; no session has that key.
    function _signerOf(Voucher memory voucher, bytes calldata signature) private view returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(_voucherHash(voucher)), signature);
    }

    function _spendPooled(
        address payer,
        address signer,
        uint96 paidWei,
        bool strict
    ) private returns (bool authorized) {
        PoolSigner storage session = _poolSigners[payer][signer];
        if (!_isLive(payer, address(0), signer, session.expiresAt, strict)) return false;
        uint24 day = uint24(block.timestamp / 1 days);
        uint256 spentWei = (session.day == day ? session.spentWei : 0) + uint256(paidWei);
        if (spentWei > session.dailyCapWei) {
            if (strict) revert Escrow_SignerDailyCapExceeded(signer, spentWei, session.dailyCapWei);
            return false;
        }
        (session.spentWei, session.day) = (uint96(spentWei), day);
        return true;
    }

    function _isLive(
        address payer,
        address payee,
        address signer,
        uint64 expiresAt,
        bool strict
    ) private view returns (bool live) {
        if (expiresAt == 0) {
            if (strict) revert Escrow_SignerUnknown(payer, payee, signer);
            return false;
        }
        if (block.timestamp > expiresAt) {
            if (strict) revert Escrow_SignerExpired(signer, expiresAt);
            return false;
        }
        return true;
    }

    /// @dev The proof binds payer, payee and kind: a signer cannot be named by a payer it did not agree with.
    function _checkSigner(
        address payee,
        address signer,
        uint8 kind,
        uint64 expiresAt,
        bytes calldata proof
    ) private view {
        if (signer == address(0)) revert Escrow_ZeroAddress();
        if (expiresAt <= block.timestamp) revert Escrow_SignerExpiryInPast(expiresAt);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(TypeHashes.SIGNER_PROOF, msg.sender, payee, signer, kind))
        );
        (address recovered, , ) = ECDSA.tryRecoverCalldata(digest, proof);
        if (recovered != signer) revert Escrow_BadSignerProof(signer, recovered);
    }

    /// @dev Authorising again must not do at once what a revocation does after its delay: payees hold vouchers that were
    /// good under the present terms, and have that long to collect them.
    function _checkNotWeakened(
        address signer,
        uint128 currentCapWei,
        uint64 currentExpiresAt,
        uint128 capWei,
        uint64 expiresAt
    ) private view {
        if (block.timestamp > currentExpiresAt) return;
        if (capWei < currentCapWei) revert Escrow_SignerCapLowered(signer, capWei, currentCapWei);
        uint64 earliest = _sooner(currentExpiresAt);
        if (expiresAt < earliest) revert Escrow_SignerCutShort(signer, expiresAt, earliest);
    }

    /// @dev Never later than it was: revoking an expired signer does not bring it back.
    function _sooner(uint64 expiresAt) private view returns (uint64 sooner) {
        uint64 revokedAt = uint64(block.timestamp) + REVOCATION_SECONDS;
        return revokedAt < expiresAt ? revokedAt : expiresAt;
    }

    /// @dev A voucher in memory is its seven fields, one word each: its ABI encoding. The word before it holds something
    /// of somebody else's, which is put back after standing in for the type hash.
    function _voucherHash(Voucher memory voucher) private pure returns (bytes32 hash) {
        bytes32 typeHash = TypeHashes.VOUCHER;
        assembly ("memory-safe") {
            let before := sub(voucher, 0x20)
            let kept := mload(before)
            mstore(before, typeHash)
            hash := keccak256(before, 0x100)
            mstore(before, kept)
        }
    }
}
