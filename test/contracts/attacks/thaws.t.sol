// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {DepositRestartsThaw, KeysCollide, ThawHidesMoney, ThawOutlivesMoney} from "./twins/Thaws.sol";

/// @title Attacks on the thaws of accounts and pools
contract ThawAttacks is PaymentAttack {
    uint64 private constant ENDS = uint64(START + 7 days);

    /// @dev Source: Augur, "The current mechanism for blocking cash withdraws isn't effective": a withdrawal of one wei let
    /// what came later out with it (AugurProject/augur-core issue 123).
    function test_NewDepositInheritingAnOldThaw_Fails() public {
        _fails(_inherit(escrow));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingThawing.selector));
        (uint128 balanceWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, BALANCE, "the new deposit stays");
    }

    function test_NewDepositInheritingAnOldThaw_SucceedsAgainstTwin() public {
        _succeeds(_inherit(_twin(address(new ThawOutlivesMoney(token)))));
    }

    /// @dev Source: as above, for the pool of a coordinator.
    function test_NewPoolDepositInheritingAnOldThaw_Fails() public {
        _fails(_inheritInPool(escrow));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingThawing.selector));
        (uint128 balanceWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(balanceWei, BALANCE, "the new deposit stays");
    }

    function test_NewPoolDepositInheritingAnOldThaw_SucceedsAgainstTwin() public {
        _succeeds(_inheritInPool(_twin(address(new ThawOutlivesMoney(token)))));
    }

    /// @dev Source: Perennial, M-01 "Griefing attack by front-running to prevent user withdrawals"
    /// (equilibria-xyz/perennial-mono pull request 18); Erasure, "Countdown Griefing: releaseStake()"
    /// (erasureprotocol/erasure-protocol issue 216).
    function test_OneWeiDepositResettingAThaw_Fails() public {
        uint256 before = token.balanceOf(CLIENT);
        _fails(_restart(escrow));
        _equal(token.balanceOf(CLIENT), before, "everything came back at the end that was promised");
        (uint128 balanceWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, 7, "the attacker's wei stay");
    }

    function test_OneWeiDepositResettingAThaw_SucceedsAgainstTwin() public {
        _succeeds(_restart(_twin(address(new DepositRestartsThaw(token)))));
    }

    /// @dev Source: The Graph Horizon, Trust Security audit TRST-H-2 "Core thawing logic of Horizon staking can be broken
    /// due to collision in data structures" (graphprotocol/contracts pull request 1073).
    function test_ThawMapKeyCollision_Fails() public {
        _fails(_collide(escrow));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingThawing.selector));
        _must(CLIENT, address(escrow), abi.encodeCall(IPaymentEscrow.withdraw, (COORDINATOR)));
    }

    function test_ThawMapKeyCollision_SucceedsAgainstTwin() public {
        _succeeds(_collide(_twin(address(new KeysCollide(token)))));
    }

    /// @dev Source: Livepeer, "Delayed withdrawals": senders that withdraw in front of the recipient's transaction
    /// (livepeer/protocol issue 245).
    function test_ThawBeforeCollection_Fails() public {
        _fails(_thawFirst(escrow));
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, 60 ether, "balance");
        _equal(thawingWei, 60 ether, "thawing");
    }

    function test_ThawBeforeCollection_SucceedsAgainstTwin() public {
        _succeeds(_thawFirst(_twin(address(new ThawHidesMoney(token)))));
    }

    /// @dev The client withdraws, without a notice of its own, what its payee has just counted on.
    function _inherit(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _must(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.startThaw, (COORDINATOR, BALANCE)));
        _equal(_collectSigned(target, CLIENT_KEY, _voucher(BALANCE)), BALANCE, "collected");
        VM.warp(ENDS);
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        uint256 before = token.balanceOf(CLIENT);
        _try(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.withdraw, (COORDINATOR)));
        return token.balanceOf(CLIENT) > before;
    }

    function _inheritInPool(IPaymentEscrow target) private returns (bool won) {
        _depositPoolFor(target, COORDINATOR, BALANCE);
        _must(COORDINATOR, address(target), abi.encodeCall(IPaymentEscrow.startPoolThaw, (BALANCE)));
        _equal(_collectSigned(target, COORDINATOR_KEY, _poolVoucher(BALANCE)), BALANCE, "collected");
        VM.warp(ENDS);
        _depositPoolFor(target, COORDINATOR, BALANCE);
        uint256 before = token.balanceOf(COORDINATOR);
        _try(COORDINATOR, address(target), abi.encodeCall(IPaymentEscrow.withdrawPool, ()));
        return token.balanceOf(COORDINATOR) > before;
    }

    /// @dev The attacker adds one wei a day to the client's account.
    function _restart(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _must(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.startThaw, (COORDINATOR, BALANCE)));
        for (uint256 day = 1; day < 8; ++day) {
            VM.warp(START + day * 1 days - 1);
            _must(MINER, address(target), abi.encodeCall(IPaymentEscrow.deposit, (CLIENT, COORDINATOR, 1)));
        }
        VM.warp(ENDS);
        return !_try(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.withdraw, (COORDINATOR)));
    }

    /// @dev The payee withdraws from the account of (payee, client) what thaws in the account of (client, payee).
    function _collide(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _must(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.startThaw, (COORDINATOR, BALANCE)));
        VM.warp(ENDS);
        uint256 before = token.balanceOf(COORDINATOR);
        _try(COORDINATOR, address(target), abi.encodeCall(IPaymentEscrow.withdraw, (CLIENT)));
        return token.balanceOf(COORDINATOR) > before;
    }

    /// @dev The client starts to withdraw while it is served; the payee collects on the last day.
    function _thawFirst(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _must(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.startThaw, (COORDINATOR, BALANCE)));
        VM.warp(ENDS - 1);
        return _collectSigned(target, CLIENT_KEY, _voucher(40 ether)) == 0;
    }
}
