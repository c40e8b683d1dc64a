// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Cast} from "./Cast.sol";
import {World} from "./World.sol";

/// @title Those who do random things in a world
/// @notice Each campaign joins the kinds of actors that it needs in one contract. Their actions take numbers only and bring them into bounds, so that any words are good arguments. An action
/// that the contracts refuse, or that has nothing to act on, reverts and changes nothing.
abstract contract Actor is Cast {
    /// @dev Where a user's money is.
    enum Place {
        Wallet,
        Accounts,
        Pool,
        Stake
    }

    uint256 private constant PLACES = 4;

    World internal immutable WORLD;

    /// @notice How often each action did something.
    mapping(bytes4 action => uint256 times) public successes;
    /// @notice How often anything was done.
    uint256 public turns;
    /// @notice How many reasons there are now to keep a user's stake where it is.
    mapping(uint256 user => uint256 count) public freezes;
    string[] private _actions;
    /// @dev Whether the present actors have accounts, pools, and juries.
    bool internal _withAccounts;
    bool internal _withPools;
    bool internal _withJurors;
    /// @dev Bits of (user, place) where money may become less in the present action.
    uint256 private _mayFall;

    error Actor_NothingToDo();

    constructor(World world) {
        WORLD = world;
        _enter(world.system());
    }

    /// @dev Around every action: nobody who did not act, sign or get judged has less than before, anywhere.
    modifier watched() {
        _mayFall = 0;
        uint256[] memory before = _purses();
        uint256 supplyWei = token.totalSupply();
        _;
        uint256[] memory later = _purses();
        for (uint256 i = 0; i < before.length; ++i) {
            if (later[i] < before[i]) _hold((_mayFall >> i) & 1 == 1, "9: money left without its owner's will");
        }
        if (!_mints()) _hold(token.totalSupply() <= supplyWei, "8: minted outside of a reward");
        ++successes[msg.sig];
        ++turns;
    }

    /// @notice Signatures of the actions.
    function actions() external view returns (string[] memory signatures) {
        return _actions;
    }

    /// @dev Every kind of actor names what it does when it is made.
    function _act(string memory signature) internal {
        _actions.push(signature);
    }

    function _consent(uint256 user, Place place) internal {
        _mayFall |= 1 << (user * PLACES + uint256(place));
    }

    function _hold(bool holds, string memory rule) internal {
        if (!holds) WORLD.complain(rule);
    }

    /// @dev Ends an action that finds nothing to act on.
    function _need(bool isThere) internal pure {
        if (!isThere) revert Actor_NothingToDo();
    }

    function _as(uint256 user) internal {
        VM.prank(users[user]);
    }

    function _mints() internal virtual returns (bool mints) {
        return false;
    }

    /// @dev Clients hold accounts towards everybody who serves.
    function _accountsWei(uint256 client) internal view returns (uint256 sumWei) {
        for (uint256 payee = FIRST_COORDINATOR; payee < TRADERS; ++payee) {
            (uint128 balanceWei, , , ) = escrow.accountOf(users[client], users[payee]);
            sumWei += balanceWei;
        }
    }

    function _poolWei(uint256 user) internal view returns (uint128 balanceWei) {
        (balanceWei, , , ) = escrow.poolOf(users[user]);
    }

    /// @dev Active and thawing.
    function _stakeWei(uint256 user) internal view returns (uint256 sumWei) {
        (, uint128 activeWei, uint128 thawingWei, ) = staking.stakeOf(users[user]);
        return uint256(activeWei) + thawingWei;
    }

    function _walletWei(uint256 user) internal view returns (uint256 balanceWei) {
        return token.balanceOf(users[user]);
    }

    /// @dev Of those who have anything in this campaign: looking everywhere after each call would take most of the time.
    function _purses() private view returns (uint256[] memory purses) {
        uint256 count = _withJurors ? USERS : TRADERS;
        purses = new uint256[](count * PLACES);
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = i * PLACES;
            purses[place] = _walletWei(i);
            if (_withAccounts && i < CLIENTS) purses[place + 1] = _accountsWei(i);
            if (_withPools && i >= FIRST_COORDINATOR && i < TRADERS) purses[place + 2] = _poolWei(i);
            if (i >= FIRST_COORDINATOR) purses[place + 3] = _stakeWei(i);
        }
    }
}
