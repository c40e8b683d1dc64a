// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDrandRandomness} from "../interfaces/IDrandRandomness.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {Bn254} from "../libraries/Bn254.sol";

/// @title DrandRandomness
/// @notice See IDrandRandomness. The network is fixed at deployment; what is trusted is in this folder's README.
contract DrandRandomness is IDrandRandomness {
    /// @dev An L1's proposer sees rounds until its slot is over, one slot after the time that its block carries.
    uint64 internal constant MINIMUM_MARGIN = 12;
    /// @dev As far as a rollup's rules let its clock lag, at most; a longer wait would only delay cases.
    uint64 internal constant MAXIMUM_MARGIN = 1 days;
    bytes internal constant DST = "BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_";

    uint256 private immutable KEY_X_IMAGINARY;
    uint256 private immutable KEY_X_REAL;
    uint256 private immutable KEY_Y_IMAGINARY;
    uint256 private immutable KEY_Y_REAL;
    uint64 private immutable GENESIS;
    uint64 private immutable PERIOD;
    uint64 private immutable MARGIN;
    mapping(uint64 round => bytes32 value) private _values;

    /// @param publicKey The network's key, imaginary parts first.
    /// @param genesis Unix time of round 1.
    /// @param period Seconds from one round to the next.
    /// @param margin Seconds that lie at least between an act and its round.
    constructor(uint256[4] memory publicKey, uint64 genesis, uint64 period, uint64 margin) {
        Bn254.G2Point memory key = Bn254.G2Point(publicKey[0], publicKey[1], publicKey[2], publicKey[3]);
        if (!Bn254.isValidKey(key)) revert Randomness_BadPublicKey();
        if (genesis == 0 || period == 0) revert Randomness_BadSchedule(genesis, period);
        if (margin < MINIMUM_MARGIN || margin > MAXIMUM_MARGIN) {
            revert Randomness_MarginOutOfBounds(margin, MINIMUM_MARGIN, MAXIMUM_MARGIN);
        }
        (KEY_X_IMAGINARY, KEY_X_REAL) = (publicKey[0], publicKey[1]);
        (KEY_Y_IMAGINARY, KEY_Y_REAL) = (publicKey[2], publicKey[3]);
        (GENESIS, PERIOD, MARGIN) = (genesis, period, margin);
    }

    /// @inheritdoc IDrandRandomness
    function submit(uint64 round, bytes calldata signature) external returns (bytes32 value) {
        value = _values[round];
        if (value != 0) return value;
        // Whoever can sign ahead of time shows it here no earlier than anybody else.
        if (block.timestamp < timeOf(round)) revert Randomness_NotYet(round);
        if (!_verifies(round, signature)) revert Randomness_BadSignature(round);
        value = keccak256(signature);
        _values[round] = value;
        emit RandomnessVerified(round, value);
    }

    /// @inheritdoc IRandomness
    function nextMoment() external view returns (uint64 moment) {
        uint256 from = block.timestamp + MARGIN;
        if (from < GENESIS) return 1;
        // Round 1 is at genesis, so this many rounds and one more are out at `from`; the one after is still to come.
        return uint64((from - GENESIS) / PERIOD) + 2;
    }

    /// @inheritdoc IRandomness
    function valueAt(uint64 moment) external view returns (bytes32 value) {
        if (moment == 0) revert Randomness_ZeroMoment();
        value = _values[moment];
        if (value == 0) revert Randomness_NotYet(moment);
    }

    /// @inheritdoc IRandomness
    function stateOf(uint64 moment) external view returns (State state) {
        return _values[moment] == 0 ? State.Pending : State.Ready;
    }

    /// @inheritdoc IDrandRandomness
    function network()
        external
        view
        returns (uint256[4] memory publicKey, uint64 genesis, uint64 period, uint64 margin)
    {
        publicKey = [KEY_X_IMAGINARY, KEY_X_REAL, KEY_Y_IMAGINARY, KEY_Y_REAL];
        return (publicKey, GENESIS, PERIOD, MARGIN);
    }

    /// @inheritdoc IDrandRandomness
    function timeOf(uint64 round) public view returns (uint256 time) {
        if (round == 0) revert Randomness_ZeroMoment();
        return uint256(GENESIS) + uint256(round - 1) * PERIOD;
    }

    /// @dev The message is the hash of the round's eight bytes. Bytes after the point would make other values of the same
    /// signature, so there are none.
    function _verifies(uint64 round, bytes calldata signature) private view returns (bool verified) {
        if (signature.length != 64) return false;
        (uint256 x, uint256 y) = abi.decode(signature, (uint256, uint256));
        bytes memory message = abi.encodePacked(keccak256(abi.encodePacked(round)));
        return
            Bn254.verify(
                Bn254.G1Point(x, y),
                Bn254.hashToG1(DST, message),
                Bn254.G2Point(KEY_X_IMAGINARY, KEY_X_REAL, KEY_Y_IMAGINARY, KEY_Y_REAL)
            );
    }
}
