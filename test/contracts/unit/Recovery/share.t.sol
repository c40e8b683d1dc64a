// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../../contracts/interfaces/IRecovery.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../../../../contracts/libraries/LiabilityTree.sol";
import {Insolvency} from "../../helpers/Insolvency.sol";

/// @title showAnchors, open, register, claim, close and release
contract ShareTest is Insolvency {
    function test_SharesPoolAndStakeByWhatIsDue() public {
        _open();
        _registerBoth();
        VM.warp(block.timestamp + 7 days);
        (uint256 workerBefore, uint256 minerBefore) = (token.balanceOf(WORKER), token.balanceOf(MINER));
        // The order does not matter: three quarters and one quarter of 24,000.
        recovery.claim(COORDINATOR, MINER);
        recovery.claim(COORDINATOR, WORKER);
        _equal(token.balanceOf(WORKER) - workerBefore, (uint256(POT) * 3) / 4, "worker");
        _equal(token.balanceOf(MINER) - minerBefore, uint256(POT) / 4, "miner");
        _equal(token.balanceOf(address(recovery)), 0, "nothing left");
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, 0, "stake");
        (, , , uint64 epoch) = escrow.poolOf(COORDINATOR);
        _equal(epoch, 1, "epoch");
    }

    function test_OldVouchersCollectNoMore() public {
        _open();
        IPaymentEscrow.Voucher memory v = _owed(WORKER, WORKER_LINE);
        _depositPool(1 ether);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_WrongEpoch.selector, 0, 1));
        escrow.collect(v, signature);
    }

    function test_WhatWasCollectedSinceIsNotDueAgain() public {
        // The worker collects 4,000 before the shortfall: its line is 26,000, the miner's 10,000.
        IPaymentEscrow.Voucher memory v = _owed(WORKER, POOL);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        _open();
        _registerBoth();
        _equal(recovery.registeredOf(COORDINATOR, WORKER), WORKER_LINE - POOL, "worker's line");
        VM.warp(block.timestamp + 7 days);
        uint256 shareWei = recovery.claim(COORDINATOR, MINER);
        _equal(shareWei, (uint256(COORDINATOR_STAKE) * 10) / 36, "miner");
    }

    /// @dev A line may promise more than was outstanding when the books were made: what was paid before is not due again.
    function test_NoMoreIsDueThanTheLineLeavesOutstanding() public {
        workerLine = _line(WORKER, WORKER_LINE + 5_000 ether, WORKER_LINE);
        (bytes32 root, LiabilityPath memory left, ) = _books(workerLine, minerLine);
        workerPath = left;
        _anchor(keccak256("log 3"), 30, root);
        VM.warp(block.timestamp + 1 days);
        declaredAt = block.timestamp;
        _open();
        recovery.register(COORDINATOR, workerLine, workerPath);
        _equal(recovery.registeredOf(COORDINATOR, WORKER), WORKER_LINE, "due");
    }

    function test_NobodyGetsMoreThanItsLineAndTheRestBurns() public {
        _open();
        recovery.register(COORDINATOR, minerLine, minerPath);
        VM.warp(block.timestamp + 7 days);
        _equal(recovery.claim(COORDINATOR, MINER), MINER_LINE, "line");
        uint256 supplyWei = token.totalSupply();
        VM.warp(block.timestamp + 23 days);
        recovery.close(COORDINATOR);
        _equal(supplyWei - token.totalSupply(), POT - MINER_LINE, "burned");
        _equal(_stage(), 0, "stage");
    }

    function test_TakesNoMoreThanTheBooksOwe() public {
        _depositPool(50_000 ether);
        _declare(WORKER, 60_000 ether);
        _showAnchors();
        VM.warp(declaredAt + 3 days);
        recovery.open(COORDINATOR, workerLine, workerPath);
        _equal(recovery.spellOf(COORDINATOR).potWei, WORKER_LINE + MINER_LINE, "pot");
        (uint128 balanceWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(balanceWei, POOL + 50_000 ether - WORKER_LINE - MINER_LINE, "pool");
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, COORDINATOR_STAKE, "stake");
    }

    function test_ReachesThawingMoneyAndStake() public {
        VM.prank(COORDINATOR);
        escrow.startPoolThaw(POOL);
        VM.prank(COORDINATOR);
        staking.startThaw(COORDINATOR_STAKE);
        _open();
        _equal(recovery.spellOf(COORDINATOR).potWei, POT, "pot");
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.poolOf(COORDINATOR);
        _equal(balanceWei + thawingWei, 0, "pool");
    }

    function test_AnchorsCanBeShownInSteps() public {
        _declare(WORKER, WORKER_LINE);
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        for (uint256 i = 0; i < anchors.length; ++i) {
            (bytes32[] memory before, Anchor[] memory one) = (new bytes32[](1), new Anchor[](1));
            (before[0], one[0]) = (previous[i], anchors[i]);
            recovery.showAnchors(COORDINATOR, before, one);
        }
        VM.assertTrue(recovery.spellOf(COORDINATOR).liabilitiesRoot == anchored[0].liabilitiesRoot, "root");
    }

    function test_WhatIsAnchoredAfterTheShortfallChangesNothing() public {
        _declare(WORKER, WORKER_LINE);
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        _anchor(keccak256("log 3"), 30, keccak256("other books"));
        recovery.showAnchors(COORDINATOR, previous, anchors);
        VM.assertTrue(recovery.spellOf(COORDINATOR).liabilitiesRoot == anchored[0].liabilitiesRoot, "root");
    }

    function test_AnAnchorIsOldEnoughAtExactlyADay() public {
        VM.warp(START + 1 days);
        declaredAt = START + 1 days;
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.assertTrue(recovery.spellOf(COORDINATOR).liabilitiesRoot == anchored[0].liabilitiesRoot, "root");
    }

    function test_WithoutOldBooksTheFreezeEnds() public {
        VM.warp(START + 1 days - 1);
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(START + 5 days);
        recovery.release(COORDINATOR);
        VM.assertTrue(!escrow.isPoolFrozen(COORDINATOR), "released");
        _equal(staking.freezesOf(COORDINATOR), 0, "stake");
        (uint128 balanceWei, , , uint64 epoch) = escrow.poolOf(COORDINATOR);
        _equal(balanceWei, POOL, "pool");
        _equal(epoch, 0, "what was promised stays good");
    }

    /// @dev A payer that had no stake may stake meanwhile, and be in another case: that freeze is not the recovery's to end.
    function test_APayerThatHadNoStakeIsReleased() public {
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(CLIENT, WORKER, 1, 0, 5, 1, bytes32(0));
        recovery.declare(v, _signed(CLIENT_KEY, v));
        _stake(CLIENT, IStaking.Role.Miner, MINER_MINIMUM);
        staking.freeze(CLIENT);
        VM.warp(declaredAt + 3 days);
        recovery.release(CLIENT);
        VM.assertTrue(!escrow.isPoolFrozen(CLIENT), "released");
        _equal(staking.freezesOf(CLIENT), 1, "the case's");
    }

    function test_RevertWhen_ReleasedThoughThereAreBooks() public {
        _declare(WORKER, WORKER_LINE);
        VM.warp(declaredAt + 3 days);
        (, , , bytes32 head) = ledger.headOf(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_RootUnknown.selector, COORDINATOR, head));
        recovery.release(COORDINATOR);
        _showAnchors();
        bytes32 cursor = recovery.spellOf(COORDINATOR).cursor;
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_RootUnknown.selector, COORDINATOR, cursor));
        recovery.release(COORDINATOR);
    }

    function test_RevertWhen_AnchorsAreShownOutOfOrder() public {
        _declare(WORKER, WORKER_LINE);
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        (previous[0], anchors[0]) = (previous[1], anchors[1]);
        VM.expectRevert(
            abi.encodeWithSelector(
                IRecovery.Recovery_AnchorNotShown.selector,
                COORDINATOR,
                recovery.spellOf(COORDINATOR).cursor,
                previous[0] == commitments[0] ? commitments[1] : bytes32(0)
            )
        );
        recovery.showAnchors(COORDINATOR, previous, anchors);
    }

    function test_RevertWhen_TheRootIsKnown() public {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        VM.expectRevert(
            abi.encodeWithSelector(IRecovery.Recovery_RootKnown.selector, COORDINATOR, anchored[0].liabilitiesRoot)
        );
        recovery.showAnchors(COORDINATOR, previous, anchors);
    }

    function test_RevertWhen_OpenedInTheTimeToCure() public {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(declaredAt + 3 days - 1);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_CureTime.selector, declaredAt + 3 days));
        recovery.open(COORDINATOR, workerLine, workerPath);
    }

    function test_RevertWhen_OpenedWithoutARoot() public {
        _declare(WORKER, WORKER_LINE);
        VM.warp(declaredAt + 3 days);
        VM.expectRevert(
            abi.encodeWithSelector(
                IRecovery.Recovery_RootUnknown.selector,
                COORDINATOR,
                recovery.spellOf(COORDINATOR).cursor
            )
        );
        recovery.open(COORDINATOR, workerLine, workerPath);
    }

    function test_RevertWhen_OtherCasesAreOpen() public {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        staking.freeze(COORDINATOR);
        VM.warp(declaredAt + 3 days);
        bytes memory refused = abi.encodeWithSelector(IRecovery.Recovery_CasesOpen.selector, COORDINATOR, 1);
        VM.expectRevert(refused);
        recovery.open(COORDINATOR, workerLine, workerPath);
        VM.warp(declaredAt + 9 days - 1);
        VM.expectRevert(refused);
        recovery.open(COORDINATOR, workerLine, workerPath);
    }

    /// @dev A case that is still open then takes what is left.
    function test_CasesDoNotHoldUpARecoveryForEver() public {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        staking.freeze(COORDINATOR);
        VM.warp(declaredAt + 9 days);
        recovery.open(COORDINATOR, workerLine, workerPath);
        _equal(recovery.spellOf(COORDINATOR).potWei, POT, "pot");
        _equal(staking.freezesOf(COORDINATOR), 1, "the case's");
    }

    function test_RevertWhen_TheLineIsInvented() public {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(declaredAt + 3 days);
        workerLine.outstandingWei += 1;
        (bytes32 shown, ) = this.rootOf(workerLine, workerPath);
        VM.expectRevert(
            abi.encodeWithSelector(
                IRecovery.Recovery_LineNotInRoot.selector,
                COORDINATOR,
                anchored[0].liabilitiesRoot,
                shown
            )
        );
        recovery.open(COORDINATOR, workerLine, workerPath);
    }

    function test_RevertWhen_ALineIsRegisteredTwice() public {
        _open();
        _registerBoth();
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_AlreadyRegistered.selector, COORDINATOR, WORKER));
        recovery.register(COORDINATOR, workerLine, workerPath);
    }

    function test_RevertWhen_ALineIsPaidTwice() public {
        _open();
        _registerBoth();
        VM.warp(block.timestamp + 7 days);
        recovery.claim(COORDINATOR, WORKER);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NothingDue.selector, COORDINATOR, WORKER));
        recovery.claim(COORDINATOR, WORKER);
    }

    function test_RevertWhen_NothingIsDueOnTheLine() public {
        IPaymentEscrow.Voucher memory v = _owed(MINER, MINER_LINE);
        _depositPool(MINER_LINE);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        _open();
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_NothingDue.selector, COORDINATOR, MINER));
        recovery.register(COORDINATOR, minerLine, minerPath);
    }

    function test_RevertWhen_TheTimesAreNotKept() public {
        _open();
        uint256 openedAt = block.timestamp;
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_ClaimTime.selector, openedAt + 7 days));
        recovery.claim(COORDINATOR, WORKER);
        VM.warp(openedAt + 7 days);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_RegistrationOver.selector, openedAt + 7 days));
        recovery.register(COORDINATOR, workerLine, workerPath);
        VM.warp(openedAt + 30 days - 1);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_ClaimTime.selector, openedAt + 30 days));
        recovery.close(COORDINATOR);
    }

    function test_RevertWhen_TheLineIsOfAnotherPayerOrEpoch() public {
        Liability memory foreign = Liability(CLIENT, WORKER, 0, 1 ether, 1 ether);
        Liability memory late = Liability(COORDINATOR, WORKER, 1, 1 ether, 1 ether);
        (bytes32 root, LiabilityPath memory left, LiabilityPath memory right) = _books(foreign, late);
        _anchor(keccak256("log 3"), 30, root);
        declaredAt = START + 4 days;
        VM.warp(declaredAt);
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(declaredAt + 3 days);
        recovery.open(COORDINATOR, foreign, left);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_WrongLine.selector, CLIENT, 0));
        recovery.register(COORDINATOR, foreign, left);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_WrongLine.selector, COORDINATOR, 1));
        recovery.register(COORDINATOR, late, right);
    }

    function test_RevertWhen_TheLineIsOfTheLastEpoch() public {
        Liability memory last = Liability(COORDINATOR, WORKER, type(uint64).max, 1 ether, 1 ether);
        (bytes32 root, LiabilityPath memory left, ) = _books(last, minerLine);
        _anchor(keccak256("log 3"), 30, root);
        declaredAt = START + 4 days;
        VM.warp(declaredAt);
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(declaredAt + 3 days);
        recovery.open(COORDINATOR, last, left);
        VM.expectRevert(abi.encodeWithSelector(IRecovery.Recovery_WrongLine.selector, COORDINATOR, type(uint64).max));
        recovery.register(COORDINATOR, last, left);
    }

    function test_RevertWhen_ACommitmentIsMissing() public {
        _declare(WORKER, WORKER_LINE);
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        previous = new bytes32[](anchors.length - 1);
        VM.expectRevert(
            abi.encodeWithSelector(IRecovery.Recovery_LengthMismatch.selector, anchors.length - 1, anchors.length)
        );
        recovery.showAnchors(COORDINATOR, previous, anchors);
    }

    function test_RevertWhen_TheStageIsAnother() public {
        bytes memory none = _wrongStage(IRecovery.Stage.None);
        VM.expectRevert(none);
        _showAnchors();
        VM.expectRevert(none);
        recovery.open(COORDINATOR, workerLine, workerPath);
        VM.expectRevert(none);
        recovery.release(COORDINATOR);
        VM.expectRevert(none);
        recovery.register(COORDINATOR, workerLine, workerPath);
        VM.expectRevert(none);
        recovery.claim(COORDINATOR, WORKER);
        VM.expectRevert(none);
        recovery.close(COORDINATOR);
        _open();
        IPaymentEscrow.Voucher memory v = _owed(WORKER, WORKER_LINE);
        v.epoch = 1;
        VM.expectRevert(_wrongStage(IRecovery.Stage.Open));
        recovery.declare(v, _signed(COORDINATOR_KEY, v));
    }

    function test_RevertWhen_ThePathIsMalformed() public {
        workerPath.hashes.push(bytes32(0));
        VM.expectRevert(abi.encodeWithSelector(LiabilityTree.Liabilities_PathMalformed.selector, 2, 1));
        this.rootOf(workerLine, workerPath);
    }

    function test_RevertWhen_TheSumsOverflow() public {
        workerPath.sumsWei[0] = type(uint128).max;
        VM.expectRevert(
            abi.encodeWithSelector(
                LiabilityTree.Liabilities_SumOverflow.selector,
                uint256(type(uint128).max) + WORKER_LINE
            )
        );
        this.rootOf(workerLine, workerPath);
    }

    function rootOf(
        Liability calldata line,
        LiabilityPath calldata path
    ) external pure returns (bytes32 root, uint128 totalWei) {
        return LiabilityTree.rootOf(line, path);
    }
}
