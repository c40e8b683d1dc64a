// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ClassifierKey} from "../../../../contracts/generated/ClassifierKey.sol";
import {Bn254} from "../../../../contracts/libraries/Bn254.sol";
import {Groth16} from "../../../../contracts/libraries/Groth16.sol";
import {ClassifierProofs} from "../../generated/ClassifierProofs.sol";
import {Fixture} from "../ZkJobs/Fixture.sol";

/// @title Groth16.verify, called from outside so that its refusals can be expected
contract Groth16Test is Fixture {
    function verify(
        Groth16.Key calldata key,
        Groth16.Proof calldata proof,
        uint256[] calldata signals
    ) external view returns (bool verified) {
        return Groth16.verify(key, proof, signals);
    }

    function _signals() private view returns (uint256[] memory signals) {
        signals = new uint256[](3);
        signals[0] = ClassifierProofs.COMMITMENT;
        signals[1] = ClassifierProofs.ANSWER;
        signals[2] = jobs.bindingOf(1, MINER);
    }

    function test_VerifiesAProofOfItsStatement() public view {
        VM.assertTrue(this.verify(ClassifierKey.load(), _first(), _signals()), "verified");
    }

    function test_NoSignalMayBeAnother() public view {
        for (uint256 i = 0; i < 3; ++i) {
            uint256[] memory signals = _signals();
            signals[i] = signals[i] == 0 ? 1 : signals[i] - 1;
            VM.assertTrue(!this.verify(ClassifierKey.load(), _first(), signals), "another signal");
        }
    }

    function test_NoTwoSignalsMayChangePlaces() public view {
        for (uint256 i = 0; i < 3; ++i) {
            uint256[] memory signals = _signals();
            (signals[i], signals[(i + 1) % 3]) = (signals[(i + 1) % 3], signals[i]);
            VM.assertTrue(!this.verify(ClassifierKey.load(), _first(), signals), "swapped");
        }
    }

    function test_RevertWhen_ASignalHasTheOrderAdded() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint256[] memory signals = _signals();
            signals[i] += Groth16.ORDER;
            VM.expectRevert(abi.encodeWithSelector(Groth16.Groth16_SignalOutOfRange.selector, signals[i]));
            this.verify(ClassifierKey.load(), _first(), signals);
        }
    }

    function test_RevertWhen_ThereAreOtherSignalsThanTheKeyHas() public {
        for (uint256 count = 2; count <= 4; count += 2) {
            uint256[] memory signals = new uint256[](count);
            VM.expectRevert(abi.encodeWithSelector(Groth16.Groth16_SignalCount.selector, count, 3));
            this.verify(ClassifierKey.load(), _first(), signals);
        }
    }

    function test_AnotherKeyDoesNotVerify() public view {
        Groth16.Key memory key = ClassifierKey.load();
        key.delta = key.gamma;
        VM.assertTrue(!this.verify(key, _first(), _signals()), "delta");
        key = ClassifierKey.load();
        (key.points[1], key.points[2]) = (key.points[2], key.points[1]);
        VM.assertTrue(!this.verify(key, _first(), _signals()), "points");
    }

    function test_PointsAtInfinityDoNotVerify() public view {
        Groth16.Proof memory proof;
        VM.assertTrue(!this.verify(ClassifierKey.load(), proof, _signals()), "nothing");
        proof = _first();
        proof.a = Bn254.G1Point(0, 0);
        VM.assertTrue(!this.verify(ClassifierKey.load(), proof, _signals()), "no a");
    }

    /// @dev As the key of the classifier says, so that a proof cannot be made without its secrets.
    function test_TheKeysGammaIsNotItsDelta() public pure {
        Groth16.Key memory key = ClassifierKey.load();
        VM.assertTrue(keccak256(abi.encode(key.gamma)) != keccak256(abi.encode(key.delta)), "gamma and delta");
    }

    function test_TheContractShowsItsKey() public view {
        VM.assertTrue(keccak256(abi.encode(jobs.verifyingKey())) == keccak256(abi.encode(ClassifierKey.load())), "key");
    }
}
