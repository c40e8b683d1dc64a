// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Progress} from "../../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {FaultsActor} from "./FaultsActor.sol";

/// @title Demands, and the accused who answer or stay silent
abstract contract DemandsActor is FaultsActor {
    using Evidence for Progress;

    /// @dev What the desk remembers of an open demand.
    struct File {
        uint256 id;
        IDemands.Subject subject;
        uint256 accused;
        uint256 challenger;
        uint256 harmed;
        /// @dev Where in the log, or in which books, the answer is.
        uint256 place;
        bytes32 receipt;
    }

    uint256 private constant NOWHERE = type(uint256).max;

    File[] private _files;

    constructor() {
        _act("demandInLog(uint256,uint256)");
        _act("demandInBooks(uint256,uint256)");
        _act("demandOpening(uint256,uint256)");
        _act("demandPayment(uint256,uint256)");
        _act("answer(uint256,uint256)");
        _act("fail(uint256)");
        _act("failEarly(uint256)");
    }

    /// @notice Of a receipt that gets into the log, three times of four.
    function demandInLog(uint256 whom, uint256 who) external watched {
        (uint256 coordinator, uint256 challenger) = (_coordinator(whom), _client(who));
        Signed memory job = _signedJob(_newJob(challenger, coordinator, _worker(who >> 8)));
        uint256 index = NOWHERE;
        if ((whom >> 8) % 4 != 0) {
            index = _log[coordinator].length;
            _log[coordinator].push(job.receiptHash);
        }
        _consent(challenger, Place.Wallet);
        _as(challenger);
        uint256 id = demands.demandInLog(job.assignment, job.assigned, job.receipt, job.receipted);
        _open(File(id, IDemands.Subject.InLog, coordinator, challenger, challenger, index, job.receiptHash));
    }

    /// @notice Of a voucher that was put on record a day ago, in the last books or the next.
    function demandInBooks(uint256 whom, uint256 who) external watched {
        (uint256 coordinator, uint256 miner) = (_coordinator(whom), _worker(who));
        if ((whom >> 8) % 4 != 0) {
            _owe(coordinator, miner, 50 ether);
            _exhibit(coordinator, miner);
            VM.warp(block.timestamp + 1 days);
        }
        uint256 challenger = _client(who >> 8);
        _consent(challenger, Place.Wallet);
        uint64 books = anchorCounts[coordinator] + uint64((whom >> 16) % 2);
        _as(challenger);
        uint256 id = demands.demandInBooks(users[coordinator], users[miner], books);
        _open(File(id, IDemands.Subject.InBooks, coordinator, challenger, miner, books, bytes32(0)));
    }

    function demandOpening(uint256 whom, uint256 who) external watched {
        (uint256 miner, uint256 client) = (_worker(whom), _client(who));
        Signed memory job = _signedJob(_newJob(client, _coordinator(who >> 8), miner));
        _consent(client, Place.Wallet);
        _as(client);
        uint256 id = demands.demandOpening(job.assignment, job.assigned, job.receipt, job.receipted);
        _open(File(id, IDemands.Subject.Opening, miner, client, client, 0, job.receiptHash));
    }

    /// @notice After a last voucher whose tree holds the receipt: a demand that its coordinator can answer.
    function demandPayment(uint256 whom, uint256 who) external watched {
        (uint256 coordinator, uint256 miner) = (_coordinator(whom), _worker(who));
        Signed memory job = _signedJob(_newJob(_client(who >> 8), coordinator, miner));
        _owe(coordinator, miner, 1 ether);
        IPaymentEscrow.Voucher memory v = _latest[coordinator][miner];
        v.receiptsRoot = Rfc6962.leafHash(job.receiptHash);
        bytes memory signature = _signed(_keyOf(coordinator), v);
        IDemands.UnpaidJob[] memory jobs = new IDemands.UnpaidJob[](1);
        (jobs[0].assignment, jobs[0].assignmentProof, jobs[0].receipt) = (job.assignment, job.assigned, job.receipt);
        jobs[0].progress = Progress(job.receipt.assignment, OUTPUT, keccak256("prefix"));
        jobs[0].progressProof = _batch(_keyOf(coordinator), TypeHashes.PROGRESS_BATCH, jobs[0].progress.hash());
        _consent(miner, Place.Wallet);
        _as(miner);
        uint256 id = demands.demandPayment(v, signature, jobs);
        _open(File(id, IDemands.Subject.Payment, coordinator, miner, miner, 0, job.receiptHash));
    }

    /// @notice Whoever can answer does, and half of the bond is its.
    function answer(uint256 which, uint256 how) external watched {
        _need(_files.length != 0);
        File memory file = _files[which % _files.length];
        if (file.subject == IDemands.Subject.InLog) _prepareLog(file);
        if (file.subject == IDemands.Subject.InBooks && anchorCounts[file.accused] < file.place) {
            _anchorDesk(file.accused, false);
        }
        uint256 stakeWei = _stakeWei(file.accused);
        address payout = staking.payoutOf(users[file.accused]);
        uint256 supplyWei = token.totalSupply();
        uint256 payoutWei = token.balanceOf(payout);
        bool isPaidToo = _answer(file, how);
        _hold(_stakeWei(file.accused) == stakeWei, "55: who answered was punished");
        // Whoever answers by paying spends from its wallet on the way.
        if (!isPaidToo) {
            _hold(token.balanceOf(payout) - payoutWei == DEMAND_BOND / 2, "55: another compensation");
        }
        _hold(supplyWei - token.totalSupply() == DEMAND_BOND / 2, "55: half of the bond was not burned");
        _close(which % _files.length);
    }

    /// @notice Silence, mostly when the time to answer is over.
    function fail(uint256 which) external watched {
        _need(_files.length != 0);
        File memory file = _files[which % _files.length];
        uint256 deadline = demands.demandOf(file.id).deadline;
        if (block.timestamp <= deadline) VM.warp(deadline + 1);
        // A demand whose value never came is void.
        uint64 moment = demands.demandOf(file.id).moment;
        bool isDrawn = file.subject == IDemands.Subject.Opening;
        if (isDrawn && block.number <= moment) VM.roll(uint256(moment) + 1);
        uint256 ppm = file.subject == IDemands.Subject.Opening ? 300_000 : 100_000;
        Scales memory before = _weigh(file.accused, file.challenger, file.harmed, ppm);
        demands.fail(file.id);
        _checkPunishment(before, DEMAND_BOND, 0);
        _close(which % _files.length);
    }

    /// @notice As long as there is time to answer nobody fails.
    function failEarly(uint256 which) external watched {
        _need(_files.length != 0);
        uint256 id = _files[which % _files.length].id;
        _need(block.timestamp <= demands.demandOf(id).deadline);
        try demands.fail(id) {
            _hold(false, "56: punished before its time was over");
        } catch {
            return;
        }
    }

    /// @notice Demands that are open now.
    function openDemands() external view returns (uint256 count) {
        return _files.length;
    }

    /// @notice An open demand's number in the contract.
    function demandAt(uint256 number) external view returns (uint256 id) {
        return _files[number].id;
    }

    function _open(File memory file) private {
        _files.push(file);
        ++freezes[file.accused];
    }

    function _close(uint256 number) private {
        IDemands.Subject subject = demands.demandOf(_files[number].id).subject;
        _hold(subject == IDemands.Subject.None, "56: a demand that ended is still open");
        --freezes[_files[number].accused];
        _files[number] = _files[_files.length - 1];
        _files.pop();
    }

    function _prepareLog(File memory file) private {
        _need(file.place != NOWHERE);
        _anchorDesk(file.accused, false);
    }

    function _answer(File memory file, uint256 how) private returns (bool isPaidToo) {
        if (file.subject == IDemands.Subject.InLog) {
            _answerInLog(file);
        } else if (file.subject == IDemands.Subject.Opening) {
            _answerOpening(file);
        } else if (how % 2 == 0) {
            _payInFull(file);
            demands.answerCollected(file.id);
            return true;
        } else if (file.subject == IDemands.Subject.InBooks) {
            _answerInBooks(file);
        } else {
            bytes32[] memory receipts = new bytes32[](1);
            receipts[0] = file.receipt;
            demands.answerInVoucher(file.id, receipts, 0, 0, 1, new bytes32[](0));
        }
    }

    function _answerInLog(File memory file) private {
        (bytes32 previous, Anchor[] memory anchors) = _lastAnchor(file.accused);
        (, bytes32[] memory path) = _logTree(file.accused, file.place);
        demands.answerInLog(file.id, uint64(file.place), path, previous, anchors);
    }

    function _answerInBooks(File memory file) private {
        (bytes32 previous, Anchor[] memory anchors) = _anchorsSince(file.accused, file.place - 1);
        bytes32 root = anchors[0].liabilitiesRoot;
        (Liability memory line, LiabilityPath memory path) = _lineOf(root, file.harmed - FIRST_MINER);
        demands.answerInBooks(file.id, line, path, previous, anchors);
    }

    function _answerOpening(File memory file) private {
        uint64 moment = demands.demandOf(file.id).moment;
        if (block.number <= moment) VM.roll(uint256(moment) + 1);
        (uint32 first, uint32 count) = demands.rangeOf(file.id);
        IDemands.OpenedToken[] memory opened = new IDemands.OpenedToken[](count);
        for (uint256 i = 0; i < count; ++i) {
            (opened[i].salt, opened[i].tokenId) = (_saltOf(first + i), _tokenAt(first + i));
            (, opened[i].path) = _outputOf(first + i);
        }
        demands.answerOpening(file.id, opened);
    }

    /// @dev The coordinator promises what is demanded, fills its pool, and the miner collects.
    function _payInFull(File memory file) private {
        uint128 targetWei = demands.demandOf(file.id).targetWei;
        (uint256 coordinator, uint256 miner) = (file.accused, file.harmed);
        (uint128 collectedWei, ) = escrow.channelOf(users[coordinator], users[miner], KIND_POOLED);
        if (collectedWei >= targetWei) return;
        (, , , uint64 epoch) = escrow.poolOf(users[coordinator]);
        uint256 owedWei = _owedWei(coordinator, miner, epoch);
        if (owedWei < targetWei) _owe(coordinator, miner, targetWei - owedWei);
        uint128 dueWei = _latest[coordinator][miner].cumulativeWei - collectedWei;
        _fundPool(coordinator, dueWei);
        _consent(coordinator, Place.Pool);
        escrow.collect(_latest[coordinator][miner], _latestSignature[coordinator][miner]);
    }
}
