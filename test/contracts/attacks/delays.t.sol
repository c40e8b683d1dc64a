// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {Evidence} from "../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {Insolvency} from "../helpers/Insolvency.sol";
import {JobAttack} from "./DisputeAttack.sol";
import {WaitsForAllCases} from "./twins/Delays.sol";

/// @title Attacks that gain time by cases against oneself
contract DelayAttacks is JobAttack, Insolvency {
    using Evidence for Receipt;

    uint64 private constant DEMANDS = 15;

    function setUp() public override(JobAttack, Insolvency) {
        super.setUp();
    }

    /// @dev Source: Offchain Labs, "Solutions to Delay Attacks on Rollups", December 2022: challenges that are meant to be
    /// lost, one after the other, keep others from their money for as long as somebody pays for them.
    function test_HoldingARecoveryByCases_Fails() public {
        uint256 before = token.balanceOf(CLIENT) + token.balanceOf(COORDINATOR);
        _fails(_holdByCases(recovery));
        _equal(recovery.spellOf(COORDINATOR).potWei, POT, "all of pool and stake is shared");
        _equal(recovery.spellOf(COORDINATOR).openedAt, declaredAt + 10 days, "after the fifth demand");
        uint256 lostWei = before - token.balanceOf(CLIENT) - token.balanceOf(COORDINATOR);
        _equal(lostWei, ((DEMANDS - 1) * DEMAND_BOND) / 2 + DEMAND_BOND, "the attempts' price");
    }

    function test_HoldingARecoveryByCases_SucceedsAgainstTwin() public {
        address twin = address(new WaitsForAllCases(staking));
        _allow(twin);
        _succeeds(_holdByCases(IRecovery(twin)));
    }

    /// @dev A sybil of the coordinator demands receipts in its log, and each demand is answered when the next one is open. It wins
    /// when creditors still wait after a month.
    function _holdByCases(IRecovery target) private returns (bool won) {
        IPaymentEscrow.Voucher memory v = _owed(WORKER, WORKER_LINE);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        _must(WORKER, address(target), abi.encodeCall(IRecovery.declare, (v, signature)));
        _must(WORKER, address(target), abi.encodeCall(IRecovery.showAnchors, (COORDINATOR, previous, anchors)));
        bytes memory opening = abi.encodeCall(IRecovery.open, (COORDINATOR, workerLine, workerPath));
        bytes32 last;
        for (uint64 i = 0; i < DEMANDS; ++i) {
            bytes32 receipt = _demand(i);
            if (i != 0) _answer(i, last);
            last = receipt;
            _try(WORKER, address(target), opening);
            VM.warp(block.timestamp + 2 days);
        }
        return target.spellOf(COORDINATOR).stage != IRecovery.Stage.Open;
    }

    function _demand(uint64 counter) private returns (bytes32 receiptHash) {
        Assignment memory job = _assignment(counter);
        Receipt memory receipt = _receipt(job);
        bytes memory demand = abi.encodeCall(IDemands.demandInLog, (job, _assigned(job), receipt, _receipted(receipt)));
        _must(CLIENT, address(demands), demand);
        return receipt.hash();
    }

    function _answer(uint256 id, bytes32 receipt) private {
        // Sizes only grow: the receipt is the last leaf of a log as large as the one before.
        bytes32[] memory path = new bytes32[](1);
        path[0] = keccak256("the rest of the log");
        _anchor(Rfc6962.nodeHash(path[0], Rfc6962.leafHash(receipt)), 33, 0);
        (bytes32 previous, Anchor[] memory anchors) = _since(anchored.length - 1);
        _must(COORDINATOR, address(demands), abi.encodeCall(IDemands.answerInLog, (id, 32, path, previous, anchors)));
    }
}
