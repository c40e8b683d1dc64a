// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {PlainEscrow} from "./PlainEscrow.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @notice Bug: a staker's operator signs for its money as well.
contract OperatorSpendsPool is PlainEscrow {
    IStaking private immutable STAKING;

    constructor(IERC20 token, IStaking staking) PlainEscrow(token) {
        STAKING = staking;
    }

    function _isSigned(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature,
        uint256
    ) internal view override returns (bool signed) {
        return _recover(v, signature) == STAKING.operatorOf(v.payer);
    }
}

/// @notice Bug: a staker's operator may do all that the staker may.
contract OperatorActsForStaker is PlainStaking {
    mapping(address operator => address staker) private _stakerOf;
    mapping(address staker => address payout) private _payouts;

    constructor(IERC20 token) PlainStaking(token) {}

    function register(IStaking.Role role, uint128 amountWei, address operator, address, bytes32) external override {
        (_stakerOf[msg.sender], _stakerOf[operator]) = (msg.sender, msg.sender);
        _payouts[msg.sender] = msg.sender;
        _stakes[msg.sender].role = role;
        _add(msg.sender, amountWei);
    }

    function setPayout(address payout) external {
        _payouts[_stakerOf[msg.sender]] = payout;
    }

    function startThaw(uint128 amountWei) external override {
        Stake storage stake = _stakes[_stakerOf[msg.sender]];
        stake.stakedWei -= amountWei;
        (stake.thawingWei, stake.thawEndsAt) = (amountWei, block.timestamp + 7 days);
    }

    function payoutOf(address staker) external view returns (address payout) {
        return _payouts[staker];
    }
}
