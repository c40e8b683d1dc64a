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

    /// @dev A signature: r, s and v.
    uint256 private constant SIGNATURE_BYTES = 65;

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
        Voucher memory copy;
        (paidWei, feeWei) = _collect(voucher, copy, signature, true);
        _credit(voucher.payee, paidWei - feeWei, feeWei);
    }

    /// @inheritdoc IPaymentEscrow
    function collectMany(
        Voucher[] calldata vouchers,
        bytes calldata signatures
    ) external returns (uint128[] memory paidWei) {
        uint256 count = vouchers.length;
        if (signatures.length != count * SIGNATURE_BYTES) revert Escrow_LengthMismatch(count, signatures.length);
        paidWei = new uint128[](count);
        // Vouchers to one payee stand together as a rule: what it gets is written once. It is written before anything of
        // another payee is looked at, so that nobody draws on a pool that lacks what is still to be credited.
        address payee = address(0);
        uint256 creditWei = 0;
        uint256 feesWei = 0;
        Voucher memory copy;
        for (uint256 i = 0; i < count; ++i) {
            Voucher calldata voucher = vouchers[i];
            if (voucher.payee != payee) {
                _credit(payee, creditWei, feesWei);
                (payee, creditWei, feesWei) = (voucher.payee, 0, 0);
            }
            (uint96 itemWei, uint256 feeWei) = _collect(voucher, copy, _signatureAt(signatures, i), false);
            paidWei[i] = itemWei;
            unchecked {
                // A fee is a part of what was paid, and all of it together is below the token's cap.
                creditWei += itemWei - feeWei;
                feesWei += feeWei;
            }
        }
        _credit(payee, creditWei, feesWei);
    }

    /// @inheritdoc IPaymentEscrow
    function sweep(address account) external {
        _sweep(account, true);
    }

    /// @inheritdoc IPaymentEscrow
    function sweepMany(address[] calldata accounts) external returns (uint128[] memory sweptWei) {
        sweptWei = new uint128[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) sweptWei[i] = _sweep(accounts[i], false);
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
    /// unfunded item does not stop a batch. The caller credits the payee, and gives the memory for the copy.
    function _collect(
        Voucher calldata given,
        Voucher memory voucher,
        bytes calldata signature,
        bool strict
    ) private returns (uint96 paidWei, uint256 feeWei) {
        _copy(given, voucher);
        if (!_isWellFormed(voucher, strict)) return (0, 0);
        if (voucher.kind == KIND_POOLED) {
            paidWei = _drawPooled(voucher, signature, strict);
        } else {
            paidWei = _drawDedicated(voucher, signature, strict);
            // Pooled vouchers spend money that already carried the fee.
            feeWei = _feeOf(paidWei);
        }
        if (paidWei == 0) return (0, 0);
        emit Collected(
            voucher.payer,
            voucher.payee,
            voucher.kind,
            voucher.cumulativeWei,
            paidWei,
            voucher.count,
            voucher.receiptsRoot
        );
    }

    /// @dev With `strict` it reverts with the reason why nothing can be swept, without it sweeps nothing then.
    function _sweep(address account, bool strict) private returns (uint96 amountWei) {
        Pool storage pool = _pools[account];
        if (pool.isFrozen) {
            if (strict) revert Escrow_PoolFrozen(account);
            return 0;
        }
        amountWei = pool.balanceWei - pool.thawingWei;
        if (amountWei == 0) {
            if (strict) revert Escrow_NothingToSweep(account);
            return 0;
        }
        (IStaking.Role role, , , ) = STAKING.stakeOf(account);
        if (role == IStaking.Role.Coordinator) {
            if (strict) revert Escrow_PoolMustThaw(account);
            return 0;
        }
        pool.balanceWei = pool.thawingWei;
        address to = STAKING.payoutOf(account);
        emit Swept(account, to, amountWei);
        TOKEN.safeTransfer(to, amountWei);
    }

    function _credit(address payee, uint256 amountWei, uint256 feesWei) private {
        if (amountWei == 0) return;
        _pools[payee].balanceWei += uint96(amountWei);
        _accrue(payee, feesWei);
    }

    function _drawDedicated(
        Voucher memory voucher,
        bytes calldata signature,
        bool strict
    ) private returns (uint96 paidWei) {
        Channel storage stored = _dedicated[voucher.payer][voucher.payee];
        (uint96 balanceWei, uint96 collectedWei, uint16 epoch, bool isThawing) = _read(stored);
        paidWei = _payable(voucher, collectedWei, balanceWei, epoch, strict);
        if (paidWei == 0 || !_authorize(voucher, signature, paidWei, strict)) return 0;
        unchecked {
            // It pays at most what is there, and at most up to the 96 bits of a channel.
            balanceWei -= paidWei;
            collectedWei += paidWei;
        }
        _write(stored, balanceWei, collectedWei, uint40(voucher.count));
        if (isThawing) _shrinkThaw(voucher.payer, voucher.payee, balanceWei);
    }

    function _drawPooled(
        Voucher memory voucher,
        bytes calldata signature,
        bool strict
    ) private returns (uint96 paidWei) {
        Channel storage stored = _pooled[voucher.payer][voucher.payee];
        Pool storage pool = _pools[voucher.payer];
        (uint96 balanceWei, uint96 thawingWei, uint16 epoch, bool isFrozen) = _read(pool);
        // While a shortfall is open nobody is paid before the others.
        if (isFrozen) {
            if (strict) revert Escrow_PoolFrozen(voucher.payer);
            return 0;
        }
        (, uint96 collectedWei, , ) = _read(stored);
        paidWei = _payable(voucher, collectedWei, balanceWei, epoch, strict);
        if (paidWei == 0 || !_authorize(voucher, signature, paidWei, strict)) return 0;
        unchecked {
            // It pays at most what is there, and at most up to the 96 bits of a channel.
            balanceWei -= paidWei;
            collectedWei += paidWei;
        }
        _write(stored, 0, collectedWei, uint40(voucher.count));
        pool.balanceWei = balanceWei;
        if (thawingWei > balanceWei) pool.thawingWei = balanceWei;
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
        unchecked {
            uint96 dueWei = cumulativeWei - collectedWei;
            return dueWei < availableWei ? dueWei : availableWei;
        }
    }

    /// @dev Copied once, and cheap to read from then on. A field that does not fit its type is not refused here: reading cuts it
    /// short, but what was signed is the whole word, so that no signature of a voucher belongs to it.
    function _copy(Voucher calldata given, Voucher memory copy) private pure {
        assembly ("memory-safe") {
            calldatacopy(copy, given, 0xe0)
        }
    }

    /// @dev All of them are as long as they must be: `collectMany` has looked at that.
    function _signatureAt(bytes calldata signatures, uint256 i) private pure returns (bytes calldata signature) {
        assembly ("memory-safe") {
            signature.offset := add(signatures.offset, mul(i, 65))
            signature.length := 65
        }
    }
}
