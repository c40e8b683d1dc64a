// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ClockActor} from "./actors/ClockActor.sol";
import {PaymentsActor} from "./actors/PaymentsActor.sol";
import {RewardsActor} from "./actors/RewardsActor.sol";
import {Actor} from "./support/Actor.sol";
import {Solvency} from "./support/Solvency.sol";
import {World} from "./support/World.sol";

contract Payers is PaymentsActor, RewardsActor, ClockActor {
    constructor(World world) Actor(world) {}

    function _mints() internal override(Actor, RewardsActor) returns (bool mints) {
        return RewardsActor._mints();
    }
}

/// @title Accounts, pools, vouchers, session keys, fees and rewards
contract PaymentInvariants is Solvency {
    Payers private _payers;
    uint8 private constant POOLED = 1;

    function invariant_Payments() external view {
        _check();
    }

    function _populate() internal override returns (Actor actor) {
        world.enrol();
        return _payers = new Payers(world);
    }

    function _actor() internal view override returns (Actor actor) {
        return _payers;
    }

    function _parts() internal pure override returns (uint256 count) {
        return 3;
    }

    function _checkPart(uint256 part) internal view override {
        if (part == 0) _checkEscrow();
        if (part == 1) {
            _checkSupply();
            _checkPooled();
        }
        if (part == 2) _checkAccounts();
    }

    function _checkEnd() internal view override {
        _checkEmpty();
        _checkRewards();
    }

    function _checkAccounts() private view {
        for (uint256 payer = 0; payer < CLIENTS; ++payer) {
            for (uint256 payee = FIRST_COORDINATOR; payee <= FIRST_MINER; ++payee) _checkAccount(payer, payee);
        }
    }

    function _checkPooled() private view {
        for (uint256 payer = FIRST_COORDINATOR; payer < FIRST_MINER; ++payer) {
            for (uint256 payee = FIRST_MINER; payee < TRADERS; ++payee) _checkChannel(POOLED, payer, payee);
        }
        for (uint256 user = FIRST_COORDINATOR; user < TRADERS; ++user) _checkPool(user);
    }

    function _checkChannel(uint8 kind, uint256 payer, uint256 payee) private view {
        (uint128 collectedWei, ) = escrow.channelOf(users[payer], users[payee], kind);
        // Sums of payments never fall: neither does what they are equal to.
        _equal(collectedWei, _payers.paidWei(kind, payer, payee), "22: collected");
        VM.assertTrue(collectedWei <= _payers.promisedWei(kind, payer, payee), "21: collected above the promise");
    }

    function _checkAccount(uint256 payer, uint256 payee) private view {
        _checkChannel(DEDICATED, payer, payee);
        (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, ) = escrow.accountOf(users[payer], users[payee]);
        uint256 outWei = _payers.withdrawnWei(payer, payee) + _payers.paidWei(DEDICATED, payer, payee);
        _equal(_payers.depositedWei(payer, payee), balanceWei + outWei, "23: account");
        if (thawingWei != 0) _equal(thawEndsAt, _payers.thawEnds(payer, payee), "26: end of an account's thaw");
        (uint128 capWei, uint64 expiresAt) = escrow.signerOf(users[payer], users[payee], SESSION);
        _equal(capWei, _payers.capWei(payer, payee), "30: cap");
        _equal(expiresAt, _payers.sessionEnds(payer, payee), "31: end of a session");
    }

    function _checkPool(uint256 user) private view {
        (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch) = escrow.poolOf(users[user]);
        uint256 outWei = _payers.pooledOutWei(user);
        for (uint256 payee = FIRST_MINER; payee < TRADERS; ++payee) outWei += _payers.paidWei(POOLED, user, payee);
        _equal(_payers.pooledInWei(user), balanceWei + outWei, "24: pool");
        if (thawingWei != 0) _equal(thawEndsAt, _payers.poolThawEnds(user), "26: end of a pool's thaw");
        _equal(epoch, 0, "48: epoch");
    }

    function _checkRewards() private view {
        uint256 feesWei = 0;
        for (uint64 epoch = uint64(START) / escrow.FEE_EPOCH_SECONDS(); epoch <= _feeEpoch(); ++epoch) {
            (uint128 accruedWei, uint128 burnedWei) = escrow.feesOf(epoch);
            uint256 sumWei = 0;
            for (uint256 i = FIRST_COORDINATOR; i <= FIRST_MINER; ++i) sumWei += escrow.payeeFeesWei(epoch, users[i]);
            _equal(accruedWei, sumWei, "34: fees of an epoch");
            VM.assertTrue(burnedWei <= accruedWei, "34: burned more fees than there were");
            feesWei += accruedWei;
        }
        _equal(feesWei, _payers.feesWei(), "34: all fees");
        uint64[] memory epochs = _payers.rewardedEpochs();
        for (uint256 i = 0; i < epochs.length; ++i) {
            VM.assertTrue(_payers.mintedInWei(epochs[i]) <= rewards.budgetWei(epochs[i]), "39: above the budget");
        }
        VM.assertTrue(token.totalSupply() <= world.genesisWei() + _payers.mintedWei(), "8: minted otherwise");
    }
}
