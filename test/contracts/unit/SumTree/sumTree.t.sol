// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SumTree} from "../../../../contracts/libraries/SumTree.sol";
import {Base} from "../../helpers/Base.sol";
import {SumTreeHarness} from "./SumTreeHarness.sol";

/// @title set, find, total and weightOf, against an array that is added up
contract SumTreeTest is Base {
    uint256 private constant CAPACITY = 32_768;
    uint32 private constant MOST = type(uint32).max;

    SumTreeHarness private _tree;

    function setUp() public override {
        _tree = new SumTreeHarness();
    }

    function test_AnEmptyTreeHasNoWeight() public {
        _equal(_tree.total(), 0, "total");
        _equal(_tree.weightOf(CAPACITY - 1), 0, "weight");
        VM.expectRevert(abi.encodeWithSelector(SumTree.SumTree_PointOutOfRange.selector, 0, 0));
        _tree.find(0);
    }

    function test_FindsEveryPointOfNeighboursAndStrangers() public {
        uint256[6] memory places = [uint256(0), 1, 7, 8, 4_095, CAPACITY - 1];
        for (uint256 i = 0; i < 6; ++i) _tree.set(places[i], uint32(i + 1));
        uint256 point = 0;
        for (uint256 i = 0; i < 6; ++i) {
            for (uint256 k = 0; k <= i; ++k) _equal(_tree.find(point++), places[i], "place");
        }
        _equal(_tree.total(), point, "total");
    }

    function testFuzz_AgreesWithAnArray(uint256 seed) public {
        uint256[] memory places = new uint256[](12);
        uint32[] memory weights = new uint32[](12);
        // Spread over the tree, three to a node, in ascending order; the last round changes what is there.
        for (uint256 i = 0; i < 12; ++i) places[i] = (i / 3) * 9_000 + (seed % 700) + (i % 3) * 2;
        for (uint256 round = 0; round < 2; ++round) {
            for (uint256 i = 0; i < 12; ++i) {
                // At most 2^28 each: twelve of them fit the lane that they may share.
                weights[i] = uint32(uint256(keccak256(abi.encode(seed, round, i))) >> 228);
                if (uint256(keccak256(abi.encode(seed, i, round))) % 4 == 0) weights[i] = 0;
                _tree.set(places[i], weights[i]);
            }
        }
        uint256 sum = 0;
        for (uint256 i = 0; i < 12; ++i) {
            _equal(_tree.weightOf(places[i]), weights[i], "weight");
            if (weights[i] == 0) continue;
            _equal(_tree.find(sum), places[i], "first point");
            _equal(_tree.find(sum + (seed % weights[i])), places[i], "a point");
            sum += weights[i];
            _equal(_tree.find(sum - 1), places[i], "last point");
        }
        _equal(_tree.total(), sum, "total");
        VM.expectRevert(abi.encodeWithSelector(SumTree.SumTree_PointOutOfRange.selector, sum, sum));
        _tree.find(sum);
    }

    function testFuzz_ALeafThatIsSetToZeroLeavesNothing(uint256 index, uint32 weight) public {
        index = index % CAPACITY;
        _tree.set(index, weight);
        _equal(_tree.total(), weight, "set");
        _tree.set(index, 0);
        _equal(_tree.total(), 0, "total");
        _equal(_tree.weightOf(index), 0, "weight");
    }

    /// @dev Eight leaves of one node, each at the most that a lane holds once: they overflow the node above them.
    function test_RevertWhen_ANodeOverflows() public {
        _tree.set(0, MOST);
        VM.expectRevert(abi.encodeWithSelector(SumTree.SumTree_Overflow.selector, uint256(MOST) + 1));
        _tree.set(1, 1);
        _equal(_tree.total(), MOST, "total");
        _equal(_tree.weightOf(1), 0, "neighbour");
    }

    function test_TheRootHoldsMoreThanALane() public {
        uint256 span = CAPACITY / 8;
        for (uint256 i = 0; i < 8; ++i) _tree.set(i * span, MOST);
        _equal(_tree.total(), 8 * uint256(MOST), "total");
        for (uint256 i = 0; i < 8; ++i) _equal(_tree.find(i * uint256(MOST)), i * span, "first point");
        _equal(_tree.find(8 * uint256(MOST) - 1), 7 * span, "last point");
    }

    /// @dev The change of a full leaf takes its weight away before it adds: no overflow in between.
    function test_AFullLeafCanBeSetAgain() public {
        _tree.set(5, MOST);
        _tree.set(5, MOST);
        _tree.set(5, MOST - 1);
        _equal(_tree.total(), MOST - 1, "total");
    }

    function test_RevertWhen_IndexIsOutOfRange() public {
        bytes memory refused = abi.encodeWithSelector(SumTree.SumTree_IndexOutOfRange.selector, CAPACITY, CAPACITY);
        VM.expectRevert(refused);
        _tree.set(CAPACITY, 1);
        VM.expectRevert(refused);
        _tree.weightOf(CAPACITY);
    }

    function testFuzz_RevertWhen_PointIsOutOfRange(uint256 point) public {
        _tree.set(17, 1_000);
        point = _bound(point, 1_000, type(uint256).max - 1_000);
        VM.expectRevert(abi.encodeWithSelector(SumTree.SumTree_PointOutOfRange.selector, point, 1_000));
        _tree.find(point);
    }

    /// @dev The order of what the library says: five slots on fresh ones, five that hold something, five reads. Within
    /// one transaction the later accesses are warm, so these are bounds from above for the second and the third.
    function test_CostsWhatTheLibrarySays() public {
        uint256 gas = gasleft();
        _tree.set(9, 1);
        VM.assertTrue(gas - gasleft() < 125_000, "fresh slots");
        gas = gasleft();
        _tree.set(9, 2);
        VM.assertTrue(gas - gasleft() < 30_000, "used slots");
        gas = gasleft();
        _tree.find(1);
        VM.assertTrue(gas - gasleft() < 20_000, "draw");
    }
}
