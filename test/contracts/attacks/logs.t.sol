// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../contracts/libraries/LiabilityTree.sol";
import {Rfc6962} from "../../../contracts/libraries/Rfc6962.sol";
import {Base} from "../helpers/Base.sol";
import {Jobs} from "../helpers/Jobs.sol";
import {Attack} from "./Attack.sol";
import {ComparesHeadsOfOneSize, TrustsTheLine} from "./twins/Logs.sol";

/// @title Attacks of a coordinator that shows different logs to different people, or smaller debts than it has
contract LogAttacks is Attack, Jobs {
    uint64 private constant INDEX = 2;
    uint128 private constant OWED = 100 ether;

    function setUp() public override(Base, Jobs) {
        Jobs.setUp();
    }

    /// @dev Source: RFC 6962 section 7.3; google/certificate-transparency-rfcs pull requests 110 and 141, on logs that
    /// present different views of their tree to different parties.
    function test_ForkedLogHeads_Fails() public {
        _fails(_fork(faultProofs, false));
        VM.assertTrue(faultProofs.isForked(COORDINATOR), "known to all");
        _equal(token.balanceOf(STRANGER), COORDINATOR_STAKE / 20, "the challenger");
    }

    /// @dev Source: as above; one of the heads is the anchor, and was never signed.
    function test_ForkedLogHeads_FailsWhenOneIsAnchored() public {
        _fails(_fork(faultProofs, true));
        VM.assertTrue(faultProofs.isForked(COORDINATOR), "known to all");
    }

    function test_ForkedLogHeads_SucceedsAgainstTwin() public {
        _succeeds(_fork(_judge(address(new ComparesHeadsOfOneSize(staking))), false));
    }

    /// @dev Source: Chalkias, Chatzigiannis and Ji, "Broken proofs of solvency in blockchain custodial wallets and
    /// exchanges", 2022: books that agree with themselves, and not with what their creditors hold.
    function test_UnderstatedLine_Fails() public {
        _fails(_understate(faultProofs));
        _equal(token.balanceOf(STRANGER), COORDINATOR_STAKE / 20, "the challenger");
    }

    function test_UnderstatedLine_SucceedsAgainstTwin() public {
        _succeeds(_understate(_judge(address(new TrustsTheLine(staking)))));
    }

    /// @dev A log of seven for one, a log of five for another, and another leaf in the middle. The two meet.
    function _fork(IFaultProofs target, bool anchored_) private returns (bool won) {
        (IFaultProofs.ShownHead memory first, IFaultProofs.ShownHead memory second) = (_shown("a", 5), _shown("b", 7));
        if (anchored_) {
            _anchor(second.head.root, second.head.size, 0);
            (second.previous, second.anchors) = _since(0);
            second.signature = "";
        }
        bytes memory proof = abi.encodeCall(IFaultProofs.proveSplitView, (COORDINATOR, INDEX, first, second));
        _try(STRANGER, address(target), proof);
        return _stakeWei() == COORDINATOR_STAKE;
    }

    /// @dev The worker put a voucher over 100 on record; the next books say that 60 were promised, and all of them are
    /// open.
    function _understate(IFaultProofs target) private returns (bool won) {
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, OWED, 1, 0);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        VM.prank(WORKER);
        target.exhibit(v, signature);
        VM.warp(START + 2 hours);
        Liability memory line = _line(WORKER, 60 ether, 60 ether);
        (bytes32 root, LiabilityPath memory path, ) = _books(line, _line(MINER, 5 ether, 5 ether));
        _anchor(keccak256("log"), 1, root);
        (bytes32 previous, Anchor[] memory anchors) = _since(0);
        bytes memory proof = abi.encodeCall(IFaultProofs.proveUnderstated, (line, path, previous, anchors));
        _try(STRANGER, address(target), proof);
        return _stakeWei() == COORDINATOR_STAKE;
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

    function _judge(address twin) private returns (IFaultProofs target) {
        manager.grantRole(SLASHER, twin, 0);
        return IFaultProofs(twin);
    }

    function _stakeWei() private view returns (uint256 stakedWei) {
        (, stakedWei, , ) = staking.stakeOf(COORDINATOR);
    }
}
