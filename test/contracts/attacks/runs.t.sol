// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {Base} from "../helpers/Base.sol";
import {Insolvency} from "../helpers/Insolvency.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {PaysInOrder} from "./twins/Runs.sol";

/// @title Attacks of a payee that wants more of an insolvent coordinator than the others get
/// @notice The coordinator owes the runner 10,000 and the worker 30,000; it has 4,000 in its pool and 20,000 at stake.
contract RunAttacks is PaymentAttack, Insolvency {
    uint256 private constant FUNDED = 1_000_000 ether;

    function setUp() public override(Base, Insolvency) {
        Insolvency.setUp();
    }

    /// @dev Source: "Bank runs are possible" (morpho-org/vault-v2 issue 139); livepeer/protocol pull request 286, which
    /// shares a reserve between recipients instead.
    function test_FirstComeRunOnAPool_Fails() public {
        _fails(_run(escrow, recovery));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_PoolFrozen.selector, COORDINATOR));
        _equal(_gotWei(MINER), POT / 4, "the runner's quarter of all");
        _equal(_gotWei(WORKER), (POT / 4) * 3, "and the others' three");
    }

    function test_FirstComeRunOnAPool_SucceedsAgainstTwin() public {
        PaysInOrder twin = new PaysInOrder(token, staking);
        manager.grantRole(SLASHER, address(twin), 0);
        IPaymentEscrow target = _twin(address(twin));
        _depositPoolFor(target, COORDINATOR, POOL);
        _succeeds(_run(target, IRecovery(address(twin))));
    }

    /// @dev Source: as above, on the time before anybody declares: that is when a pool pays in order, and all that it
    /// holds is what a run can take. It takes nothing of the stake, and counts against the runner's line.
    function test_FirstComeRunOnAPool_BeforeAShortfallReachesThePoolAndNoStake() public {
        _equal(_collectSigned(escrow, COORDINATOR_KEY, _owed(MINER, MINER_LINE)), POOL, "the pool");
        _fails(_run(escrow, recovery));
        uint256 lineWei = MINER_LINE - POOL;
        _equal(_gotWei(MINER), POOL + (COORDINATOR_STAKE * lineWei) / (WORKER_LINE + lineWei), "the runner");
        _equal(_gotWei(WORKER), (uint256(COORDINATOR_STAKE) * WORKER_LINE) / (WORKER_LINE + lineWei), "the worker");
    }

    /// @dev The worker declares. The runner collects, cures itself alone, and claims first. It has won when a LODE owed
    /// to it from then on is worth more than one owed to the worker.
    function _run(IPaymentEscrow target, IRecovery over) private returns (bool won) {
        uint256 runnerWei = _hasWei(target, MINER);
        uint256 workerWei = _hasWei(target, WORKER);
        (uint128 collectedWei, ) = escrow.channelOf(COORDINATOR, MINER, 1);
        IPaymentEscrow.Voucher memory v = _owed(WORKER, WORKER_LINE);
        over.declare(v, _signedFor(target, COORDINATOR_KEY, v));
        v = _owed(MINER, MINER_LINE);
        bytes memory signature = _signedFor(target, COORDINATOR_KEY, v);
        _try(MINER, address(over), abi.encodeCall(IRecovery.declare, (v, signature)));
        _try(MINER, address(over), abi.encodeCall(IRecovery.cure, (v, signature)));
        _paid(target, v, signature);
        bytes memory reason = refusal;
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        over.showAnchors(COORDINATOR, previous, anchors);
        VM.warp(declaredAt + 3 days);
        _must(MINER, address(over), abi.encodeCall(IRecovery.open, (COORDINATOR, minerLine, minerPath)));
        _must(MINER, address(over), abi.encodeCall(IRecovery.register, (COORDINATOR, minerLine, minerPath)));
        bytes memory claim = abi.encodeCall(IRecovery.claim, (COORDINATOR, MINER));
        _try(MINER, address(over), claim);
        _must(WORKER, address(over), abi.encodeCall(IRecovery.register, (COORDINATOR, workerLine, workerPath)));
        VM.warp(block.timestamp + 7 days);
        _try(MINER, address(over), claim);
        _try(WORKER, address(over), abi.encodeCall(IRecovery.claim, (COORDINATOR, WORKER)));
        refusal = reason;
        runnerWei = _hasWei(target, MINER) - runnerWei;
        workerWei = _hasWei(target, WORKER) - workerWei;
        // A quotient of rounded shares: a few wei are no advantage.
        return (runnerWei * WORKER_LINE) / (MINER_LINE - collectedWei) > workerWei + 10;
    }

    function _gotWei(address payee) private view returns (uint256 amountWei) {
        return _hasWei(escrow, payee) - (payee == MINER ? FUNDED : FUNDED - WORKER_STAKE);
    }

    function _hasWei(IPaymentEscrow target, address account) private view returns (uint256 amountWei) {
        (amountWei, , , ) = target.poolOf(account);
        amountWei += token.balanceOf(account);
    }
}
