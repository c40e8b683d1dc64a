// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../helpers/Base.sol";

/// @title Does random things as the client, the coordinator and the miner, and notes what must hold
contract MarketActor is Base {
    uint128 public clientPaidWei;
    uint128 public clientPromisedWei;
    uint128 public minerPaidWei;
    uint128 public minerPromisedWei;
    uint64 public largestSize;
    uint256 public replayedWei;
    IPaymentEscrow.Voucher[] private _vouchers;
    bytes[] private _signatures;

    constructor() {
        _deploy();
        _registerMiner();
        _registerCoordinator();
    }

    /// @dev The runner may call every public function: a second deployment would hide what came before.
    function setUp() public override {}

    function deposit(uint64 amountWei) external {
        if (amountWei != 0) _deposit(amountWei);
    }

    function depositPool(uint64 amountWei) external {
        if (amountWei != 0) _depositPool(amountWei);
    }

    function promisePayment(bool pooled, uint64 cumulativeWei) external {
        IPaymentEscrow.Voucher memory v = pooled ? _poolVoucher(cumulativeWei) : _voucher(cumulativeWei);
        if (pooled && cumulativeWei > minerPromisedWei) minerPromisedWei = cumulativeWei;
        if (!pooled && cumulativeWei > clientPromisedWei) clientPromisedWei = cumulativeWei;
        _vouchers.push(v);
        _signatures.push(_signed(pooled ? COORDINATOR_KEY : CLIENT_KEY, v));
        _collect(_vouchers.length - 1);
    }

    /// @dev Any earlier voucher again: it pays only what it was short of before.
    function replay(uint256 which) external {
        if (_vouchers.length == 0) return;
        uint256 chosen = which % _vouchers.length;
        _collect(chosen);
        replayedWei += _collect(chosen);
    }

    function thaw(bool pooled, uint64 amountWei) external {
        VM.prank(pooled ? COORDINATOR : CLIENT);
        if (pooled) {
            try escrow.startPoolThaw(amountWei) {} catch {}
        } else {
            try escrow.startThaw(COORDINATOR, amountWei) {} catch {}
        }
    }

    function withdraw(bool pooled) external {
        VM.warp(block.timestamp + 7 days);
        VM.prank(pooled ? COORDINATOR : CLIENT);
        if (pooled) {
            try escrow.withdrawPool() {} catch {}
        } else {
            try escrow.withdraw(COORDINATOR) {} catch {}
        }
    }

    function sweepAndBurn() external {
        try escrow.sweep(MINER) {} catch {}
        try escrow.burnFees(_feeEpoch()) {} catch {}
    }

    function stake(uint64 amountWei, uint8 what) external {
        if (what % 4 == 3) {
            staking.slash(MINER, amountWei, STRANGER);
            return;
        }
        VM.prank(MINER);
        if (what % 4 == 0) {
            try staking.topUp(MINER, amountWei) {} catch {}
        } else if (what % 4 == 1) {
            try staking.startThaw(amountWei) {} catch {}
        } else {
            try staking.withdraw() {} catch {}
        }
    }

    function anchor(uint64 size) external {
        VM.prank(COORDINATOR);
        try ledger.anchor(COORDINATOR, bytes32(0), size, bytes32(0), bytes32(0)) {
            if (size > largestSize) largestSize = size;
        } catch {}
    }

    /// @notice Tokens that the escrow holds, and what it owes.
    function escrowBooks() external view returns (uint256 heldWei, uint256 owedWei) {
        (uint128 accountWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        (uint128 coordinatorWei, , , ) = escrow.poolOf(COORDINATOR);
        (uint128 minerWei, , , ) = escrow.poolOf(MINER);
        heldWei = token.balanceOf(address(escrow));
        owedWei = uint256(accountWei) + coordinatorWei + minerWei + _unburnedFeesWei();
    }

    /// @notice Tokens that staking holds, and the stakes in it.
    function stakingBooks() external view returns (uint256 heldWei, uint256 owedWei) {
        (, uint128 minerWei, uint128 minerThawingWei, ) = staking.stakeOf(MINER);
        (, uint128 coordinatorWei, uint128 coordinatorThawingWei, ) = staking.stakeOf(COORDINATOR);
        heldWei = token.balanceOf(address(staking));
        owedWei = uint256(minerWei) + minerThawingWei + coordinatorWei + coordinatorThawingWei;
    }

    /// @notice What the two channels say they have paid.
    function channels() external view returns (uint128 clientWei, uint128 minerWei) {
        (clientWei, ) = escrow.channelOf(CLIENT, COORDINATOR, 0);
        (minerWei, ) = escrow.channelOf(COORDINATOR, MINER, 1);
    }

    /// @notice Size of the coordinator's last anchor.
    function anchoredSize() external view returns (uint64 size) {
        (, size, , ) = ledger.headOf(COORDINATOR);
    }

    function _collect(uint256 which) private returns (uint128 paidWei) {
        IPaymentEscrow.Voucher[] memory list = new IPaymentEscrow.Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        (list[0], signatures[0]) = (_vouchers[which], _signatures[which]);
        paidWei = escrow.collectMany(list, _joined(signatures))[0];
        if (list[0].kind == 0) clientPaidWei += paidWei;
        else minerPaidWei += paidWei;
    }
}

/// @title What holds after any sequence of actions
/// @notice The escrow and the staking contract hold what they owe, to the wei. A voucher never pays twice. A channel has
/// paid what was collected and no more than was promised. Anchored sizes only grow.
contract MarketInvariants is Base {
    MarketActor private actor;

    function setUp() public override {
        actor = new MarketActor();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actor);
    }

    function invariant_EscrowIsSolvent() external view {
        (uint256 heldWei, uint256 owedWei) = actor.escrowBooks();
        _equal(heldWei, owedWei, "escrow");
    }

    function invariant_StakingIsSolvent() external view {
        (uint256 heldWei, uint256 owedWei) = actor.stakingBooks();
        _equal(heldWei, owedWei, "staking");
    }

    function invariant_VouchersNeverPayTwice() external view {
        _equal(actor.replayedWei(), 0, "replayed");
    }

    function invariant_ChannelsPaidAtMostWhatWasPromised() external view {
        (uint128 clientWei, uint128 minerWei) = actor.channels();
        _equal(clientWei, actor.clientPaidWei(), "client");
        _equal(minerWei, actor.minerPaidWei(), "miner");
        VM.assertTrue(clientWei <= actor.clientPromisedWei(), "client promised");
        VM.assertTrue(minerWei <= actor.minerPromisedWei(), "miner promised");
    }

    function invariant_AnchoredSizesOnlyGrow() external view {
        _equal(actor.anchoredSize(), actor.largestSize(), "size");
    }
}
