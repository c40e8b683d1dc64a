// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {Actor} from "../support/Actor.sol";

/// @title Payers that fill, thaw and empty their accounts, and name and dismiss one session key
abstract contract SignersActor is Actor {
    uint8 internal constant POOLED = 1;
    uint256 private constant PAYEES = 3;

    /// @notice When the present thaws of accounts and pools end, and what was asked for.
    mapping(uint256 payer => mapping(uint256 payee => uint256 endsAt)) public thawEnds;
    mapping(uint256 payer => mapping(uint256 payee => uint256 amountWei)) public thawedWei;
    mapping(uint256 user => uint256 endsAt) public poolThawEnds;
    /// @notice Into accounts, and back out of them, wei.
    mapping(uint256 payer => mapping(uint256 payee => uint256 amountWei)) public depositedWei;
    mapping(uint256 payer => mapping(uint256 payee => uint256 amountWei)) public withdrawnWei;
    /// @notice Until when the session key binds a payer, and to how much; a coordinator's pool is its own payee.
    mapping(uint256 payer => mapping(uint256 payee => uint256 expiresAt)) public sessionEnds;
    mapping(uint256 payer => mapping(uint256 payee => uint256 amountWei)) public capWei;
    /// @notice What the session key spent of a pool by day, wei.
    mapping(uint256 payer => mapping(uint256 day => uint256 amountWei)) public spentWei;

    constructor() {
        (_withAccounts, _withPools) = (true, true);
        _act("deposit(uint256,uint256,uint256,uint256)");
        _act("startThaw(uint256,uint256,uint256)");
        _act("withdraw(uint256,uint256)");
        _act("authorize(uint256,uint256,uint256,uint256)");
        _act("revoke(uint256,uint256)");
        _act("authorizePool(uint256,uint256,uint256)");
        _act("revokePool(uint256)");
    }

    /// @notice Anybody may add to anybody's account.
    function deposit(uint256 from, uint256 payer, uint256 payee, uint256 amount) external watched {
        (uint256 client, uint256 to, uint256 giver) = (_client(payer), _payee(payee), from % TRADERS);
        (, uint128 thawingWei, uint64 thawEndsAt, ) = escrow.accountOf(users[client], users[to]);
        uint128 amountWei = uint128(_bound(amount, 1, 1_000 ether));
        _consent(giver, Place.Wallet);
        _as(giver);
        escrow.deposit(users[client], users[to], amountWei);
        (, uint128 thawingLaterWei, uint64 endsLaterAt, ) = escrow.accountOf(users[client], users[to]);
        _hold(thawingWei == thawingLaterWei && thawEndsAt == endsLaterAt, "26: a deposit touched a thaw");
        depositedWei[client][to] += amountWei;
    }

    function startThaw(uint256 payer, uint256 payee, uint256 amount) external watched {
        (uint256 client, uint256 to) = (_client(payer), _payee(payee));
        (uint128 balanceWei, , , ) = escrow.accountOf(users[client], users[to]);
        _need(balanceWei != 0);
        uint128 amountWei = uint128(_bound(amount, 1, balanceWei));
        _as(client);
        escrow.startThaw(users[to], amountWei);
        (thawEnds[client][to], thawedWei[client][to]) = (block.timestamp + 7 days, amountWei);
    }

    /// @notice Waits first, two times of three.
    function withdraw(uint256 payer, uint256 payee) external watched {
        (uint256 client, uint256 to) = _thawing(payer, payee);
        (, uint128 thawingWei, uint64 thawEndsAt, ) = escrow.accountOf(users[client], users[to]);
        if ((payer >> 8) % 3 != 0 && block.timestamp < thawEndsAt) VM.warp(thawEndsAt);
        uint256 before = _walletWei(client);
        _consent(client, Place.Accounts);
        _as(client);
        escrow.withdraw(users[to]);
        uint256 gotWei = _walletWei(client) - before;
        _hold(block.timestamp >= thawEnds[client][to], "27: an account was emptied before its thaw ended");
        _hold(gotWei == thawingWei && gotWei <= thawedWei[client][to], "27: another amount came out of an account");
        withdrawnWei[client][to] += gotWei;
    }

    function authorize(uint256 payer, uint256 payee, uint256 cap, uint256 time) external watched {
        (uint256 client, uint256 to) = (_client(payer), _payee(payee));
        uint128 wei_ = uint128(_bound(cap, 1, 1_000 ether));
        uint64 expiresAt = uint64(block.timestamp + _bound(time, 1 hours, 20 days));
        bytes memory proof = _sessionProof(users[client], users[to], DEDICATED);
        _as(client);
        escrow.authorizeSigner(users[to], SESSION, wei_, expiresAt, proof);
        _checkNotCut(client, to, expiresAt, wei_);
        (sessionEnds[client][to], capWei[client][to]) = (expiresAt, wei_);
    }

    function revoke(uint256 payer, uint256 payee) external watched {
        (uint256 client, uint256 to) = (_client(payer), _payee(payee));
        _as(client);
        escrow.revokeSigner(users[to], SESSION);
        sessionEnds[client][to] = _least(sessionEnds[client][to], block.timestamp + 3 days);
    }

    function authorizePool(uint256 payer, uint256 cap, uint256 time) external watched {
        uint256 user = _coordinator(payer);
        uint128 wei_ = uint128(_bound(cap, 1, 300 ether));
        uint64 expiresAt = uint64(block.timestamp + _bound(time, 1 hours, 20 days));
        bytes memory proof = _sessionProof(users[user], address(0), POOLED);
        _as(user);
        escrow.authorizePoolSigner(SESSION, wei_, expiresAt, proof);
        _checkNotCut(user, user, expiresAt, wei_);
        (sessionEnds[user][user], capWei[user][user]) = (expiresAt, wei_);
    }

    function revokePool(uint256 payer) external watched {
        uint256 user = _coordinator(payer);
        _as(user);
        escrow.revokePoolSigner(SESSION);
        sessionEnds[user][user] = _least(sessionEnds[user][user], block.timestamp + 3 days);
    }

    /// @dev A voucher of the session key was paid: it was within its bounds.
    function _checkSession(uint8 kind, uint256 payer, uint256 payee, uint256 cumulativeWei, uint256 paid) internal {
        uint256 scope = kind == DEDICATED ? payee : payer;
        _hold(block.timestamp <= sessionEnds[payer][scope], "31: a session paid after its end");
        if (kind == DEDICATED) {
            _hold(cumulativeWei <= capWei[payer][payee], "30: a session paid above its cap");
            return;
        }
        spentWei[payer][block.timestamp / 1 days] += paid;
        bool isWithin = spentWei[payer][block.timestamp / 1 days] <= capWei[payer][payer];
        _hold(isWithin, "32: a session spent more of a pool than its daily cap");
    }

    /// @dev The first account that thaws, from an arbitrary one on.
    function _thawing(uint256 payer, uint256 payee) private view returns (uint256 client, uint256 to) {
        for (uint256 i = 0; i < CLIENTS * PAYEES; ++i) {
            (client, to) = (_client((payer % CLIENTS) + i), _payee((payee % PAYEES) + i / CLIENTS));
            (, uint128 thawingWei, , ) = escrow.accountOf(users[client], users[to]);
            if (thawingWei != 0) return (client, to);
        }
        revert Actor_NothingToDo();
    }

    function _payee(uint256 seed) internal pure returns (uint256 user) {
        return FIRST_COORDINATOR + (seed % PAYEES);
    }

    /// @dev Who holds a voucher has three days to collect it, whatever its payer does.
    function _checkNotCut(uint256 payer, uint256 scope, uint256 expiresAt, uint256 cap) private {
        uint256 before = sessionEnds[payer][scope];
        if (block.timestamp > before) return;
        _hold(expiresAt >= _least(before, block.timestamp + 3 days), "31: a session was cut short");
        _hold(cap >= capWei[payer][scope], "30: a live session's cap was lowered");
    }

    function _sessionProof(address payer, address payee, uint8 kind) private view returns (bytes memory proof) {
        bytes32 structHash = keccak256(abi.encode(TypeHashes.SIGNER_PROOF, payer, payee, SESSION, kind));
        return _sign(SESSION_KEY, _escrowDigest(structHash));
    }
}
