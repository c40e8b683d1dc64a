// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";

/// @notice Bug: two heads contradict each other only when they have one size and two roots. Signatures and paths are
/// not what it is about, and not checked.
contract ComparesHeadsOfOneSize {
    IStaking private immutable STAKING;

    constructor(IStaking staking) {
        STAKING = staking;
    }

    function proveSplitView(
        address coordinator,
        uint64,
        IFaultProofs.ShownHead calldata first,
        IFaultProofs.ShownHead calldata second
    ) external {
        require(first.head.size == second.head.size && first.head.root != second.head.root, "no contradiction");
        (, uint128 stakedWei, , ) = STAKING.stakeOf(coordinator);
        STAKING.slash(coordinator, stakedWei / 2, msg.sender);
    }
}

/// @notice Bug: a line is measured by itself, and not by the voucher that its creditor put on record.
contract TrustsTheLine {
    IStaking private immutable STAKING;

    constructor(IStaking staking) {
        STAKING = staking;
    }

    function exhibit(IPaymentEscrow.Voucher calldata, bytes calldata) external pure {
        return;
    }

    function proveUnderstated(Liability calldata line, LiabilityPath calldata, bytes32, Anchor[] calldata) external {
        require(line.outstandingWei < line.cumulativeWei, "line covers");
        (, uint128 stakedWei, , ) = STAKING.stakeOf(line.payer);
        STAKING.slash(line.payer, stakedWei / 2, msg.sender);
    }
}
