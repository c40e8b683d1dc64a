// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SumTree} from "../../../contracts/libraries/SumTree.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../../../contracts/libraries/LiabilityTree.sol";
import {JobAttack} from "./DisputeAttack.sol";
import {IBooks, IWeights, LanesRunOver, NodesBindTheirSum, RealBooks, RealWeights, SumsWrap} from "./twins/Sums.sol";

/// @title Attacks on trees of sums: jurors' weights, and coordinators' books
contract SumAttacks is JobAttack {
    uint32 private constant MOST = type(uint32).max;
    uint128 private constant FIRST_LINE = 60 ether;
    uint128 private constant SECOND_LINE = 40 ether;

    /// @dev Source: CVE-2018-10299, BeautyChain's batchOverflow, April 2018, for the class.
    function test_SumTreeOverflow_Fails() public {
        IWeights real = new RealWeights();
        _fails(_borrowWeight(real));
        _refusedWith(abi.encodeWithSelector(SumTree.SumTree_Overflow.selector, uint256(MOST) + 1));
        _equal(real.total(), MOST, "all weight is the whale's");
        _equal(real.find(MOST - 1), 0, "and so is every draw");
    }

    function test_SumTreeOverflow_SucceedsAgainstTwin() public {
        _succeeds(_borrowWeight(new LanesRunOver()));
    }

    /// @dev Source: balances below zero in a proof of reserves (thenetworkfirm/proof-of-reserves-merkle-tree-tool issue 5).
    function test_SumTreeOverflowOfTheBooks_Fails() public {
        _fails(_wrapTheTotal(new RealBooks()));
        uint256 sumWei = uint256(FIRST_LINE) + type(uint128).max - FIRST_LINE + 2;
        _refusedWith(abi.encodeWithSelector(LiabilityTree.Liabilities_SumOverflow.selector, sumWei));
    }

    function test_SumTreeOverflowOfTheBooks_SucceedsAgainstTwin() public {
        _succeeds(_wrapTheTotal(new SumsWrap()));
    }

    /// @dev Source: Chalkias, Chatzigiannis and Ji, "Broken Proofs of Solvency in Blockchain Custodial Wallets and Exchanges",
    /// 2022, section 4.1, on Maxwell's tree (summa-dev/summa-solvency issue 166).
    function test_OneTotalForEachCreditor_Fails() public {
        IBooks real = new RealBooks();
        _fails(_showEachItsOwnSum(real));
        // The honest books of both.
        (bytes32 root, LiabilityPath memory left, LiabilityPath memory right) = _books(_first(), _second());
        (bytes32 shown, uint128 totalWei) = real.rootOf(_first(), left);
        _equal(totalWei, FIRST_LINE + SECOND_LINE, "total");
        (bytes32 shownToo, ) = real.rootOf(_second(), right);
        VM.assertTrue(root == shown && root == shownToo, "root");
    }

    function test_OneTotalForEachCreditor_SucceedsAgainstTwin() public {
        _succeeds(_showEachItsOwnSum(new NodesBindTheirSum()));
    }

    /// @dev A whale's weight fills a lane, and one more beside it runs over: a seat in the next lane, which nobody holds, is
    /// drawn.
    function _borrowWeight(IWeights target) private returns (bool won) {
        target.set(0, MOST);
        _try(STRANGER, address(target), abi.encodeCall(IWeights.set, (1, 1)));
        if (target.total() != uint256(target.weightOf(0)) + target.weightOf(1)) won = true;
        if (target.weightOf(target.find(0)) == 0) won = true;
    }

    /// @dev A creditor is shown its line beside one that makes the sum wrap to a wei. It wins when the total is then below what
    /// the line alone comes to.
    function _wrapTheTotal(IBooks target) private returns (bool won) {
        LiabilityPath memory path = _pathBeside(_lineHash(_second()), type(uint128).max - FIRST_LINE + 2, 0);
        try target.rootOf(_first(), path) returns (bytes32, uint128 totalWei) {
            return totalWei < FIRST_LINE;
        } catch (bytes memory reason) {
            refusal = reason;
        }
    }

    /// @dev Each creditor is shown its line whole, and the other's as what is missing to the larger of both. It wins when
    /// both see one root, with a total below their sum.
    function _showEachItsOwnSum(IBooks target) private view returns (bool won) {
        LiabilityPath memory left = _pathBeside(_lineHash(_second()), 0, 0);
        LiabilityPath memory right = _pathBeside(_lineHash(_first()), FIRST_LINE - SECOND_LINE, 1);
        (bytes32 root, uint128 totalWei) = target.rootOf(_first(), left);
        (bytes32 rootToo, uint128 totalToo) = target.rootOf(_second(), right);
        _equal(totalWei, FIRST_LINE, "the larger");
        _equal(totalToo, FIRST_LINE, "the larger");
        return root == rootToo;
    }

    function _first() private view returns (Liability memory line) {
        return _line(WORKER, FIRST_LINE, FIRST_LINE);
    }

    function _second() private view returns (Liability memory line) {
        return _line(MINER, SECOND_LINE, SECOND_LINE);
    }

    function _pathBeside(bytes32 hash, uint128 sumWei, uint256 lefts) private pure returns (LiabilityPath memory path) {
        path = LiabilityPath(new bytes32[](1), new uint128[](1), lefts);
        (path.hashes[0], path.sumsWei[0]) = (hash, sumWei);
    }
}
