// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {CreditsStakeAsked, CreditsWhatArrived, CreditsWhatWasAsked, PaysFirst} from "./twins/Intake.sol";
import {FeeOnTransfer, Hooked, Reentrant, Silent} from "./twins/Tokens.sol";

/// @title Attacks through the token: fees, silence, hooks and reentrancy
contract TokenAttacks is PaymentAttack {
    /// @dev Source: Balancer's STA pool, June 2020: a token that kept a part of every transfer.
    function test_FeeOnTransferToken_Fails() public {
        _fails(_depositShort(escrow, address(new FeeOnTransfer())));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_InexactTransfer.selector, 50 ether, 49.5 ether));
    }

    function test_FeeOnTransferToken_SucceedsAgainstTwin() public {
        _succeeds(_depositShort(_twin(address(new CreditsWhatWasAsked(token))), address(new FeeOnTransfer())));
    }

    /// @dev Source: as above; stakes are taken in by the same rule.
    function test_FeeOnTransferStake_Fails() public {
        _fails(_stakeShort(staking));
        _refusedWith(abi.encodeWithSelector(IStaking.Staking_InexactTransfer.selector, 2_000 ether, 1_980 ether));
    }

    function test_FeeOnTransferStake_SucceedsAgainstTwin() public {
        address twin = address(new CreditsStakeAsked(token));
        VM.prank(MINER);
        token.approve(twin, type(uint256).max);
        _succeeds(_stakeShort(IStaking(twin)));
    }

    /// @dev Source: Qubit Finance, January 2022: a transfer that moved nothing and did not fail was credited (BlockSec, "When
    /// SafeTransfer Becomes Unsafe").
    function test_UnfundedDeposit_Fails() public {
        _fails(_depositShort(escrow, address(new Silent())));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_InexactTransfer.selector, 50 ether, uint256(0)));
    }

    function test_UnfundedDeposit_SucceedsAgainstTwin() public {
        _succeeds(_depositShort(_twin(address(new CreditsWhatWasAsked(token))), address(new Silent())));
    }

    /// @dev Source: Lendf.Me and Uniswap V1 with imBTC, April 2020: the sender's hook deposits again within the deposit.
    function test_HookToken_Fails() public {
        _fails(_depositTwice(escrow));
        (uint128 balanceWei, , , ) = escrow.accountOf(MINER, COORDINATOR);
        _equal(balanceWei, 0, "the deposit within a deposit is refused, and the one around it");
    }

    function test_HookToken_SucceedsAgainstTwin() public {
        _succeeds(_depositTwice(_twin(address(new CreditsWhatArrived(token)))));
    }

    /// @dev Source: The DAO, June 2016; Cream Finance with AMP, August 2021.
    function test_ReentrancyOfWithdraw_Fails() public {
        _fails(_withdrawTwice(escrow));
        _equal(token.balanceOf(address(escrow)), BALANCE, "the client's money");
    }

    function test_ReentrancyOfWithdraw_SucceedsAgainstTwin() public {
        _succeeds(_withdrawTwice(_twin(address(new PaysFirst(token)))));
    }

    /// @dev Source: as above, for the sweep of what vouchers credited.
    function test_ReentrancyOfSweep_Fails() public {
        _fails(_sweepTwice(escrow));
        _equal(token.balanceOf(address(escrow)), BALANCE, "the client's money");
    }

    function test_ReentrancyOfSweep_SucceedsAgainstTwin() public {
        _succeeds(_sweepTwice(_twin(address(new PaysFirst(token)))));
    }

    /// @dev The attacker is credited more than arrives: what is missing belongs to the client.
    function _depositShort(IPaymentEscrow target, address code) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        VM.etch(address(token), code.code);
        _try(MINER, address(target), abi.encodeCall(IPaymentEscrow.deposit, (MINER, COORDINATOR, 50 ether)));
        (uint128 creditedWei, , , ) = target.accountOf(MINER, COORDINATOR);
        return token.balanceOf(address(target)) < BALANCE + creditedWei;
    }

    function _stakeShort(IStaking target) private returns (bool won) {
        VM.etch(address(token), address(new FeeOnTransfer()).code);
        _try(
            MINER,
            address(target),
            abi.encodeCall(IStaking.register, (IStaking.Role.Miner, 2_000 ether, address(0), address(0), bytes32(0)))
        );
        (, uint128 stakedWei, , ) = target.stakeOf(MINER);
        return token.balanceOf(address(target)) < stakedWei;
    }

    function _depositTwice(IPaymentEscrow target) private returns (bool won) {
        Reentrant party = _party(target);
        bytes memory again = abi.encodeCall(IPaymentEscrow.deposit, (MINER, COORDINATOR, 30 ether));
        party.prepare(address(target), again, "");
        party.act(address(target), abi.encodeCall(IPaymentEscrow.deposit, (MINER, COORDINATOR, 50 ether)));
        (uint128 creditedWei, , , ) = target.accountOf(MINER, COORDINATOR);
        return token.balanceOf(address(target)) < BALANCE + creditedWei;
    }

    function _withdrawTwice(IPaymentEscrow target) private returns (bool won) {
        Reentrant party = _party(target);
        VM.assertTrue(
            party.act(
                address(target),
                abi.encodeCall(IPaymentEscrow.deposit, (address(party), COORDINATOR, 50 ether))
            ) && party.act(address(target), abi.encodeCall(IPaymentEscrow.startThaw, (COORDINATOR, 50 ether))),
            "thaw"
        );
        VM.warp(START + 7 days);
        bytes memory data = abi.encodeCall(IPaymentEscrow.withdraw, (COORDINATOR));
        party.prepare(address(target), "", data);
        party.act(address(target), data);
        return token.balanceOf(address(party)) > BALANCE;
    }

    /// @dev The party has earned 50 from the client's neighbour, and sweeps it within the sweep.
    function _sweepTwice(IPaymentEscrow target) private returns (bool won) {
        Reentrant party = _party(target);
        _depositPoolFor(target, address(party), 50 ether);
        uint256 before = token.balanceOf(address(party));
        bytes memory data = abi.encodeCall(IPaymentEscrow.sweep, (address(party)));
        party.prepare(address(target), "", data);
        party.act(address(target), data);
        return token.balanceOf(address(party)) > before + 50 ether;
    }

    /// @dev A contract with 100 of its own, beside 100 of the client's in the escrow, and a token that calls it.
    function _party(IPaymentEscrow target) private returns (Reentrant party) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        party = new Reentrant();
        VM.prank(MINER);
        VM.assertTrue(token.transfer(address(party), BALANCE), "transfer");
        VM.etch(address(token), address(new Hooked()).code);
        VM.assertTrue(
            party.act(address(token), abi.encodeCall(token.approve, (address(target), type(uint256).max))),
            "approve"
        );
    }
}
