// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Token intake that refuses tokens which deliver another amount than was sent
library ExactTransfer {
    using SafeERC20 for IERC20;

    /// @notice Moves `amountWei` from `from` to this contract.
    /// @return receivedWei By how much this contract's balance grew; the caller compares it.
    function pull(IERC20 token, address from, uint256 amountWei) internal returns (uint256 receivedWei) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amountWei);
        return token.balanceOf(address(this)) - before;
    }
}
