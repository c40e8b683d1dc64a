// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title The jurors: staked miners that opted in, drawn by stake
/// @notice A juror's stake stays frozen while it is one. Nobody joins, leaves or changes weight while a draw is pending:
/// who could move the others' places after the draw's value is known would choose the jury.
interface IJury {
    event JurorJoined(address indexed juror, uint256 seat, uint32 weight);
    event JurorReweighed(address indexed juror, uint32 weight);
    event JurorLeft(address indexed juror);

    error Jury_NotAMiner(address account);
    error Jury_AlreadyJoined(address juror);
    error Jury_NotAJuror(address account);
    error Jury_DrawPending(uint256 draws);
    error Jury_OnDuty(address juror, uint256 duties);
    error Jury_Full(uint256 seats);

    /// @notice Makes the caller, an active miner, a juror with the weight of its stake.
    function join() external;

    /// @notice Sets a juror's weight to its present active stake. Anyone may.
    function reweigh(address juror) external;

    /// @notice Ends the caller's service when no case needs it.
    function resign() external;

    /// @notice Weight in whole LODE (0 when no juror) and open duties.
    function jurorOf(address account) external view returns (uint32 weight, uint32 duties);

    /// @notice Sum of all jurors' weights, whole LODE.
    function totalWeight() external view returns (uint256 weight);

    /// @notice Cases whose jury is not drawn yet.
    function pendingDraws() external view returns (uint256 draws);
}
