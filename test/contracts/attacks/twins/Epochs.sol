// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";
import {PlainUnpaid} from "./Unpaid.sol";

/// @notice Bug: a voucher of an epoch that is over counts as the last one.
contract ClaimsAcrossEpochs is PlainUnpaid {
    constructor(IStaking staking, IPaymentEscrow escrow) PlainUnpaid(staking, escrow) {}

    function _checkEpoch(IPaymentEscrow.Voucher calldata) internal pure override {
        return;
    }
}

/// @notice Bug: a voucher is put on record only when it promises more than any before it, of whatever epoch.
/// Signatures, paths and anchors are not what it is about, and not checked.
contract ExhibitsAcrossEpochs {
    IStaking private immutable STAKING;
    mapping(address payer => mapping(address payee => IFaultProofs.Exhibit shown)) private _exhibits;

    constructor(IStaking staking) {
        STAKING = staking;
    }

    function exhibit(IPaymentEscrow.Voucher calldata voucher, bytes calldata) external {
        IFaultProofs.Exhibit storage shown = _exhibits[voucher.payer][voucher.payee];
        require(voucher.cumulativeWei > shown.cumulativeWei, "not more");
        (shown.cumulativeWei, shown.epoch) = (voucher.cumulativeWei, voucher.epoch);
    }

    function proveUnderstated(Liability calldata line, LiabilityPath calldata, bytes32, Anchor[] calldata) external {
        IFaultProofs.Exhibit storage shown = _exhibits[line.payer][line.payee];
        require(line.epoch == shown.epoch && line.cumulativeWei < shown.cumulativeWei, "line covers");
        (, uint128 stakedWei, , ) = STAKING.stakeOf(line.payer);
        STAKING.slash(line.payer, stakedWei / 2, msg.sender);
    }
}
