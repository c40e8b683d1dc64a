// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";
import {TypeHashes} from "../generated/TypeHashes.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IStaking} from "../interfaces/IStaking.sol";

/// @title PaymentEscrow
/// @notice See IPaymentEscrow. The token must move exact amounts and call nobody; it is fixed per deployment.
contract PaymentEscrow is IPaymentEscrow, EIP712 {
    using SafeERC20 for IERC20;
    using ExactTransfer for IERC20;

    /// @dev One slot: 96 + 96 + 40 + 24 bits. `balanceWei` includes `thawingWei`, because collection reaches thawing money.
    struct Account {
        uint96 balanceWei;
        uint96 thawingWei;
        uint40 thawEndsAt;
        uint24 epoch;
    }

    /// @dev One slot, the only one that a repeat voucher writes beside the account it draws on.
    struct Channel {
        uint128 collectedWei;
        uint64 count;
    }

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
    /// @notice Thaw of accounts and pools: payees have this long to collect what they hold.
    uint64 public constant THAW_SECONDS = 7 days;
    /// @notice How long a revoked signer's vouchers still collect.
    uint64 public constant REVOCATION_SECONDS = 3 days;
    /// @notice Highest protocol fee that a deployment can have: 5 %.
    uint32 public constant MAXIMUM_FEE_PPM = 50_000;

    IERC20 private immutable TOKEN;
    IStaking private immutable STAKING;
    uint32 private immutable FEE_PPM;

    mapping(address payer => mapping(address payee => Account account)) private _accounts;
    mapping(address account => Account pool) private _pools;
    mapping(address payer => mapping(address payee => mapping(uint8 kind => Channel channel))) private _channels;
    mapping(address payer => mapping(address payee => mapping(address signer => SessionSigner session)))
        private _signers;
    mapping(address payer => mapping(address signer => PoolSigner session)) private _poolSigners;
    uint256 private _unburnedFeesWei;

    constructor(IERC20 token, IStaking staking, uint32 feePpm) EIP712("Lode PaymentEscrow", "1") {
        if (address(token) == address(0) || address(staking) == address(0)) revert Escrow_ZeroAddress();
        if (feePpm > MAXIMUM_FEE_PPM) revert Escrow_FeeAboveMaximum(feePpm, MAXIMUM_FEE_PPM);
        TOKEN = token;
        STAKING = staking;
        FEE_PPM = feePpm;
    }

    /// @inheritdoc IPaymentEscrow
    function deposit(address payer, address payee, uint128 amountWei) external {
        if (payer == address(0) || payee == address(0)) revert Escrow_ZeroAddress();
        if (payer == payee) revert Escrow_SelfPayment(payer);
        uint96 balanceWei = _credit(_accounts[payer][payee], amountWei);
        emit Deposited(payer, payee, amountWei, balanceWei);
        _pull(amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function depositPool(address payer, uint128 amountWei) external {
        if (payer == address(0)) revert Escrow_ZeroAddress();
        uint96 balanceWei = _credit(_pools[payer], amountWei);
        emit PoolDeposited(payer, amountWei, balanceWei);
        _pull(amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function startThaw(address payee, uint128 amountWei) external {
        Account storage account = _accounts[msg.sender][payee];
        uint64 thawEndsAt = _startThaw(account, amountWei);
        emit AccountThawStarted(msg.sender, payee, amountWei, thawEndsAt);
    }

    /// @inheritdoc IPaymentEscrow
    function withdraw(address payee) external {
        uint96 amountWei = _finishThaw(_accounts[msg.sender][payee]);
        emit AccountWithdrawn(msg.sender, payee, amountWei);
        TOKEN.safeTransfer(msg.sender, amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function startPoolThaw(uint128 amountWei) external {
        uint64 thawEndsAt = _startThaw(_pools[msg.sender], amountWei);
        emit PoolThawStarted(msg.sender, amountWei, thawEndsAt);
    }

    /// @inheritdoc IPaymentEscrow
    function withdrawPool() external {
        uint96 amountWei = _finishThaw(_pools[msg.sender]);
        emit PoolWithdrawn(msg.sender, amountWei);
        TOKEN.safeTransfer(STAKING.payoutOf(msg.sender), amountWei);
    }

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
        _signers[msg.sender][payee][signer] = SessionSigner(capWei, expiresAt);
        emit SignerAuthorized(msg.sender, payee, signer, capWei, expiresAt);
    }

    /// @inheritdoc IPaymentEscrow
    function authorizePoolSigner(address signer, uint128 dailyCapWei, uint64 expiresAt, bytes calldata proof) external {
        if (dailyCapWei == 0) revert Escrow_ZeroAmount();
        _checkSigner(address(0), signer, KIND_POOLED, expiresAt, proof);
        PoolSigner storage session = _poolSigners[msg.sender][signer];
        // What was spent today stays counted, so that authorising again does not refill the day's allowance.
        (session.dailyCapWei, session.expiresAt) = (_toUint96(dailyCapWei), _toUint40(expiresAt));
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
    function collect(Voucher calldata voucher, bytes calldata signature) external returns (uint128 paidWei) {
        uint128 feeWei;
        (paidWei, feeWei) = _collect(voucher, signature, true);
        if (feeWei != 0) _unburnedFeesWei += feeWei;
    }

    /// @inheritdoc IPaymentEscrow
    function collectMany(
        Voucher[] calldata vouchers,
        bytes[] calldata signatures
    ) external returns (uint128[] memory paidWei) {
        if (vouchers.length != signatures.length) revert Escrow_LengthMismatch(vouchers.length, signatures.length);
        paidWei = new uint128[](vouchers.length);
        uint256 feesWei = 0;
        for (uint256 i = 0; i < vouchers.length; ++i) {
            uint128 feeWei;
            (paidWei[i], feeWei) = _collect(vouchers[i], signatures[i], false);
            feesWei += feeWei;
        }
        if (feesWei != 0) _unburnedFeesWei += feesWei;
    }

    /// @inheritdoc IPaymentEscrow
    function sweep(address account) external {
        (IStaking.Role role, , , ) = STAKING.stakeOf(account);
        if (role == IStaking.Role.Coordinator) revert Escrow_PoolMustThaw(account);
        Account storage pool = _pools[account];
        uint96 amountWei = pool.balanceWei - pool.thawingWei;
        if (amountWei == 0) revert Escrow_NothingToSweep(account);
        pool.balanceWei = pool.thawingWei;
        address to = STAKING.payoutOf(account);
        emit Swept(account, to, amountWei);
        TOKEN.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function burnFees() external {
        uint256 amountWei = _unburnedFeesWei;
        if (amountWei == 0) revert Escrow_ZeroAmount();
        _unburnedFeesWei = 0;
        emit FeesBurned(amountWei);
        ERC20Burnable(address(TOKEN)).burn(amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function accountOf(
        address payer,
        address payee
    ) external view returns (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch) {
        Account storage account = _accounts[payer][payee];
        return (account.balanceWei, account.thawingWei, account.thawEndsAt, account.epoch);
    }

    /// @inheritdoc IPaymentEscrow
    function poolOf(
        address account
    ) external view returns (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch) {
        Account storage pool = _pools[account];
        return (pool.balanceWei, pool.thawingWei, pool.thawEndsAt, pool.epoch);
    }

    /// @inheritdoc IPaymentEscrow
    function channelOf(
        address payer,
        address payee,
        uint8 kind
    ) external view returns (uint128 collectedWei, uint64 count) {
        Channel storage channel = _channels[payer][payee][kind];
        return (channel.collectedWei, channel.count);
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

    /// @inheritdoc IPaymentEscrow
    function protocolFeePpm() external view returns (uint32 feePpm) {
        return FEE_PPM;
    }

    /// @inheritdoc IPaymentEscrow
    function unburnedFeesWei() external view returns (uint256 amountWei) {
        return _unburnedFeesWei;
    }

    /// @dev With `strict` a voucher that cannot pay reverts with the reason; without, it pays nothing, so that one stale or
    /// unfunded item does not stop a batch.
    function _collect(
        Voucher calldata voucher,
        bytes calldata signature,
        bool strict
    ) private returns (uint128 paidWei, uint128 feeWei) {
        address payer = voucher.payer;
        address payee = voucher.payee;
        uint8 kind = voucher.kind;
        if (kind > KIND_POOLED) {
            if (strict) revert Escrow_UnknownKind(kind);
            return (0, 0);
        }
        if (payer == payee || payee == address(0)) {
            if (strict) revert Escrow_SelfPayment(payee);
            return (0, 0);
        }
        Channel storage channel = _channels[payer][payee][kind];
        uint128 collectedWei = channel.collectedWei;
        if (voucher.cumulativeWei <= collectedWei) {
            if (strict) revert Escrow_StaleVoucher(voucher.cumulativeWei, collectedWei);
            return (0, 0);
        }
        Account storage account = kind == KIND_DEDICATED ? _accounts[payer][payee] : _pools[payer];
        uint96 balanceWei = account.balanceWei;
        if (voucher.epoch != account.epoch) {
            if (strict) revert Escrow_WrongEpoch(voucher.epoch, account.epoch);
            return (0, 0);
        }
        if (balanceWei == 0) {
            if (strict) revert Escrow_NothingAvailable(payer, kind);
            return (0, 0);
        }
        uint128 dueWei = voucher.cumulativeWei - collectedWei;
        // A voucher above the account pays what is there; the rest stays due and collects after the next deposit.
        paidWei = dueWei < balanceWei ? dueWei : balanceWei;
        if (!_authorize(voucher, signature, paidWei, strict)) return (0, 0);

        channel.collectedWei = collectedWei + paidWei;
        channel.count = voucher.count;
        balanceWei -= uint96(paidWei);
        account.balanceWei = balanceWei;
        if (account.thawingWei > balanceWei) account.thawingWei = balanceWei;
        // Rounded down, in the payee's favour. Pooled vouchers spend money that already carried the fee.
        if (kind == KIND_DEDICATED) feeWei = uint128((uint256(paidWei) * FEE_PPM) / 1_000_000);
        _pools[payee].balanceWei += uint96(paidWei - feeWei);
        _emitCollected(voucher, paidWei, feeWei);
    }

    function _emitCollected(Voucher calldata voucher, uint128 paidWei, uint128 feeWei) private {
        emit Collected(
            voucher.payer,
            voucher.payee,
            voucher.kind,
            voucher.epoch,
            voucher.cumulativeWei,
            paidWei,
            feeWei,
            voucher.count,
            voucher.receiptsRoot
        );
    }

    /// @dev Plain ECDSA whatever code the payer has: a payer that gains code after service cannot refuse to pay.
    function _authorize(
        Voucher calldata voucher,
        bytes calldata signature,
        uint128 paidWei,
        bool strict
    ) private returns (bool authorized) {
        bytes32 digest = _hashTypedDataV4(_voucherHash(voucher));
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && signer == voucher.payer) return true;
        if (voucher.kind == KIND_POOLED) return _spendPooled(voucher.payer, signer, paidWei, strict);
        SessionSigner storage session = _signers[voucher.payer][voucher.payee][signer];
        uint64 expiresAt = session.expiresAt;
        if (expiresAt == 0) {
            if (strict) revert Escrow_SignerUnknown(voucher.payer, voucher.payee, signer);
            return false;
        }
        if (block.timestamp > expiresAt) {
            if (strict) revert Escrow_SignerExpired(signer, expiresAt);
            return false;
        }
        uint128 capWei = session.capWei;
        if (voucher.cumulativeWei > capWei) {
            if (strict) revert Escrow_SignerCapExceeded(signer, voucher.cumulativeWei, capWei);
            return false;
        }
        return true;
    }

    function _spendPooled(
        address payer,
        address signer,
        uint128 paidWei,
        bool strict
    ) private returns (bool authorized) {
        PoolSigner storage session = _poolSigners[payer][signer];
        uint64 expiresAt = session.expiresAt;
        if (expiresAt == 0) {
            if (strict) revert Escrow_SignerUnknown(payer, address(0), signer);
            return false;
        }
        if (block.timestamp > expiresAt) {
            if (strict) revert Escrow_SignerExpired(signer, expiresAt);
            return false;
        }
        uint24 day = uint24(block.timestamp / 1 days);
        uint256 spentWei = (session.day == day ? session.spentWei : 0) + uint256(paidWei);
        if (spentWei > session.dailyCapWei) {
            if (strict) revert Escrow_SignerDailyCapExceeded(signer, spentWei, session.dailyCapWei);
            return false;
        }
        (session.spentWei, session.day) = (uint96(spentWei), day);
        return true;
    }

    function _voucherHash(Voucher calldata voucher) private pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    TypeHashes.VOUCHER,
                    voucher.payer,
                    voucher.payee,
                    voucher.kind,
                    voucher.epoch,
                    voucher.cumulativeWei,
                    voucher.count,
                    voucher.receiptsRoot
                )
            );
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
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(digest, proof);
        if (problem != ECDSA.RecoverError.NoError || recovered != signer) {
            revert Escrow_BadSignerProof(signer, recovered);
        }
    }

    /// @dev Never later than it was: revoking an expired signer does not bring it back.
    function _sooner(uint64 expiresAt) private view returns (uint64 sooner) {
        uint64 revokedAt = uint64(block.timestamp) + REVOCATION_SECONDS;
        return revokedAt < expiresAt ? revokedAt : expiresAt;
    }

    function _credit(Account storage account, uint128 amountWei) private returns (uint96 balanceWei) {
        if (amountWei == 0) revert Escrow_ZeroAmount();
        balanceWei = _toUint96(uint256(account.balanceWei) + amountWei);
        account.balanceWei = balanceWei;
    }

    /// @dev A new deposit never joins a running thaw, and a running thaw is never restarted by a deposit.
    function _startThaw(Account storage account, uint128 amountWei) private returns (uint64 thawEndsAt) {
        if (amountWei == 0) revert Escrow_ZeroAmount();
        if (account.thawingWei != 0) revert Escrow_ThawInProgress(account.thawEndsAt);
        if (amountWei > account.balanceWei) revert Escrow_InsufficientBalance(account.balanceWei, amountWei);
        thawEndsAt = uint64(block.timestamp) + THAW_SECONDS;
        (account.thawingWei, account.thawEndsAt) = (uint96(amountWei), uint40(thawEndsAt));
    }

    function _finishThaw(Account storage account) private returns (uint96 amountWei) {
        amountWei = account.thawingWei;
        if (amountWei == 0) revert Escrow_NothingThawing();
        if (block.timestamp < account.thawEndsAt) revert Escrow_StillThawing(account.thawEndsAt);
        (account.balanceWei, account.thawingWei, account.thawEndsAt) = (account.balanceWei - amountWei, 0, 0);
    }

    function _pull(uint256 amountWei) private {
        uint256 receivedWei = TOKEN.pull(msg.sender, amountWei);
        if (receivedWei != amountWei) revert Escrow_InexactTransfer(amountWei, receivedWei);
    }

    function _toUint96(uint256 amountWei) private pure returns (uint96 narrow) {
        if (amountWei > type(uint96).max) revert Escrow_AmountTooLarge(amountWei);
        return uint96(amountWei);
    }

    function _toUint40(uint64 time) private pure returns (uint40 narrow) {
        return time > type(uint40).max ? type(uint40).max : uint40(time);
    }
}
