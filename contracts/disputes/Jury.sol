// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJury} from "../interfaces/IJury.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title Jury
/// @notice See IJury.
abstract contract Jury is IJury, Verdicts {
    using SumTree for SumTree.Tree;

    /// @dev One slot. Seats count from one, so that zero is nobody.
    struct Juror {
        uint32 seat;
        uint32 duties;
    }

    /// @dev Weights count whole tokens: the token's cap of a billion fits a lane of the tree.
    uint256 private constant WEIGHT_UNIT = 1 ether;
    /// @dev A draw that meets the same jurors again and again gives up: then stake is too concentrated for a jury.
    uint256 private constant TRIES = 64;

    SumTree.Tree private _tree;
    mapping(address account => Juror juror) private _jurors;
    mapping(uint256 seat => address juror) private _seats;
    uint256[] private _freeSeats;
    uint256 private _seatCount;
    uint256 private _pending;

    /// @inheritdoc IJury
    function join() external {
        _checkNoDraw();
        if (!STAKING.isActive(msg.sender, IStaking.Role.Miner)) revert Jury_NotAMiner(msg.sender);
        if (_jurors[msg.sender].seat != 0) revert Jury_AlreadyJoined(msg.sender);
        uint256 seat = _takeSeat();
        uint32 weight = _weightOf(msg.sender);
        _jurors[msg.sender].seat = uint32(seat);
        _seats[seat] = msg.sender;
        _tree.set(seat - 1, weight);
        emit JurorJoined(msg.sender, seat, weight);
        STAKING.freeze(msg.sender);
    }

    /// @inheritdoc IJury
    function reweigh(address juror) external {
        _checkNoDraw();
        uint256 seat = _seatOf(juror);
        uint32 weight = _weightOf(juror);
        _tree.set(seat - 1, weight);
        emit JurorReweighed(juror, weight);
    }

    /// @inheritdoc IJury
    function resign() external {
        _checkNoDraw();
        uint256 seat = _seatOf(msg.sender);
        uint32 duties = _jurors[msg.sender].duties;
        if (duties != 0) revert Jury_OnDuty(msg.sender, duties);
        delete _jurors[msg.sender];
        delete _seats[seat];
        _freeSeats.push(seat);
        _tree.set(seat - 1, 0);
        emit JurorLeft(msg.sender);
        STAKING.unfreeze(msg.sender);
    }

    /// @inheritdoc IJury
    function jurorOf(address account) external view returns (uint32 weight, uint32 duties) {
        Juror storage juror = _jurors[account];
        return (juror.seat == 0 ? 0 : _tree.weightOf(juror.seat - 1), juror.duties);
    }

    /// @inheritdoc IJury
    function totalWeight() external view returns (uint256 weight) {
        return _tree.total();
    }

    /// @inheritdoc IJury
    function pendingDraws() external view returns (uint256 draws) {
        return _pending;
    }

    function _beginDraw() internal {
        ++_pending;
    }

    function _endDraw() internal {
        --_pending;
    }

    /// @dev `size` different jurors by stake, none of `excluded`; an empty list when there are not as many. It changes
    /// nothing: the same value gives the same jury.
    function _drawJury(
        bytes32 value,
        uint256 size,
        address[3] memory excluded
    ) internal view returns (address[] memory jury) {
        jury = new address[](size);
        uint256 total = _tree.total();
        uint256 found = 0;
        for (uint256 i = 0; total != 0 && found < size && i < TRIES; ++i) {
            uint256 point = uint256(keccak256(abi.encode(value, i))) % total;
            address juror = _seats[_tree.find(point) + 1];
            if (_isIn(juror, excluded) || _isAmong(juror, jury, found)) continue;
            jury[found++] = juror;
        }
        if (found < size) return new address[](0);
    }

    function _beginDuty(address juror) internal {
        ++_jurors[juror].duties;
    }

    function _endDuty(address juror) internal {
        --_jurors[juror].duties;
    }

    function _takeSeat() private returns (uint256 seat) {
        uint256 free = _freeSeats.length;
        if (free != 0) {
            seat = _freeSeats[free - 1];
            _freeSeats.pop();
            return seat;
        }
        seat = ++_seatCount;
        if (seat > SumTree.CAPACITY) revert Jury_Full(SumTree.CAPACITY);
    }

    function _checkNoDraw() private view {
        if (_pending != 0) revert Jury_DrawPending(_pending);
    }

    function _seatOf(address juror) private view returns (uint256 seat) {
        seat = _jurors[juror].seat;
        if (seat == 0) revert Jury_NotAJuror(juror);
    }

    function _weightOf(address account) private view returns (uint32 weight) {
        (, uint128 stakedWei, , ) = STAKING.stakeOf(account);
        uint256 units = stakedWei / WEIGHT_UNIT;
        return units > type(uint32).max ? type(uint32).max : uint32(units);
    }

    function _isIn(address account, address[3] memory list) private pure returns (bool isIn) {
        return account == list[0] || account == list[1] || account == list[2];
    }

    function _isAmong(address account, address[] memory list, uint256 count) private pure returns (bool isAmong) {
        for (uint256 i = 0; i < count; ++i) if (list[i] == account) return true;
        return false;
    }
}
