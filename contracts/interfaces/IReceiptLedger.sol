// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Anchors of the coordinators' receipt logs
/// @notice Once an epoch a coordinator fixes its log's root and size and its liabilities root. Sizes only grow.
interface IReceiptLedger {
    event Anchored(
        address indexed coordinator,
        uint64 indexed epoch,
        uint64 size,
        bytes32 root,
        bytes32 liabilitiesRoot,
        bytes32 nextNonceHash
    );

    error Ledger_ZeroAddress();
    error Ledger_NotAuthorized(address caller, address coordinator);
    error Ledger_NotCoordinator(address account);
    error Ledger_SizeShrank(uint64 size, uint64 anchoredSize);

    /// @notice Anchors the log of `coordinator`; the caller is the coordinator or its operator.
    /// @param root RFC 6962 keccak256 root over the first `size` receipts.
    /// @param size Receipts in the log, not below the last anchor's.
    /// @param liabilitiesRoot Root of the sum tree over what the coordinator owes each payee.
    /// @param nextNonceHash keccak256 of the secret that keys the next epoch's coordinator nonces.
    function anchor(
        address coordinator,
        bytes32 root,
        uint64 size,
        bytes32 liabilitiesRoot,
        bytes32 nextNonceHash
    ) external;

    /// @notice Last anchor: number of anchors so far, size, time, and the chained commitment
    /// keccak256(previous commitment, root, liabilitiesRoot, nextNonceHash, epoch, size, time).
    function headOf(
        address coordinator
    ) external view returns (uint64 epoch, uint64 size, uint64 anchoredAt, bytes32 commitment);

    /// @notice EIP-712 domain separator under which receipts and assignments are signed.
    function domainSeparator() external view returns (bytes32 separator);
}
