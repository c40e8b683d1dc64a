// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IReceiptLedger} from "../interfaces/IReceiptLedger.sol";
import {Anchor, Anchors} from "../libraries/Anchors.sol";
import {IStaking} from "../interfaces/IStaking.sol";

/// @title ReceiptLedger
/// @notice See IReceiptLedger. It holds no money and judges nothing: it fixes what a coordinator said, and when.
contract ReceiptLedger is IReceiptLedger, EIP712 {
    /// @dev Two slots, overwritten by every anchor. The roots themselves are in the events; the commitment chains them, so
    /// that any past anchor can be proved to a contract by showing the anchors since.
    struct Head {
        bytes32 commitment;
        uint64 epoch;
        uint64 size;
        uint64 anchoredAt;
    }

    IStaking private immutable STAKING;
    mapping(address coordinator => Head head) private _heads;

    constructor(IStaking staking) EIP712("Lode ReceiptLedger", "1") {
        if (address(staking) == address(0)) revert Ledger_ZeroAddress();
        STAKING = staking;
    }

    /// @inheritdoc IReceiptLedger
    function anchor(
        address coordinator,
        bytes32 root,
        uint64 size,
        bytes32 liabilitiesRoot,
        bytes32 nextNonceHash
    ) external {
        if (msg.sender != coordinator && msg.sender != STAKING.operatorOf(coordinator)) {
            revert Ledger_NotAuthorized(msg.sender, coordinator);
        }
        Head storage head = _heads[coordinator];
        uint64 epoch = head.epoch;
        // The role is checked once: a coordinator that unstakes may still anchor what it owes.
        if (epoch == 0) {
            (IStaking.Role role, , , ) = STAKING.stakeOf(coordinator);
            if (role != IStaking.Role.Coordinator) revert Ledger_NotCoordinator(coordinator);
        }
        if (size < head.size) revert Ledger_SizeShrank(size, head.size);
        ++epoch;
        uint64 anchoredAt = uint64(block.timestamp);
        head.commitment = Anchors.extend(
            head.commitment,
            Anchor(root, liabilitiesRoot, nextNonceHash, epoch, size, anchoredAt)
        );
        (head.epoch, head.size, head.anchoredAt) = (epoch, size, anchoredAt);
        emit Anchored(coordinator, epoch, size, root, liabilitiesRoot, nextNonceHash);
    }

    /// @inheritdoc IReceiptLedger
    function headOf(
        address coordinator
    ) external view returns (uint64 epoch, uint64 size, uint64 anchoredAt, bytes32 commitment) {
        Head storage head = _heads[coordinator];
        return (head.epoch, head.size, head.anchoredAt, head.commitment);
    }

    /// @inheritdoc IReceiptLedger
    function domainSeparator() external view returns (bytes32 separator) {
        return _domainSeparatorV4();
    }
}
