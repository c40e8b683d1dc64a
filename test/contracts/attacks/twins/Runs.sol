// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice An escrow and its recovery in one. Bug: what is left of pool and stake pays lines in the order in which they
/// ask.
contract PaysInOrder is PlainEscrow {
    IStaking private immutable STAKING;
    mapping(address payer => bool frozen) private _frozen;
    mapping(address payer => uint256 potWei) private _pots;
    mapping(address payer => mapping(address payee => uint256 dueWei)) private _due;

    constructor(IERC20 token, IStaking staking) PlainEscrow(token) {
        STAKING = staking;
    }

    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        require(_isSigned(voucher, signature, 0) && !_frozen[voucher.payer], "declared");
        _frozen[voucher.payer] = true;
    }

    function showAnchors(address, bytes32[] calldata, Anchor[] calldata) external pure {
        return;
    }

    function open(address payer, Liability calldata, LiabilityPath calldata) external {
        (, uint128 stakedWei, , ) = STAKING.stakeOf(payer);
        _pots[payer] = STAKING.slash(payer, stakedWei, address(this));
        Account storage pool = _accounts[_key(payer, address(0))];
        (_pots[payer], pool.balanceWei) = (_pots[payer] + pool.balanceWei, 0);
    }

    function register(address payer, Liability calldata line, LiabilityPath calldata) external {
        _due[payer][line.payee] = line.outstandingWei;
    }

    function claim(address payer, address payee) external returns (uint128 paidWei) {
        uint256 dueWei = _due[payer][payee];
        paidWei = uint128(dueWei < _pots[payer] ? dueWei : _pots[payer]);
        (_pots[payer], _due[payer][payee]) = (_pots[payer] - paidWei, 0);
        _send(payee, paidWei);
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(!_frozen[v.payer], "frozen");
        return super._collect(v, signature);
    }
}
