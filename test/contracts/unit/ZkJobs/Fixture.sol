// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Groth16} from "../../../../contracts/libraries/Groth16.sol";
import {ZkJobs} from "../../../../contracts/zk/ZkJobs.sol";
import {ClassifierProofs} from "../../generated/ClassifierProofs.sol";
import {Base} from "../../helpers/Base.sol";

/// @title A client's open job 1, and proofs that answer it
abstract contract Fixture is Base {
    uint96 internal constant PRICE = 3 ether;
    uint64 internal constant DEADLINE = uint64(START) + 1 hours;

    ZkJobs internal jobs;

    function setUp() public virtual override {
        super.setUp();
        // Proofs name the contract's address, which must not depend on what is deployed before it.
        ZkJobs made = new ZkJobs(token);
        VM.etch(ClassifierProofs.ZK_JOBS, address(made).code);
        jobs = ZkJobs(ClassifierProofs.ZK_JOBS);
        VM.prank(CLIENT);
        token.approve(address(jobs), type(uint256).max);
        _open();
    }

    function _open() internal returns (uint256 jobId) {
        VM.prank(CLIENT);
        return jobs.open(ClassifierProofs.COMMITMENT, PRICE, DEADLINE);
    }

    function _first() internal pure returns (Groth16.Proof memory proof) {
        return abi.decode(ClassifierProofs.FIRST, (Groth16.Proof));
    }

    function _second() internal pure returns (Groth16.Proof memory proof) {
        return abi.decode(ClassifierProofs.SECOND, (Groth16.Proof));
    }

    /// @dev What everything below begins with: this passes.
    function _answer() internal {
        jobs.answer(1, MINER, ClassifierProofs.ANSWER, _first());
    }
}
