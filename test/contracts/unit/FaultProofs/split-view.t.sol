// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TreeHead} from "../../../../contracts/generated/Structs.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title proveSplitView
contract SplitViewTest is Jobs {
    uint64 private constant INDEX = 2;

    function _pair() private view returns (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) {
        return (_shown("a", 5), _shown("b", 7));
    }

    /// @dev A signed head over `size` leaves that depend on `name`, and the leaf at INDEX.
    function _shown(string memory name, uint64 size) private view returns (IFaultProofs.ShownHead memory shown) {
        bytes32[] memory leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) leaves[i] = Rfc6962.leafHash(keccak256(abi.encode(name, i)));
        (shown.head.root, shown.path) = _tree(leaves, INDEX);
        (shown.head.coordinator, shown.head.size) = (COORDINATOR, size);
        shown.leaf = keccak256(abi.encode(name, uint256(INDEX)));
        shown.signature = _signedHead(shown.head);
    }

    function _prove(IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) private {
        VM.prank(STRANGER);
        faultProofs.proveSplitView(COORDINATOR, INDEX, first, second);
    }

    function test_TakesHalfAndMarksTheFork() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        _prove(first, second);
        VM.assertTrue(faultProofs.isForked(COORDINATOR), "forked");
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, COORDINATOR_STAKE / 2, "stake");
        _equal(token.balanceOf(STRANGER), COORDINATOR_STAKE / 20, "reward");
    }

    function test_SaysWhoGotWhat() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.SplitView, COORDINATOR));
        uint128 taken = COORDINATOR_STAKE / 2;
        uint128 reward = taken / 10;
        uint128 burned = taken - reward;
        VM.expectEmit();
        emit IVerdicts.FaultPunished(IVerdicts.Fault.SplitView, COORDINATOR, STRANGER, key, taken, 0, reward, burned);
        _prove(first, second);
    }

    function test_AnAnchorIsAHead() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        _anchor(keccak256("before"), 1, 0);
        _anchor(second.head.root, second.head.size, 0);
        _anchor(keccak256("after"), 9, 0);
        (second.previous, second.anchors) = _since(1);
        second.signature = "";
        _prove(first, second);
        VM.assertTrue(faultProofs.isForked(COORDINATOR), "forked");
    }

    function test_RevertWhen_AnchoredOtherwise() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        _anchor(second.head.root, second.head.size, 0);
        (second.previous, second.anchors) = _since(0);
        second.signature = "";
        second.head.size += 1;
        VM.expectRevert(
            abi.encodeWithSelector(
                IFaultProofs.FaultProofs_HeadNotAnchored.selector,
                second.head.root,
                second.head.size
            )
        );
        _prove(first, second);
        second.head.size -= 1;
        second.head.root = keccak256("another");
        VM.expectRevert(
            abi.encodeWithSelector(
                IFaultProofs.FaultProofs_HeadNotAnchored.selector,
                second.head.root,
                second.head.size
            )
        );
        _prove(first, second);
    }

    function test_RevertWhen_TheAnchorsLeadElsewhere() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        _anchor(second.head.root, second.head.size, 0);
        (second.previous, second.anchors) = _since(0);
        second.signature = "";
        second.anchors[0].size += 1;
        (, , , bytes32 commitment) = ledger.headOf(COORDINATOR);
        bytes memory refused = abi.encodeWithSelector(
            IVerdicts.Verdicts_AnchorNotShown.selector,
            COORDINATOR,
            commitment
        );
        VM.expectRevert(refused);
        _prove(first, second);
        second.anchors = new Anchor[](0);
        VM.expectRevert(refused);
        _prove(first, second);
    }

    function test_RevertWhen_TheLeavesAgree() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        second = first;
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_SameLeaf.selector, first.leaf));
        _prove(first, second);
    }

    function test_RevertWhen_TheLeafIsElsewhere() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        second.leaf = keccak256(abi.encode("b", uint256(INDEX + 1)));
        VM.expectRevert(
            abi.encodeWithSelector(IFaultProofs.FaultProofs_LeafNotInHead.selector, second.leaf, second.head.root)
        );
        _prove(first, second);
    }

    function test_RevertWhen_OfAnotherCoordinator() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        second.head.coordinator = STRANGER;
        VM.expectRevert(
            abi.encodeWithSelector(IFaultProofs.FaultProofs_WrongCoordinator.selector, COORDINATOR, STRANGER)
        );
        _prove(first, second);
    }

    function test_RevertWhen_SignedByAStranger() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        TreeHead memory head = second.head;
        bytes32 structHash = keccak256(
            abi.encode(keccak256("TreeHead(address coordinator,uint64 size,bytes32 root,uint64 timestampMs)"), head)
        );
        second.signature = _sign(STRANGER_KEY, _ledgerDigest(structHash));
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, COORDINATOR, STRANGER));
        _prove(first, second);
    }

    function test_RevertWhen_ProvedTwice() public {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = _pair();
        _prove(first, second);
        second = _shown("c", 8);
        VM.expectRevert(
            abi.encodeWithSelector(
                IVerdicts.Verdicts_AlreadyPunished.selector,
                IVerdicts.Fault.SplitView,
                keccak256(abi.encode(IVerdicts.Fault.SplitView, COORDINATOR))
            )
        );
        _prove(first, second);
    }
}
