// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {Vectors} from "../generated/Vectors.sol";
import {Attack} from "./Attack.sol";
import {
    DoublesTheLast,
    IHashesReceipts,
    IShows,
    PacksReceipts,
    PlainNodes,
    RealTrees,
    SortedSiblings
} from "./twins/Trees.sol";

/// @title Attacks on trees of receipts
/// @dev Each tree is built by the rules of the contract that is attacked, as its honest users would.
contract TreeAttacks is Attack {
    bytes32 private constant A = keccak256("a");
    bytes32 private constant B = keccak256("b");
    bytes32 private constant C = keccak256("c");
    bytes32 private constant D = keccak256("d");

    /// @dev Source: CVE-2012-2459, Bitcoin's duplicated transactions: two lists with one root.
    function test_MerkleSecondPreimage_Fails() public {
        IShows real = new RealTrees();
        // Three leaves by RFC 6962: the third stands alone.
        bytes32 ab = Rfc6962.nodeHash(Rfc6962.leafHash(A), Rfc6962.leafHash(B));
        bytes32 root = Rfc6962.nodeHash(ab, Rfc6962.leafHash(C));
        VM.assertTrue(real.isIncluded(C, 2, 3, _path(ab), root), "the honest proof");
        _fails(_doubleTheLast(real, root, ab));
    }

    function test_MerkleSecondPreimage_SucceedsAgainstTwin() public {
        bytes32 ab = Rfc6962.nodeHash(Rfc6962.leafHash(A), Rfc6962.leafHash(B));
        bytes32 cc = Rfc6962.nodeHash(Rfc6962.leafHash(C), Rfc6962.leafHash(C));
        IShows twin = new DoublesTheLast();
        bytes32 root = Rfc6962.nodeHash(ab, cc);
        VM.assertTrue(twin.isIncluded(C, 2, 3, _path(ab), root), "the honest proof");
        _succeeds(_doubleTheLast(twin, root, ab));
    }

    /// @dev Source: "MerkleProof: Intermediate nodes can be reinterpreted as leaves" (OpenZeppelin/openzeppelin-contracts
    /// issue 3091); RFC 6962 section 2.1.
    function test_InnerNodeAsLeaf_Fails() public {
        (bytes32 left, bytes32 right, bytes32 root) = _fourPrefixed();
        IShows real = new RealTrees();
        VM.assertTrue(real.isIncluded(A, 0, 4, _path(Rfc6962.leafHash(B), right), root), "the honest proof");
        _fails(_showInnerNode(real, left, right, root));
    }

    function test_InnerNodeAsLeaf_SucceedsAgainstTwin() public {
        (bytes32 left, bytes32 right, bytes32 root) = _fourPlain();
        _succeeds(_showInnerNode(new PlainNodes(), left, right, root));
    }

    /// @dev Source: "Should the MerkleProof library verify empty proofs?" (OpenZeppelin/openzeppelin-contracts issue 2949);
    /// OriginTrail audit F01, proofs of any length (OriginTrail/dkg pull request 1248).
    function test_EmptyProof_Fails() public {
        (, , bytes32 root) = _fourPrefixed();
        _fails(_showRoot(new RealTrees(), root));
        // A tree of one leaf has an empty path, and only its own leaf is in it.
        IShows real = new RealTrees();
        VM.assertTrue(real.isIncluded(A, 0, 1, new bytes32[](0), Rfc6962.leafHash(A)), "one leaf");
        VM.assertTrue(!real.isIncluded(B, 0, 1, new bytes32[](0), Rfc6962.leafHash(A)), "another leaf");
    }

    function test_EmptyProof_SucceedsAgainstTwin() public {
        (, , bytes32 root) = _fourPlain();
        _succeeds(_showRoot(new PlainNodes(), root));
    }

    /// @dev Source: Polygon's Plasma bridge, October 2021: one burn proved at 223 places (Gerhard Wagner; Immunefi review).
    function test_BadIndex_Fails() public {
        (, bytes32 right, bytes32 root) = _fourPrefixed();
        _equal(_places(new RealTrees(), right, root), 1, "one leaf, one place");
    }

    function test_BadIndex_SucceedsAgainstTwin() public {
        (bytes32 a, bytes32 b) = (Rfc6962.leafHash(A), Rfc6962.leafHash(B));
        (bytes32 c, bytes32 d) = (Rfc6962.leafHash(C), Rfc6962.leafHash(D));
        bytes32 left = a < b ? Rfc6962.nodeHash(a, b) : Rfc6962.nodeHash(b, a);
        bytes32 right = c < d ? Rfc6962.nodeHash(c, d) : Rfc6962.nodeHash(d, c);
        bytes32 root = left < right ? Rfc6962.nodeHash(left, right) : Rfc6962.nodeHash(right, left);
        _succeeds(_places(new SortedSiblings(), right, root) > 1);
    }

    /// @dev Source: TITLES, Sherlock 2024-04 issue 171, a struct hashed on chain otherwise than by its signers. The vector is
    /// a receipt and its hash as viem and ethers compute it.
    function test_OffChainLeafNotEqualToOnChainLeaf_Fails() public {
        _fails(_hideReceipt(new RealTrees()));
    }

    function test_OffChainLeafNotEqualToOnChainLeaf_SucceedsAgainstTwin() public {
        _succeeds(_hideReceipt(new PacksReceipts()));
    }

    /// @dev The last receipt of three is shown a second time, as the fourth of four.
    function _doubleTheLast(IShows target, bytes32 root, bytes32 ab) private pure returns (bool won) {
        bytes32[] memory path = _path(Rfc6962.leafHash(C), ab);
        return target.isIncluded(C, 3, 4, path, root) || target.isIncluded(C, 2, 4, path, root);
    }

    /// @dev The node above two receipts is shown as a receipt, in a tree of half the size or of the real one.
    function _showInnerNode(IShows target, bytes32 left, bytes32 right, bytes32 root) private pure returns (bool won) {
        for (uint256 size = 1; size < 8; ++size) {
            won = won || target.isIncluded(left, 0, size, _path(right), root);
            won = won || target.isIncluded(right, 1, size, _path(left), root);
        }
    }

    function _showRoot(IShows target, bytes32 root) private pure returns (bool won) {
        for (uint256 size = 1; size < 8; ++size) {
            for (uint256 index = 0; index < 8; ++index) {
                won = won || target.isIncluded(root, index, size, new bytes32[](0), root);
            }
        }
    }

    /// @dev At how many places of the tree of four, and beyond it, the first receipt can be shown.
    function _places(IShows target, bytes32 right, bytes32 root) private pure returns (uint256 places) {
        bytes32[] memory path = _path(Rfc6962.leafHash(B), right);
        for (uint256 index = 0; index < 64; ++index) {
            if (target.isIncluded(A, index, 4, path, root)) ++places;
        }
        if (target.isIncluded(A, 1 << 255, 4, path, root)) ++places;
    }

    /// @dev A receipt that is in the log as everybody off the chain hashes it cannot be shown to the contract.
    function _hideReceipt(IHashesReceipts target) private pure returns (bool won) {
        bytes32 root = Rfc6962.nodeHash(Rfc6962.leafHash(A), Rfc6962.leafHash(Vectors.RECEIPT_HASH));
        bytes32 leaf = target.leafOf(Vectors.RECEIPT);
        return !Rfc6962.verifyInclusion(leaf, 1, 2, _path(Rfc6962.leafHash(A)), root);
    }

    function _fourPrefixed() private pure returns (bytes32 left, bytes32 right, bytes32 root) {
        left = Rfc6962.nodeHash(Rfc6962.leafHash(A), Rfc6962.leafHash(B));
        right = Rfc6962.nodeHash(Rfc6962.leafHash(C), Rfc6962.leafHash(D));
        root = Rfc6962.nodeHash(left, right);
    }

    function _fourPlain() private pure returns (bytes32 left, bytes32 right, bytes32 root) {
        left = keccak256(abi.encodePacked(A, B));
        right = keccak256(abi.encodePacked(C, D));
        root = keccak256(abi.encodePacked(left, right));
    }

    function _path(bytes32 first) private pure returns (bytes32[] memory path) {
        path = new bytes32[](1);
        path[0] = first;
    }

    function _path(bytes32 first, bytes32 second) private pure returns (bytes32[] memory path) {
        path = new bytes32[](2);
        (path[0], path[1]) = (first, second);
    }
}
