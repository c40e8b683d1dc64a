// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Public randomness that nobody knows when it is asked for
/// @notice A caller fixes a moment with `nextMoment` in the transaction of the act that needs randomness, stores it, and reads
/// the value of that moment later. The moment is never chosen again: whoever could have a second draw would take it.
/// @dev Acts of one block share a moment and so a value. A caller hashes the value with what tells its draws apart, such as
/// the number of the case.
interface IRandomness {
    /// @notice What is known about a moment: nothing yet, its value, or that nobody will ever read its value here.
    enum State {
        Pending,
        Ready,
        Lost
    }

    /// @notice The value of this moment is not known yet.
    error Randomness_NotYet(uint64 moment);
    /// @notice The value of this moment can no longer be known.
    error Randomness_Lost(uint64 moment);
    /// @notice Zero is no moment; it is what a caller holds that has fixed none.
    error Randomness_ZeroMoment();

    /// @notice The moment that an act in this very block fixes.
    /// @return moment Later than anything that anybody knows now; its unit is the source's (a block, a round). Never zero.
    function nextMoment() external view returns (uint64 moment);

    /// @notice The value of `moment`: the same at every call once it is ready.
    /// @dev Reverts with Randomness_NotYet, Randomness_Lost or Randomness_ZeroMoment.
    /// @param moment What `nextMoment` returned at the act.
    function valueAt(uint64 moment) external view returns (bytes32 value);

    /// @notice The state of `moment`, without reverting. Lost is final. Ready is final once the value is stored. Zero stays
    /// pending for ever, so that a caller which has fixed no moment draws nothing and voids nothing.
    /// @param moment What `nextMoment` returned at the act.
    function stateOf(uint64 moment) external view returns (State state);
}
