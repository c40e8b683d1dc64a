// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Hearings} from "./Hearings.sol";

/// @title scheduleDraw, isDrawn and fileDrawn
/// @notice The coordinator's log holds eight receipts. Whether one is drawn follows from the named block's hash, which
/// the tests choose until the receipt in question is drawn, or is not.
contract FileDrawnTest is Hearings {
    using Evidence for Receipt;

    uint64 private constant RECEIPTS = 8;
    uint64 private constant INDEX = 5;
    uint128 private constant AMOUNT = 0.42 ether;
    bytes32 private _root;
    bytes32[] private _path;
    bytes32 private _hash;

    function setUp() public override {
        super.setUp();
        _fund(STRANGER);
        _hash = _receiptHash(INDEX);
        bytes32[] memory leaves = new bytes32[](RECEIPTS);
        for (uint64 i = 0; i < RECEIPTS; ++i) leaves[i] = Rfc6962.leafHash(_receiptHash(i));
        (_root, _path) = _tree(leaves, INDEX);
        _anchor(_root, RECEIPTS, bytes32(0));
    }

    function test_SchedulesTheDrawOfTheAnchor() public {
        uint64 moment = randomness.nextMoment();
        VM.expectEmit();
        emit ICourt.DrawScheduled(COORDINATOR, 1, moment);
        VM.prank(STRANGER);
        _equal(court.scheduleDraw(COORDINATOR), moment, "moment");
    }

    function test_EveryAnchorHasItsDraw() public {
        court.scheduleDraw(COORDINATOR);
        _anchor(_root, RECEIPTS, bytes32(0));
        VM.roll(block.number + 3);
        uint64 moment = randomness.nextMoment();
        VM.expectEmit();
        emit ICourt.DrawScheduled(COORDINATOR, 2, moment);
        court.scheduleDraw(COORDINATOR);
    }

    function test_AnybodyFilesADrawnReceipt() public {
        _draw(true);
        _remember();
        uint256 id = _fileDrawn(0);
        ICourt.Case memory tried = court.caseOf(id);
        _equal(tried.challenger, STRANGER, "challenger");
        _equal(tried.client, CLIENT, "client");
        _equal(tried.accused, WORKER, "accused");
        _equal(tried.refundWei, 0.42 ether, "refund");
        _equal(staking.freezesOf(WORKER), 1, "freezes");
        _expectHeld(1);
    }

    function test_SaysWhoFiledAgainstWhom() public {
        _draw(true);
        uint64 moment = randomness.nextMoment();
        VM.expectEmit();
        emit ICourt.CaseFiled(1, WORKER, STRANGER, _hash, moment);
        _fileDrawn(0);
    }

    function test_AnEarlierAnchorIsShownThroughLaterOnes() public {
        _draw(true);
        _anchor(keccak256("a longer log"), RECEIPTS + 1, bytes32(0));
        _anchor(keccak256("a still longer log"), RECEIPTS + 2, bytes32(0));
        _equal(_fileDrawn(0), 1, "id");
    }

    /// @dev About one of fifty, by another value for each receipt.
    function test_DrawsInPartsPerMillion() public {
        uint64 moment = court.scheduleDraw(COORDINATOR);
        _reach(moment);
        uint256 drawn = 0;
        for (uint256 i = 0; i < 2_000; ++i) {
            if (court.isDrawn(COORDINATOR, 1, keccak256(abi.encode("receipt", i)), 0)) ++drawn;
        }
        VM.assertTrue(drawn > 15 && drawn < 80, "drawn");
    }

    /// @dev Twice the amount over half of a miner's minimum: what a wrong receipt loses on average is twice its price.
    function test_LargeAmountsAreDrawnMoreOften() public view {
        _equal(court.drawRatePpm(0), DRAW_RATE_PPM, "nothing");
        uint128 atFloor = (uint128(DRAW_RATE_PPM) * MINER_MINIMUM) / 4_000_000;
        _equal(court.drawRatePpm(atFloor), DRAW_RATE_PPM, "at the floor");
        _equal(court.drawRatePpm(2 * atFloor), 2 * DRAW_RATE_PPM, "twice as much");
        _equal(court.drawRatePpm(MINER_MINIMUM / 4 - 1), 999_999, "just not always");
        _equal(court.drawRatePpm(MINER_MINIMUM / 4), 1_000_000, "always");
        _equal(court.drawRatePpm(type(uint128).max), 1_000_000, "everything");
    }

    function testFuzz_AWrongReceiptLosesTwiceItsPrice(uint128 amountWei) public view {
        uint256 ratePpm = court.drawRatePpm(amountWei);
        VM.assertTrue(ratePpm >= DRAW_RATE_PPM && ratePpm <= 1_000_000, "within bounds");
        if (ratePpm == 1_000_000) return;
        // The least penalty is half of the minimum; rounding down costs one part in a million of it.
        uint256 lossWei = ((ratePpm + 1) * (MINER_MINIMUM / 2)) / 1_000_000;
        VM.assertTrue(lossWei >= 2 * uint256(amountWei), "expected loss");
    }

    function test_ALargeReceiptIsDrawnWhereASmallOneIsNot() public {
        _draw(false);
        VM.assertTrue(court.isDrawn(COORDINATOR, 1, _hash, MINER_MINIMUM / 4), "large");
    }

    function test_RevertWhen_ThereIsNoAnchor() public {
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NothingAnchored.selector, WORKER));
        court.scheduleDraw(WORKER);
    }

    function test_RevertWhen_TheDrawIsScheduled() public {
        court.scheduleDraw(COORDINATOR);
        VM.roll(block.number + 100);
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_DrawAlreadyScheduled.selector, COORDINATOR, 1));
        court.scheduleDraw(COORDINATOR);
    }

    function test_RevertWhen_NothingIsScheduled() public {
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotScheduled.selector, COORDINATOR, 1));
        court.isDrawn(COORDINATOR, 1, _hash, AMOUNT);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_NotScheduled.selector, COORDINATOR, 1), INDEX, 0);
    }

    function test_RevertWhen_TheValueIsNotKnown() public {
        uint64 moment = court.scheduleDraw(COORDINATOR);
        bytes memory refusal = abi.encodeWithSelector(IRandomness.Randomness_NotYet.selector, moment);
        VM.expectRevert(refusal);
        court.isDrawn(COORDINATOR, 1, _hash, AMOUNT);
        _expectRefusal(refusal, INDEX, 0);
    }

    function test_RevertWhen_TheReceiptIsNotDrawn() public {
        bytes32 value = _draw(false);
        uint256 roll = uint256(keccak256(abi.encode(value, _hash))) % 1_000_000;
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_NotDrawn.selector, _hash, roll, DRAW_RATE_PPM), INDEX, 0);
    }

    function test_RevertWhen_TheReceiptIsNotInTheLog() public {
        _draw(true);
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_NotInLog.selector, _hash, _root), INDEX - 1, 0);
    }

    function test_RevertWhen_TheAnchorIsNotTheCoordinators() public {
        _draw(true);
        anchored[0].size += 1;
        (, , , bytes32 head) = ledger.headOf(COORDINATOR);
        _expectRefusal(abi.encodeWithSelector(IVerdicts.Verdicts_AnchorNotShown.selector, COORDINATOR, head), INDEX, 0);
    }

    function test_RevertWhen_NoAnchorIsShown() public {
        _draw(true);
        commitments.push(bytes32(0));
        (, , , bytes32 head) = ledger.headOf(COORDINATOR);
        _expectRefusal(abi.encodeWithSelector(IVerdicts.Verdicts_AnchorNotShown.selector, COORDINATOR, head), INDEX, 1);
    }

    function test_RevertWhen_TheClientFiledAlready() public {
        _draw(true);
        _file(INDEX);
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.WrongOutput, _hash));
        _expectRefusal(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.WrongOutput, key),
            INDEX,
            0
        );
    }

    /// @dev Schedules the draw, and chooses the named block's hash so that the receipt is drawn, or is not.
    function _draw(bool isDrawn) private returns (bytes32 value) {
        uint64 moment = court.scheduleDraw(COORDINATOR);
        VM.roll(uint256(moment) + 1);
        for (uint256 i = 0; ; ++i) {
            bytes32 hash = keccak256(abi.encode("block", moment, i));
            value = keccak256(abi.encode(keccak256("Lode BlockRandomness"), hash));
            if (uint256(keccak256(abi.encode(value, _hash))) % 1_000_000 < DRAW_RATE_PPM != isDrawn) continue;
            VM.setBlockhash(moment, hash);
            VM.assertTrue(court.isDrawn(COORDINATOR, 1, _hash, AMOUNT) == isDrawn, "drawn");
            return value;
        }
    }

    function _fileDrawn(uint256 first) private returns (uint256 id) {
        Assignment memory a = _assignment(INDEX);
        Receipt memory r = _receipt(a);
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        (bytes32 previous, Anchor[] memory anchors) = _since(first);
        VM.prank(STRANGER);
        return court.fileDrawn(a, assigned, r, receipted, INDEX, _path, previous, anchors);
    }

    function _expectRefusal(bytes memory refusal, uint64 index, uint256 first) private {
        Assignment memory a = _assignment(INDEX);
        Receipt memory r = _receipt(a);
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(a), _receipted(r));
        (bytes32 previous, Anchor[] memory anchors) = _since(first);
        VM.expectRevert(refusal);
        VM.prank(STRANGER);
        court.fileDrawn(a, assigned, r, receipted, index, _path, previous, anchors);
    }
}
