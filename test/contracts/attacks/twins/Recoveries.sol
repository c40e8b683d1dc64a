// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice An escrow and its recovery in one. Bug: a freeze that nothing can settle ends by closing the pool's epoch, and
/// vouchers of before are void, while the pool stays whole.
contract VoidsOnRelease is PlainEscrow {
    mapping(address payer => uint64 epoch) private _epochs;
    mapping(address payer => uint256 declaredAt) private _declaredAt;

    constructor(IERC20 token) PlainEscrow(token) {}

    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        require(_isSigned(voucher, signature, 0), "signature");
        require(voucher.cumulativeWei > _accounts[_key(voucher.payer, address(0))].balanceWei, "no shortfall");
        require(_declaredAt[voucher.payer] == 0, "declared");
        _declaredAt[voucher.payer] = block.timestamp;
    }

    function release(address payer) external {
        require(block.timestamp >= _declaredAt[payer] + 3 days, "cure time");
        _declaredAt[payer] = 0;
        ++_epochs[payer];
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(v.epoch == _epochs[v.payer] && _declaredAt[v.payer] == 0, "epoch");
        return super._collect(v, signature);
    }
}

/// @notice An escrow and its recovery in one. Bug: the thaw of a pool goes on while a freeze keeps payees from collecting, and
/// may end with it.
contract ThawsWhileFrozen is PlainEscrow {
    mapping(address payer => uint256 declaredAt) private _declaredAt;

    constructor(IERC20 token) PlainEscrow(token) {}

    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        require(_isSigned(voucher, signature, 0), "signature");
        require(voucher.cumulativeWei > _accounts[_key(voucher.payer, address(0))].balanceWei, "no shortfall");
        require(_declaredAt[voucher.payer] == 0, "declared");
        _declaredAt[voucher.payer] = block.timestamp;
    }

    function release(address payer) external {
        require(block.timestamp >= _declaredAt[payer] + 3 days, "cure time");
        _declaredAt[payer] = 0;
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(_declaredAt[v.payer] == 0, "frozen");
        return super._collect(v, signature);
    }
}

/// @notice An escrow and its recovery in one. Bug: a session key's promise counts in full, whatever it may spend, and a cure
/// pays it as a collection would.
contract PromisesAboveCaps is PlainEscrow {
    mapping(address payer => bool frozen) private _frozen;

    constructor(IERC20 token) PlainEscrow(token) {}

    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        require(_isSigned(voucher, signature, 0), "signature");
        require(voucher.cumulativeWei > _accounts[_key(voucher.payer, address(0))].balanceWei, "no shortfall");
        _frozen[voucher.payer] = true;
    }

    function cure(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        _frozen[voucher.payer] = false;
        require(_collect(voucher, signature) == voucher.cumulativeWei, "short");
    }

    function isPoolFrozen(address payer) external view returns (bool frozen) {
        return _frozen[payer];
    }
}
