// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {PaymentEscrow} from "../../../../contracts/payments/PaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

/// @title A token that keeps one wei of each transfer
contract GreedyToken is ERC20("Greedy", "GRD") {
    constructor() {
        _mint(msg.sender, 1_000 ether);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), 1);
    }
}

/// @title deposit, depositPool, sweep, burnFees and the constructor
contract DepositTest is Base {
    function testFuzz_AddsToTheAccount(uint64 first, uint64 second) public {
        VM.assume(first != 0 && second != 0);
        _deposit(first);
        _deposit(second);
        (uint128 balanceWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, uint256(first) + second, "balance");
        _equal(token.balanceOf(address(escrow)), balanceWei, "tokens");
    }

    function test_SaysWhoseMoneyItIsAndNotWhoBroughtIt() public {
        VM.startPrank(MINER);
        VM.expectEmit();
        emit IPaymentEscrow.Deposited(CLIENT, COORDINATOR, 30 ether, 30 ether);
        escrow.deposit(CLIENT, COORDINATOR, 30 ether);
        VM.expectEmit();
        emit IPaymentEscrow.Deposited(CLIENT, COORDINATOR, 12 ether, 42 ether);
        escrow.deposit(CLIENT, COORDINATOR, 12 ether);
        VM.expectEmit();
        emit IPaymentEscrow.PoolDeposited(COORDINATOR, 5 ether, 5 ether);
        escrow.depositPool(COORDINATOR, 5 ether);
        VM.expectEmit();
        emit IPaymentEscrow.PoolDeposited(COORDINATOR, 3 ether, 8 ether);
        escrow.depositPool(COORDINATOR, 3 ether);
    }

    function test_RevertWhen_AmountIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAmount.selector));
        escrow.deposit(CLIENT, COORDINATOR, 0);
    }

    function test_RevertWhen_PartyIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        escrow.deposit(CLIENT, address(0), 1);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        escrow.deposit(address(0), COORDINATOR, 1);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        escrow.depositPool(address(0), 1);
    }

    function test_RevertWhen_PayerIsPayee() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_SelfPayment.selector, CLIENT));
        escrow.deposit(CLIENT, CLIENT, 1);
    }

    function test_RevertWhen_AmountDoesNotFit() public {
        uint256 tooMuch = uint256(type(uint96).max) + 1;
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_AmountTooLarge.selector, tooMuch));
        escrow.depositPool(CLIENT, uint128(tooMuch));
    }

    function test_RevertWhen_TokenDeliversLess() public {
        GreedyToken greedy = new GreedyToken();
        PaymentEscrow other = new PaymentEscrow(address(manager), greedy, staking, FEE_PPM);
        greedy.approve(address(other), 10);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_InexactTransfer.selector, 10, 9));
        other.deposit(CLIENT, COORDINATOR, 10);
    }

    function test_RevertWhen_FeeIsAboveTheMaximum() public {
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_FeeAboveMaximum.selector, uint32(50_001), uint32(50_000))
        );
        new PaymentEscrow(address(manager), token, staking, 50_001);
    }

    function test_RevertWhen_StakingIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        new PaymentEscrow(address(manager), token, IStaking(address(0)), FEE_PPM);
    }

    function test_SweepPaysThePayoutAddressAndBurnsFees() public {
        VM.prank(MINER);
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, address(0), STRANGER, bytes32(0));
        _deposit(100 ether);
        _depositPool(100 ether);
        IPaymentEscrow.Voucher memory v = _voucher(100 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        v = _poolVoucher(30 ether);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        escrow.sweep(MINER);
        _equal(token.balanceOf(STRANGER), 30 ether, "swept");
        uint256 supplyWei = token.totalSupply();
        uint64 epoch = _feeEpoch();
        escrow.burnFees(epoch);
        _equal(token.totalSupply(), supplyWei - 1 ether, "burned");
        _equal(_unburnedFeesWei(), 0, "fees");
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingToBurn.selector, epoch));
        escrow.burnFees(epoch);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingToSweep.selector, MINER));
        escrow.sweep(MINER);
    }

    function test_SaysWhatWasSweptAndToWhom() public {
        VM.prank(MINER);
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, address(0), STRANGER, bytes32(0));
        VM.prank(CLIENT);
        escrow.depositPool(MINER, 30 ether);
        VM.prank(MINER);
        escrow.startPoolThaw(9 ether);
        VM.expectEmit();
        emit IPaymentEscrow.Swept(MINER, STRANGER, 21 ether);
        escrow.sweep(MINER);
    }

    function test_SaysWhichEpochsFeesWereBurned() public {
        _deposit(100 ether);
        uint64 epoch = _feeEpoch();
        IPaymentEscrow.Voucher memory v = _voucher(30 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        VM.expectEmit();
        emit IPaymentEscrow.FeesBurned(epoch, 0.3 ether);
        escrow.burnFees(epoch);
        // What was burned before does not count again.
        v = _voucher(80 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        VM.expectEmit();
        emit IPaymentEscrow.FeesBurned(epoch, 0.5 ether);
        escrow.burnFees(epoch);
    }

    function test_SweepLeavesWhatThaws() public {
        _depositPool(10 ether);
        uint256 before = token.balanceOf(COORDINATOR);
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(4 ether);
        escrow.sweep(COORDINATOR);
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.poolOf(COORDINATOR);
        _equal(token.balanceOf(COORDINATOR), before + 6 ether, "swept");
        _equal(balanceWei, 4 ether, "balance");
        _equal(thawingWei, 4 ether, "thawing");
    }

    function test_RevertWhen_ACoordinatorIsSwept() public {
        _depositPool(1 ether);
        _registerCoordinator();
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolMustThaw.selector, COORDINATOR));
        escrow.sweep(COORDINATOR);
    }
}
