// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Intake} from "../access/Intake.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Permit} from "../interfaces/Permit.sol";

/// @title The escrow's money: dedicated accounts, pools, and their thaws
abstract contract Accounts is IPaymentEscrow, Intake {
    using SafeERC20 for IERC20;
    using ExactTransfer for IERC20;

    /// @dev One slot: 96 + 96 + 40 + 16 + 8 bits. It is the whole state of a dedicated channel, so that a repeat voucher
    /// writes one slot. The count is for people, the lowest 40 bits of the voucher's. A pooled channel leaves `balanceWei`, `epoch` and `isThawing` alone: its money is in the pool.
    /// 96 bits hold 79 billion tokens of 18 decimals, above the token's cap.
    struct Channel {
        uint96 balanceWei;
        uint96 collectedWei;
        uint40 count;
        uint16 epoch;
        bool isThawing;
    }

    /// @dev One slot, read by a collection only while the channel's flag is up.
    struct Thaw {
        uint96 amountWei;
        uint40 endsAt;
    }

    /// @dev One slot: 96 + 96 + 40 + 16 + 8 bits. `balanceWei` includes `thawingWei`: collection reaches thawing money.
    struct Pool {
        uint96 balanceWei;
        uint96 thawingWei;
        uint40 thawEndsAt;
        uint16 epoch;
        bool isFrozen;
    }

    /// @notice Thaw of accounts and pools: payees have this long to collect what they hold.
    uint64 public constant THAW_SECONDS = 7 days;
    /// @notice Least time between the end of a freeze and the end of a pool's thaw.
    uint64 public constant RELEASE_NOTICE_SECONDS = 3 days;

    IERC20 internal immutable TOKEN;
    IStaking internal immutable STAKING;

    mapping(address payer => mapping(address payee => Channel channel)) internal _dedicated;
    mapping(address payer => mapping(address payee => Channel channel)) internal _pooled;
    mapping(address account => Pool pool) internal _pools;
    mapping(address payer => mapping(address payee => Thaw thaw)) private _thaws;

    constructor(IERC20 token, IStaking staking) {
        if (address(token) == address(0) || address(staking) == address(0)) revert Escrow_ZeroAddress();
        TOKEN = token;
        STAKING = staking;
    }

    /// @inheritdoc IPaymentEscrow
    function deposit(address payer, address payee, uint128 amountWei) external {
        _deposit(payer, payee, amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function depositWithPermit(address payer, address payee, uint128 amountWei, Permit calldata permit) external {
        TOKEN.permit(permit, amountWei);
        _deposit(payer, payee, amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function depositPool(address payer, uint128 amountWei) external {
        if (payer == address(0)) revert Escrow_ZeroAddress();
        Pool storage pool = _pools[payer];
        uint96 balanceWei = _sum(pool.balanceWei, amountWei);
        pool.balanceWei = balanceWei;
        emit PoolDeposited(payer, amountWei, balanceWei);
        _pull(amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function startThaw(address payee, uint128 amountWei) external {
        Channel storage channel = _dedicated[msg.sender][payee];
        Thaw storage thaw = _thaws[msg.sender][payee];
        if (channel.isThawing) revert Escrow_ThawInProgress(thaw.endsAt);
        uint64 thawEndsAt = _checkThaw(channel.balanceWei, amountWei);
        channel.isThawing = true;
        (thaw.amountWei, thaw.endsAt) = (uint96(amountWei), uint40(thawEndsAt));
        emit AccountThawStarted(msg.sender, payee, amountWei, thawEndsAt);
    }

    /// @inheritdoc IPaymentEscrow
    function withdraw(address payee) external {
        Channel storage channel = _dedicated[msg.sender][payee];
        Thaw storage thaw = _thaws[msg.sender][payee];
        uint96 amountWei = thaw.amountWei;
        if (amountWei == 0) revert Escrow_NothingThawing();
        if (block.timestamp < thaw.endsAt) revert Escrow_StillThawing(thaw.endsAt);
        delete _thaws[msg.sender][payee];
        (channel.balanceWei, channel.isThawing) = (channel.balanceWei - amountWei, false);
        emit AccountWithdrawn(msg.sender, payee, amountWei);
        TOKEN.safeTransfer(msg.sender, amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function startPoolThaw(uint128 amountWei) external {
        Pool storage pool = _pools[msg.sender];
        if (pool.thawingWei != 0) revert Escrow_ThawInProgress(pool.thawEndsAt);
        uint64 thawEndsAt = _checkThaw(pool.balanceWei, amountWei);
        (pool.thawingWei, pool.thawEndsAt) = (uint96(amountWei), uint40(thawEndsAt));
        emit PoolThawStarted(msg.sender, amountWei, thawEndsAt);
    }

    /// @inheritdoc IPaymentEscrow
    function withdrawPool() external {
        Pool storage pool = _pools[msg.sender];
        uint96 amountWei = pool.thawingWei;
        if (amountWei == 0) revert Escrow_NothingThawing();
        if (block.timestamp < pool.thawEndsAt) revert Escrow_StillThawing(pool.thawEndsAt);
        if (pool.isFrozen) revert Escrow_PoolFrozen(msg.sender);
        (pool.balanceWei, pool.thawingWei, pool.thawEndsAt) = (pool.balanceWei - amountWei, 0, 0);
        emit PoolWithdrawn(msg.sender, amountWei);
        TOKEN.safeTransfer(STAKING.payoutOf(msg.sender), amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function freezePool(address payer) external restricted {
        Pool storage pool = _pools[payer];
        if (pool.isFrozen) revert Escrow_PoolFrozen(payer);
        pool.isFrozen = true;
        emit PoolFrozen(payer);
    }

    /// @inheritdoc IPaymentEscrow
    function releasePool(address payer) external restricted {
        Pool storage pool = _pools[payer];
        if (!pool.isFrozen) revert Escrow_PoolNotFrozen(payer);
        pool.isFrozen = false;
        // Payees could not collect during the freeze: a thaw does not end before they can.
        uint40 earliest = uint40(block.timestamp + RELEASE_NOTICE_SECONDS);
        if (pool.thawingWei != 0 && pool.thawEndsAt < earliest) pool.thawEndsAt = earliest;
        emit PoolReleased(payer);
    }

    /// @inheritdoc IPaymentEscrow
    function closePool(
        address payer,
        uint128 atMostWei,
        address recipient
    ) external restricted returns (uint128 takenWei) {
        Pool storage pool = _pools[payer];
        if (!pool.isFrozen) revert Escrow_PoolNotFrozen(payer);
        uint96 balanceWei = pool.balanceWei;
        takenWei = atMostWei < balanceWei ? atMostWei : balanceWei;
        balanceWei -= uint96(takenWei);
        uint16 epoch = pool.epoch + 1;
        (pool.balanceWei, pool.epoch, pool.isFrozen) = (balanceWei, epoch, false);
        if (pool.thawingWei > balanceWei) pool.thawingWei = balanceWei;
        emit PoolClosed(payer, takenWei, epoch);
        TOKEN.safeTransfer(recipient, takenWei);
    }

    /// @inheritdoc IPaymentEscrow
    function isPoolFrozen(address account) external view returns (bool frozen) {
        return _pools[account].isFrozen;
    }

    /// @inheritdoc IPaymentEscrow
    function accountOf(
        address payer,
        address payee
    ) external view returns (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch) {
        Channel storage channel = _dedicated[payer][payee];
        Thaw storage thaw = _thaws[payer][payee];
        return (channel.balanceWei, thaw.amountWei, thaw.endsAt, channel.epoch);
    }

    /// @inheritdoc IPaymentEscrow
    function poolOf(
        address account
    ) external view returns (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch) {
        Pool storage pool = _pools[account];
        return (pool.balanceWei, pool.thawingWei, pool.thawEndsAt, pool.epoch);
    }

    /// @dev What a collection needs of a channel, in one read: the compiler would make one of each field.
    function _read(
        Channel storage channel
    ) internal view returns (uint96 balanceWei, uint96 collectedWei, uint16 epoch, bool isThawing) {
        uint256 word;
        assembly ("memory-safe") {
            word := sload(channel.slot)
        }
        return (uint96(word), uint96(word >> 96), uint16(word >> 232), word >> 248 != 0);
    }

    /// @dev The same of a pool.
    function _read(
        Pool storage pool
    ) internal view returns (uint96 balanceWei, uint96 thawingWei, uint16 epoch, bool isFrozen) {
        uint256 word;
        assembly ("memory-safe") {
            word := sload(pool.slot)
        }
        return (uint96(word), uint96(word >> 96), uint16(word >> 232), word >> 248 != 0);
    }

    /// @dev What a collection changes of a channel, in one write. Epoch and flag, the highest 24 bits, stay.
    function _write(Channel storage channel, uint96 balanceWei, uint96 collectedWei, uint40 count) internal {
        uint256 changed = uint256(balanceWei) | (uint256(collectedWei) << 96) | (uint256(count) << 192);
        assembly ("memory-safe") {
            let kept := shl(232, shr(232, sload(channel.slot)))
            sstore(channel.slot, or(kept, changed))
        }
    }

    /// @dev A collection took thawing money: what is left of the thaw is at most what is left of the account, and stays
    /// so when a deposit follows.
    function _shrinkThaw(address payer, address payee, uint96 balanceWei) internal {
        Thaw storage thaw = _thaws[payer][payee];
        if (thaw.amountWei <= balanceWei) return;
        thaw.amountWei = balanceWei;
        if (balanceWei != 0) return;
        thaw.endsAt = 0;
        _dedicated[payer][payee].isThawing = false;
    }

    function _deposit(address payer, address payee, uint128 amountWei) private {
        if (payer == address(0) || payee == address(0)) revert Escrow_ZeroAddress();
        if (payer == payee) revert Escrow_SelfPayment(payer);
        Channel storage channel = _dedicated[payer][payee];
        uint96 heldWei = channel.balanceWei;
        // A pause stops accounts that hold nothing yet, never a top-up.
        if (heldWei == 0) _checkIntake();
        uint96 balanceWei = _sum(heldWei, amountWei);
        channel.balanceWei = balanceWei;
        emit Deposited(payer, payee, amountWei, balanceWei);
        _pull(amountWei);
    }

    function _pull(uint256 amountWei) private {
        uint256 receivedWei = TOKEN.pull(msg.sender, amountWei);
        if (receivedWei != amountWei) revert Escrow_InexactTransfer(amountWei, receivedWei);
    }

    /// @dev One thaw at a time: a deposit never joins a running thaw, and nothing restarts one.
    function _checkThaw(uint96 balanceWei, uint128 amountWei) private view returns (uint64 thawEndsAt) {
        if (amountWei == 0) revert Escrow_ZeroAmount();
        if (amountWei > balanceWei) revert Escrow_InsufficientBalance(balanceWei, amountWei);
        return uint64(block.timestamp) + THAW_SECONDS;
    }

    function _sum(uint96 balanceWei, uint128 amountWei) private pure returns (uint96 sumWei) {
        if (amountWei == 0) revert Escrow_ZeroAmount();
        uint256 wide = uint256(balanceWei) + amountWei;
        if (wide > type(uint96).max) revert Escrow_AmountTooLarge(wide);
        return uint96(wide);
    }
}
