// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IZkJobs} from "../../../../contracts/interfaces/IZkJobs.sol";
import {Bn254} from "../../../../contracts/libraries/Bn254.sol";
import {Groth16} from "../../../../contracts/libraries/Groth16.sol";
import {ZkJobs} from "../../../../contracts/zk/ZkJobs.sol";
import {ClassifierProofs} from "../../generated/ClassifierProofs.sol";
import {Fixture} from "./Fixture.sol";

/// @title answer: what is paid, and everything that is not
contract AnswerTest is Fixture {
    function _refused(uint256 jobId, address miner, uint256 answerIndex) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IZkJobs.ZkJobs_InvalidProof.selector, jobId, miner, answerIndex);
    }

    function test_PaysTheMinerAndEmitsTheAnswer() public {
        uint256 before = token.balanceOf(MINER);
        VM.expectEmit();
        emit IZkJobs.JobAnswered(1, MINER, uint8(ClassifierProofs.ANSWER), PRICE);
        VM.prank(STRANGER);
        _answer();
        VM.assertEq(token.balanceOf(MINER) - before, PRICE, "paid");
        VM.assertEq(token.balanceOf(address(jobs)), 0, "nothing left");
        IZkJobs.Job memory job = jobs.jobOf(1);
        VM.assertTrue(job.state == IZkJobs.State.Answered, "state");
        VM.assertEq(job.answer, ClassifierProofs.ANSWER, "answer");
    }

    function test_TakesAProofAtTheDeadline() public {
        VM.warp(DEADLINE);
        _answer();
        VM.assertTrue(jobs.jobOf(1).state == IZkJobs.State.Answered, "state");
    }

    function test_RevertWhen_DeadlineIsOver() public {
        VM.warp(DEADLINE + 1);
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_Expired.selector, 1, DEADLINE));
        _answer();
    }

    function test_RevertWhen_TheAnswerIsAnother() public {
        for (uint256 i = 0; i < jobs.CLASSES(); ++i) {
            if (i == ClassifierProofs.ANSWER) continue;
            VM.expectRevert(_refused(1, MINER, i));
            jobs.answer(1, MINER, i, _first());
        }
        _answer();
    }

    function test_RevertWhen_TheNetworkHasNoSuchClass() public {
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_UnknownClass.selector, 6, 6));
        jobs.answer(1, MINER, 6, _first());
    }

    /// @dev The same element of the field, and another number.
    function test_RevertWhen_TheAnswerHasTheFieldsOrderAdded() public {
        uint256 shifted = ClassifierProofs.ANSWER + Groth16.ORDER;
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_UnknownClass.selector, shifted, 6));
        jobs.answer(1, MINER, shifted, _first());
    }

    function test_RevertWhen_AnotherMinerTakesTheProof() public {
        VM.expectRevert(_refused(1, STRANGER, ClassifierProofs.ANSWER));
        jobs.answer(1, STRANGER, ClassifierProofs.ANSWER, _first());
    }

    function test_RevertWhen_TheProofIsOfAnotherJob() public {
        Groth16.Proof memory proof = _second();
        VM.expectRevert(_refused(1, MINER, ClassifierProofs.ANSWER));
        jobs.answer(1, MINER, ClassifierProofs.ANSWER, proof);
        _open();
        jobs.answer(2, MINER, ClassifierProofs.ANSWER, proof);
        VM.assertTrue(jobs.jobOf(2).state == IZkJobs.State.Answered, "its own job");
    }

    function test_RevertWhen_TheChainIsAnother() public {
        VM.chainId(1);
        VM.expectRevert(_refused(1, MINER, ClassifierProofs.ANSWER));
        _answer();
    }

    function test_RevertWhen_TheContractIsAnother() public {
        ZkJobs other = new ZkJobs(token);
        VM.startPrank(CLIENT);
        token.approve(address(other), PRICE);
        other.open(ClassifierProofs.COMMITMENT, PRICE, DEADLINE);
        VM.stopPrank();
        VM.expectRevert(_refused(1, MINER, ClassifierProofs.ANSWER));
        other.answer(1, MINER, ClassifierProofs.ANSWER, _first());
    }

    function test_RevertWhen_TheInputIsAnother() public {
        VM.prank(CLIENT);
        jobs.open(ClassifierProofs.COMMITMENT + 1, PRICE, DEADLINE);
        VM.expectRevert(_refused(2, MINER, ClassifierProofs.ANSWER));
        jobs.answer(2, MINER, ClassifierProofs.ANSWER, _second());
    }

    function test_RevertWhen_TheJobWasNeverOpened() public {
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, 2, IZkJobs.State.None));
        jobs.answer(2, MINER, ClassifierProofs.ANSWER, _second());
    }

    function test_RevertWhen_TheProofIsSentAgain() public {
        _answer();
        VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, 1, IZkJobs.State.Answered));
        _answer();
    }

    /// @dev Another proof of the same statement, and the first one with both points of G1's equation mirrored.
    function test_RevertWhen_TheStatementIsProvedWithOtherBytes() public {
        Groth16.Proof memory again = abi.decode(ClassifierProofs.FIRST_AGAIN, (Groth16.Proof));
        VM.assertTrue(keccak256(abi.encode(again)) != keccak256(abi.encode(_first())), "other bytes");
        _answer();
        Groth16.Proof memory mirrored = _mirrored();
        Groth16.Proof[2] memory others = [again, mirrored];
        for (uint256 i = 0; i < others.length; ++i) {
            VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, 1, IZkJobs.State.Answered));
            jobs.answer(1, MINER, ClassifierProofs.ANSWER, others[i]);
        }
    }

    /// @dev Whoever changes a proof on its way proves the same for the same miner.
    function test_AMalleatedProofPaysTheSameMiner() public {
        uint256 before = token.balanceOf(MINER);
        VM.prank(STRANGER);
        jobs.answer(1, MINER, ClassifierProofs.ANSWER, _mirrored());
        VM.assertEq(token.balanceOf(MINER) - before, PRICE, "paid");
    }

    function _mirrored() private pure returns (Groth16.Proof memory proof) {
        proof = _first();
        proof.a.y = Bn254.MODULUS - proof.a.y;
        proof.b.yImaginary = Bn254.MODULUS - proof.b.yImaginary;
        proof.b.yReal = Bn254.MODULUS - proof.b.yReal;
    }

    function test_RevertWhen_TheCoordinatesAreSwapped() public {
        Groth16.Proof memory proof = _first();
        (proof.b.xImaginary, proof.b.xReal) = (proof.b.xReal, proof.b.xImaginary);
        VM.expectRevert(_refused(1, MINER, ClassifierProofs.ANSWER));
        jobs.answer(1, MINER, ClassifierProofs.ANSWER, proof);
    }

    function testFuzz_RevertWhen_AnyWordOfTheProofIsAnother(uint256 place, uint256 word) public {
        bytes memory changed = ClassifierProofs.FIRST;
        place = 32 + 32 * (place % 8);
        uint256 was;
        assembly ("memory-safe") {
            was := mload(add(changed, place))
            mstore(add(changed, place), word)
        }
        VM.assume(word != was);
        VM.expectRevert(_refused(1, MINER, ClassifierProofs.ANSWER));
        jobs.answer(1, MINER, ClassifierProofs.ANSWER, abi.decode(changed, (Groth16.Proof)));
    }

    /// @dev Adding the modulus to a coordinate names the same point with other bytes.
    function test_RevertWhen_ACoordinateIsNotReduced() public {
        for (uint256 place = 32; place <= 256; place += 32) {
            bytes memory changed = ClassifierProofs.FIRST;
            uint256 modulus = Bn254.MODULUS;
            assembly ("memory-safe") {
                mstore(add(changed, place), add(mload(add(changed, place)), modulus))
            }
            VM.expectRevert(_refused(1, MINER, ClassifierProofs.ANSWER));
            jobs.answer(1, MINER, ClassifierProofs.ANSWER, abi.decode(changed, (Groth16.Proof)));
        }
        _answer();
    }

    function testFuzz_RevertWhen_JobMinerOrAnswerIsAnother(uint256 jobId, address miner, uint256 answerIndex) public {
        VM.assume(jobId != 1 || miner != MINER || answerIndex != ClassifierProofs.ANSWER);
        if (jobId != 1) {
            VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_NotOpen.selector, jobId, IZkJobs.State.None));
        } else if (answerIndex >= 6) {
            VM.expectRevert(abi.encodeWithSelector(IZkJobs.ZkJobs_UnknownClass.selector, answerIndex, 6));
        } else {
            VM.expectRevert(_refused(jobId, miner, answerIndex));
        }
        jobs.answer(jobId, miner, answerIndex, _first());
    }

    function testFuzz_ABindingIsOneStatementsAlone(uint256 jobId, address miner) public view {
        VM.assume(jobId != 1 || miner != MINER);
        VM.assertTrue(jobs.bindingOf(jobId, miner) != jobs.bindingOf(1, MINER), "binding");
        VM.assertTrue(jobs.bindingOf(jobId, miner) < Groth16.ORDER, "within the field");
    }
}
