// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "../../../../contracts/libraries/Bn254.sol";
import {DrandVectors} from "../../generated/DrandVectors.sol";
import {Base} from "../../helpers/Base.sol";

/// @title hashToField, mapToCurve and hashToG1 on the vectors of the TypeScript written from the formulas
contract HashToG1Test is Base {
    bytes private constant DST = "BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_";

    function setUp() public override {
        VM.warp(START);
    }

    /// @dev Among the elements are zero, the last, those that make a denominator zero, and enough for each candidate.
    function test_MapsAreTheSharedVectors() public view {
        uint256 count = DrandVectors.MAPS.length / 96;
        for (uint256 i = 0; i < count; ++i) {
            Bn254.G1Point memory point = Bn254.mapToCurve(_word(DrandVectors.MAPS, i * 3));
            _equal(point.x, _word(DrandVectors.MAPS, i * 3 + 1), "x");
            _equal(point.y, _word(DrandVectors.MAPS, i * 3 + 2), "y");
            VM.assertTrue(Bn254.isValid(point), "on the curve");
        }
    }

    function test_HashesAreTheSharedVectors() public view {
        uint256 count = DrandVectors.HASHES.length / 128;
        for (uint256 i = 0; i < count; ++i) {
            bytes memory message = new bytes(i * 5);
            for (uint256 j = 0; j < message.length; ++j) message[j] = bytes1(uint8(i + j));
            (uint256 u0, uint256 u1) = Bn254.hashToField(DST, message);
            _equal(u0, _word(DrandVectors.HASHES, i * 4), "u0");
            _equal(u1, _word(DrandVectors.HASHES, i * 4 + 1), "u1");
            Bn254.G1Point memory point = Bn254.hashToG1(DST, message);
            _equal(point.x, _word(DrandVectors.HASHES, i * 4 + 2), "x");
            _equal(point.y, _word(DrandVectors.HASHES, i * 4 + 3), "y");
        }
    }

    function testFuzz_EveryElementMapsToTheCurve(uint256 u) public view {
        u %= Bn254.MODULUS;
        Bn254.G1Point memory point = Bn254.mapToCurve(u);
        VM.assertTrue(Bn254.isValid(point), "on the curve");
        _equal(point.y & 1, u & 1, "sign");
    }

    function test_AnotherTagIsAnotherPoint() public view {
        Bn254.G1Point memory one = Bn254.hashToG1("one", "message");
        Bn254.G1Point memory two = Bn254.hashToG1("two", "message");
        VM.assertTrue(one.x != two.x, "separated");
    }

    function _word(bytes memory data, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), mul(index, 32)))
        }
    }
}
