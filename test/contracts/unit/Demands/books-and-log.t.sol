// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title Demands that a coordinator show a receipt in its log, or a liability in its books
contract BooksAndLogTest is Jobs {
    using Evidence for Assignment;
    using Evidence for Receipt;

    Assignment private job;
    Receipt private receipt;

    function setUp() public override {
        super.setUp();
        job = _assignment(1);
        receipt = _receipt(job);
    }

    function _demandInLog() private returns (uint256 id) {
        VM.prank(CLIENT);
        return demands.demandInLog(job, _assigned(job), receipt, _receipted(receipt));
    }

    function _answerInLog(uint256 id, uint256 index, uint256 anchorNumber) private {
        bytes32[] memory leaves = new bytes32[](3);
        for (uint256 i = 0; i < 3; ++i) leaves[i] = Rfc6962.leafHash(keccak256(abi.encode(i)));
        leaves[1] = Rfc6962.leafHash(receipt.hash());
        (, bytes32[] memory path) = _tree(leaves, index);
        (bytes32 previous, Anchor[] memory anchors) = _since(anchorNumber);
        demands.answerInLog(id, uint64(index), path, previous, anchors);
    }

    function _anchorLog() private {
        bytes32[] memory leaves = new bytes32[](3);
        for (uint256 i = 0; i < 3; ++i) leaves[i] = Rfc6962.leafHash(keccak256(abi.encode(i)));
        leaves[1] = Rfc6962.leafHash(receipt.hash());
        (bytes32 root, ) = _tree(leaves, 0);
        _anchor(root, 3, 0);
    }

    function test_AnAnswerCostsTheChallengerItsBond() public {
        uint256 supplyWei = token.totalSupply();
        (uint256 clientWei, uint256 coordinatorWei) = (token.balanceOf(CLIENT), token.balanceOf(COORDINATOR));
        uint256 id = _demandInLog();
        _equal(staking.freezesOf(COORDINATOR), 1, "frozen");
        _equal(token.balanceOf(address(demands)), DEMAND_BOND, "bond");
        _anchorLog();
        _answerInLog(id, 1, 0);
        _equal(staking.freezesOf(COORDINATOR), 0, "released");
        _equal(clientWei - token.balanceOf(CLIENT), DEMAND_BOND, "client");
        _equal(token.balanceOf(COORDINATOR) - coordinatorWei, DEMAND_BOND / 2, "compensation");
        _equal(supplyWei - token.totalSupply(), DEMAND_BOND / 2, "burned");
        _equal(token.balanceOf(address(demands)), 0, "nothing stays");
    }

    function test_SilenceCostsTheCoordinatorATenth() public {
        uint256 clientWei = token.balanceOf(CLIENT);
        uint256 id = _demandInLog();
        VM.warp(block.timestamp + 48 hours + 1);
        demands.fail(id);
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        // Half of the role's minimum is more than a tenth of this stake.
        _equal(stakedWei, COORDINATOR_STAKE - COORDINATOR_MINIMUM / 2, "stake");
        _equal(token.balanceOf(CLIENT) - clientWei, COORDINATOR_MINIMUM / 20, "reward and bond");
        _equal(staking.freezesOf(COORDINATOR), 0, "released");
        _equal(token.balanceOf(address(demands)), 0, "nothing stays");
    }

    function test_SaysWhatIsDemandedAndWhatCameOfIt() public {
        VM.expectEmit();
        emit IDemands.DemandOpened(1, IDemands.Subject.InLog, COORDINATOR, CLIENT, uint64(START + 48 hours), 0);
        uint256 id = _demandInLog();
        _anchorLog();
        VM.expectEmit();
        emit IDemands.DemandAnswered(id, COORDINATOR, DEMAND_BOND / 2);
        _answerInLog(id, 1, 0);
        receipt.amountWei += 1;
        id = _demandInLog();
        bytes32 key = keccak256(abi.encode(IDemands.Subject.InLog, receipt.hash()));
        VM.warp(START + 48 hours + 1);
        VM.expectEmit();
        emit IDemands.DemandFailed(2, COORDINATOR);
        _expectOmitted(key);
        demands.fail(id);
    }

    function test_SaysWhichBooksAreDemandedAndWhatCameOfIt() public {
        _exhibit(100 ether);
        (uint64 deadline, uint64 moment) = (uint64(START + 72 hours), uint64(START + 1 hours));
        VM.warp(START + 24 hours);
        VM.expectEmit();
        emit IDemands.DemandOpened(1, IDemands.Subject.InBooks, COORDINATOR, CLIENT, deadline, moment);
        _demandBooks(1);
        (, LiabilityPath memory path) = _anchorBooks(_line(WORKER, 100 ether, 100 ether));
        (bytes32 previous, Anchor[] memory anchors) = _since(0);
        VM.expectEmit();
        emit IDemands.DemandAnswered(1, COORDINATOR, DEMAND_BOND / 2);
        demands.answerInBooks(1, _line(WORKER, 100 ether, 100 ether), path, previous, anchors);
        uint256 id = _demandBooks(2);
        bytes32 key = keccak256(
            abi.encode(IDemands.Subject.InBooks, COORDINATOR, WORKER, uint64(0), uint128(100 ether), uint64(2))
        );
        VM.warp(deadline + 1);
        VM.expectEmit();
        emit IDemands.DemandFailed(2, COORDINATOR);
        _expectOmitted(key);
        demands.fail(id);
    }

    /// @dev Half of the role's minimum is taken, a tenth of that is the challenger's, and nobody has anything refunded.
    function _expectOmitted(bytes32 key) private {
        uint128 taken = COORDINATOR_MINIMUM / 2;
        uint128 reward = taken / 10;
        VM.expectEmit();
        emit IVerdicts.FaultPunished(
            IVerdicts.Fault.Omitted,
            COORDINATOR,
            CLIENT,
            key,
            taken,
            0,
            reward,
            taken - reward
        );
    }

    function test_RevertWhen_FailedInTimeToAnswer() public {
        uint256 id = _demandInLog();
        VM.warp(block.timestamp + 48 hours);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_Answerable.selector, id, START + 48 hours));
        demands.fail(id);
    }

    function test_RevertWhen_ThereIsNoDemand() public {
        bytes memory none = abi.encodeWithSelector(IDemands.Demands_WrongSubject.selector, 1, IDemands.Subject.None);
        VM.expectRevert(none);
        demands.fail(1);
        VM.expectRevert(none);
        demands.answerCollected(1);
        _anchorLog();
        VM.expectRevert(none);
        _answerInLog(1, 1, 0);
    }

    function test_RevertWhen_ItIsAnotherLeaf() public {
        uint256 id = _demandInLog();
        _anchorLog();
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotInLog.selector, receipt.hash(), anchored[0].root));
        _answerInLog(id, 0, 0);
    }

    function test_RevertWhen_TheLogIsNotAnchored() public {
        uint256 id = _demandInLog();
        _anchorLog();
        anchored[0].size = 4;
        (, , , bytes32 commitment) = ledger.headOf(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_AnchorNotShown.selector, COORDINATOR, commitment));
        _answerInLog(id, 1, 0);
    }

    function test_RevertWhen_DemandedTwice() public {
        _demandInLog();
        bytes32 key = keccak256(abi.encode(IDemands.Subject.InLog, receipt.hash()));
        VM.expectRevert(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.Omitted, key)
        );
        _demandInLog();
    }

    function test_RevertWhen_TheJobIsTooOld() public {
        uint64 until = job.deadline + 4 days;
        VM.warp(until);
        uint256 id = _demandInLog();
        _equal(id, 1, "the last second");
        receipt.amountWei += 1;
        VM.warp(until + 1);
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_TooLate.selector, until));
        _demandInLog();
    }

    function test_RevertWhen_TheCoordinatorDidNotAssign() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, COORDINATOR, WORKER));
        demands.demandInLog(
            job,
            _batch(WORKER_KEY, keccak256("AssignmentBatch(bytes32 root,uint32 count)"), job.hash()),
            receipt,
            _receipted(receipt)
        );
    }

    function _exhibit(uint128 cumulativeWei) private {
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, cumulativeWei, 1, 0);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        faultProofs.exhibit(v, signature);
    }

    /// @dev In the books of the next anchor.
    function _demandInBooks() private returns (uint256 id) {
        _exhibit(100 ether);
        VM.warp(START + 24 hours);
        return _demandBooks(uint64(anchored.length + 1));
    }

    function _demandBooks(uint64 books) private returns (uint256 id) {
        VM.prank(CLIENT);
        return demands.demandInBooks(COORDINATOR, WORKER, books);
    }

    function _anchorBooks(Liability memory line) private returns (bytes32 root, LiabilityPath memory path) {
        (root, path, ) = _books(line, _line(MINER, 1 ether, 1 ether));
        _anchor(keccak256("log"), uint64(anchored.length), root);
    }

    function _answerInBooks(uint256 id, Liability memory line, bytes memory refusal) private {
        (, LiabilityPath memory path) = _anchorBooks(line);
        (bytes32 previous, Anchor[] memory anchors) = _since(anchored.length - 1);
        if (refusal.length != 0) VM.expectRevert(refusal);
        demands.answerInBooks(id, line, path, previous, anchors);
    }

    function test_TheLineAnswers() public {
        uint256 id = _demandInBooks();
        _answerInBooks(id, _line(WORKER, 100 ether, 100 ether), "");
        _equal(uint256(demands.demandOf(id).subject), 0, "answered");
    }

    function test_ACollectionAnswers() public {
        uint256 id = _demandInBooks();
        _depositPool(100 ether);
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, 100 ether, 1, 0);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotCollected.selector, 0, 100 ether));
        demands.answerCollected(id);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        demands.answerCollected(id);
        _equal(uint256(demands.demandOf(id).subject), 0, "answered");
    }

    function test_RevertWhen_TheLineIsTooLow() public {
        uint256 id = _demandInBooks();
        _answerInBooks(
            id,
            _line(WORKER, 100 ether - 1, 100 ether - 1),
            abi.encodeWithSelector(IDemands.Demands_LineTooLow.selector, 100 ether - 1, 100 ether)
        );
    }

    function test_RevertWhen_TheLineIsAnother() public {
        uint256 id = _demandInBooks();
        _answerInBooks(
            id,
            _line(CLIENT, 100 ether, 100 ether),
            abi.encodeWithSelector(IDemands.Demands_WrongLine.selector, COORDINATOR, CLIENT, 0)
        );
        Liability memory late = _line(WORKER, 100 ether, 100 ether);
        late.epoch = 1;
        id = _demandBooks(2);
        _answerInBooks(id, late, abi.encodeWithSelector(IDemands.Demands_WrongLine.selector, COORDINATOR, WORKER, 1));
    }

    function test_RevertWhen_TheLineIsNotInTheRoot() public {
        uint256 id = _demandInBooks();
        Liability memory line = _line(WORKER, 100 ether, 100 ether);
        (bytes32 shown, LiabilityPath memory path, ) = _books(line, _line(MINER, 1 ether, 1 ether));
        _anchor(keccak256("log"), 1, keccak256("other books"));
        (bytes32 previous, Anchor[] memory anchors) = _since(0);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotInBooks.selector, keccak256("other books"), shown));
        demands.answerInBooks(id, line, path, previous, anchors);
    }

    /// @dev An anchor may have been on its way for an hour: until then the books need not show anything.
    function test_BooksOfBeforeTheExhibitAnswerByThemselves() public {
        _exhibit(100 ether);
        Liability memory none = _line(MINER, 1, 1);
        VM.warp(START + 1 hours - 1);
        _anchorBooks(none);
        VM.warp(START + 1 hours);
        _anchorBooks(none);
        VM.warp(START + 24 hours);
        (uint256 early, uint256 due) = (_demandBooks(1), _demandBooks(2));
        LiabilityPath memory path;
        (bytes32 previous, Anchor[] memory anchors) = _since(0);
        demands.answerInBooks(early, none, path, previous, anchors);
        _equal(uint256(demands.demandOf(early).subject), 0, "answered");
        (previous, anchors) = _since(1);
        bytes32 shown = _rootOfOne(none);
        VM.expectRevert(
            abi.encodeWithSelector(IDemands.Demands_NotInBooks.selector, anchored[1].liabilitiesRoot, shown)
        );
        demands.answerInBooks(due, none, path, previous, anchors);
    }

    function test_RevertWhen_OtherBooksAreShown() public {
        Liability memory line = _line(WORKER, 100 ether, 100 ether);
        _exhibit(100 ether);
        VM.warp(START + 24 hours);
        (, LiabilityPath memory path) = _anchorBooks(line);
        _anchorBooks(line);
        uint256 id = _demandBooks(1);
        (bytes32 previous, Anchor[] memory anchors) = _since(1);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_WrongBooks.selector, 2, 1));
        demands.answerInBooks(id, line, path, previous, anchors);
        (previous, anchors) = _since(0);
        demands.answerInBooks(id, line, path, previous, anchors);
        _equal(uint256(demands.demandOf(id).subject), 0, "answered");
    }

    function test_EveryAnchorsBooksCanBeDemandedOnce() public {
        uint256 id = _demandInBooks();
        _answerInBooks(id, _line(WORKER, 100 ether, 100 ether), "");
        bytes32 key = keccak256(
            abi.encode(IDemands.Subject.InBooks, COORDINATOR, WORKER, uint64(0), uint128(100 ether), uint64(1))
        );
        VM.expectRevert(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.Omitted, key)
        );
        _demandBooks(1);
        _equal(_demandBooks(2), 2, "the next");
    }

    function test_RevertWhen_TheBooksAreNotDue() public {
        _demandInBooks();
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_BooksNotDue.selector, 2, 1));
        _demandBooks(2);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_BooksNotDue.selector, 0, 1));
        _demandBooks(0);
    }

    /// @dev What a recovery settled stands in no books any more.
    function test_RevertWhen_ThePoolsEpochIsOver() public {
        _exhibit(100 ether);
        VM.warp(START + 24 hours);
        escrow.freezePool(COORDINATOR);
        escrow.closePool(COORDINATOR, 0, STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_WrongLine.selector, COORDINATOR, WORKER, 0));
        _demandBooks(1);
    }

    function test_RevertWhen_TheExhibitIsMissingOrNew() public {
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NothingExhibited.selector, COORDINATOR, WORKER));
        _demandBooks(1);
        _exhibit(100 ether);
        VM.warp(START + 24 hours - 1);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_ExhibitTooNew.selector, START + 24 hours));
        _demandBooks(1);
    }

    /// @dev Of books that hold one line.
    function _rootOfOne(Liability memory line) private pure returns (bytes32 root) {
        return keccak256(abi.encodePacked(_lineHash(line), line.outstandingWei));
    }
}
