// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../../contracts/interfaces/IRecovery.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {DeskActor} from "./DeskActor.sol";

/// @title Coordinators that cannot pay, and what their miners do about it
abstract contract RecoveryActor is DeskActor {
    /// @notice Due of the vouchers that are declared now, wei.
    mapping(uint256 coordinator => mapping(uint256 miner => uint256 amountWei)) public declaredWei;
    /// @notice Registered and unpaid in the present recovery, wei.
    mapping(uint256 coordinator => mapping(uint256 miner => uint256 amountWei)) public registeredWei;
    /// @notice Recoveries that were opened: each closed an epoch of the pool.
    mapping(uint256 coordinator => uint256 count) public openings;
    /// @notice Sum of the books that the present recovery shares by, and of all its lines' claims, wei.
    mapping(uint256 coordinator => uint256 amountWei) public booksWei;
    mapping(uint256 coordinator => uint256 amountWei) public claimsWei;
    mapping(uint256 coordinator => mapping(uint256 miner => uint256 opening)) private _registeredIn;
    mapping(uint256 coordinator => uint256 count) private _cases;

    IPaymentEscrow.Voucher[] private _void;
    bytes[] private _voidSignatures;

    constructor() {
        _act("declare(uint256,uint256)");
        _act("cure(uint256,uint256)");
        _act("collectWhileFrozen(uint256,uint256)");
        _act("openRecovery(uint256,uint256)");
        _act("release(uint256)");
        _act("registerLine(uint256,uint256)");
        _act("claim(uint256,uint256)");
        _act("close(uint256)");
        _act("collectVoid(uint256)");
        _act("openOrCloseCase(uint256)");
        _act("leave(uint256)");
        _act("comeBack(uint256,uint256)");
    }

    /// @notice A voucher that the pool cannot pay; one that it could is raised first, two times of three.
    function declare(uint256 who, uint256 whom) external watched {
        (uint256 coordinator, uint256 miner) = (_coordinator(who), _worker(whom));
        bool isFirst = recovery.spellOf(users[coordinator]).stage == IRecovery.Stage.None;
        if (isFirst && (who >> 16) % 4 != 0) _settleBooks(coordinator, miner);
        if ((who >> 8) % 3 != 0) _owe(coordinator, miner, uint256(_poolWei(coordinator)) + 1 ether);
        IPaymentEscrow.Voucher memory v = _latest[coordinator][miner];
        _need(v.payer != address(0));
        (uint128 collectedWei, ) = escrow.channelOf(v.payer, v.payee, KIND_POOLED);
        recovery.declare(v, _latestSignature[coordinator][miner]);
        declaredWei[coordinator][miner] = v.cumulativeWei - collectedWei;
        if (isFirst) ++freezes[coordinator];
    }

    /// @notice The coordinator pays up, two times of three.
    function cure(uint256 who, uint256 whom) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Frozen);
        uint256 miner = _declarer(coordinator, whom);
        IRecovery.Spell memory spell = recovery.spellOf(users[coordinator]);
        uint128 poolWei = _poolWei(coordinator);
        if ((who >> 8) % 3 != 0 && poolWei < spell.dueWei) _fundPool(coordinator, spell.dueWei - poolWei);
        poolWei = _poolWei(coordinator);
        uint256 dueWei = declaredWei[coordinator][miner];
        uint256 minerWei = _poolWei(miner);
        IPaymentEscrow.Voucher memory v = _declared(coordinator, miner);
        _consent(coordinator, Place.Pool);
        recovery.cure(v, _signed(_keyOf(coordinator), v));
        _hold(poolWei >= spell.dueWei, "43: cured before the pool covered everybody");
        _hold(_poolWei(miner) - minerWei == dueWei, "43: cured with less than was due");
        _hold(poolWei - _poolWei(coordinator) == dueWei, "43: cured with other money");
        declaredWei[coordinator][miner] = 0;
        bool isLast = spell.declared == 1;
        _hold(isLast == !escrow.isPoolFrozen(users[coordinator]), "40: thawed before the last was paid");
        if (isLast) --freezes[coordinator];
    }

    /// @notice Nobody is paid before the others.
    function collectWhileFrozen(uint256 who, uint256 whom) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Frozen);
        IPaymentEscrow.Voucher[] memory list = new IPaymentEscrow.Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        list[0] = _latest[coordinator][_declarer(coordinator, whom)];
        signatures[0] = _signed(_keyOf(coordinator), list[0]);
        _hold(escrow.collectMany(list, _joined(signatures))[0] == 0, "42: collected from a frozen pool");
    }

    /// @notice With what is still to be shown, and mostly when the time to cure is over.
    function openRecovery(uint256 who, uint256 number) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Frozen);
        if (recovery.spellOf(users[coordinator]).liabilitiesRoot == 0) _showAnchors(coordinator);
        IRecovery.Spell memory spell = recovery.spellOf(users[coordinator]);
        _waitUntil(uint256(spell.declaredAt) + 3 days, who);
        (Liability memory line, LiabilityPath memory path) = _lineOf(spell.liabilitiesRoot, number % MINERS);
        uint256 hereWei = uint256(_poolWei(coordinator)) + _stakeWei(coordinator);
        _consent(coordinator, Place.Pool);
        _consent(coordinator, Place.Stake);
        recovery.open(users[coordinator], line, path);
        _hold(block.timestamp >= uint256(spell.declaredAt) + 3 days, "44: opened before the time to cure was over");
        bool isLate = block.timestamp >= uint256(spell.declaredAt) + 9 days;
        _hold(isLate || _cases[coordinator] == 0, "44: opened while a case needs the stake");
        --freezes[coordinator];
        uint256 totalWei = 0;
        for (uint256 i = 0; i < MINERS; ++i) totalWei += _lines[spell.liabilitiesRoot][i].outstandingWei;
        uint256 potWei = recovery.spellOf(users[coordinator]).potWei;
        _hold(potWei == _least(totalWei, hereWei), "45: another pot");
        (booksWei[coordinator], claimsWei[coordinator]) = (totalWei, 0);
        ++openings[coordinator];
        _voidAll(coordinator);
    }

    function release(uint256 who) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Frozen);
        _waitUntil(uint256(recovery.spellOf(users[coordinator]).declaredAt) + 3 days, who);
        if (recovery.spellOf(users[coordinator]).cursor != 0) _showAnchors(coordinator);
        (uint128 poolWei, uint256 stakeWei) = (_poolWei(coordinator), _stakeWei(coordinator));
        uint256 heldWei = token.balanceOf(address(recovery));
        recovery.release(users[coordinator]);
        --freezes[coordinator];
        for (uint256 i = FIRST_MINER; i < TRADERS; ++i) declaredWei[coordinator][i] = 0;
        bool isSame = _poolWei(coordinator) == poolWei && _stakeWei(coordinator) == stakeWei;
        _hold(isSame && token.balanceOf(address(recovery)) == heldWei, "49: a release moved money");
    }

    /// @notice The first line that is not registered and leaves something due, from an arbitrary one on.
    function registerLine(uint256 who, uint256 from) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Open);
        uint256 number = _unregistered(coordinator, from % MINERS);
        uint256 miner = FIRST_MINER + number;
        (Liability memory line, LiabilityPath memory path) = _lineOf(_rootOf(coordinator), number);
        (uint128 collectedWei, ) = escrow.channelOf(line.payer, line.payee, KIND_POOLED);
        recovery.register(users[coordinator], line, path);
        _hold(_registeredIn[coordinator][miner] != openings[coordinator], "47: registered twice");
        _registeredIn[coordinator][miner] = openings[coordinator];
        uint256 dueWei = recovery.registeredOf(users[coordinator], line.payee);
        _hold(
            dueWei == _least(line.cumulativeWei - collectedWei, line.outstandingWei),
            "47: registered another amount"
        );
        registeredWei[coordinator][miner] = dueWei;
        claimsWei[coordinator] += dueWei;
    }

    /// @notice Mostly when registration is over.
    function claim(uint256 who, uint256 whom) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Open);
        uint256 miner = _registrant(coordinator, whom);
        IRecovery.Spell memory spell = recovery.spellOf(users[coordinator]);
        _waitUntil(uint256(spell.openedAt) + 7 days, who);
        address payout = staking.payoutOf(users[miner]);
        uint256 before = token.balanceOf(payout);
        uint256 dueWei = registeredWei[coordinator][miner];
        uint256 paidWei_ = recovery.claim(users[coordinator], users[miner]);
        _hold(block.timestamp >= uint256(spell.openedAt) + 7 days, "46: claimed before all could register");
        uint256 shareWei = (uint256(spell.potWei) * dueWei) / claimsWei[coordinator];
        _hold(paidWei_ == _least(shareWei, dueWei), "46: another share");
        _hold(token.balanceOf(payout) - before == paidWei_, "46: paid another amount");
        registeredWei[coordinator][miner] = 0;
    }

    /// @notice Mostly when nobody may claim any more.
    function close(uint256 who) external watched {
        uint256 coordinator = _spelling(who, IRecovery.Stage.Open);
        IRecovery.Spell memory spell = recovery.spellOf(users[coordinator]);
        _need((who >> 24) % 2 == 0);
        _waitUntil(uint256(spell.openedAt) + 30 days, who);
        uint256 supplyWei = token.totalSupply();
        recovery.close(users[coordinator]);
        _hold(block.timestamp >= uint256(spell.openedAt) + 30 days, "45: closed before all could claim");
        _hold(supplyWei - token.totalSupply() == spell.potWei - spell.paidWei, "45: burned another amount");
        for (uint256 i = FIRST_MINER; i < TRADERS; ++i) registeredWei[coordinator][i] = 0;
        (booksWei[coordinator], claimsWei[coordinator]) = (0, 0);
    }

    /// @notice What was promised before a recovery collects no more.
    function collectVoid(uint256 which) external watched {
        _need(_void.length != 0);
        IPaymentEscrow.Voucher[] memory list = new IPaymentEscrow.Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        (list[0], signatures[0]) = (_void[which % _void.length], _voidSignatures[which % _void.length]);
        _hold(escrow.collectMany(list, _joined(signatures))[0] == 0, "48: a void voucher paid");
    }

    /// @notice A case of somebody else's against the coordinator ends, or begins, one time of four.
    function openOrCloseCase(uint256 who) external watched {
        uint256 coordinator = _coordinator(who);
        bool isOpen = _cases[coordinator] != 0;
        _need(isOpen || (who >> 8) % 4 == 0);
        VM.prank(BAILIFF);
        if (isOpen) staking.unfreeze(users[coordinator]);
        else staking.freeze(users[coordinator]);
        _cases[coordinator] = isOpen ? 0 : 1;
        freezes[coordinator] = isOpen ? freezes[coordinator] - 1 : freezes[coordinator] + 1;
    }

    /// @notice The coordinator takes out what it can, or asks for it.
    function leave(uint256 who) external watched {
        uint256 coordinator = _coordinator(who);
        uint256 way = (who >> 8) % 4;
        uint256 before = freezes[coordinator];
        bool isFrozen = escrow.isPoolFrozen(users[coordinator]);
        uint128 poolWei = _poolWei(coordinator);
        (, uint128 activeWei, , ) = staking.stakeOf(users[coordinator]);
        if (way < 2) _consent(coordinator, way == 0 ? Place.Pool : Place.Stake);
        _as(coordinator);
        if (way == 0) escrow.withdrawPool();
        else if (way == 1) staking.withdraw();
        else if (way == 2) escrow.startPoolThaw(poolWei);
        else staking.startThaw(activeWei);
        _hold(way != 1 || before == 0, "16: stake left while it was frozen");
        _hold(way != 0 || !isFrozen, "42: a frozen pool was emptied");
    }

    function comeBack(uint256 who, uint256 amount) external watched {
        uint256 coordinator = _coordinator(who);
        _consent(coordinator, Place.Wallet);
        _as(coordinator);
        staking.topUp(users[coordinator], uint128(_bound(amount, 1 ether, 20_000 ether)));
    }

    /// @dev Three times of four; the other time it may be too early.
    function _waitUntil(uint256 until, uint256 seed) private {
        if ((seed >> 16) % 4 != 0 && block.timestamp < until) VM.warp(until);
    }

    function _showAnchors(uint256 coordinator) private {
        // From the head at the declaration backwards: what was anchored since does not count.
        bytes32 cursor = recovery.spellOf(users[coordinator]).cursor;
        uint256 count = _anchors[coordinator].length;
        while (count != 0 && _commitmentAfter(coordinator, count - 1) != cursor) --count;
        bytes32[] memory previous = new bytes32[](count);
        Anchor[] memory shown = new Anchor[](count);
        for (uint256 i = 0; i < count; ++i) {
            (previous[i], shown[i]) = (_previous[coordinator][count - 1 - i], _anchors[coordinator][count - 1 - i]);
        }
        recovery.showAnchors(users[coordinator], previous, shown);
    }

    /// @dev Two miners are owed something in books that are a day old.
    function _settleBooks(uint256 coordinator, uint256 miner) private {
        _owe(coordinator, miner, 3_000 ether);
        _owe(coordinator, FIRST_MINER + ((miner - FIRST_MINER) ^ 1), 9_000 ether);
        _anchorDesk(coordinator, false);
        VM.warp(block.timestamp + 1 days);
    }

    function _voidAll(uint256 coordinator) private {
        for (uint256 i = FIRST_MINER; i < TRADERS; ++i) {
            declaredWei[coordinator][i] = 0;
            if (_latest[coordinator][i].payer == address(0)) continue;
            _void.push(_latest[coordinator][i]);
            _voidSignatures.push(_latestSignature[coordinator][i]);
        }
    }

    function _commitmentAfter(uint256 coordinator, uint256 number) private view returns (bytes32 commitment) {
        bool isLast = number + 1 == _anchors[coordinator].length;
        return isLast ? commitments_[coordinator] : _previous[coordinator][number + 1];
    }

    /// @dev The voucher as it was declared: what is promised later is another.
    function _declared(uint256 coordinator, uint256 miner) private view returns (IPaymentEscrow.Voucher memory v) {
        v = _latest[coordinator][miner];
        (uint128 collectedWei, ) = escrow.channelOf(v.payer, v.payee, KIND_POOLED);
        v.cumulativeWei = collectedWei + uint128(declaredWei[coordinator][miner]);
    }

    /// @dev A coordinator at a stage, from an arbitrary one on.
    function _spelling(uint256 who, IRecovery.Stage stage) private view returns (uint256 coordinator) {
        for (uint256 i = 0; i < COORDINATORS; ++i) {
            coordinator = _coordinator((who % COORDINATORS) + i);
            if (recovery.spellOf(users[coordinator]).stage == stage) return coordinator;
        }
        revert Actor_NothingToDo();
    }

    function _rootOf(uint256 coordinator) private view returns (bytes32 root) {
        return recovery.spellOf(users[coordinator]).liabilitiesRoot;
    }

    /// @dev Any line when there is none left, to be refused.
    function _unregistered(uint256 coordinator, uint256 from) private view returns (uint256 number) {
        bytes32 root = _rootOf(coordinator);
        for (uint256 i = 0; i < MINERS; ++i) {
            number = (from + i) % MINERS;
            bool isRegistered = _registeredIn[coordinator][FIRST_MINER + number] == openings[coordinator];
            if (!isRegistered && _lines[root][number].outstandingWei != 0) return number;
        }
    }

    function _declarer(uint256 coordinator, uint256 whom) private view returns (uint256 miner) {
        return _firstIn(declaredWei[coordinator], whom);
    }

    function _registrant(uint256 coordinator, uint256 whom) private view returns (uint256 miner) {
        return _firstIn(registeredWei[coordinator], whom);
    }

    function _firstIn(mapping(uint256 => uint256) storage amounts, uint256 whom) private view returns (uint256 miner) {
        for (uint256 i = 0; i < MINERS; ++i) {
            miner = _worker((whom % MINERS) + i);
            if (amounts[miner] != 0) return miner;
        }
        revert Actor_NothingToDo();
    }
}
