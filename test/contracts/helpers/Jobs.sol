// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Progress, Receipt, TreeHead} from "../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../contracts/generated/TypeHashes.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {BatchProof, Evidence} from "../../../contracts/libraries/Evidence.sol";
import {Liability, LiabilityPath} from "../../../contracts/libraries/LiabilityTree.sol";
import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {Base} from "./Base.sol";

/// @title Jobs, receipts and anchors as their parties sign them
abstract contract Jobs is Base {
    using Evidence for Assignment;
    using Evidence for Progress;
    using Evidence for Receipt;
    using Evidence for TreeHead;

    /// @dev A miner whose key the tests hold; the one in Base signs nothing.
    uint256 internal constant WORKER_KEY = 0x30B7E2;
    uint128 internal constant WORKER_STAKE = 4_000 ether;
    uint128 internal constant COORDINATOR_STAKE = 20_000 ether;
    uint32 internal constant TOKENS = 40;
    bytes32 internal constant JOB_SALT = keccak256("job salt");

    address internal immutable WORKER = VM.addr(WORKER_KEY);

    /// @dev What the coordinator anchored, oldest first, and the commitment before each.
    Anchor[] internal anchored;
    bytes32[] internal commitments;

    /// @dev Kept, so that signing calls nobody between a cheatcode and the call that it is for.
    bytes32 private _domain;

    function setUp() public virtual override {
        super.setUp();
        _learnDomain();
        _fund(WORKER);
        _stake(WORKER, IStaking.Role.Miner, WORKER_STAKE);
        _stake(COORDINATOR, IStaking.Role.Coordinator, COORDINATOR_STAKE);
    }

    function _learnDomain() internal {
        _domain = ledger.domainSeparator();
    }

    function _stake(address staker, IStaking.Role role, uint128 amountWei) internal {
        VM.prank(staker);
        staking.register(role, amountWei, address(0), address(0), bytes32(0));
    }

    function _assignment(uint64 counter) internal view returns (Assignment memory a) {
        a.coordinator = COORDINATOR;
        a.counter = counter;
        a.client = CLIENT;
        a.miner = WORKER;
        a.modelDigest = keccak256("model");
        a.engineClass = keccak256("cpu");
        a.promptCommitment = keccak256("prompt");
        a.maxInputTokens = 100;
        a.maxOutputTokens = 200;
        a.seed = keccak256("seed");
        a.inputPriceWei = 0.001 ether;
        a.outputPriceWei = 0.01 ether;
        a.feePpm = 50_000;
        a.maxAmountWei = 3 ether;
        a.deadline = uint64(block.timestamp) + 60;
    }

    /// @dev 20 tokens in, TOKENS out: 0.02 + 0.4.
    function _receipt(Assignment memory a) internal view returns (Receipt memory r) {
        r.assignment = _idOf(a);
        r.inputCommitment = keccak256("input");
        (r.outputCommitment, ) = _output(0);
        r.inputTokens = 20;
        r.outputTokens = TOKENS;
        r.amountWei = 0.42 ether;
        r.startedAtMs = uint64(block.timestamp) * 1000;
        r.finishedAtMs = r.startedAtMs + 1500;
    }

    function _progress(Assignment memory a, uint32 count) internal view returns (Progress memory p) {
        return Progress(_idOf(a), count, keccak256("prefix"));
    }

    function _saltOf(uint256 position) internal pure returns (bytes32 salt) {
        return keccak256(abi.encodePacked(JOB_SALT, uint8(1), uint32(position)));
    }

    function _tokenAt(uint256 position) internal pure returns (uint32 tokenId) {
        return uint32(7 * position + 1);
    }

    /// @dev Root over the output's tokens, and the path of one of them.
    function _output(uint256 position) internal pure returns (bytes32 root, bytes32[] memory path) {
        bytes32[] memory leaves = new bytes32[](TOKENS);
        for (uint256 i = 0; i < TOKENS; ++i) leaves[i] = Rfc6962.tokenLeafHash(_saltOf(i), _tokenAt(i));
        return _tree(leaves, position);
    }

    /// @dev Root over leaf hashes, and the path of one, by the recursion of RFC 6962 (the contracts verify otherwise).
    function _tree(
        bytes32[] memory leaves,
        uint256 position
    ) internal pure returns (bytes32 root, bytes32[] memory path) {
        if (leaves.length == 1) return (leaves[0], new bytes32[](0));
        uint256 split = 1;
        while (split * 2 < leaves.length) split *= 2;
        bytes32[] memory left = new bytes32[](split);
        bytes32[] memory right = new bytes32[](leaves.length - split);
        for (uint256 i = 0; i < leaves.length; ++i) {
            if (i < split) left[i] = leaves[i];
            else right[i - split] = leaves[i];
        }
        bool isLeft = position < split;
        (bytes32 leftRoot, bytes32[] memory leftPath) = _tree(left, isLeft ? position : 0);
        (bytes32 rightRoot, bytes32[] memory rightPath) = _tree(right, isLeft ? 0 : position - split);
        bytes32[] memory below = isLeft ? leftPath : rightPath;
        path = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) path[i] = below[i];
        path[below.length] = isLeft ? rightRoot : leftRoot;
        return (Rfc6962.nodeHash(leftRoot, rightRoot), path);
    }

    function _ledgerDigest(bytes32 structHash) internal view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", _domain, structHash));
    }

    /// @dev What receipts and acknowledgements name.
    function _idOf(Assignment memory a) internal view returns (bytes32 id) {
        return _ledgerDigest(a.hash());
    }

    /// @dev A signed batch of one.
    function _batch(uint256 key, bytes32 batchType, bytes32 leaf) internal view returns (BatchProof memory proof) {
        (proof.root, proof.count) = (Rfc6962.leafHash(leaf), 1);
        bytes32 structHash = keccak256(abi.encode(batchType, proof.root, proof.count));
        proof.signature = _sign(key, _ledgerDigest(structHash));
    }

    function _assigned(Assignment memory a) internal view returns (BatchProof memory proof) {
        return _batch(COORDINATOR_KEY, TypeHashes.ASSIGNMENT_BATCH, a.hash());
    }

    function _receipted(Receipt memory r) internal view returns (BatchProof memory proof) {
        return _batch(WORKER_KEY, TypeHashes.RECEIPT_BATCH, r.hash());
    }

    function _acknowledged(Progress memory p) internal view returns (BatchProof memory proof) {
        return _batch(COORDINATOR_KEY, TypeHashes.PROGRESS_BATCH, p.hash());
    }

    function _signedHead(TreeHead memory head) internal view returns (bytes memory signature) {
        return _sign(COORDINATOR_KEY, _ledgerDigest(head.hash()));
    }

    /// @dev The coordinator anchors, and the tests remember.
    function _anchor(bytes32 root, uint64 size, bytes32 liabilitiesRoot) internal {
        (uint64 epoch, , , bytes32 before) = ledger.headOf(COORDINATOR);
        VM.prank(COORDINATOR);
        ledger.anchor(COORDINATOR, root, size, liabilitiesRoot, bytes32(0));
        anchored.push(Anchor(root, liabilitiesRoot, bytes32(0), epoch + 1, size, uint64(block.timestamp)));
        commitments.push(before);
    }

    /// @dev The anchors from number `first` on, and the commitment before them.
    function _since(uint256 first) internal view returns (bytes32 previous, Anchor[] memory anchors) {
        anchors = new Anchor[](anchored.length - first);
        for (uint256 i = 0; i < anchors.length; ++i) anchors[i] = anchored[first + i];
        return (commitments[first], anchors);
    }

    function _line(
        address payee,
        uint128 cumulativeWei,
        uint128 outstandingWei
    ) internal view returns (Liability memory line) {
        return Liability(COORDINATOR, payee, 0, cumulativeWei, outstandingWei);
    }

    /// @dev Root over two lines, and the path of each.
    function _books(
        Liability memory left,
        Liability memory right
    ) internal pure returns (bytes32 root, LiabilityPath memory leftPath, LiabilityPath memory rightPath) {
        (bytes32 leftHash, bytes32 rightHash) = (_lineHash(left), _lineHash(right));
        bytes32 top = keccak256(
            abi.encodePacked(bytes1(0x01), leftHash, rightHash, left.outstandingWei, right.outstandingWei)
        );
        root = keccak256(abi.encodePacked(top, left.outstandingWei + right.outstandingWei));
        leftPath = LiabilityPath(new bytes32[](1), new uint128[](1), 0);
        (leftPath.hashes[0], leftPath.sumsWei[0]) = (rightHash, right.outstandingWei);
        rightPath = LiabilityPath(new bytes32[](1), new uint128[](1), 1);
        (rightPath.hashes[0], rightPath.sumsWei[0]) = (leftHash, left.outstandingWei);
    }

    function _lineHash(Liability memory line) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encodePacked(
                    bytes1(0x00),
                    line.payer,
                    line.payee,
                    line.epoch,
                    line.cumulativeWei,
                    line.outstandingWei
                )
            );
    }

    /// @dev Enough blocks for the value of a moment named now.
    function _passMoment() internal {
        VM.roll(block.number + RANDOMNESS_DELAY + 1);
    }
}
