// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Where keys of a development setup may serve
/// @notice Everybody can compute the secrets of a development setup and prove anything with them.
library DevelopmentKeys {
    /// @dev The chain id of anvil and Hardhat. A chain that is not known to be one of development counts as public.
    uint256 private constant DEVNET = 31337;

    /// @notice Whether this chain is one of development, where nobody's money is.
    function areAllowed() internal view returns (bool allowed) {
        return block.chainid == DEVNET;
    }
}
