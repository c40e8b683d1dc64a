// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IReceiptLedger} from "../../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {ReceiptLedger} from "../../../../contracts/ledger/ReceiptLedger.sol";
import {Base} from "../../helpers/Base.sol";

contract AnchorTest is Base {
    bytes32 private constant ROOT = keccak256("root");
    bytes32 private constant OWED = keccak256("owed");
    bytes32 private constant NEXT = keccak256("next");

    function setUp() public override {
        super.setUp();
        _registerCoordinator();
        VM.prank(COORDINATOR);
        ledger.anchor(COORDINATOR, ROOT, 10, OWED, NEXT);
    }

    function test_ChainsTheCommitment() public {
        bytes32 first = keccak256(abi.encode(bytes32(0), ROOT, OWED, NEXT, uint64(1), uint64(10), uint64(START)));
        VM.warp(START + 5);
        VM.expectEmit();
        emit IReceiptLedger.Anchored(COORDINATOR, 2, 11, NEXT, OWED, ROOT);
        VM.prank(COORDINATOR);
        ledger.anchor(COORDINATOR, NEXT, 11, OWED, ROOT);
        (uint64 epoch, uint64 size, uint64 time, bytes32 commitment) = ledger.headOf(COORDINATOR);
        _equal(epoch, 2, "epoch");
        _equal(size, 11, "size");
        _equal(time, START + 5, "time");
        _equal(
            uint256(commitment),
            uint256(keccak256(abi.encode(first, NEXT, OWED, ROOT, uint64(2), uint64(11), uint64(START + 5)))),
            "commitment"
        );
    }

    function test_OperatorAnchors() public {
        VM.prank(COORDINATOR);
        staking.setOperator(SESSION);
        VM.prank(SESSION);
        ledger.anchor(COORDINATOR, ROOT, 10, OWED, NEXT);
    }

    function testFuzz_SizeNeverShrinks(uint64 size) public {
        VM.prank(COORDINATOR);
        if (size < 10) {
            VM.expectRevert(abi.encodeWithSelector(IReceiptLedger.Ledger_SizeShrank.selector, size, 10));
        }
        ledger.anchor(COORDINATOR, ROOT, size, OWED, NEXT);
    }

    function test_RevertWhen_CallerIsAStranger() public {
        VM.prank(STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IReceiptLedger.Ledger_NotAuthorized.selector, STRANGER, COORDINATOR));
        ledger.anchor(COORDINATOR, ROOT, 10, OWED, NEXT);
    }

    function test_RevertWhen_AccountIsNoCoordinator() public {
        _registerMiner();
        VM.prank(MINER);
        VM.expectRevert(abi.encodeWithSelector(IReceiptLedger.Ledger_NotCoordinator.selector, MINER));
        ledger.anchor(MINER, ROOT, 10, OWED, NEXT);
    }

    function test_RevertWhen_BuiltWithoutStaking() public {
        VM.expectRevert(abi.encodeWithSelector(IReceiptLedger.Ledger_ZeroAddress.selector));
        new ReceiptLedger(IStaking(address(0)));
    }

    function test_AnchorsAfterUnstaking() public {
        VM.startPrank(COORDINATOR);
        staking.startThaw(COORDINATOR_MINIMUM);
        ledger.anchor(COORDINATOR, ROOT, 10, OWED, NEXT);
    }
}
