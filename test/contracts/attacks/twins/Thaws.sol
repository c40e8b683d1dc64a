// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice Bug: a thaw outlives the money that it was asked for, and the next deposit leaves with it.
contract ThawOutlivesMoney is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _shrinkThaw(Account storage account) internal override {}
}

/// @notice Bug: whoever adds to an account, with however little, starts its thaw anew.
contract DepositRestartsThaw is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _deposit(Account storage account, uint256 amountWei) internal override {
        super._deposit(account, amountWei);
        if (account.thawingWei != 0) account.thawEndsAt = block.timestamp + 7 days;
    }
}

/// @notice Bug: accounts are found by a key that two pairs share.
contract KeysCollide is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _key(address payer, address payee) internal pure override returns (bytes32 key) {
        return bytes32(uint256(uint160(payer) ^ uint160(payee)));
    }
}

/// @notice Bug: money that thaws can no longer be collected.
contract ThawHidesMoney is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _available(Account storage account) internal view override returns (uint256 amountWei) {
        return account.balanceWei - account.thawingWei;
    }
}
