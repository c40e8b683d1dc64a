// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {FaultProofs} from "../../../../contracts/disputes/FaultProofs.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IReceiptLedger} from "../../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {IVm} from "../../helpers/IVm.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title exhibit and proveUnderstated
contract UnderstatedTest is Jobs {
    Liability private line;
    Liability private other;
    LiabilityPath private path;
    bytes32 private root;

    function setUp() public override {
        super.setUp();
        _depositPool(1_000 ether);
        other = _line(MINER, 5 ether, 5 ether);
        _exhibit(100 ether);
        VM.warp(START + 2 hours);
        _keepBooks(_line(WORKER, 60 ether, 60 ether));
    }

    function _voucherOf(uint128 cumulativeWei) private view returns (IPaymentEscrow.Voucher memory v) {
        return IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, cumulativeWei, 1, keccak256("receipts"));
    }

    function _exhibit(uint128 cumulativeWei) private {
        IPaymentEscrow.Voucher memory v = _voucherOf(cumulativeWei);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        faultProofs.exhibit(v, signature);
    }

    function _collect(uint128 cumulativeWei) private {
        IPaymentEscrow.Voucher memory v = _voucherOf(cumulativeWei);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
    }

    function _keepBooks(Liability memory shown) private {
        line = shown;
        (bytes32 top, LiabilityPath memory left, ) = _books(shown, other);
        (root, path) = (top, left);
        _anchor(keccak256("log"), uint64(anchored.length + 1), top);
    }

    function _prove() private {
        (bytes32 previous, Anchor[] memory anchors) = _since(anchored.length - 1);
        VM.prank(STRANGER);
        faultProofs.proveUnderstated(line, path, previous, anchors);
    }

    function test_ALineThatPromisesLessThanTheExhibitedVoucher() public {
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, COORDINATOR_STAKE / 2, "stake");
    }

    function test_SaysWhoGotWhat() public {
        _keepBooks(_line(WORKER, 60 ether, 60 ether));
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.Understated, COORDINATOR, uint64(2)));
        uint128 taken = COORDINATOR_STAKE / 2;
        uint128 reward = taken / 10;
        uint128 burned = taken - reward;
        VM.expectEmit();
        emit IVerdicts.FaultPunished(IVerdicts.Fault.Understated, COORDINATOR, STRANGER, key, taken, 0, reward, burned);
        _prove();
    }

    function test_ALineThatLeavesLessOutstanding() public {
        _collect(30 ether);
        _keepBooks(_line(WORKER, 100 ether, 70 ether - 1));
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, COORDINATOR_STAKE / 2, "stake");
    }

    /// @dev Books that the coordinator never anchored, invented by whoever would have its stake.
    function test_RevertWhen_TheAnchorIsInvented() public {
        (bytes32 previous, Anchor[] memory anchors) = _since(anchored.length - 1);
        line.cumulativeWei -= 1;
        (anchors[0].liabilitiesRoot, path, ) = _books(line, other);
        (, , , bytes32 commitment) = ledger.headOf(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_AnchorNotShown.selector, COORDINATOR, commitment));
        VM.prank(STRANGER);
        faultProofs.proveUnderstated(line, path, previous, anchors);
    }

    function test_RevertWhen_TheLineCovers() public {
        _collect(30 ether);
        _keepBooks(_line(WORKER, 100 ether, 70 ether));
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_LineCovers.selector, 70 ether, 70 ether));
        _prove();
    }

    function test_RevertWhen_EverythingIsCollected() public {
        _collect(100 ether);
        _keepBooks(_line(WORKER, 100 ether, 0));
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_LineCovers.selector, 0, 0));
        _prove();
    }

    function test_RevertWhen_MoreIsCollectedThanTheLineSays() public {
        _collect(120 ether);
        _keepBooks(_line(WORKER, 110 ether, 0));
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_LineCovers.selector, 0, 0));
        _prove();
    }

    /// @dev Nobody is sent nothing.
    function test_WhoHasNothingLeftPaysNobody() public {
        VM.prank(COORDINATOR);
        staking.startThaw(COORDINATOR_STAKE);
        VM.warp(block.timestamp + 7 days);
        VM.prank(COORDINATOR);
        staking.withdraw();
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.Understated, COORDINATOR, uint64(1)));
        (bytes32 previous, Anchor[] memory anchors) = _since(anchored.length - 1);
        VM.recordLogs();
        VM.expectEmit();
        emit IVerdicts.FaultPunished(IVerdicts.Fault.Understated, COORDINATOR, STRANGER, key, 0, 0, 0, 0);
        VM.prank(STRANGER);
        faultProofs.proveUnderstated(line, path, previous, anchors);
        IVm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 from = bytes32(uint256(uint160(address(faultProofs))));
            bool isPayment = logs[i].topics[0] == IERC20.Transfer.selector && logs[i].topics[1] == from;
            VM.assertTrue(!isPayment, "a payment of nothing");
        }
    }

    function test_RevertWhen_TheAnchorWasOnItsWay() public {
        _exhibit(101 ether);
        VM.warp(START + 3 hours - 1);
        _keepBooks(_line(WORKER, 100 ether, 100 ether));
        VM.expectRevert(
            abi.encodeWithSelector(
                IFaultProofs.FaultProofs_AnchorTooEarly.selector,
                START + 3 hours - 1,
                START + 3 hours
            )
        );
        _prove();
    }

    function test_RevertWhen_NothingIsExhibited() public {
        (bytes32 top, , LiabilityPath memory right) = _books(_line(WORKER, 1, 1), other);
        _anchor(keccak256("log"), 5, top);
        (line, path) = (other, right);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_NothingExhibited.selector, COORDINATOR, MINER));
        _prove();
    }

    function test_RevertWhen_TheLineIsInvented() public {
        line.cumulativeWei -= 1;
        (bytes32 shown, , ) = _books(line, other);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_LineNotInRoot.selector, root, shown));
        _prove();
    }

    function test_RevertWhen_TheLineIsOfAnotherEpoch() public {
        Liability memory late = _line(WORKER, 60 ether, 60 ether);
        late.epoch = 1;
        _keepBooks(late);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_WrongLine.selector, COORDINATOR, WORKER, 1));
        _prove();
    }

    function test_RevertWhen_ThePoolsEpochIsOver() public {
        escrow.freezePool(COORDINATOR);
        escrow.closePool(COORDINATOR, 0, STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_WrongLine.selector, COORDINATOR, WORKER, 0));
        _prove();
    }

    function test_RevertWhen_ProvedTwiceForOneAnchor() public {
        _prove();
        VM.expectRevert(
            abi.encodeWithSelector(
                IVerdicts.Verdicts_AlreadyPunished.selector,
                IVerdicts.Fault.Understated,
                keccak256(abi.encode(IVerdicts.Fault.Understated, COORDINATOR, uint64(1)))
            )
        );
        _prove();
    }

    function test_TheNextAnchorIsAnotherOffence() public {
        _prove();
        _keepBooks(_line(WORKER, 60 ether, 60 ether));
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(
            stakedWei,
            COORDINATOR_STAKE / 4 > COORDINATOR_MINIMUM / 2
                ? COORDINATOR_STAKE / 4
                : COORDINATOR_STAKE / 2 - COORDINATOR_MINIMUM / 2,
            "stake"
        );
    }

    function test_SaysWhatIsOnRecordAndOfWhichEpoch() public {
        VM.expectEmit();
        emit IFaultProofs.VoucherExhibited(COORDINATOR, WORKER, 0, 101 ether);
        _exhibit(101 ether);
        escrow.freezePool(COORDINATOR);
        escrow.closePool(COORDINATOR, 0, STRANGER);
        IPaymentEscrow.Voucher memory v = _voucherOf(7 ether);
        v.epoch = 1;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        staking.setOperator(SESSION);
        VM.expectEmit();
        emit IFaultProofs.VoucherExhibited(COORDINATOR, WORKER, 1, 7 ether);
        VM.prank(SESSION);
        faultProofs.exhibit(v, signature);
    }

    function test_RevertWhen_ExhibitingNoMore() public {
        IPaymentEscrow.Voucher memory v = _voucherOf(100 ether);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_NotMore.selector, 100 ether, 100 ether));
        VM.prank(WORKER);
        faultProofs.exhibit(v, signature);
        _equal(faultProofs.exhibitOf(COORDINATOR, WORKER).exhibitedAt, START, "since");
    }

    function test_RevertWhen_ExhibitingAnotherEpoch() public {
        IPaymentEscrow.Voucher memory v = _voucherOf(101 ether);
        v.epoch = 1;
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_WrongEpoch.selector, uint64(1), uint64(0)));
        faultProofs.exhibit(v, signature);
        // Less than what is on record, in the epoch after it.
        escrow.freezePool(COORDINATOR);
        escrow.closePool(COORDINATOR, 0, STRANGER);
        v.cumulativeWei = 1;
        signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        faultProofs.exhibit(v, signature);
        _equal(faultProofs.exhibitOf(COORDINATOR, WORKER).epoch, 1, "epoch");
        VM.prank(WORKER);
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_NotMore.selector, 1, 1));
        faultProofs.exhibit(v, signature);
    }

    function test_RevertWhen_ExhibitingNoPromise() public {
        IPaymentEscrow.Voucher memory v = _voucherOf(101 ether);
        bytes memory refused = abi.encodeWithSelector(
            IFaultProofs.FaultProofs_NotAPromise.selector,
            COORDINATOR,
            WORKER
        );
        bytes memory signature = _signed(STRANGER_KEY, v);
        VM.startPrank(WORKER);
        VM.expectRevert(refused);
        faultProofs.exhibit(v, signature);
        v.kind = 0;
        signature = _signed(COORDINATOR_KEY, v);
        VM.expectRevert(refused);
        faultProofs.exhibit(v, signature);
    }

    function test_TheOperatorMayExhibit() public {
        VM.prank(WORKER);
        staking.setOperator(SESSION);
        IPaymentEscrow.Voucher memory v = _voucherOf(101 ether);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(SESSION);
        faultProofs.exhibit(v, signature);
        _equal(faultProofs.exhibitOf(COORDINATOR, WORKER).cumulativeWei, 101 ether, "on record");
    }

    /// @dev Nor a key that was the payee's operator: it would begin the time anew as the payer would.
    function test_RevertWhen_AnotherExhibits() public {
        VM.prank(WORKER);
        staking.setOperator(SESSION);
        VM.prank(WORKER);
        staking.setOperator(STRANGER);
        IPaymentEscrow.Voucher memory v = _voucherOf(101 ether);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        address[3] memory others = [COORDINATOR, SESSION, CLIENT];
        for (uint256 i = 0; i < 3; ++i) {
            VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_NotThePayee.selector, others[i], WORKER));
            VM.prank(others[i]);
            faultProofs.exhibit(v, signature);
        }
    }

    function test_RevertWhen_BuiltWithoutAToken() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_ZeroAddress.selector));
        new FaultProofs(IERC20(address(0)), staking, ledger, escrow);
    }

    function test_RevertWhen_BuiltWithoutStaking() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_ZeroAddress.selector));
        new FaultProofs(token, IStaking(address(0)), ledger, escrow);
    }

    function test_RevertWhen_BuiltWithoutALedger() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_ZeroAddress.selector));
        new FaultProofs(token, staking, IReceiptLedger(address(0)), escrow);
    }

    function test_RevertWhen_BuiltWithoutAnEscrow() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_ZeroAddress.selector));
        new FaultProofs(token, staking, ledger, IPaymentEscrow(address(0)));
    }
}
