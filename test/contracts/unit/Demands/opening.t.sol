// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title Demands that a miner open tokens of its output
contract OpeningTest is Jobs {
    using Evidence for Assignment;
    using Evidence for Receipt;

    Assignment private job;
    Receipt private receipt;

    function setUp() public override {
        super.setUp();
        job = _assignment(1);
        receipt = _receipt(job);
    }

    function _demand() private returns (uint256 id) {
        VM.prank(CLIENT);
        return demands.demandOpening(job, _assigned(job), receipt, _receipted(receipt));
    }

    function _opened(uint32 first, uint32 count) private pure returns (IDemands.OpenedToken[] memory opened) {
        opened = new IDemands.OpenedToken[](count);
        for (uint256 i = 0; i < count; ++i) {
            (opened[i].salt, opened[i].tokenId) = (_saltOf(first + i), _tokenAt(first + i));
            (, opened[i].path) = _output(first + i);
        }
    }

    function test_OpensTheDrawnRange() public {
        uint256 id = _demand();
        _passMoment();
        (uint32 first, uint32 count) = demands.rangeOf(id);
        _equal(count, 16, "count");
        VM.assertTrue(first + count <= TOKENS, "within");
        demands.answerOpening(id, _opened(first, count));
        _equal(staking.freezesOf(WORKER), 0, "released");
    }

    function testFuzz_EveryRangeIsWithinTheOutput(bytes32 hash, uint32 tokens) public {
        VM.assume(hash != 0);
        receipt.outputTokens = uint32(_bound(tokens, 1, type(uint32).max));
        uint256 id = _demand();
        uint64 moment = demands.demandOf(id).moment;
        VM.roll(moment + 1);
        VM.setBlockhash(moment, hash);
        (uint32 first, uint32 count) = demands.rangeOf(id);
        _equal(count, receipt.outputTokens < 16 ? receipt.outputTokens : 16, "count");
        VM.assertTrue(uint256(first) + count <= receipt.outputTokens, "within");
    }

    function test_ADeadlineBeyondAllTimeKeepsNoCaseOut() public {
        job.deadline = type(uint64).max;
        receipt = _receipt(job);
        VM.warp(START + 1_000 days);
        _equal(_demand(), 1, "id");
    }

    function test_SilenceCostsTheMinerAndRefundsTheClient() public {
        uint256 clientWei = token.balanceOf(CLIENT);
        uint256 id = _demand();
        _passMoment();
        VM.warp(block.timestamp + 48 hours + 1);
        demands.fail(id);
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE - (WORKER_STAKE * 3) / 10, "stake");
        // Refund and reward; the bond is back.
        _equal(token.balanceOf(CLIENT) - clientWei, 0.42 ether + (WORKER_STAKE * 3) / 100, "client");
    }

    /// @dev A source that stopped: nobody knew what to open, and the client may ask again.
    function test_NobodyPaysWhenNothingWasDrawn() public {
        uint256 clientWei = token.balanceOf(CLIENT);
        uint256 id = _demand();
        VM.warp(block.timestamp + 48 hours + 1);
        VM.expectEmit();
        emit IDemands.DemandVoid(id, WORKER);
        demands.fail(id);
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE, "stake");
        _equal(staking.freezesOf(WORKER), 0, "released");
        _equal(token.balanceOf(CLIENT), clientWei, "bond");
        _equal(_demand(), 2, "again");
    }

    function test_AValueThatNobodyKeptIsReplaced() public {
        uint256 id = _demand();
        VM.roll(block.number + 10_000);
        (uint32 first, uint32 count) = demands.rangeOf(id);
        demands.answerOpening(id, _opened(first, count));
        _equal(staking.freezesOf(WORKER), 0, "released");
    }

    function test_SaysWhoMustOpenAndWhatCameOfIt() public {
        (uint64 deadline, uint64 moment) = (uint64(START + 48 hours), randomness.nextMoment());
        VM.expectEmit();
        emit IDemands.DemandOpened(1, IDemands.Subject.Opening, WORKER, CLIENT, deadline, moment);
        uint256 id = _demand();
        _passMoment();
        (uint32 first, uint32 count) = demands.rangeOf(id);
        IDemands.OpenedToken[] memory opened = _opened(first, count);
        VM.expectEmit();
        emit IDemands.DemandAnswered(id, WORKER, DEMAND_BOND / 2);
        demands.answerOpening(id, opened);
    }

    function test_SaysWhoStayedSilentAndWhatItCost() public {
        _equal(_demand(), 1, "id");
        _passMoment();
        VM.warp(START + 48 hours + 1);
        bytes32 key = keccak256(abi.encode(IDemands.Subject.Opening, receipt.hash()));
        uint128 taken = (WORKER_STAKE * 3) / 10;
        (uint128 refund, uint128 reward) = (receipt.amountWei, taken / 10);
        uint128 burned = taken - refund - reward;
        VM.expectEmit();
        emit IDemands.DemandFailed(1, WORKER);
        VM.expectEmit();
        emit IVerdicts.FaultPunished(IVerdicts.Fault.Undisclosed, WORKER, CLIENT, key, taken, refund, reward, burned);
        demands.fail(1);
    }

    function test_RevertWhen_TheRangeIsNotDrawnYet() public {
        uint256 id = _demand();
        uint64 moment = demands.demandOf(id).moment;
        VM.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_NotYet.selector, moment));
        demands.answerOpening(id, _opened(0, 16));
    }

    function test_RevertWhen_OneTokenIsAnother() public {
        uint256 id = _demand();
        _passMoment();
        (uint32 first, uint32 count) = demands.rangeOf(id);
        IDemands.OpenedToken[] memory opened = _opened(first, count);
        opened[count - 1].tokenId += 1;
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotInOutput.selector, first + count - 1));
        demands.answerOpening(id, opened);
    }

    function test_RevertWhen_TheRangeIsAnother() public {
        uint256 id = _demand();
        _passMoment();
        (uint32 first, uint32 count) = demands.rangeOf(id);
        uint32 elsewhere = first == 0 ? 1 : first - 1;
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotInOutput.selector, first));
        demands.answerOpening(id, _opened(elsewhere, count));
    }

    function test_RevertWhen_TooFewAreOpened() public {
        uint256 id = _demand();
        _passMoment();
        (uint32 first, uint32 count) = demands.rangeOf(id);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_WrongCount.selector, count - 1, count));
        demands.answerOpening(id, _opened(first, count - 1));
    }

    function test_RevertWhen_NotTheClient() public {
        VM.prank(STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NotTheClient.selector, STRANGER, CLIENT));
        demands.demandOpening(job, _assigned(job), receipt, _receipted(receipt));
    }

    function test_RevertWhen_ThereIsNoOutput() public {
        receipt.outputTokens = 0;
        VM.expectRevert(abi.encodeWithSelector(IDemands.Demands_NothingToOpen.selector, receipt.hash()));
        _demand();
    }
}
