// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IPaymentEscrow} from "../interfaces/IPaymentEscrow.sol";
import {Accounts} from "./Accounts.sol";

/// @title The escrow's protocol fees: gathered by epoch and payee, burned by anybody
abstract contract Fees is IPaymentEscrow, Accounts {
    /// @dev One slot.
    struct EpochFees {
        uint128 accruedWei;
        uint128 burnedWei;
    }

    /// @notice Highest protocol fee that a deployment can have: 5 %.
    uint32 public constant MAXIMUM_FEE_PPM = 50_000;
    /// @notice Length of a fee epoch. Epoch numbers count from the Unix epoch.
    uint64 public constant FEE_EPOCH_SECONDS = 7 days;

    uint32 private immutable FEE_PPM;
    mapping(uint64 epoch => EpochFees fees) private _fees;
    mapping(uint64 epoch => mapping(address payee => uint256 amountWei)) private _payeeFeesWei;

    constructor(uint32 feePpm) {
        if (feePpm > MAXIMUM_FEE_PPM) revert Escrow_FeeAboveMaximum(feePpm, MAXIMUM_FEE_PPM);
        FEE_PPM = feePpm;
    }

    /// @inheritdoc IPaymentEscrow
    function burnFees(uint64 epoch) external {
        EpochFees storage fees = _fees[epoch];
        uint128 amountWei = fees.accruedWei - fees.burnedWei;
        if (amountWei == 0) revert Escrow_NothingToBurn(epoch);
        fees.burnedWei = fees.accruedWei;
        emit FeesBurned(epoch, amountWei);
        ERC20Burnable(address(TOKEN)).burn(amountWei);
    }

    /// @inheritdoc IPaymentEscrow
    function protocolFeePpm() external view returns (uint32 feePpm) {
        return FEE_PPM;
    }

    /// @inheritdoc IPaymentEscrow
    function feesOf(uint64 epoch) external view returns (uint128 accruedWei, uint128 burnedWei) {
        return (_fees[epoch].accruedWei, _fees[epoch].burnedWei);
    }

    /// @inheritdoc IPaymentEscrow
    function payeeFeesWei(uint64 epoch, address payee) external view returns (uint256 amountWei) {
        return _payeeFeesWei[epoch][payee];
    }

    /// @dev The payee's share of the epoch is what a rebate is measured by.
    function _accrue(address payee, uint256 amountWei) internal {
        if (amountWei == 0) return;
        uint64 epoch = uint64(block.timestamp) / FEE_EPOCH_SECONDS;
        _fees[epoch].accruedWei += uint128(amountWei);
        _payeeFeesWei[epoch][payee] += amountWei;
    }

    /// @dev Rounded down, in the payee's favour.
    function _feeOf(uint96 paidWei) internal view returns (uint256 feeWei) {
        unchecked {
            // 96 bits and 32 bits.
            return (uint256(paidWei) * FEE_PPM) / 1_000_000;
        }
    }
}
