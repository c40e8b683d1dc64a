// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title LODE
/// @notice Payment and stake token of the market: capped, burnable, with permits and votes. Only the role that the
/// access manager grants (the rewards contract) can mint.
contract LodeToken is ERC20, ERC20Permit, ERC20Votes, ERC20Burnable, ERC20Capped, AccessManaged {
    error Token_ZeroAddress();

    /// @param authority Access manager that says who may mint.
    /// @param genesisHolder Receives the genesis supply.
    /// @param genesisWei Genesis supply, wei.
    /// @param capWei Highest total supply ever, wei.
    constructor(
        address authority,
        address genesisHolder,
        uint256 genesisWei,
        uint256 capWei
    ) ERC20("Lode", "LODE") ERC20Permit("Lode") ERC20Capped(capWei) AccessManaged(authority) {
        // Without an authority nobody could ever mint.
        if (authority == address(0)) revert Token_ZeroAddress();
        _mint(genesisHolder, genesisWei);
    }

    /// @notice Creates `amountWei` for `to`, within the cap.
    function mint(address to, uint256 amountWei) external restricted {
        _mint(to, amountWei);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes, ERC20Capped) {
        super._update(from, to, value);
    }
}
