// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../contracts/interfaces/IRecovery.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../contracts/libraries/LiabilityTree.sol";
import {Jobs} from "./Jobs.sol";

/// @title A coordinator that owes two miners more than it has
/// @notice It anchored 30,000 LODE to the worker and 10,000 to the other miner two days ago; its pool holds 4,000 and its
/// stake 20,000.
abstract contract Insolvency is Jobs {
    uint128 internal constant WORKER_LINE = 30_000 ether;
    uint128 internal constant MINER_LINE = 10_000 ether;
    uint128 internal constant POOL = 4_000 ether;
    uint128 internal constant POT = POOL + COORDINATOR_STAKE;

    Liability internal workerLine;
    Liability internal minerLine;
    LiabilityPath internal workerPath;
    LiabilityPath internal minerPath;
    uint256 internal declaredAt;

    function setUp() public virtual override {
        super.setUp();
        _depositPool(POOL);
        workerLine = _line(WORKER, WORKER_LINE, WORKER_LINE);
        minerLine = _line(MINER, MINER_LINE, MINER_LINE);
        (bytes32 root, LiabilityPath memory left, LiabilityPath memory right) = _books(workerLine, minerLine);
        (workerPath, minerPath) = (left, right);
        _anchor(keccak256("log"), 10, root);
        VM.warp(START + 2 days);
        _anchor(keccak256("log 2"), 20, keccak256("books of the last day"));
        declaredAt = START + 2 days + 1 hours;
        VM.warp(declaredAt);
    }

    function _owed(address payee, uint128 cumulativeWei) internal view returns (IPaymentEscrow.Voucher memory v) {
        return IPaymentEscrow.Voucher(COORDINATOR, payee, 1, 0, cumulativeWei, 1, keccak256("receipts"));
    }

    function _declare(address payee, uint128 cumulativeWei) internal {
        IPaymentEscrow.Voucher memory v = _owed(payee, cumulativeWei);
        recovery.declare(v, _signed(COORDINATOR_KEY, v));
    }

    function _cure(address payee, uint128 cumulativeWei) internal {
        IPaymentEscrow.Voucher memory v = _owed(payee, cumulativeWei);
        recovery.cure(v, _signed(COORDINATOR_KEY, v));
    }

    /// @dev Newest first, as the chain of commitments is walked.
    function _showAnchors() internal {
        (bytes32[] memory previous, Anchor[] memory anchors) = _backwards();
        recovery.showAnchors(COORDINATOR, previous, anchors);
    }

    function _backwards() internal view returns (bytes32[] memory previous, Anchor[] memory anchors) {
        uint256 count = anchored.length;
        (previous, anchors) = (new bytes32[](count), new Anchor[](count));
        for (uint256 i = 0; i < count; ++i) {
            (previous[i], anchors[i]) = (commitments[count - 1 - i], anchored[count - 1 - i]);
        }
    }

    function _open() internal {
        _declare(WORKER, WORKER_LINE);
        _showAnchors();
        VM.warp(declaredAt + 3 days);
        recovery.open(COORDINATOR, workerLine, workerPath);
    }

    function _registerBoth() internal {
        recovery.register(COORDINATOR, workerLine, workerPath);
        recovery.register(COORDINATOR, minerLine, minerPath);
    }

    function _stage() internal view returns (uint256 stage) {
        return uint256(recovery.spellOf(COORDINATOR).stage);
    }

    function _wrongStage(IRecovery.Stage stage) internal view returns (bytes memory data) {
        return abi.encodeWithSelector(IRecovery.Recovery_WrongStage.selector, COORDINATOR, stage);
    }
}
