// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {IVerdicts} from "../../../contracts/interfaces/IVerdicts.sol";
import {Evidence} from "../../../contracts/libraries/Evidence.sol";
import {JobAttack} from "./DisputeAttack.sol";
import {
    BondGrowsWithStake,
    KnowsClaimsByTheirJobs,
    PunishesWithoutAValue,
    WholeBondToTheAccused
} from "./twins/Demands.sol";

/// @title Attacks with demands and their bonds
contract DemandAttacks is JobAttack {
    using Evidence for Assignment;

    uint64 private constant DEMANDS = 3;
    /// @dev What a client without means has.
    uint256 private constant PURSE = 15 ether;
    /// @dev 0.02 + 0.4, less the coordinator's 5 %.
    uint128 private constant EARNED = 0.399 ether;

    /// @dev Source: World Chain, a self-challenge makes everybody else work and costs nothing
    /// (worldcoin/world-chain pull request 947); the other way to spam, before jurors, is `WithheldTranscript`.
    function test_ZeroCostDisputeSpam_Fails() public {
        uint256 before = _bothHave();
        _fails(_demandFromOneself(demands));
        _equal(before - _bothHave(), (DEMANDS * DEMAND_BOND) / 2, "half of every bond is burned");
        _equal(token.balanceOf(address(demands)), 0, "nothing stays");
    }

    function test_ZeroCostDisputeSpam_SucceedsAgainstTwin() public {
        _succeeds(_demandFromOneself(_twin(address(new WholeBondToTheAccused(token, staking)))));
    }

    /// @dev Source: Optimism, bonds that price honest challengers out (ethereum-optimism/design-docs pull request 369,
    /// "Bonds too high").
    function test_DisputeGriefingByBondSize_Fails() public {
        _fails(_priceOut(demands));
        _passMoment();
        VM.warp(block.timestamp + 48 hours + 1);
        demands.fail(1);
        uint256 takenWei = ((uint256(WORKER_STAKE) + 900_000 ether) * 3) / 10;
        _equal(token.balanceOf(STRANGER), PURSE + takenWei / 10 + 0.42 ether, "and is paid by what was added");
    }

    function test_DisputeGriefingByBondSize_SucceedsAgainstTwin() public {
        _succeeds(_priceOut(_twin(address(new BondGrowsWithStake(token, staking)))));
    }

    /// @dev Source: Story Protocol, audit H-1, an entry that is listed twice is paid twice
    /// (thedatafoundation/protocol-core-v1 issue 288). Here a miner tries its claim to one job again, together with another.
    function test_ClaimTriedAgain_Fails() public {
        _fails(_claimAgain(demands));
        _equal(demands.demandOf(1).refundWei, EARNED, "claimed once");
        _refusedWith(
            abi.encodeWithSelector(
                IVerdicts.Verdicts_AlreadyPunished.selector,
                IVerdicts.Fault.Unpaid,
                keccak256(abi.encode(IVerdicts.Fault.Unpaid, _idOf(_assignment(1))))
            )
        );
    }

    function test_ClaimTriedAgain_SucceedsAgainstTwin() public {
        _succeeds(_claimAgain(_twin(address(new KnowsClaimsByTheirJobs(token, staking)))));
    }

    /// @dev Source: drand's fastnet, whose rounds no longer come, and what was built on it (noislabs/nois-contracts pull request
    /// 301).
    function test_DemandWhileRandomnessStopped_Fails() public {
        uint256 before = token.balanceOf(CLIENT);
        _fails(_demandWithoutAValue(demands));
        _equal(token.balanceOf(CLIENT), before, "the bond is back");
        _equal(staking.freezesOf(WORKER), 0, "and the miner free");
    }

    function test_DemandWhileRandomnessStopped_SucceedsAgainstTwin() public {
        _succeeds(_demandWithoutAValue(_twin(address(new PunishesWithoutAValue(token, staking)))));
    }

    /// @dev The value that names the tokens to open never comes, and the client closes its demand. It wins when the miner pays for
    /// what it could not know.
    function _demandWithoutAValue(IDemands target) private returns (bool won) {
        _must(CLIENT, address(target), _demandOf(_assignment(1)));
        VM.warp(block.timestamp + 48 hours + 1);
        target.fail(1);
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        return stakedWei < WORKER_STAKE;
    }

    /// @dev The client and the miner are one. It wins when its demands, each of which calls for an answer, cost nothing.
    function _demandFromOneself(IDemands target) private returns (bool won) {
        uint256 before = _bothHave();
        for (uint64 i = 0; i < DEMANDS; ++i) {
            Assignment memory job = _assignment(i);
            _must(CLIENT, address(target), _demandOf(job));
            _passMoment();
            (uint32 first, uint32 count) = target.rangeOf(i + 1);
            IDemands.OpenedToken[] memory opened = new IDemands.OpenedToken[](count);
            for (uint256 k = 0; k < count; ++k) {
                (opened[k].salt, opened[k].tokenId) = (_saltOf(first + k), _tokenAt(first + k));
                (, opened[k].path) = _output(first + k);
            }
            _must(WORKER, address(target), abi.encodeCall(IDemands.answerOpening, (i + 1, opened)));
        }
        return _bothHave() == before;
    }

    /// @dev The miner has no output to open, and stakes more just before its client demands it.
    function _priceOut(IDemands target) private returns (bool won) {
        VM.assertTrue(token.transfer(STRANGER, PURSE), "purse");
        VM.prank(STRANGER);
        token.approve(address(target), type(uint256).max);
        _must(WORKER, address(staking), abi.encodeCall(IStaking.topUp, (WORKER, 900_000 ether)));
        Assignment memory job = _assignment(1);
        job.client = STRANGER;
        return !_try(STRANGER, address(target), _demandOf(job));
    }

    /// @dev It wins when its claims come to more than what the two jobs earned.
    function _claimAgain(IDemands target) private returns (bool won) {
        IPaymentEscrow.Voucher memory none;
        IDemands.UnpaidJob[] memory jobs = new IDemands.UnpaidJob[](1);
        jobs[0] = _unpaid(1);
        _must(WORKER, address(target), abi.encodeCall(IDemands.demandPayment, (none, "", jobs)));
        jobs = new IDemands.UnpaidJob[](2);
        (jobs[0], jobs[1]) = (_unpaid(1), _unpaid(2));
        if (jobs[0].receipt.assignment > jobs[1].receipt.assignment) (jobs[0], jobs[1]) = (jobs[1], jobs[0]);
        _try(WORKER, address(target), abi.encodeCall(IDemands.demandPayment, (none, "", jobs)));
        return target.demandOf(1).refundWei + target.demandOf(2).refundWei > 2 * EARNED;
    }

    function _unpaid(uint64 counter) private view returns (IDemands.UnpaidJob memory job) {
        job.assignment = _assignment(counter);
        job.receipt = _receipt(job.assignment);
        job.progress = _progress(job.assignment, TOKENS);
        job.assignmentProof = _assigned(job.assignment);
        job.progressProof = _acknowledged(job.progress);
    }

    function _demandOf(Assignment memory job) private view returns (bytes memory data) {
        Receipt memory receipt = _receipt(job);
        return abi.encodeCall(IDemands.demandOpening, (job, _assigned(job), receipt, _receipted(receipt)));
    }

    function _bothHave() private view returns (uint256 amountWei) {
        return token.balanceOf(CLIENT) + token.balanceOf(WORKER);
    }

    function _twin(address twin) private returns (IDemands target) {
        _allow(twin);
        return IDemands(twin);
    }
}
