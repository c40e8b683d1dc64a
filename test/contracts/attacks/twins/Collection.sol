// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice Bug: paying oneself is allowed, and both balances are read before either is written.
contract PaysOneself is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        Account storage source = _accounts[_key(v.payer, address(0))];
        Account storage target = _accounts[_key(v.payee, address(0))];
        paidWei = uint128(v.cumulativeWei - _pooled[v.payer][v.payee]);
        require(paidWei <= source.balanceWei && _isSigned(v, signature, paidWei), "voucher");
        uint256 sourceWei = source.balanceWei - paidWei;
        uint256 targetWei = target.balanceWei + paidWei;
        _pooled[v.payer][v.payee] += paidWei;
        source.balanceWei = sourceWei;
        target.balanceWei = targetWei;
    }
}

/// @notice Bug: what was collected is set to the last voucher, also when that is an older one.
contract ForgetsTheHighest is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(_isSigned(v, signature, 0), "signature");
        Account storage source = _accounts[_key(v.payer, v.payee)];
        if (v.cumulativeWei > source.collectedWei) paidWei = uint128(v.cumulativeWei - source.collectedWei);
        source.collectedWei = v.cumulativeWei;
        source.balanceWei -= paidWei;
        _accounts[_key(v.payee, address(0))].balanceWei += paidWei;
    }
}

/// @notice Bug: a voucher is credited whether or not its payer's account holds the money.
contract CreditsUnfunded is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(_isSigned(v, signature, 0), "signature");
        Account storage source = _accounts[_key(v.payer, v.payee)];
        paidWei = uint128(v.cumulativeWei - source.collectedWei);
        source.collectedWei = v.cumulativeWei;
        source.balanceWei = source.balanceWei < paidWei ? 0 : source.balanceWei - paidWei;
        _accounts[_key(v.payee, address(0))].balanceWei += paidWei;
    }
}

/// @notice Bug: what a pool cannot pay is taken from its owner's stake, for whomever the owner signed.
contract StakePaysVouchers is PlainEscrow {
    IStaking private immutable STAKING;

    constructor(IERC20 token, IStaking staking) PlainEscrow(token) {
        STAKING = staking;
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        uint256 poolWei = _accounts[_key(v.payer, address(0))].balanceWei;
        if (v.cumulativeWei > poolWei) {
            uint128 takenWei = STAKING.slash(v.payer, uint128(v.cumulativeWei - poolWei), address(this));
            _accounts[_key(v.payer, address(0))].balanceWei += takenWei;
        }
        return super._collect(v, signature);
    }
}

/// @notice Bug: no upper bound of the protocol fee.
contract UnboundedFee is PlainEscrow {
    uint256 private immutable FEE_PPM;

    constructor(IERC20 token, uint256 feePpm) PlainEscrow(token) {
        FEE_PPM = feePpm;
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        paidWei = super._collect(v, signature);
        _accounts[_key(v.payee, address(0))].balanceWei -= (paidWei * FEE_PPM) / 1_000_000;
    }
}
