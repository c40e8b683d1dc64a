// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "../../../../contracts/libraries/Bn254.sol";
import {Base} from "../../helpers/Base.sol";

/// @title isValid by itself: the pairing precompile refuses most of these points too, and must not be the only one
contract IsValidTest is Base {
    function setUp() public override {
        VM.warp(START);
    }

    function test_TheGeneratorAndItsNegativeAreValid() public pure {
        VM.assertTrue(Bn254.isValid(Bn254.G1Point(1, 2)), "generator");
        VM.assertTrue(Bn254.isValid(Bn254.G1Point(1, Bn254.MODULUS - 2)), "negative");
    }

    function test_APointOffTheCurveIsNot() public pure {
        VM.assertTrue(!Bn254.isValid(Bn254.G1Point(1, 3)), "y");
        VM.assertTrue(!Bn254.isValid(Bn254.G1Point(2, 2)), "x");
    }

    function test_InfinityIsNot() public pure {
        VM.assertTrue(!Bn254.isValid(Bn254.G1Point(0, 0)), "infinity");
    }

    function test_AnUnreducedCoordinateIsNot() public pure {
        VM.assertTrue(!Bn254.isValid(Bn254.G1Point(1 + Bn254.MODULUS, 2)), "x");
        VM.assertTrue(!Bn254.isValid(Bn254.G1Point(1, 2 + Bn254.MODULUS)), "y");
    }
}
