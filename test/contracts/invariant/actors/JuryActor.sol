// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {Work} from "../support/Work.sol";

/// @title Miners that join juries, change their stakes, and leave; and values that are kept
abstract contract JuryActor is Work {
    /// @notice Whole LODE by which a juror was last weighed; zero for who is none.
    mapping(uint256 user => uint256 weight) public weights;
    mapping(uint256 user => bool seated) public seated;
    /// @notice Juries on which a user sits now.
    mapping(uint256 user => uint256 count) public duties;
    /// @notice Cases that wait for their jury.
    uint256 public waiting;
    /// @notice Values as they were first seen.
    mapping(uint64 moment => bytes32 value) public firstValues;
    uint64[] private _moments;

    constructor() {
        _withJurors = true;
        _act("joinJury(uint256)");
        _act("resignFromJury(uint256)");
        _act("reweigh(uint256)");
        _act("changeStake(uint256,uint256)");
        _act("keepValue(uint256)");
    }

    /// @notice Not an action: those who only judge sit from the beginning.
    function seatJurors() external {
        for (uint256 user = FIRST_JUROR; user < USERS; ++user) _join(user);
    }

    function joinJury(uint256 who) external watched {
        // The first that does not sit, from an arbitrary one on.
        for (uint256 i = 0; i < USERS - FIRST_MINER; ++i) {
            uint256 user = _jurorOf((who % (USERS - FIRST_MINER)) + i);
            if (!seated[user]) return _join(user);
        }
        revert Actor_NothingToDo();
    }

    /// @notice One time of two, so that there are juries.
    function resignFromJury(uint256 who) external watched {
        _need((who >> 8) % 2 == 0);
        uint256 user = _idle(who % (USERS - FIRST_MINER));
        _as(user);
        court.resign();
        _checkNoDraw();
        _hold(duties[user] == 0, "60: a juror left its case");
        (weights[user], seated[user]) = (0, false);
        --freezes[user];
    }

    function reweigh(uint256 who) external watched {
        uint256 user = _jurorOf(who);
        court.reweigh(users[user]);
        _checkNoDraw();
        weights[user] = _activeLode(user);
    }

    /// @notice Stake comes, thaws or leaves; weights stay as they were.
    function changeStake(uint256 who, uint256 amount) external watched {
        uint256 user = _jurorOf(who);
        (, uint128 activeWei, uint128 thawingWei, ) = staking.stakeOf(users[user]);
        if (thawingWei != 0 && amount % 4 == 0) {
            bool isFrozen = freezes[user] != 0;
            _consent(user, Place.Stake);
            _as(user);
            staking.withdraw();
            _hold(!isFrozen, "67: a juror's stake left");
        } else if (thawingWei == 0 && amount % 4 == 1 && activeWei > MINER_MINIMUM) {
            _as(user);
            staking.startThaw(uint128(_bound(amount, 1, activeWei - MINER_MINIMUM)));
        } else {
            _consent(user, Place.Wallet);
            _as(user);
            staking.topUp(users[user], uint128(_bound(amount, 1 ether, 900 ether)));
        }
    }

    /// @notice The value of one of the last 250 blocks.
    function keepValue(uint256 blocksAgo) external watched {
        uint256 back = 1 + (blocksAgo % 250);
        _need(block.number > back + 1);
        _keep(uint64(block.number - back));
    }

    /// @notice Moments whose values were kept.
    function keptMoments() external view returns (uint64[] memory moments) {
        return _moments;
    }

    /// @dev The first juror without a case, from an arbitrary one on; that one when there is none, to be refused.
    function _idle(uint256 from) private view returns (uint256 user) {
        for (uint256 i = 0; i < USERS - FIRST_MINER; ++i) {
            user = _jurorOf(from + i);
            if (seated[user] && duties[user] == 0) return user;
        }
    }

    function _join(uint256 user) private {
        _as(user);
        court.join();
        _checkNoDraw();
        (weights[user], seated[user]) = (_activeLode(user), true);
        ++freezes[user];
    }

    function _keep(uint64 moment) internal {
        bytes32 value = randomness.keep(moment);
        _hold(randomness.stateOf(moment) == IRandomness.State.Ready, "68: a kept value is not ready");
        if (firstValues[moment] != 0) {
            _hold(firstValues[moment] == value, "68: a value changed");
            return;
        }
        firstValues[moment] = value;
        _moments.push(moment);
    }

    /// @dev The miners that serve, and those that only judge.
    function _jurorOf(uint256 seed) internal pure returns (uint256 user) {
        return FIRST_MINER + (seed % (USERS - FIRST_MINER));
    }

    /// @dev Who could change weights while a draw is known would choose the jury.
    function _checkNoDraw() private {
        _hold(waiting == 0, "61: the jurors changed while a case waited for its jury");
    }

    function _activeLode(uint256 user) private view returns (uint256 units) {
        (, uint128 activeWei, , ) = staking.stakeOf(users[user]);
        return activeWei / 1 ether;
    }
}
