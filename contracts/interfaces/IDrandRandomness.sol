// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRandomness} from "./IRandomness.sol";

/// @title Randomness from the rounds of a drand network, verified on chain
/// @notice A moment is a round of a network of the scheme bls-bn254-unchained-on-g1 (evmnet): one threshold signature every
/// period. Anybody submits a published round; there is only one signature that verifies, so nobody chooses the value. No round
/// is ever lost: networks serve their past rounds.
interface IDrandRandomness is IRandomness {
    /// @notice `value` is stored as the value of `moment`.
    event RandomnessVerified(uint64 indexed moment, bytes32 value);

    /// @notice The key is no point of G2 other than infinity, with reduced coordinates.
    error Randomness_BadPublicKey();
    /// @notice The signature is not that of the round under this network's key, in its one encoding.
    error Randomness_BadSignature(uint64 moment);
    /// @notice A network has a genesis and a period above zero.
    error Randomness_BadSchedule(uint64 genesis, uint64 period);
    /// @notice The margin must be between `minimum` and `maximum` seconds.
    error Randomness_MarginOutOfBounds(uint64 margin, uint64 minimum, uint64 maximum);

    /// @notice Stores the value of a published round. Anybody may call it; a round that is stored already stays as it is.
    /// @dev Reverts with Randomness_ZeroMoment, Randomness_NotYet before the round's time, and Randomness_BadSignature.
    /// @param round The round, which is the moment.
    /// @param signature The network's signature as it is published: x and y of a G1 point, 32 bytes each, big-endian.
    /// @return value keccak256 of the signature.
    function submit(uint64 round, bytes calldata signature) external returns (bytes32 value);

    /// @notice When the network publishes `round`, in unix seconds.
    function timeOf(uint64 round) external view returns (uint256 time);

    /// @notice The network: public key (imaginary parts first, as drand publishes it), time of round 1, seconds from a round to
    /// the next, and the seconds that lie at least between an act and its round.
    function network()
        external
        view
        returns (uint256[4] memory publicKey, uint64 genesis, uint64 period, uint64 margin);
}
