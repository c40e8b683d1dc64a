// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title What challengers risk
/// @notice One size for every case: a bond that grew with the accused's stake or the job would price out its victims.
abstract contract Bonds is Verdicts {
    using SafeERC20 for IERC20;
    using ExactTransfer for IERC20;

    uint128 internal immutable BOND_WEI;

    error Bonds_ZeroBond();
    error Bonds_InexactTransfer(uint256 expectedWei, uint256 receivedWei);

    constructor(uint128 bond) {
        if (bond == 0) revert Bonds_ZeroBond();
        BOND_WEI = bond;
    }

    function _takeBond() internal {
        uint256 receivedWei = TOKEN.pull(msg.sender, BOND_WEI);
        if (receivedWei != BOND_WEI) revert Bonds_InexactTransfer(BOND_WEI, receivedWei);
    }

    function _returnBond(address challenger) internal {
        TOKEN.safeTransfer(challenger, BOND_WEI);
    }

    /// @dev What is left after `costsWei` goes half to the accused; the rest is burned.
    function _forfeitBond(address accused, uint128 costsWei) internal returns (uint128 compensationWei) {
        compensationWei = (BOND_WEI - costsWei) / 2;
        ERC20Burnable(address(TOKEN)).burn(BOND_WEI - costsWei - compensationWei);
        if (compensationWei != 0) TOKEN.safeTransfer(accused, compensationWei);
    }
}
