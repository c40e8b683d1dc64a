// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../../contracts/interfaces/IRecovery.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Insolvency} from "../../helpers/Insolvency.sol";

/// @title What declare, cure, open, register, claim, close and release say
/// @notice The worker collected 1,000 of its 30,000 before the shortfall, so that what was promised and what is due differ.
contract RecoveryEventsTest is Insolvency {
    uint128 private constant COLLECTED = 1_000 ether;
    uint128 private constant WORKER_DUE = WORKER_LINE - COLLECTED;
    uint128 private constant LEFT = POT - COLLECTED;

    function setUp() public override {
        super.setUp();
        IPaymentEscrow.Voucher memory v = _owed(WORKER, COLLECTED);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
    }

    function test_ADeclarationSaysWhatWasPromisedAndWhatIsDue() public {
        VM.expectEmit();
        emit IRecovery.ShortfallDeclared(COORDINATOR, WORKER, WORKER_LINE, WORKER_DUE);
        VM.expectEmit();
        emit IPaymentEscrow.PoolFrozen(COORDINATOR);
        VM.expectEmit();
        emit IStaking.StakeFrozen(COORDINATOR, address(recovery), 1);
        _declare(WORKER, WORKER_LINE);
        // A channel pays 96 bits at most; what was promised is told in full.
        VM.expectEmit();
        emit IRecovery.ShortfallDeclared(COORDINATOR, MINER, type(uint128).max, type(uint96).max);
        _declare(MINER, type(uint128).max);
    }

    function test_ACureSaysWhatWasPaid() public {
        _declare(WORKER, POOL + 1 ether);
        _depositPool(1 ether);
        VM.expectEmit();
        emit IPaymentEscrow.PoolReleased(COORDINATOR);
        VM.expectEmit();
        emit IRecovery.ShortfallCured(COORDINATOR, WORKER, POOL + 1 ether - COLLECTED);
        VM.expectEmit();
        emit IStaking.StakeUnfrozen(COORDINATOR, address(recovery), 0);
        _cure(WORKER, POOL + 1 ether);
    }

    function test_AnOpeningSaysWhatIsOwedAndWhatIsThere() public {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(declaredAt + 3 days);
        bytes32 root = anchored[0].liabilitiesRoot;
        VM.expectEmit();
        emit IPaymentEscrow.PoolClosed(COORDINATOR, POOL - COLLECTED, 1);
        VM.expectEmit();
        emit IStaking.StakeSlashed(COORDINATOR, COORDINATOR_STAKE, 0, 0);
        VM.expectEmit();
        emit IRecovery.RecoveryOpened(COORDINATOR, root, WORKER_LINE + MINER_LINE, LEFT);
        recovery.open(COORDINATOR, workerLine, workerPath);
    }

    function test_SharesSayWhatWasDueAndWhatWasPaid() public {
        _open();
        VM.expectEmit();
        emit IRecovery.LineRegistered(COORDINATOR, WORKER, WORKER_DUE);
        recovery.register(COORDINATOR, workerLine, workerPath);
        VM.expectEmit();
        emit IRecovery.LineRegistered(COORDINATOR, MINER, MINER_LINE);
        recovery.register(COORDINATOR, minerLine, minerPath);
        VM.warp(block.timestamp + 7 days);
        uint128 shareWei = uint128((uint256(LEFT) * WORKER_DUE) / (WORKER_DUE + MINER_LINE));
        VM.expectEmit();
        emit IRecovery.RecoveryClaimed(COORDINATOR, WORKER, WORKER_DUE, shareWei);
        recovery.claim(COORDINATOR, WORKER);
        VM.warp(block.timestamp + 23 days);
        VM.expectEmit();
        emit IRecovery.RecoveryClosed(COORDINATOR, LEFT - shareWei);
        recovery.close(COORDINATOR);
    }

    function test_AReleaseSaysThatNothingWasBurned() public {
        VM.warp(START + 1 days - 1);
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(START + 5 days);
        VM.expectEmit();
        emit IPaymentEscrow.PoolReleased(COORDINATOR);
        VM.expectEmit();
        emit IRecovery.RecoveryClosed(COORDINATOR, 0);
        recovery.release(COORDINATOR);
    }
}
