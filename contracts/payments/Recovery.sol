// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {IReceiptLedger} from "../interfaces/IReceiptLedger.sol";
import {IRecovery} from "../interfaces/IRecovery.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Anchor, Anchors} from "../libraries/Anchors.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../libraries/LiabilityTree.sol";

/// @title Recovery
/// @notice See IRecovery.
contract Recovery is IRecovery {
    using SafeERC20 for IERC20;

    /// @dev One slot: until when no shortfall can be declared, and how many spells ended without closing the pool's epoch.
    struct Rest {
        uint64 until;
        uint64 releases;
    }

    /// @notice Time to pay every declared voucher.
    uint64 public constant CURE_SECONDS = 3 days;
    /// @notice Age of the books at the shortfall: a line invented in the last day dilutes nobody.
    uint64 public constant SETTLED_SECONDS = 24 hours;
    /// @notice Time to end the cases that were opened until the cure time was over: a day more than any of them has to be answered.
    uint64 public constant CASES_SECONDS = 6 days;
    /// @notice Time to register a line: shares are known when it is over.
    uint64 public constant REGISTRATION_SECONDS = 7 days;
    /// @notice Time until the rest is burned, so that a payer gains nothing by creditors who sleep.
    uint64 public constant CLAIM_SECONDS = 30 days;
    /// @notice After a freeze that no books could settle, time to collect before another can be declared.
    uint64 public constant REST_SECONDS = 3 days;
    uint8 private constant POOLED = 1;

    IERC20 private immutable TOKEN;
    IStaking private immutable STAKING;
    IPaymentEscrow private immutable ESCROW;
    IReceiptLedger private immutable LEDGER;

    mapping(address payer => Spell spell) private _spells;
    mapping(address payer => Rest rest) private _rests;
    /// @dev By pool epoch as well, declarations by releases too: a declaration or a claim belongs to one spell.
    mapping(bytes32 key => uint128 cumulativeWei) private _declared;
    mapping(bytes32 key => bool isRegistered) private _isRegistered;
    mapping(bytes32 key => uint128 dueWei) private _registered;

    constructor(IERC20 token, IStaking staking, IPaymentEscrow escrow, IReceiptLedger ledger) {
        if (address(token) == address(0) || address(staking) == address(0)) revert Recovery_ZeroAddress();
        if (address(escrow) == address(0) || address(ledger) == address(0)) revert Recovery_ZeroAddress();
        (TOKEN, STAKING, ESCROW, LEDGER) = (token, staking, escrow, ledger);
    }

    /// @inheritdoc IRecovery
    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        address payer = voucher.payer;
        if (voucher.kind != POOLED || !ESCROW.isPromise(voucher, signature)) {
            revert Recovery_NotAPromise(payer, voucher.payee);
        }
        Spell storage spell = _spells[payer];
        if (spell.stage == Stage.Open) revert Recovery_WrongStage(payer, Stage.Open);
        (uint128 poolWei, , , uint64 epoch) = ESCROW.poolOf(payer);
        (uint128 collectedWei, ) = ESCROW.channelOf(payer, voucher.payee, POOLED);
        // A channel pays 96 bits at most, whatever its voucher promises: then what is due to all of them fits 128.
        uint128 promisedWei = voucher.cumulativeWei < type(uint96).max ? voucher.cumulativeWei : type(uint96).max;
        // A voucher of another epoch promises nothing in this one.
        uint128 dueWei = voucher.epoch == epoch && promisedWei > collectedWei ? promisedWei - collectedWei : 0;
        bytes32 key = _declarationKey(payer, epoch, voucher.payee);
        if (_declared[key] != 0) revert Recovery_AlreadyDeclared(payer, voucher.payee, _declared[key]);
        bool isFirst = spell.stage == Stage.None;
        uint64 restsUntil = _rests[payer].until;
        if (isFirst && block.timestamp < restsUntil) revert Recovery_Resting(payer, restsUntil);
        // While the pool is frozen the declared vouchers stand before this one.
        if (dueWei == 0 || uint256(spell.dueWei) + dueWei <= poolWei) {
            revert Recovery_NoShortfall(payer, dueWei, poolWei);
        }
        _declared[key] = voucher.cumulativeWei;
        spell.dueWei += dueWei;
        ++spell.declared;
        emit ShortfallDeclared(payer, voucher.payee, voucher.cumulativeWei, dueWei);
        if (isFirst) _begin(spell, payer);
    }

    /// @inheritdoc IRecovery
    function cure(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        address payer = voucher.payer;
        Spell storage spell = _spells[payer];
        if (spell.stage != Stage.Frozen) revert Recovery_WrongStage(payer, spell.stage);
        bytes32 key = _declarationKey(payer, voucher.epoch, voucher.payee);
        uint128 cumulativeWei = _declared[key];
        if (cumulativeWei == 0 || cumulativeWei != voucher.cumulativeWei) {
            revert Recovery_NotDeclared(payer, voucher.payee, voucher.cumulativeWei);
        }
        (uint128 poolWei, , , ) = ESCROW.poolOf(payer);
        if (poolWei < spell.dueWei) revert Recovery_StillShort(payer, spell.dueWei, poolWei);
        delete _declared[key];
        ESCROW.releasePool(payer);
        uint128 paidWei = ESCROW.collect(voucher, signature);
        spell.dueWei -= paidWei;
        --spell.declared;
        emit ShortfallCured(payer, voucher.payee, paidWei);
        if (spell.declared == 0) {
            bool isStakeFrozen = spell.isStakeFrozen;
            delete _spells[payer];
            if (isStakeFrozen) STAKING.unfreeze(payer);
        } else {
            ESCROW.freezePool(payer);
        }
    }

    /// @inheritdoc IRecovery
    function showAnchors(address payer, bytes32[] calldata previous, Anchor[] calldata anchors) external {
        Spell storage spell = _spells[payer];
        if (spell.stage != Stage.Frozen) revert Recovery_WrongStage(payer, spell.stage);
        if (spell.liabilitiesRoot != 0) revert Recovery_RootKnown(payer, spell.liabilitiesRoot);
        if (previous.length != anchors.length) revert Recovery_LengthMismatch(previous.length, anchors.length);
        bytes32 cursor = spell.cursor;
        for (uint256 i = 0; i < anchors.length; ++i) {
            bytes32 shown = Anchors.extend(previous[i], anchors[i]);
            if (shown != cursor) revert Recovery_AnchorNotShown(payer, cursor, shown);
            if (anchors[i].anchoredAt + SETTLED_SECONDS <= spell.declaredAt) {
                spell.liabilitiesRoot = anchors[i].liabilitiesRoot;
                break;
            }
            cursor = previous[i];
        }
        spell.cursor = cursor;
    }

    /// @inheritdoc IRecovery
    function open(address payer, Liability calldata line, LiabilityPath calldata path) external {
        Spell storage spell = _spells[payer];
        _checkCureTimeOver(payer, spell);
        if (spell.liabilitiesRoot == 0) revert Recovery_RootUnknown(payer, spell.cursor);
        uint128 totalWei = _checkLine(payer, spell, line, path);
        bool isStakeFrozen = spell.isStakeFrozen;
        // Later cases take what is left: a payer could else keep its creditors waiting by one demand of its own after the other.
        if (isStakeFrozen && block.timestamp < uint256(spell.declaredAt) + CURE_SECONDS + CASES_SECONDS) {
            uint256 cases = uint256(STAKING.freezesOf(payer)) - 1;
            if (cases != 0) revert Recovery_CasesOpen(payer, cases);
        }
        (spell.stage, spell.openedAt) = (Stage.Open, uint40(block.timestamp));
        uint128 potWei = ESCROW.closePool(payer, totalWei, address(this));
        if (isStakeFrozen) {
            STAKING.unfreeze(payer);
            if (potWei < totalWei) potWei += STAKING.slash(payer, totalWei - potWei, address(this));
        }
        spell.potWei = potWei;
        emit RecoveryOpened(payer, spell.liabilitiesRoot, totalWei, potWei);
    }

    /// @inheritdoc IRecovery
    function release(address payer) external {
        Spell storage spell = _spells[payer];
        _checkCureTimeOver(payer, spell);
        // The chain of anchors begins with zero: having shown all of them without an old one leaves nothing to share.
        if (spell.liabilitiesRoot != 0 || spell.cursor != 0) revert Recovery_RootUnknown(payer, spell.cursor);
        bool isStakeFrozen = spell.isStakeFrozen;
        delete _spells[payer];
        // The vouchers stay good: a payer could else have them void by declaring a shortfall towards itself.
        Rest storage rest = _rests[payer];
        (rest.until, rest.releases) = (uint64(block.timestamp) + REST_SECONDS, rest.releases + 1);
        ESCROW.releasePool(payer);
        if (isStakeFrozen) STAKING.unfreeze(payer);
        emit RecoveryClosed(payer, 0);
    }

    /// @inheritdoc IRecovery
    function register(address payer, Liability calldata line, LiabilityPath calldata path) external {
        Spell storage spell = _spells[payer];
        if (spell.stage != Stage.Open) revert Recovery_WrongStage(payer, spell.stage);
        uint64 until = _registrationEnd(spell);
        if (block.timestamp >= until) revert Recovery_RegistrationOver(until);
        _checkLine(payer, spell, line, path);
        (, , , uint64 epoch) = ESCROW.poolOf(payer);
        // The lines are of the epoch that the opening closed.
        if (line.payer != payer || line.epoch != epoch - 1) revert Recovery_WrongLine(line.payer, line.epoch);
        bytes32 key = _key(payer, line.epoch, line.payee);
        if (_isRegistered[key]) revert Recovery_AlreadyRegistered(payer, line.payee);
        (uint128 collectedWei, ) = ESCROW.channelOf(payer, line.payee, POOLED);
        uint128 dueWei = line.cumulativeWei > collectedWei ? line.cumulativeWei - collectedWei : 0;
        if (line.outstandingWei < dueWei) dueWei = line.outstandingWei;
        if (dueWei == 0) revert Recovery_NothingDue(payer, line.payee);
        (_isRegistered[key], _registered[key]) = (true, dueWei);
        spell.registeredWei += dueWei;
        emit LineRegistered(payer, line.payee, dueWei);
    }

    /// @inheritdoc IRecovery
    function claim(address payer, address payee) external returns (uint128 paidWei) {
        Spell storage spell = _spells[payer];
        if (spell.stage != Stage.Open) revert Recovery_WrongStage(payer, spell.stage);
        uint64 from = _registrationEnd(spell);
        if (block.timestamp < from) revert Recovery_ClaimTime(from);
        bytes32 key = _keyOfClosed(payer, payee);
        uint128 dueWei = _registered[key];
        if (dueWei == 0) revert Recovery_NothingDue(payer, payee);
        (uint128 potWei, uint128 registeredWei) = (spell.potWei, spell.registeredWei);
        // Rounded down: together the shares never exceed the pot.
        paidWei = potWei < registeredWei ? uint128((uint256(potWei) * dueWei) / registeredWei) : dueWei;
        delete _registered[key];
        spell.paidWei += paidWei;
        emit RecoveryClaimed(payer, payee, dueWei, paidWei);
        TOKEN.safeTransfer(STAKING.payoutOf(payee), paidWei);
    }

    /// @inheritdoc IRecovery
    function close(address payer) external {
        Spell storage spell = _spells[payer];
        if (spell.stage != Stage.Open) revert Recovery_WrongStage(payer, spell.stage);
        uint64 until = uint64(spell.openedAt) + CLAIM_SECONDS;
        if (block.timestamp < until) revert Recovery_ClaimTime(until);
        uint128 restWei = spell.potWei - spell.paidWei;
        delete _spells[payer];
        emit RecoveryClosed(payer, restWei);
        if (restWei != 0) ERC20Burnable(address(TOKEN)).burn(restWei);
    }

    /// @inheritdoc IRecovery
    function registeredOf(address payer, address payee) external view returns (uint128 dueWei) {
        return _registered[_keyOfClosed(payer, payee)];
    }

    /// @inheritdoc IRecovery
    function spellOf(address payer) external view returns (Spell memory spell) {
        return _spells[payer];
    }

    function _begin(Spell storage spell, address payer) private {
        // The head as it is now: what the payer anchors afterwards changes nobody's share.
        (, , , bytes32 commitment) = LEDGER.headOf(payer);
        (spell.stage, spell.declaredAt, spell.cursor) = (Stage.Frozen, uint40(block.timestamp), commitment);
        ESCROW.freezePool(payer);
        // A payer without a stake has a pool to share and nothing else.
        (IStaking.Role role, , , ) = STAKING.stakeOf(payer);
        if (role == IStaking.Role.None) return;
        spell.isStakeFrozen = true;
        STAKING.freeze(payer);
    }

    function _checkCureTimeOver(address payer, Spell storage spell) private view {
        if (spell.stage != Stage.Frozen) revert Recovery_WrongStage(payer, spell.stage);
        uint64 until = uint64(spell.declaredAt) + CURE_SECONDS;
        if (block.timestamp < until) revert Recovery_CureTime(until);
    }

    function _checkLine(
        address payer,
        Spell storage spell,
        Liability calldata line,
        LiabilityPath calldata path
    ) private view returns (uint128 totalWei) {
        bytes32 root;
        (root, totalWei) = LiabilityTree.rootOf(line, path);
        if (root != spell.liabilitiesRoot) revert Recovery_LineNotInRoot(payer, spell.liabilitiesRoot, root);
    }

    function _registrationEnd(Spell storage spell) private view returns (uint64 end) {
        return uint64(spell.openedAt) + REGISTRATION_SECONDS;
    }

    /// @dev Of the pool epoch that the present recovery closed.
    function _keyOfClosed(address payer, address payee) private view returns (bytes32 key) {
        (, , , uint64 epoch) = ESCROW.poolOf(payer);
        return epoch == 0 ? bytes32(0) : _key(payer, epoch - 1, payee);
    }

    function _declarationKey(address payer, uint64 epoch, address payee) private view returns (bytes32 key) {
        return keccak256(abi.encode(payer, epoch, payee, _rests[payer].releases));
    }

    function _key(address payer, uint64 epoch, address payee) private pure returns (bytes32 key) {
        return keccak256(abi.encode(payer, epoch, payee));
    }
}
