// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice An escrow and its recovery in one. Bug: what a session key promises is bounded for each payee, not for all
/// of them together, and a freeze ends when all of it is paid.
contract PromisesInAFreeze is PlainEscrow {
    mapping(address payer => uint256 count) private _declared;

    constructor(IERC20 token) PlainEscrow(token) {}

    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        require(_isSigned(voucher, signature, 0), "signature");
        uint256 dueWei = voucher.cumulativeWei - _pooled[voucher.payer][voucher.payee];
        require(dueWei <= _sessions[voucher.payer][address(0)][_recover(voucher, signature)].capWei, "cap");
        uint256 poolWei = _accounts[_key(voucher.payer, address(0))].balanceWei;
        require(_declared[voucher.payer] != 0 || dueWei > poolWei, "no shortfall");
        ++_declared[voucher.payer];
    }

    function cure(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        --_declared[voucher.payer];
        require(super._collect(voucher, signature) == voucher.cumulativeWei, "short");
    }

    function isPoolFrozen(address payer) external view returns (bool frozen) {
        return _declared[payer] != 0;
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(_declared[v.payer] == 0, "frozen");
        return super._collect(v, signature);
    }
}
