// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "../../../../contracts/libraries/Bn254.sol";
import {Base} from "../../helpers/Base.sol";

/// @title A chain whose precompiles do not answer gives no point, instead of a wrong one
contract PrecompilesTest is Base {
    function setUp() public override {
        VM.warp(START);
    }

    function hashToG1() external view returns (Bn254.G1Point memory point) {
        return Bn254.hashToG1("tag", "message");
    }

    function test_TheyAnswerHere() public view {
        VM.assertTrue(Bn254.isValid(this.hashToG1()), "a point");
    }

    function test_RevertWhen_PowersAreRefused() public {
        _refuse(5);
    }

    function test_RevertWhen_SumsAreRefused() public {
        _refuse(6);
    }

    function _refuse(uint160 precompile) private {
        VM.mockCallRevert(address(precompile), "", "");
        VM.expectRevert(abi.encodeWithSelector(Bn254.Bn254_PrecompileFailed.selector, precompile));
        this.hashToG1();
    }
}
