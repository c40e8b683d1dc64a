// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IZkJobs} from "../../../../contracts/interfaces/IZkJobs.sol";
import {Groth16} from "../../../../contracts/libraries/Groth16.sol";
import {ZkJobs} from "../../../../contracts/zk/ZkJobs.sol";
import {ClassifierProofs} from "../../generated/ClassifierProofs.sol";
import {Fixture} from "./Fixture.sol";

/// @title A token that keeps one of every hundred wei
contract TollToken is ERC20("Toll", "TOLL") {
    constructor(address holder) {
        _mint(holder, 1_000 ether);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, from == address(0) ? value : value - value / 100);
    }
}

/// @title open, refund and the constructor
contract OpenAndRefundTest is Fixture {
    uint256 private constant INPUT = ClassifierProofs.COMMITMENT;

    function test_EscrowsThePriceOfEachJob() public {
        uint256 before = token.balanceOf(CLIENT);
        VM.expectEmit();
        emit IZkJobs.JobOpened(2, CLIENT, INPUT, PRICE, DEADLINE);
        VM.assertEq(_open(), 2, "number");
        VM.assertEq(before - token.balanceOf(CLIENT), PRICE, "escrowed");
        VM.assertEq(token.balanceOf(address(jobs)), 2 * uint256(PRICE), "held");
        VM.assertEq(jobs.jobCount(), 2, "count");
        IZkJobs.Job memory job = jobs.jobOf(2);
        VM.assertTrue(job.client == CLIENT && job.state == IZkJobs.State.Open, "client and state");
        VM.assertEq(job.priceWei, PRICE, "price");
        VM.assertEq(job.commitment, INPUT, "commitment");
        VM.assertEq(job.deadline, DEADLINE, "deadline");
    }

    function test_TakesTheLargestCommitmentAndTheLastDeadline() public {
        VM.prank(CLIENT);
        VM.assertEq(jobs.open(Groth16.ORDER - 1, 1, uint64(START) + 7 days), 2, "number");
    }

    function test_RevertWhen_CommitmentIsOutsideOfTheField() public {
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_CommitmentOutOfRange.selector, Groth16.ORDER));
        VM.prank(CLIENT);
        jobs.open(Groth16.ORDER, PRICE, DEADLINE);
    }

    function test_RevertWhen_ThereIsNoPrice() public {
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_ZeroPrice.selector));
        VM.prank(CLIENT);
        jobs.open(INPUT, 0, DEADLINE);
    }

    function test_RevertWhen_DeadlineIsNowOrTooLate() public {
        uint64 latest = uint64(START) + 7 days;
        uint64[2] memory wrong = [uint64(START), latest + 1];
        for (uint256 i = 0; i < wrong.length; ++i) {
            VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_BadDeadline.selector, wrong[i], latest));
            VM.prank(CLIENT);
            jobs.open(INPUT, PRICE, wrong[i]);
        }
    }

    function test_RevertWhen_TheTokenKeepsSomething() public {
        TollToken toll = new TollToken(CLIENT);
        ZkJobs other = new ZkJobs(IERC20(address(toll)));
        VM.startPrank(CLIENT);
        toll.approve(address(other), PRICE);
        VM.expectRevert(
            abi.encodeWithSelector(IZkJobs.ZkJobs_InexactTransfer.selector, PRICE, uint256(PRICE) - PRICE / 100)
        );
        other.open(INPUT, PRICE, DEADLINE);
        VM.stopPrank();
    }

    function test_GivesThePriceBackAfterTheDeadline() public {
        VM.warp(DEADLINE + 1);
        uint256 before = token.balanceOf(CLIENT);
        VM.expectEmit();
        emit IZkJobs.JobRefunded(1, CLIENT, PRICE);
        VM.prank(STRANGER);
        jobs.refund(1);
        VM.assertEq(token.balanceOf(CLIENT) - before, PRICE, "paid back");
        VM.assertEq(token.balanceOf(address(jobs)), 0, "nothing left");
        VM.assertTrue(jobs.jobOf(1).state == IZkJobs.State.Refunded, "state");
    }

    function test_RevertWhen_RefundedAtTheDeadline() public {
        VM.warp(DEADLINE);
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotExpired.selector, 1, DEADLINE));
        jobs.refund(1);
    }

    function test_RevertWhen_RefundedTwice() public {
        _open();
        VM.warp(DEADLINE + 1);
        jobs.refund(1);
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, 1, IZkJobs.State.Refunded));
        jobs.refund(1);
    }

    function test_RevertWhen_RefundedAfterTheAnswer() public {
        _open();
        _answer();
        VM.warp(DEADLINE + 1);
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, 1, IZkJobs.State.Answered));
        jobs.refund(1);
    }

    function test_RevertWhen_AnsweredAfterTheRefund() public {
        VM.warp(DEADLINE + 1);
        jobs.refund(1);
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, 1, IZkJobs.State.Refunded));
        _answer();
    }

    function test_TheTokenIsTheOneGiven() public view {
        VM.assertTrue(address(jobs.TOKEN()) == address(token), "token");
    }

    function testFuzz_RevertWhen_DeployedOnAPublicChain(uint64 chain) public {
        VM.assume(chain != 31337 && chain != 0);
        VM.chainId(chain);
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_DevelopmentKey.selector, chain));
        new ZkJobs(token);
    }
}
