// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Permit} from "../interfaces/Permit.sol";

/// @title Token intake that refuses tokens which deliver another amount than was sent
library ExactTransfer {
    using SafeERC20 for IERC20;

    /// @notice Uses the caller's permit for `amountWei`. A permit that fails is ignored, because anybody can use it first
    /// and the approval is there then; the transfer that follows reverts when it is not.
    function permit(IERC20 token, Permit calldata signed, uint256 amountWei) internal {
        try
            IERC20Permit(address(token)).permit(
                msg.sender,
                address(this),
                amountWei,
                signed.deadline,
                signed.v,
                signed.r,
                signed.s
            )
        {
            return;
        } catch {
            return;
        }
    }

    /// @notice Moves `amountWei` from `from` to this contract.
    /// @return receivedWei By how much this contract's balance grew; the caller compares it.
    function pull(IERC20 token, address from, uint256 amountWei) internal returns (uint256 receivedWei) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amountWei);
        return token.balanceOf(address(this)) - before;
    }
}
