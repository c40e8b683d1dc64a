// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SettlementSlab4Key} from "../../../../contracts/generated/SettlementSlab4Key.sol";
import {IGroth16Verifier} from "../../../../contracts/interfaces/IGroth16Verifier.sol";
import {Bn254} from "../../../../contracts/libraries/Bn254.sol";
import {Groth16} from "../../../../contracts/libraries/Groth16.sol";
import {Groth16Verifier} from "../../../../contracts/zk/Groth16Verifier.sol";
import {SlabFixture} from "../ZkSettlement/Fixture.sol";

/// @title Groth16Verifier with the development key of a slab of four
contract Groth16VerifierTest is SlabFixture {
    Groth16Verifier private _verifier;

    function setUp() public override {
        _verifier = new Groth16Verifier(SettlementSlab4Key.load(), true);
    }

    function test_TakesAProof() public view {
        VM.assertTrue(_verifier.verify(_first().proof, _first().signals), "first");
        VM.assertTrue(_verifier.verify(_second().proof, _second().signals), "second");
    }

    function test_AnotherSignalHasNoProof() public view {
        for (uint256 i = 0; i < 3; ++i) {
            uint256[3] memory signals = _first().signals;
            signals[i] = addmod(signals[i], 1, FIELD);
            VM.assertTrue(!_verifier.verify(_first().proof, signals), "accepted");
        }
    }

    function test_SwappedSignalsHaveNoProof() public view {
        uint256[3] memory signals = _first().signals;
        (signals[0], signals[1]) = (signals[1], signals[0]);
        VM.assertTrue(!_verifier.verify(_first().proof, signals), "accepted");
    }

    function test_AnotherStatementsProofIsNone() public view {
        VM.assertTrue(!_verifier.verify(_second().proof, _first().signals), "accepted");
    }

    function testFuzz_RevertWhen_ASignalIsNotReduced(uint256 index) public {
        uint256[3] memory signals = _first().signals;
        signals[index % 3] += FIELD;
        Groth16.Proof memory proof = _first().proof;
        VM.expectRevert(abi.encodeWithSelector(Groth16.Groth16_SignalOutOfRange.selector, signals[index % 3]));
        _verifier.verify(proof, signals);
    }

    function test_HoldsItsKey() public view {
        bytes memory held = abi.encode(_verifier.verifyingKey());
        _equal(uint256(keccak256(held)), uint256(keccak256(abi.encode(SettlementSlab4Key.load()))), "key");
    }

    function test_RevertWhen_ADevelopmentKeyIsDeployedInPublic() public {
        VM.chainId(8453);
        Groth16.Key memory key = SettlementSlab4Key.load();
        VM.expectRevert(abi.encodeWithSelector(IGroth16Verifier.Groth16_DevelopmentKey.selector, 8453));
        new Groth16Verifier(key, true);
    }

    function test_ACeremonysKeyIsDeployedAnywhere() public {
        VM.chainId(8453);
        VM.assertTrue(address(new Groth16Verifier(SettlementSlab4Key.load(), false)) != address(0), "deployed");
    }

    function test_RevertWhen_GammaIsDelta() public {
        Groth16.Key memory key = SettlementSlab4Key.load();
        key.delta = key.gamma;
        VM.expectRevert(abi.encodeWithSelector(IGroth16Verifier.Groth16_GammaIsDelta.selector));
        new Groth16Verifier(key, true);
    }

    function test_RevertWhen_TheKeyIsForOtherSignals() public {
        Groth16.Key memory key = SettlementSlab4Key.load();
        key.points = new Bn254.G1Point[](3);
        VM.expectRevert(abi.encodeWithSelector(Groth16.Groth16_SignalCount.selector, 3, 2));
        new Groth16Verifier(key, true);
    }
}
