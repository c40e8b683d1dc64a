// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {SignersActor} from "./SignersActor.sol";

/// @title Clients, coordinators and miners that promise and collect
/// @notice Clients pay the two coordinators and one miner from dedicated accounts, coordinators pay the miners from pools.
abstract contract PaymentsActor is SignersActor {
    uint256 private constant PAYEES = 3;
    uint256 private constant EPOCHS = 30;

    /// @notice What the channel's collections paid, and the highest promise of it, wei.
    mapping(uint8 kind => mapping(uint256 payer => mapping(uint256 payee => uint256 amountWei))) public paidWei;
    mapping(uint8 kind => mapping(uint256 payer => mapping(uint256 payee => uint256 amountWei))) public promisedWei;
    /// @notice Into and out of pools, but for what stands in `paidWei` of pooled channels.
    mapping(uint256 user => uint256 amountWei) public pooledInWei;
    mapping(uint256 user => uint256 amountWei) public pooledOutWei;
    /// @notice Fees of dedicated collections, wei.
    uint256 public feesWei;

    IPaymentEscrow.Voucher[] private _vouchers;
    bytes[] private _signatures;
    bool[] private _bySession;

    constructor() {
        _act("promise_(uint256,uint256,uint256,uint256)");
        _act("promisePooled(uint256,uint256,uint256,uint256)");
        _act("collectAgain(uint256)");
        _act("collectSeveral(uint256,uint256)");
        _act("forge(uint256,uint256)");
        _act("sweep(uint256)");
        _act("burnFees(uint256)");
        _act("depositPool(uint256,uint256)");
        _act("thawPool(uint256,uint256)");
        _act("withdrawPool(uint256)");
    }

    /// @notice Into an account that was filled just before, one time of two.
    function promise_(uint256 payer, uint256 payee, uint256 amount, uint256 by) external watched {
        (uint256 client, uint256 to) = (_client(payer), FIRST_COORDINATOR + (payee % PAYEES));
        if ((by >> 8) % 2 == 0) {
            _consent(client, Place.Wallet);
            _as(client);
            escrow.deposit(users[client], users[to], 200 ether);
            depositedWei[client][to] += 200 ether;
        }
        _promise(DEDICATED, client, to, amount, by % 3 == 0);
    }

    function promisePooled(uint256 payer, uint256 payee, uint256 amount, uint256 by) external watched {
        _promise(POOLED, _coordinator(payer), _worker(payee), amount, by % 3 == 0);
    }

    /// @notice Any earlier voucher, twice: the second time it pays nothing.
    function collectAgain(uint256 which) external watched {
        _need(_vouchers.length != 0);
        uint256 number = which % _vouchers.length;
        _collect(number);
        (, , uint256 payer, ) = _of(number);
        uint256 heldWei = _heldBy(payer, number);
        _hold(_collectMany(_only(number), _onlySignature(number))[0] == 0, "20: a voucher paid twice");
        _hold(_heldBy(payer, number) == heldWei, "20: a voucher paid twice");
    }

    /// @notice The same as one after the other, whatever stands between.
    function collectSeveral(uint256 first, uint256 second) external watched {
        _need(_vouchers.length != 0);
        IPaymentEscrow.Voucher[] memory list = new IPaymentEscrow.Voucher[](4);
        bytes[] memory signatures = new bytes[](4);
        uint256[4] memory numbers = [first, second, first >> 128, second >> 128];
        for (uint256 i = 0; i < 4; ++i) {
            numbers[i] %= _vouchers.length;
            (list[i], signatures[i]) = (_vouchers[numbers[i]], _signatures[numbers[i]]);
            _consentOf(numbers[i]);
        }
        uint256[] memory dueWei = _dueOf(list);
        uint128[] memory paid = _collectMany(list, signatures);
        for (uint256 i = 0; i < 4; ++i) {
            _hold(paid[i] <= dueWei[i], "21: collected more than was promised");
            _note(numbers[i], paid[i]);
        }
    }

    /// @notice One field of a signed voucher is another.
    function forge(uint256 which, uint256 what) external watched {
        _need(_vouchers.length != 0);
        uint256 number = which % _vouchers.length;
        IPaymentEscrow.Voucher[] memory list = _only(number);
        IPaymentEscrow.Voucher memory v = list[0];
        uint256 field = what % 6;
        if (field == 0) v.cumulativeWei += uint128(_bound(what, 1, 1_000 ether));
        else if (field == 1) v.payee = users[FIRST_COORDINATOR + ((what >> 8) % (TRADERS - FIRST_COORDINATOR))];
        else if (field == 2) v.payer = users[(what >> 8) % TRADERS];
        else if (field == 3) v.kind = 1 - v.kind;
        else if (field == 4) ++v.epoch;
        else v.receiptsRoot = bytes32(what);
        bool isSame = keccak256(abi.encode(v)) == keccak256(abi.encode(_vouchers[number]));
        _need(!isSame);
        _hold(_collectMany(list, _onlySignature(number))[0] == 0, "28: a forged voucher paid");
    }

    function sweep(uint256 who) external watched {
        // Mostly miners: others have nothing to sweep, or must not.
        uint256 user = (who >> 8) % 8 == 0 ? who % TRADERS : _worker(who);
        address payout = staking.payoutOf(users[user]);
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.poolOf(users[user]);
        uint256 before = token.balanceOf(payout);
        _consent(user, Place.Pool);
        if ((who >> 16) % 2 == 0) escrow.sweep(users[user]);
        else _sweepMany(user);
        _hold(!_isCoordinator(user), "36: a coordinator's pool was swept");
        _hold(token.balanceOf(payout) - before == balanceWei - thawingWei, "36: swept elsewhere");
        pooledOutWei[user] += balanceWei - thawingWei;
    }

    function burnFees(uint256 epochsAgo) external watched {
        uint64 epoch = _unburned(epochsAgo % EPOCHS);
        (uint128 accruedWei, uint128 burnedWei) = escrow.feesOf(epoch);
        uint256 supplyWei = token.totalSupply();
        escrow.burnFees(epoch);
        _hold(supplyWei - token.totalSupply() == accruedWei - burnedWei, "34: burned another amount");
    }

    function depositPool(uint256 who, uint256 amount) external watched {
        uint256 user = FIRST_COORDINATOR + (who % PAYEES);
        (, uint128 thawingWei, uint64 thawEndsAt, ) = escrow.poolOf(users[user]);
        uint128 amountWei = uint128(_bound(amount, 1, 1_000 ether));
        _consent(user, Place.Wallet);
        _as(user);
        escrow.depositPool(users[user], amountWei);
        (, uint128 thawingLaterWei, uint64 endsLaterAt, ) = escrow.poolOf(users[user]);
        _hold(thawingWei == thawingLaterWei && thawEndsAt == endsLaterAt, "26: a deposit touched a thaw");
        pooledInWei[user] += amountWei;
    }

    function thawPool(uint256 who, uint256 amount) external watched {
        uint256 user = FIRST_COORDINATOR + (who % PAYEES);
        uint128 balanceWei = _poolWei(user);
        _need(balanceWei != 0);
        _as(user);
        escrow.startPoolThaw(uint128(_bound(amount, 1, balanceWei)));
        poolThawEnds[user] = block.timestamp + 7 days;
    }

    /// @notice Waits first, two times of three.
    function withdrawPool(uint256 who) external watched {
        uint256 user = FIRST_COORDINATOR + (who % PAYEES);
        (, uint128 thawingWei, uint64 thawEndsAt, ) = escrow.poolOf(users[user]);
        _need(thawingWei != 0);
        if ((who >> 8) % 3 != 0 && block.timestamp < thawEndsAt) VM.warp(thawEndsAt);
        address payout = staking.payoutOf(users[user]);
        uint256 before = token.balanceOf(payout);
        _consent(user, Place.Pool);
        _as(user);
        escrow.withdrawPool();
        _hold(block.timestamp >= poolThawEnds[user], "27: a pool was emptied before its thaw ended");
        _hold(token.balanceOf(payout) - before == thawingWei, "27: another amount came out of a pool");
        pooledOutWei[user] += thawingWei;
    }

    /// @notice How many vouchers there are.
    function promises() external view returns (uint256 count) {
        return _vouchers.length;
    }

    /// @dev With somebody beside who has nothing to sweep.
    function _sweepMany(uint256 user) private {
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (users[user], users[FIRST_JUROR]);
        uint128[] memory sweptWei = escrow.sweepMany(accounts);
        _need(sweptWei[0] != 0);
        _hold(sweptWei[1] == 0, "36: swept from nobody");
    }

    function _promise(uint8 kind, uint256 payer, uint256 payee, uint256 amount, bool bySession) private {
        (uint128 collectedWei, ) = escrow.channelOf(users[payer], users[payee], kind);
        uint256 baseWei = promisedWei[kind][payer][payee];
        if (baseWei < collectedWei) baseWei = collectedWei;
        uint128 cumulativeWei = uint128(baseWei + _bound(amount, 1, 100 ether));
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(
            users[payer],
            users[payee],
            kind,
            _epochOf(kind, payer),
            cumulativeWei,
            uint64(_vouchers.length),
            keccak256("receipts")
        );
        promisedWei[kind][payer][payee] = cumulativeWei;
        _vouchers.push(v);
        _signatures.push(_signed(bySession ? SESSION_KEY : _keyOf(payer), v));
        _bySession.push(bySession);
        _collect(_vouchers.length - 1);
    }

    /// @dev What a voucher pays is known beforehand: what is due, or what is there; by a session at most that.
    function _collect(uint256 number) private {
        (IPaymentEscrow.Voucher memory v, uint8 kind, uint256 payer, uint256 payee) = _of(number);
        uint256 expectedWei = _least(_dueOf(_only(number))[0], _availableWei(kind, payer, payee));
        // The pool is short and shared, or was.
        if (v.epoch != _epochOf(kind, payer)) expectedWei = 0;
        if (kind == POOLED && escrow.isPoolFrozen(v.payer)) expectedWei = 0;
        uint256 tokensWei = token.balanceOf(address(escrow));
        uint256 payeeWei = _poolWei(payee);
        _consentOf(number);
        uint128 paid = _collectMany(_only(number), _onlySignature(number))[0];
        _hold(tokensWei == token.balanceOf(address(escrow)), "35: a collection moved tokens");
        if (_bySession[number]) {
            _hold(paid == 0 || paid == expectedWei, "29: a voucher paid another amount");
            if (paid != 0) _checkSession(kind, payer, payee, v.cumulativeWei, paid);
        } else {
            _hold(paid == expectedWei, "29: a voucher paid another amount");
        }
        uint256 feeWei = kind == DEDICATED ? (uint256(paid) * FEE_PPM) / 1_000_000 : 0;
        _hold(_poolWei(payee) == payeeWei + paid - feeWei, "33: credited another amount");
        _note(number, paid);
    }

    function _note(uint256 number, uint256 paid) private {
        if (paid == 0) return;
        (, uint8 kind, uint256 payer, uint256 payee) = _of(number);
        paidWei[kind][payer][payee] += paid;
        uint256 feeWei = kind == DEDICATED ? (paid * FEE_PPM) / 1_000_000 : 0;
        feesWei += feeWei;
        pooledInWei[payee] += paid - feeWei;
    }

    function _collectMany(
        IPaymentEscrow.Voucher[] memory list,
        bytes[] memory signatures
    ) private returns (uint128[] memory paid) {
        return escrow.collectMany(list, _joined(signatures));
    }

    /// @dev Who signed a voucher, and nobody else, may have less after it.
    function _consentOf(uint256 number) private {
        (, uint8 kind, uint256 payer, ) = _of(number);
        _consent(payer, kind == DEDICATED ? Place.Accounts : Place.Pool);
    }

    /// @dev What each voucher of a list is still due, by what was collected before any of them.
    function _dueOf(IPaymentEscrow.Voucher[] memory list) private view returns (uint256[] memory dueWei) {
        dueWei = new uint256[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            (uint128 collectedWei, ) = escrow.channelOf(list[i].payer, list[i].payee, list[i].kind);
            if (list[i].cumulativeWei > collectedWei) dueWei[i] = list[i].cumulativeWei - collectedWei;
        }
    }

    function _availableWei(uint8 kind, uint256 payer, uint256 payee) private view returns (uint256 availableWei) {
        if (kind == POOLED) return _poolWei(payer);
        (availableWei, , , ) = escrow.accountOf(users[payer], users[payee]);
    }

    /// @dev The first epoch with fees to burn, from an arbitrary one on.
    function _unburned(uint256 from) private view returns (uint64 epoch) {
        for (uint256 i = 0; i < EPOCHS; ++i) {
            epoch = _feeEpoch() - uint64((from + i) % EPOCHS);
            (uint128 accruedWei, uint128 burnedWei) = escrow.feesOf(epoch);
            if (burnedWei < accruedWei) return epoch;
        }
        revert Actor_NothingToDo();
    }

    function _epochOf(uint8 kind, uint256 payer) private view returns (uint64 epoch) {
        if (kind == POOLED) (, , , epoch) = escrow.poolOf(users[payer]);
    }

    function _heldBy(uint256 payer, uint256 number) private view returns (uint256 heldWei) {
        (, uint8 kind, , uint256 payee) = _of(number);
        return _availableWei(kind, payer, payee);
    }

    function _only(uint256 number) private view returns (IPaymentEscrow.Voucher[] memory list) {
        list = new IPaymentEscrow.Voucher[](1);
        list[0] = _vouchers[number];
    }

    function _onlySignature(uint256 number) private view returns (bytes[] memory list) {
        list = new bytes[](1);
        list[0] = _signatures[number];
    }

    function _of(
        uint256 number
    ) private view returns (IPaymentEscrow.Voucher memory v, uint8 kind, uint256 payer, uint256 payee) {
        v = _vouchers[number];
        return (v, v.kind, _numberOf(v.payer), _numberOf(v.payee));
    }
}
