// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What one anchor said, and when the chain took it.
struct Anchor {
    bytes32 root;
    bytes32 liabilitiesRoot;
    bytes32 nextNonceHash;
    uint64 epoch;
    uint64 size;
    uint64 anchoredAt;
}

/// @title The chain of anchors behind a ledger's stored commitment
library Anchors {
    /// @notice The commitment after `anchor`, given the one before it.
    function extend(bytes32 previous, Anchor memory anchor) internal pure returns (bytes32 commitment) {
        return
            keccak256(
                abi.encode(
                    previous,
                    anchor.root,
                    anchor.liabilitiesRoot,
                    anchor.nextNonceHash,
                    anchor.epoch,
                    anchor.size,
                    anchor.anchoredAt
                )
            );
    }

    /// @notice Whether `shown`, in order from the commitment `previous`, ends in `head`: then the first of them, which
    /// the caller is interested in, was anchored.
    function endsIn(Anchor[] calldata shown, bytes32 previous, bytes32 head) internal pure returns (bool reaches) {
        if (shown.length == 0) return false;
        bytes32 commitment = previous;
        for (uint256 i = 0; i < shown.length; ++i) commitment = extend(commitment, shown[i]);
        return commitment == head;
    }
}
