// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {Rfc6962} from "../libraries/Rfc6962.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title Which receipts of an anchored log are drawn to be checked
/// @notice Commit, then draw: the log is anchored before the moment that draws from it is fixed, by whoever comes first.
abstract contract Draws is ICourt, Verdicts {
    /// @dev A wrong receipt must lose, on the average of its draws, this many times what it could have earned.
    uint256 private constant LOSS_FACTOR = 2;

    uint32 internal immutable DRAW_RATE_PPM;
    /// @dev What any fault of a miner costs at least, whatever it has at stake: see Verdicts.
    uint256 private immutable LEAST_PENALTY_WEI;
    IRandomness internal immutable RANDOMNESS;

    mapping(address coordinator => mapping(uint64 epoch => uint64 moment)) private _moments;

    constructor(IRandomness randomness, uint32 drawRatePpm) {
        if (address(randomness) == address(0)) revert Court_ZeroAddress();
        if (drawRatePpm > PPM) revert Court_RateAboveMaximum(drawRatePpm);
        (RANDOMNESS, DRAW_RATE_PPM) = (randomness, drawRatePpm);
        LEAST_PENALTY_WEI = STAKING.minimumStakeWei(IStaking.Role.Miner) / 2;
    }

    /// @inheritdoc ICourt
    function scheduleDraw(address coordinator) external returns (uint64 moment) {
        (uint64 epoch, , , ) = LEDGER.headOf(coordinator);
        if (epoch == 0) revert Court_NothingAnchored(coordinator);
        if (_moments[coordinator][epoch] != 0) revert Court_DrawAlreadyScheduled(coordinator, epoch);
        moment = RANDOMNESS.nextMoment();
        _moments[coordinator][epoch] = moment;
        emit DrawScheduled(coordinator, epoch, moment);
    }

    /// @inheritdoc ICourt
    function drawRatePpm(uint128 amountWei) public view returns (uint32 ratePpm) {
        uint256 owedPpm = (amountWei * LOSS_FACTOR * PPM) / LEAST_PENALTY_WEI;
        if (owedPpm <= DRAW_RATE_PPM) return DRAW_RATE_PPM;
        return owedPpm < PPM ? uint32(owedPpm) : uint32(PPM);
    }

    /// @inheritdoc ICourt
    function isDrawn(
        address coordinator,
        uint64 epoch,
        bytes32 receipt,
        uint128 amountWei
    ) external view returns (bool drawn) {
        return _roll(coordinator, epoch, receipt) < drawRatePpm(amountWei);
    }

    function _checkDrawn(
        address coordinator,
        bytes32 receipt,
        uint128 amountWei,
        uint64 index,
        bytes32[] calldata path,
        Anchor calldata anchor
    ) internal view {
        if (!Rfc6962.verifyInclusion(Rfc6962.leafHash(receipt), index, anchor.size, path, anchor.root)) {
            revert Court_NotInLog(receipt, anchor.root);
        }
        uint256 roll = _roll(coordinator, anchor.epoch, receipt);
        uint32 ratePpm = drawRatePpm(amountWei);
        if (roll >= ratePpm) revert Court_NotDrawn(receipt, roll, ratePpm);
    }

    function _roll(address coordinator, uint64 epoch, bytes32 receipt) private view returns (uint256 roll) {
        uint64 moment = _moments[coordinator][epoch];
        if (moment == 0) revert Court_NotScheduled(coordinator, epoch);
        return uint256(keccak256(abi.encode(RANDOMNESS.valueAt(moment), receipt))) % PPM;
    }
}
