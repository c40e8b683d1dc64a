// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SettlementSlab4Key} from "../../../../contracts/generated/SettlementSlab4Key.sol";
import {IZkSettlement} from "../../../../contracts/interfaces/IZkSettlement.sol";
import {Groth16Verifier} from "../../../../contracts/zk/Groth16Verifier.sol";
import {ZkSettlement} from "../../../../contracts/zk/ZkSettlement.sol";
import {SlabVectors} from "../../generated/SlabVectors.sol";
import {SlabFixture} from "./Fixture.sol";

/// @title settle with real proofs and their verifier: what a proof is for, and nothing else
contract ProofTest is SlabFixture {
    function setUp() public override {
        super.setUp();
        settlement = _at(SlabVectors.CONTRACT, new Groth16Verifier(SettlementSlab4Key.load(), true));
        _openAll(settlement);
    }

    function test_SettlesTwice() public {
        _settle(settlement, _first());
        _settle(settlement, _second());
        (, uint112 creditWei, ) = settlement.payeeOf(PAYEE);
        _equal(creditWei, 202 + 157, "credit");
    }

    function test_RevertWhen_TheProofIsOfTheOtherSettlement() public {
        Settlement memory made = _first();
        made.proof = _second().proof;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function test_RevertWhen_TheTotalIsMore() public {
        Settlement memory made = _first();
        made.totalWei += 1;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function test_RevertWhen_TheCommitmentIsAnother() public {
        Settlement memory made = _first();
        made.commitment = _second().commitment;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function test_RevertWhen_LeavesAreSwapped() public {
        Settlement memory made = _first();
        (made.changes[0].leaf, made.changes[1].leaf) = (made.changes[1].leaf, made.changes[0].leaf);
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function test_RevertWhen_AnotherChain() public {
        VM.chainId(1);
        _refuses(_first(), abi.encodeWithSelector(IZkSettlement.ZkSettlement_UnknownChannel.selector, PAYEE, 0));
    }

    function test_RevertWhen_AnotherPayee() public {
        Settlement memory made = _first();
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_UnknownChannel.selector, MINER, 0));
        VM.prank(MINER);
        settlement.settle(MINER, 0, made.leaves, made.changes, made.totalWei, made.commitment, made.proof);
    }

    /// @dev The same clients with the same keys and slots, and a contract of the same code elsewhere.
    function test_RevertWhen_AnotherContract() public {
        ZkSettlement other = _at(address(0xbeef), new Groth16Verifier(SettlementSlab4Key.load(), true));
        Settlement memory made = _first();
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_UnknownChannel.selector, PAYEE, 0));
        _settle(other, made);
    }

    function testFuzz_AFlippedBitOfTheProofIsRefused(uint256 word, uint8 bit) public {
        Settlement memory made = _first();
        uint256[8] memory words = abi.decode(abi.encode(made.proof), (uint256[8]));
        words[word % 8] ^= 1 << bit;
        (made.proof.a.x, made.proof.a.y) = (words[0], words[1]);
        (made.proof.b.xImaginary, made.proof.b.xReal) = (words[2], words[3]);
        (made.proof.b.yImaginary, made.proof.b.yReal) = (words[4], words[5]);
        (made.proof.c.x, made.proof.c.y) = (words[6], words[7]);
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function _refuses(Settlement memory made, bytes memory refusal) private {
        VM.expectRevert(refusal);
        _settle(settlement, made);
    }
}
