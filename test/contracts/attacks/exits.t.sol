// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Demands} from "../../../contracts/disputes/Demands.sol";
import {Assignment, Receipt} from "../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {Base} from "../helpers/Base.sol";
import {Jobs} from "../helpers/Jobs.sol";
import {Attack} from "./Attack.sol";
import {FreezesNothing, ThawsInADay, WindowRunsOver} from "./twins/Exits.sol";

/// @title Attacks that leave with the stake while it still answers for something
contract ExitAttacks is Attack, Jobs {
    function setUp() public override(Base, Jobs) {
        Jobs.setUp();
    }

    /// @dev Source: a fault forgiven because the stake left in the meantime (dusk-network/rusk issue 1912); a stake
    /// that unlocks before the challenge period is over (autonomys/subspace issue 2971).
    function test_ExitBetweenOffenceAndDispute_Fails() public {
        uint256 clientWei = token.balanceOf(CLIENT);
        _fails(_leave(staking, demands));
        _refusedWith(abi.encodeWithSelector(IStaking.Staking_Frozen.selector, WORKER, uint16(1)));
        (, uint128 activeWei, uint128 thawingWei, ) = staking.stakeOf(WORKER);
        _equal(activeWei, 0, "all of it thaws");
        _equal(thawingWei, WORKER_STAKE - (WORKER_STAKE * 3) / 10, "slashed while it thawed");
        _equal(token.balanceOf(CLIENT) - clientWei, 0.42 ether + (WORKER_STAKE * 3) / 100, "refund and reward");
        // What is left may go.
        VM.prank(WORKER);
        staking.withdraw();
        _equal(token.balanceOf(address(staking)), COORDINATOR_STAKE, "and goes");
    }

    function test_ExitBetweenOffenceAndDispute_SucceedsAgainstTwin() public {
        _succeeds(_leaveTwin(address(new ThawsInADay(token))));
    }

    function test_ExitBetweenDisputeAndVerdict_SucceedsAgainstTwin() public {
        _succeeds(_leaveTwin(address(new FreezesNothing(token))));
    }

    /// @dev Source: tokamak-network/ton-staking-v2 issue 33, an end of time that runs over. A coordinator that is in
    /// league with its miner names a deadline that no case against the job comes after.
    function test_DeadlineBeyondAllTime_Fails() public {
        _fails(_keepCasesOut(demands));
        _equal(staking.freezesOf(WORKER), 1, "a case is open");
    }

    function test_DeadlineBeyondAllTime_SucceedsAgainstTwin() public {
        _succeeds(_keepCasesOut(IDemands(address(new WindowRunsOver()))));
    }

    function _keepCasesOut(IDemands judge) private returns (bool won) {
        Assignment memory job = _assignment(1);
        job.deadline = type(uint64).max;
        Receipt memory receipt = _receipt(job);
        bytes memory demand = abi.encodeCall(
            IDemands.demandOpening,
            (job, _assigned(job), receipt, _receipted(receipt))
        );
        VM.warp(block.timestamp + 1 hours);
        return !_try(CLIENT, address(judge), demand);
    }

    /// @dev The miner signs for an output that it does not have, starts to thaw in the same block, and tries to
    /// withdraw every six hours. The client demands in the last second in which it can, and comes back late for the
    /// verdict.
    function _leave(IStaking target, IDemands judge) private returns (bool won) {
        Assignment memory job = _assignment(1);
        Receipt memory receipt = _receipt(job);
        uint256 before = token.balanceOf(WORKER);
        _must(WORKER, address(target), abi.encodeCall(IStaking.startThaw, (WORKER_STAKE)));
        _tryToWithdraw(target, uint256(job.deadline) + 4 days);
        bytes memory demand = abi.encodeCall(
            IDemands.demandOpening,
            (job, _assigned(job), receipt, _receipted(receipt))
        );
        _must(CLIENT, address(judge), demand);
        _passMoment();
        _tryToWithdraw(target, block.timestamp + 10 days);
        _must(CLIENT, address(judge), abi.encodeCall(IDemands.fail, (1)));
        return token.balanceOf(WORKER) >= before + WORKER_STAKE;
    }

    function _tryToWithdraw(IStaking target, uint256 until) private {
        while (block.timestamp + 6 hours < until) {
            VM.warp(block.timestamp + 6 hours);
            _try(WORKER, address(target), abi.encodeCall(IStaking.withdraw, ()));
        }
        VM.warp(until);
    }

    /// @dev The judge is the real one; its staking is the twin.
    function _leaveTwin(address twin) private returns (bool won) {
        IStaking target = IStaking(twin);
        Demands judge = new Demands(token, target, ledger, escrow, faultProofs, randomness, DEMAND_BOND);
        address[2] memory parties = [WORKER, COORDINATOR];
        for (uint256 i = 0; i < 2; ++i) {
            VM.startPrank(parties[i]);
            token.approve(twin, type(uint256).max);
            target.register(
                i == 0 ? IStaking.Role.Miner : IStaking.Role.Coordinator,
                WORKER_STAKE,
                address(0),
                address(0),
                0
            );
            VM.stopPrank();
        }
        VM.prank(CLIENT);
        token.approve(address(judge), type(uint256).max);
        return _leave(target, judge);
    }
}
