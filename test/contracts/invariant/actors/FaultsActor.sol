// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TreeHead} from "../../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Receipt} from "../../../../contracts/generated/Structs.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Work} from "../support/Work.sol";
import {DeskActor} from "./DeskActor.sol";

/// @title Faults that prove themselves, each shown a second time in vain
abstract contract FaultsActor is Work, DeskActor {
    using Evidence for Receipt;
    using Evidence for TreeHead;

    uint256 private constant HALF = 500_000;

    /// @notice The highest voucher that was put on record.
    mapping(uint256 coordinator => mapping(uint256 miner => uint256 amountWei)) public exhibitedWei;
    mapping(uint256 coordinator => bool forked) public forked;

    mapping(uint256 coordinator => mapping(uint256 miner => uint64 epoch)) private _exhibitedIn;

    constructor() {
        _act("equivocate(uint256,uint256,uint256)");
        _act("forkLog(uint256,uint256)");
        _act("exhibit(uint256,uint256)");
        _act("understate(uint256,uint256)");
        _act("restake(uint256,uint256)");
    }

    function equivocate(uint256 client, uint256 whom, uint256 who) external watched {
        uint256 miner = _worker(whom);
        Signed memory job = _signedJob(_newJob(_client(client), _coordinator(client >> 8), miner));
        Receipt memory other = abi.decode(abi.encode(job.receipt), (Receipt));
        (other.finishReason, other.amountWei) = (1, 2_000 ether);
        IFaultProofs.SignedReceipt memory first = IFaultProofs.SignedReceipt(job.receipt, job.receipted);
        IFaultProofs.SignedReceipt memory second = IFaultProofs.SignedReceipt(
            other,
            _batch(_keyOf(miner), TypeHashes.RECEIPT_BATCH, other.hash())
        );
        uint256 challenger = who % TRADERS;
        Scales memory before = _weigh(miner, challenger, _client(client), HALF);
        _as(challenger);
        faultProofs.proveEquivocation(job.assignment, first, second);
        _checkPunishment(before, 0, 0);
        try faultProofs.proveEquivocation(job.assignment, second, first) {
            _hold(false, "53: punished twice");
        } catch {
            return;
        }
    }

    /// @notice Two signed heads of one size. Once for each coordinator.
    function forkLog(uint256 whom, uint256 who) external watched {
        uint256 coordinator = _coordinator(whom);
        IFaultProofs.ShownHead memory first = _head(coordinator, keccak256("one"));
        IFaultProofs.ShownHead memory second = _head(coordinator, keccak256("other"));
        uint256 challenger = who % TRADERS;
        bool wasForked = forked[coordinator];
        Scales memory before = _weigh(coordinator, challenger, challenger, HALF);
        _as(challenger);
        faultProofs.proveSplitView(users[coordinator], 0, first, second);
        _hold(!wasForked, "53: punished twice");
        _checkPunishment(before, 0, 0);
        forked[coordinator] = true;
    }

    function exhibit(uint256 whom, uint256 miner) external watched {
        _exhibit(_coordinator(whom), _worker(miner));
    }

    /// @notice A coordinator that knows of a voucher anchors half of what it leaves due.
    function understate(uint256 whom, uint256 of_) external watched {
        (uint256 coordinator, uint256 miner) = (_coordinator(whom), _worker(of_));
        _owe(coordinator, miner, 100 ether);
        _exhibit(coordinator, miner);
        VM.warp(block.timestamp + 1 hours);
        _anchorDesk(coordinator, true);
        (bytes32 previous, Anchor[] memory anchors) = _lastAnchor(coordinator);
        (Liability memory line, LiabilityPath memory path) = _lineOf(anchors[0].liabilitiesRoot, miner - FIRST_MINER);
        uint256 challenger = _client(of_ >> 8);
        Scales memory before = _weigh(coordinator, challenger, challenger, HALF);
        _as(challenger);
        faultProofs.proveUnderstated(line, path, previous, anchors);
        _checkPunishment(before, 0, 0);
        try faultProofs.proveUnderstated(line, path, previous, anchors) {
            _hold(false, "53: punished twice");
        } catch {
            return;
        }
    }

    /// @notice Who was punished stakes anew, so that there is something to take.
    function restake(uint256 who, uint256 amount) external watched {
        uint256 user = _staker(who);
        _consent(user, Place.Wallet);
        _as(user);
        staking.topUp(users[user], uint128(_bound(amount, 1 ether, 6_000 ether)));
    }

    function _exhibit(uint256 coordinator, uint256 miner) internal {
        IPaymentEscrow.Voucher memory v = _latest[coordinator][miner];
        _need(v.payer != address(0));
        bytes memory signature = _latestSignature[coordinator][miner];
        _as(miner);
        faultProofs.exhibit(v, signature);
        bool isNewEpoch = v.epoch != _exhibitedIn[coordinator][miner];
        bool isMore = v.cumulativeWei > exhibitedWei[coordinator][miner];
        _hold(isNewEpoch || isMore, "57: exhibited less than before");
        (exhibitedWei[coordinator][miner], _exhibitedIn[coordinator][miner]) = (v.cumulativeWei, v.epoch);
    }

    function _head(uint256 coordinator, bytes32 leaf) private view returns (IFaultProofs.ShownHead memory shown) {
        shown.head = TreeHead(users[coordinator], 1, Rfc6962.leafHash(leaf), 1);
        shown.signature = _sign(_keyOf(coordinator), _ledgerDigest(shown.head.hash()));
        shown.leaf = leaf;
    }
}
