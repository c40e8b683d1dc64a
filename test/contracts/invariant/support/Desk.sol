// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Anchor, Anchors} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Actor} from "./Actor.sol";

/// @title The coordinators' desks: they owe their miners, keep a log and books, and anchor both
abstract contract Desk is Actor {
    uint8 internal constant KIND_POOLED = 1;

    /// @notice Head of each log as its anchors made it.
    mapping(uint256 coordinator => bytes32 commitment) public commitments_;
    mapping(uint256 coordinator => uint64 size) public sizes;
    mapping(uint256 coordinator => uint64 count) public anchorCounts;

    mapping(uint256 coordinator => Anchor[] anchors) internal _anchors;
    /// @dev The commitment before each anchor.
    mapping(uint256 coordinator => bytes32[] commitments) internal _previous;
    /// @dev Of each books' root, a line for each miner.
    mapping(bytes32 root => mapping(uint256 number => Liability line)) internal _lines;
    mapping(uint256 coordinator => bytes32[] receipts) internal _log;
    mapping(uint256 coordinator => mapping(uint256 miner => IPaymentEscrow.Voucher voucher)) internal _latest;
    mapping(uint256 coordinator => mapping(uint256 miner => bytes signature)) internal _latestSignature;

    constructor() {
        _withPools = true;
    }

    function _owe(uint256 coordinator, uint256 miner, uint256 moreWei) internal {
        (, , , uint64 epoch) = escrow.poolOf(users[coordinator]);
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(
            users[coordinator],
            users[miner],
            KIND_POOLED,
            epoch,
            uint128(_owedWei(coordinator, miner, epoch) + moreWei),
            1,
            keccak256("receipts")
        );
        _latest[coordinator][miner] = v;
        _latestSignature[coordinator][miner] = _signed(_keyOf(coordinator), v);
    }

    function _fundPool(uint256 coordinator, uint128 amountWei) internal {
        _consent(coordinator, Place.Wallet);
        _as(coordinator);
        escrow.depositPool(users[coordinator], amountWei);
    }

    function _anchorDesk(uint256 coordinator, bool isHalved) internal {
        // Every log grows, also when nothing was done.
        _log[coordinator].push(keccak256(abi.encode("receipt", coordinator, _log[coordinator].length)));
        (bytes32 root, ) = _logTree(coordinator, 0);
        bytes32 books = _keepBooks(coordinator, isHalved);
        uint64 size = uint64(_log[coordinator].length);
        bytes32 before = commitments_[coordinator];
        _as(coordinator);
        ledger.anchor(users[coordinator], root, size, books, bytes32(0));
        Anchor memory made = Anchor(
            root,
            books,
            bytes32(0),
            ++anchorCounts[coordinator],
            size,
            uint64(block.timestamp)
        );
        _anchors[coordinator].push(made);
        _previous[coordinator].push(before);
        (commitments_[coordinator], sizes[coordinator]) = (Anchors.extend(before, made), size);
    }

    /// @dev What was promised or collected in the pool's present epoch, whichever is more.
    function _owedWei(uint256 coordinator, uint256 miner, uint64 epoch) internal view returns (uint256 cumulativeWei) {
        (uint128 collectedWei, ) = escrow.channelOf(users[coordinator], users[miner], KIND_POOLED);
        IPaymentEscrow.Voucher storage v = _latest[coordinator][miner];
        if (v.payer == address(0) || v.epoch != epoch || v.cumulativeWei < collectedWei) return collectedWei;
        return v.cumulativeWei;
    }

    /// @dev Root of the log and the path of one of its receipts.
    function _logTree(uint256 coordinator, uint256 index) internal view returns (bytes32 root, bytes32[] memory path) {
        bytes32[] storage log = _log[coordinator];
        bytes32[] memory leaves = new bytes32[](log.length);
        for (uint256 i = 0; i < leaves.length; ++i) leaves[i] = Rfc6962.leafHash(log[i]);
        return _tree(leaves, index);
    }

    /// @dev The coordinator's last anchor, and the commitment before it.
    function _lastAnchor(uint256 coordinator) internal view returns (bytes32 previous, Anchor[] memory shown) {
        _need(anchorCounts[coordinator] != 0);
        return _anchorsSince(coordinator, anchorCounts[coordinator] - 1);
    }

    /// @dev The anchors from one on, and the commitment before it.
    function _anchorsSince(
        uint256 coordinator,
        uint256 first
    ) internal view returns (bytes32 previous, Anchor[] memory shown) {
        shown = new Anchor[](anchorCounts[coordinator] - first);
        for (uint256 i = 0; i < shown.length; ++i) shown[i] = _anchors[coordinator][first + i];
        return (_previous[coordinator][first], shown);
    }

    /// @dev A line and its path in books of four.
    function _lineOf(
        bytes32 root,
        uint256 number
    ) internal view returns (Liability memory line, LiabilityPath memory path) {
        mapping(uint256 => Liability) storage lines = _lines[root];
        line = lines[number];
        path = LiabilityPath(new bytes32[](2), new uint128[](2), number);
        Liability memory beside = lines[number ^ 1];
        (path.hashes[0], path.sumsWei[0]) = (_lineHash(beside), beside.outstandingWei);
        (path.hashes[1], path.sumsWei[1]) = _pair(lines[(number ^ 2) & 2], lines[((number ^ 2) & 2) | 1]);
    }

    function _keepBooks(uint256 coordinator, bool isHalved) private returns (bytes32 root) {
        (, , , uint64 epoch) = escrow.poolOf(users[coordinator]);
        Liability[4] memory lines;
        for (uint256 i = 0; i < MINERS; ++i) {
            (uint128 collectedWei, ) = escrow.channelOf(users[coordinator], users[FIRST_MINER + i], KIND_POOLED);
            uint128 cumulativeWei = uint128(_owedWei(coordinator, FIRST_MINER + i, epoch));
            uint128 outstandingWei = cumulativeWei - collectedWei;
            if (isHalved) outstandingWei /= 2;
            lines[i] = Liability(users[coordinator], users[FIRST_MINER + i], epoch, cumulativeWei, outstandingWei);
        }
        root = _booksRoot(lines);
        for (uint256 i = 0; i < MINERS; ++i) _lines[root][i] = lines[i];
    }

    function _booksRoot(Liability[4] memory lines) private pure returns (bytes32 root) {
        (bytes32 left, uint128 leftWei) = _pair(lines[0], lines[1]);
        (bytes32 right, uint128 rightWei) = _pair(lines[2], lines[3]);
        bytes32 top = keccak256(abi.encodePacked(bytes1(0x01), left, right, leftWei, rightWei));
        return keccak256(abi.encodePacked(top, leftWei + rightWei));
    }

    function _pair(Liability memory left, Liability memory right) private pure returns (bytes32 hash, uint128 sumWei) {
        hash = keccak256(
            abi.encodePacked(bytes1(0x01), _lineHash(left), _lineHash(right), left.outstandingWei, right.outstandingWei)
        );
        return (hash, left.outstandingWei + right.outstandingWei);
    }
}
