// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {LodeToken} from "../../../../contracts/token/LodeToken.sol";

/// @notice Rewards with the signatures of the real ones. Bug: it remembers who was paid, and not for whom.
contract RemembersTheRecipient {
    LodeToken private immutable TOKEN;
    IPaymentEscrow private immutable ESCROW;
    IStaking private immutable STAKING;
    mapping(uint64 epoch => mapping(address recipient => bool paid)) private _paid;

    constructor(LodeToken token, IPaymentEscrow escrow, IStaking staking) {
        (TOKEN, ESCROW, STAKING) = (token, escrow, staking);
    }

    function claim(uint64 epoch, address payee) external returns (uint256 amountWei) {
        address to = STAKING.payoutOf(payee);
        require(!_paid[epoch][to], "claimed");
        _paid[epoch][to] = true;
        amountWei = rewardWei(epoch, payee);
        TOKEN.mint(to, amountWei);
    }

    function rewardWei(uint64 epoch, address payee) public view returns (uint256 amountWei) {
        return ESCROW.payeeFeesWei(epoch, payee) / 2;
    }
}
