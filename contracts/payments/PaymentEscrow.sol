// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Accounts} from "./Accounts.sol";
import {Fees} from "./Fees.sol";
import {SessionSigners} from "./SessionSigners.sol";

/// @title PaymentEscrow
/// @notice See IPaymentEscrow. The token must move exact amounts and call nobody; it is fixed per deployment.
contract PaymentEscrow is IPaymentEscrow, Accounts, SessionSigners, Fees {
    using SafeERC20 for IERC20;

    constructor(
        address authority,
        IERC20 token,
        IStaking staking,
        uint32 feePpm
    ) AccessManaged(authority) Accounts(token, staking) Fees(feePpm) {
        if (authority == address(0)) revert Escrow_ZeroAddress();
    }

    /// @inheritdoc IPaymentEscrow
    function collect(Voucher calldata voucher, bytes calldata signature) external returns (uint128 paidWei) {
        uint256 feeWei;
        (paidWei, feeWei) = _collect(voucher, signature, true);
        _accrue(voucher.payee, feeWei);
    }

    /// @inheritdoc IPaymentEscrow
    function collectMany(
        Voucher[] calldata vouchers,
        bytes[] calldata signatures
    ) external returns (uint128[] memory paidWei) {
        if (vouchers.length != signatures.length) revert Escrow_LengthMismatch(vouchers.length, signatures.length);
        paidWei = new uint128[](vouchers.length);
        // Vouchers to one payee stand together as a rule: its fees are written once.
        address payee = address(0);
        uint256 feesWei = 0;
        for (uint256 i = 0; i < vouchers.length; ++i) {
            uint256 feeWei;
            (paidWei[i], feeWei) = _collect(vouchers[i], signatures[i], false);
            if (feeWei == 0) continue;
            if (vouchers[i].payee != payee) {
                _accrue(payee, feesWei);
                (payee, feesWei) = (vouchers[i].payee, 0);
            }
            feesWei += feeWei;
        }
        _accrue(payee, feesWei);
    }

    /// @inheritdoc IPaymentEscrow
    function sweep(address account) external {
        (IStaking.Role role, , , ) = STAKING.stakeOf(account);
        if (role == IStaking.Role.Coordinator) revert Escrow_PoolMustThaw(account);
        Pool storage pool = _pools[account];
        if (pool.isFrozen) revert Escrow_PoolFrozen(account);
        uint96 amountWei = pool.balanceWei - pool.thawingWei;
        if (amountWei == 0) revert Escrow_NothingToSweep(account);
        pool.balanceWei = pool.thawingWei;
        address to = STAKING.payoutOf(account);
        emit Swept(account, to, amountWei);
        TOKEN.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function channelOf(
        address payer,
        address payee,
        uint8 kind
    ) external view returns (uint128 collectedWei, uint64 count) {
        Channel storage channel = kind == KIND_DEDICATED ? _dedicated[payer][payee] : _pooled[payer][payee];
        return (channel.collectedWei, channel.count);
    }

    /// @inheritdoc IPaymentEscrow
    function isPromise(Voucher calldata voucher, bytes calldata signature) external view returns (bool promised) {
        Voucher memory copy = voucher;
        uint96 collectedWei = _pooled[copy.payer][copy.payee].collectedWei;
        return _isWellFormed(copy, false) && _mayPromise(copy, signature, collectedWei, _pools[copy.payer].isFrozen);
    }

    /// @dev With `strict` a voucher that cannot pay reverts with the reason; without, it pays nothing, so that one stale or
    /// unfunded item does not stop a batch.
    function _collect(
        Voucher calldata given,
        bytes calldata signature,
        bool strict
    ) private returns (uint96 paidWei, uint256 feeWei) {
        // Copied once: each field is checked against its type here, and cheap to read from then on.
        Voucher memory voucher = given;
        if (!_isWellFormed(voucher, strict)) return (0, 0);
        if (voucher.kind == KIND_POOLED) {
            paidWei = _drawPooled(voucher, signature, strict);
        } else {
            paidWei = _drawDedicated(voucher, signature, strict);
            // Pooled vouchers spend money that already carried the fee.
            feeWei = _feeOf(paidWei);
        }
        if (paidWei == 0) return (0, 0);
        _pools[voucher.payee].balanceWei += paidWei - uint96(feeWei);
        emit Collected(
            voucher.payer,
            voucher.payee,
            voucher.kind,
            voucher.epoch,
            voucher.cumulativeWei,
            paidWei,
            uint128(feeWei),
            voucher.count,
            voucher.receiptsRoot
        );
    }

    function _drawDedicated(
        Voucher memory voucher,
        bytes calldata signature,
        bool strict
    ) private returns (uint96 paidWei) {
        Channel storage stored = _dedicated[voucher.payer][voucher.payee];
        Channel memory channel = stored;
        paidWei = _payable(voucher, channel.collectedWei, channel.balanceWei, channel.epoch, strict);
        if (paidWei == 0 || !_authorize(voucher, signature, paidWei, strict)) return 0;
        uint96 leftWei = channel.balanceWei - paidWei;
        stored.balanceWei = leftWei;
        stored.collectedWei = channel.collectedWei + paidWei;
        stored.count = _toCount(voucher.count);
        if (channel.isThawing) _shrinkThaw(voucher.payer, voucher.payee, leftWei);
    }

    function _drawPooled(
        Voucher memory voucher,
        bytes calldata signature,
        bool strict
    ) private returns (uint96 paidWei) {
        Channel storage stored = _pooled[voucher.payer][voucher.payee];
        Pool memory pool = _pools[voucher.payer];
        // While a shortfall is open nobody is paid before the others.
        if (pool.isFrozen) {
            if (strict) revert Escrow_PoolFrozen(voucher.payer);
            return 0;
        }
        uint96 collectedWei = stored.collectedWei;
        paidWei = _payable(voucher, collectedWei, pool.balanceWei, pool.epoch, strict);
        if (paidWei == 0 || !_authorize(voucher, signature, paidWei, strict)) return 0;
        (stored.collectedWei, stored.count) = (collectedWei + paidWei, _toCount(voucher.count));
        pool.balanceWei -= paidWei;
        if (pool.thawingWei > pool.balanceWei) pool.thawingWei = pool.balanceWei;
        _pools[voucher.payer] = pool;
    }

    function _isWellFormed(Voucher memory voucher, bool strict) private pure returns (bool wellFormed) {
        if (voucher.kind > KIND_POOLED) {
            if (strict) revert Escrow_UnknownKind(voucher.kind);
            return false;
        }
        if (voucher.payer == voucher.payee || voucher.payee == address(0)) {
            if (strict) revert Escrow_SelfPayment(voucher.payee);
            return false;
        }
        return true;
    }

    /// @dev A voucher above what is there pays what is there; the rest stays due and collects after the next deposit.
    function _payable(
        Voucher memory voucher,
        uint96 collectedWei,
        uint96 availableWei,
        uint64 epoch,
        bool strict
    ) private pure returns (uint96 paidWei) {
        // What a channel has paid fits 96 bits, whatever the voucher promises.
        uint128 wide = voucher.cumulativeWei;
        uint96 cumulativeWei = wide < type(uint96).max ? uint96(wide) : type(uint96).max;
        if (cumulativeWei <= collectedWei) {
            if (strict) revert Escrow_StaleVoucher(wide, collectedWei);
            return 0;
        }
        if (voucher.epoch != epoch) {
            if (strict) revert Escrow_WrongEpoch(voucher.epoch, epoch);
            return 0;
        }
        if (availableWei == 0) {
            if (strict) revert Escrow_NothingAvailable(voucher.payer, voucher.kind);
            return 0;
        }
        uint96 dueWei = cumulativeWei - collectedWei;
        return dueWei < availableWei ? dueWei : availableWei;
    }

    /// @dev For people only: no rule on the chain reads the count.
    function _toCount(uint64 count) private pure returns (uint40 narrow) {
        return count < type(uint40).max ? uint40(count) : type(uint40).max;
    }
}
