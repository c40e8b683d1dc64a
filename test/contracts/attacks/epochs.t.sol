// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {Assignment, Progress, Receipt} from "../../../contracts/generated/Structs.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {Evidence} from "../../../contracts/libraries/Evidence.sol";
import {Liability, LiabilityPath} from "../../../contracts/libraries/LiabilityTree.sol";
import {Base} from "../helpers/Base.sol";
import {Insolvency} from "../helpers/Insolvency.sol";
import {Attack} from "./Attack.sol";
import {ClaimsAcrossEpochs, ExhibitsAcrossEpochs} from "./twins/Epochs.sol";

/// @title Attacks with what a recovery has settled
/// @notice The coordinator was insolvent, its creditors shared what it had, and it goes on in the next epoch of its
/// pool with a new stake. What was promised before is void.
contract EpochAttacks is Attack, Insolvency {
    using Evidence for Assignment;
    using Evidence for Progress;
    using Evidence for Receipt;

    /// @dev 0.02 + 0.4, less the coordinator's 5 %.
    uint128 private constant EARNED = 0.399 ether;
    bytes32 private constant TREE = keccak256("receipts of the new epoch");

    function setUp() public override(Base, Insolvency) {
        Insolvency.setUp();
    }

    /// @dev Source: a bridge that went on taking what the keys of old epochs had signed (gonka-ai/gonka issue 1080).
    /// Here the creditor of a debt that was shared out has it paid a second time.
    function test_SettledVoucherInADemand_Fails() public {
        _fails(_demandSettledDebt(demands));
        _refusedWith(abi.encodeWithSelector(IDemands.Demands_WrongEpoch.selector, uint64(0), uint64(1)));
    }

    function test_SettledVoucherInADemand_SucceedsAgainstTwin() public {
        ClaimsAcrossEpochs twin = new ClaimsAcrossEpochs(staking, escrow);
        manager.grantRole(SLASHER, address(twin), 0);
        _succeeds(_demandSettledDebt(IDemands(address(twin))));
    }

    /// @dev Source: what a liquidation left behind is never cleared, and stands in the way of whoever begins anew
    /// (equilibria-xyz/perennial-mono pull request 14; yieldprotocol/fyDai pull request 347).
    function test_UnderstatedLineAfterARecovery_Fails() public {
        _fails(_understate(faultProofs));
        _equal(faultProofs.exhibitOf(COORDINATOR, WORKER).cumulativeWei, 100 ether, "of the new epoch");
    }

    function test_UnderstatedLineAfterARecovery_SucceedsAgainstTwin() public {
        ExhibitsAcrossEpochs twin = new ExhibitsAcrossEpochs(staking);
        manager.grantRole(SLASHER, address(twin), 0);
        _succeeds(_understate(IFaultProofs(address(twin))));
    }

    /// @dev A job of the new epoch is paid at once. The worker claims it on top of the voucher that the recovery
    /// settled.
    function _demandSettledDebt(IDemands target) private returns (bool won) {
        _recover();
        _depositPool(10 ether);
        IDemands.UnpaidJob[] memory jobs = new IDemands.UnpaidJob[](1);
        jobs[0].assignment = _assignment(1);
        jobs[0].receipt = _receipt(jobs[0].assignment);
        jobs[0].progress = _progress(jobs[0].assignment, TOKENS);
        jobs[0].assignmentProof = _assigned(jobs[0].assignment);
        jobs[0].progressProof = _acknowledged(jobs[0].progress);
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 1, EARNED, 1, TREE);
        _equal(escrow.collect(v, _signed(COORDINATOR_KEY, v)), EARNED, "paid");
        v = _owed(WORKER, WORKER_LINE);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        _try(WORKER, address(target), abi.encodeCall(IDemands.demandPayment, (v, signature, jobs)));
        bytes memory reason = refusal;
        _try(COORDINATOR, address(target), abi.encodeCall(IDemands.answerCollected, (1)));
        VM.warp(block.timestamp + 30 days);
        _try(WORKER, address(target), abi.encodeCall(IDemands.fail, (1)));
        refusal = reason;
        return _stakeWei() != COORDINATOR_STAKE;
    }

    /// @dev The worker had put its voucher of 30,000 on record before the recovery. Now it holds one of 100, and the
    /// books say 60.
    function _understate(IFaultProofs target) private returns (bool won) {
        _exhibit(target, _owed(WORKER, WORKER_LINE));
        _recover();
        _exhibit(target, IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 1, 100 ether, 1, TREE));
        VM.warp(block.timestamp + 2 hours);
        Liability memory line = Liability(COORDINATOR, WORKER, 1, 60 ether, 60 ether);
        (bytes32 root, LiabilityPath memory path, ) = _books(line, Liability(COORDINATOR, MINER, 1, 1, 1));
        _anchor(keccak256("log 3"), 30, root);
        (bytes32 previous, Anchor[] memory anchors) = _since(anchored.length - 1);
        bytes memory proof = abi.encodeCall(IFaultProofs.proveUnderstated, (line, path, previous, anchors));
        _try(STRANGER, address(target), proof);
        return _stakeWei() == COORDINATOR_STAKE;
    }

    function _recover() private {
        _open();
        _registerBoth();
        VM.warp(block.timestamp + 7 days);
        recovery.claim(COORDINATOR, WORKER);
        recovery.claim(COORDINATOR, MINER);
        VM.prank(COORDINATOR);
        staking.topUp(COORDINATOR, COORDINATOR_STAKE);
    }

    function _exhibit(IFaultProofs target, IPaymentEscrow.Voucher memory v) private {
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        _try(WORKER, address(target), abi.encodeCall(IFaultProofs.exhibit, (v, signature)));
    }

    function _stakeWei() private view returns (uint256 stakedWei) {
        (, stakedWei, , ) = staking.stakeOf(COORDINATOR);
    }
}
