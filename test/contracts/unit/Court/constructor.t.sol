// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Court} from "../../../../contracts/disputes/Court.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Base} from "../../helpers/Base.sol";

/// @title What a court cannot be built with
contract ConstructorTest is Base {
    function _build(IERC20 paid, IRandomness source, uint128 bond, uint32 ratePpm) private returns (Court built) {
        return new Court(paid, staking, ledger, source, bond, JUROR_FEE, JUROR_PENALTY, ratePpm);
    }

    function test_TheBondMayBeAllOfTheFeesAndEveryReceiptDrawn() public {
        Court built = _build(token, randomness, JUROR_FEE * 5, 1_000_000);
        _equal(built.totalWeight(), 0, "no jurors yet");
    }

    function test_RevertWhen_TheBondDoesNotPayTheJury() public {
        uint256 feesWei = JUROR_FEE * 5;
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_BondBelowFees.selector, feesWei - 1, feesWei));
        _build(token, randomness, JUROR_FEE * 5 - 1, 1_000_000);
    }

    function test_RevertWhen_MoreThanEveryReceiptIsDrawn() public {
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_RateAboveMaximum.selector, 1_000_001));
        _build(token, randomness, CASE_BOND, 1_000_001);
    }

    function test_RevertWhen_BuiltWithoutRandomness() public {
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_ZeroAddress.selector));
        _build(token, IRandomness(address(0)), CASE_BOND, DRAW_RATE_PPM);
    }

    function test_RevertWhen_BuiltWithoutAToken() public {
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_ZeroAddress.selector));
        _build(IERC20(address(0)), randomness, CASE_BOND, DRAW_RATE_PPM);
    }
}
