// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IIntake} from "../../../../contracts/interfaces/IIntake.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {LodeToken} from "../../../../contracts/token/LodeToken.sol";
import {Actor} from "../support/Actor.sol";

/// @title A guardian that stops intake whenever it can, and people who try what only roles may
abstract contract GuardActor is Actor {
    uint256 private constant ROLES = 5;

    /// @notice Until when intake is stopped, by the staking contract (0) and the escrow (1).
    uint256[2] public pausedUntil;
    uint256[2] private _startedAt;
    bytes32 private immutable FIRST_ROLES;

    error Guard_Rehearsed(bool done);

    constructor() {
        _act("pauseIntake(uint256)");
        _act("resumeIntake(uint256)");
        _act("trespass(uint256,uint256)");
        _act("tryIntake(uint256)");
        FIRST_ROLES = _roles();
    }

    function pauseIntake(uint256 contractNumber) external watched {
        uint256 which = contractNumber % 2;
        VM.prank(GUARDIAN);
        _intake(which).pauseIntake();
        uint256 startedAt = _startedAt[which];
        _hold(startedAt == 0 || block.timestamp >= startedAt + 28 days, "72: paused again without a rest");
        (_startedAt[which], pausedUntil[which]) = (block.timestamp, block.timestamp + 14 days);
    }

    function resumeIntake(uint256 contractNumber) external watched {
        uint256 which = contractNumber % 2;
        VM.prank(GUARDIAN);
        _intake(which).resumeIntake();
        pausedUntil[which] = block.timestamp;
    }

    /// @notice Any user tries anything that needs a role.
    function trespass(uint256 who, uint256 what) external watched {
        address user = users[who % USERS];
        (address target, bytes memory call) = _privileged(user, what % 14);
        VM.prank(user);
        (bool done, ) = target.call(call);
        _hold(!done, "71: somebody did what needs a role");
    }

    /// @notice What a pause stops, and what it does not: each is tried and undone.
    function tryIntake(uint256 who) external watched {
        address client = users[_client(who)];
        bytes memory call = abi.encodeCall(IPaymentEscrow.deposit, (client, address(0xACC), 1));
        _hold(_works(client, address(escrow), call) == !_isPaused(1), "73: new accounts, unless paused");
        call = abi.encodeCall(IStaking.register, (IStaking.Role.Miner, MINER_MINIMUM, address(0), address(0), 0));
        _hold(_works(client, address(staking), call) == !_isPaused(0), "73: new stakes, unless paused");
        address staker = users[_staker(who)];
        (IStaking.Role role, , , ) = staking.stakeOf(staker);
        call = abi.encodeCall(IStaking.topUp, (staker, 1));
        _hold(_works(client, address(staking), call) == (role != IStaking.Role.None), "73: more stake at any time");
        (uint128 balanceWei, , , ) = escrow.accountOf(client, users[FIRST_COORDINATOR]);
        call = abi.encodeCall(IPaymentEscrow.deposit, (client, users[FIRST_COORDINATOR], 1));
        bool isWelcome = balanceWei != 0 || !_isPaused(1);
        _hold(_works(client, address(escrow), call) == isWelcome, "73: a known account at any time");
    }

    /// @notice Not an action: says whether a call works, and undoes it.
    function rehearse(address from, address target, bytes calldata call) external {
        VM.prank(from);
        (bool done, ) = target.call(call);
        revert Guard_Rehearsed(done);
    }

    /// @notice Whether the same accounts hold the same roles as in the beginning.
    function hasFirstRoles() external view returns (bool same) {
        return _roles() == FIRST_ROLES;
    }

    function _works(address from, address target, bytes memory call) private returns (bool works) {
        try this.rehearse(from, target, call) {
            return false;
        } catch (bytes memory reason) {
            return keccak256(reason) == keccak256(abi.encodeWithSelector(Guard_Rehearsed.selector, true));
        }
    }

    function _isPaused(uint256 which) private view returns (bool isPaused) {
        return block.timestamp < pausedUntil[which];
    }

    function _intake(uint256 which) private view returns (IIntake intake) {
        return which == 0 ? IIntake(address(staking)) : IIntake(address(escrow));
    }

    /// @dev Everything that the access manager guards, and the manager's own doors.
    function _privileged(address user, uint256 what) private view returns (address target, bytes memory call) {
        address victim = users[what % TRADERS];
        if (what < 3) return (address(staking), _onStaking(user, victim, what));
        if (what < 6) return (address(escrow), _onEscrow(user, victim, what));
        if (what == 6) return (address(token), abi.encodeCall(LodeToken.mint, (user, 1 ether)));
        if (what == 7) return (address(staking), abi.encodeCall(IIntake.pauseIntake, ()));
        if (what == 8) return (address(escrow), abi.encodeCall(IIntake.pauseIntake, ()));
        if (what == 9) return (address(staking), abi.encodeCall(IIntake.resumeIntake, ()));
        return (address(manager), _onManager(user, what));
    }

    function _onStaking(address user, address victim, uint256 what) private pure returns (bytes memory call) {
        if (what == 0) return abi.encodeCall(IStaking.slash, (victim, 1 ether, user));
        return what == 1 ? abi.encodeCall(IStaking.freeze, (victim)) : abi.encodeCall(IStaking.unfreeze, (victim));
    }

    function _onEscrow(address user, address victim, uint256 what) private pure returns (bytes memory call) {
        if (what == 3) return abi.encodeCall(IPaymentEscrow.freezePool, (victim));
        if (what == 4) return abi.encodeCall(IPaymentEscrow.releasePool, (victim));
        return abi.encodeCall(IPaymentEscrow.closePool, (victim, 1 ether, user));
    }

    function _onManager(address user, uint256 what) private view returns (bytes memory call) {
        if (what == 10) return abi.encodeCall(AccessManager.grantRole, (MINTER, user, 0));
        if (what == 11) return abi.encodeCall(AccessManager.revokeRole, (RECOVERER, address(recovery)));
        if (what == 12) return abi.encodeCall(AccessManager.updateAuthority, (address(token), user));
        return abi.encodeCall(AccessManager.setTargetClosed, (address(escrow), true));
    }

    /// @dev Who holds which role, of all accounts that there are.
    function _roles() private view returns (bytes32 roles) {
        for (uint64 role = 0; role < ROLES; ++role) {
            for (uint256 i = 0; i < USERS; ++i) roles = _with(roles, role, users[i]);
            address[9] memory others = [
                BAILIFF,
                GUARDIAN,
                address(WORLD),
                address(rewards),
                address(recovery),
                address(faultProofs),
                address(demands),
                address(court),
                address(this)
            ];
            for (uint256 i = 0; i < others.length; ++i) roles = _with(roles, role, others[i]);
        }
    }

    function _with(bytes32 roles, uint64 role, address account) private view returns (bytes32 longer) {
        (bool isMember, ) = manager.hasRole(role, account);
        return keccak256(abi.encode(roles, role, account, isMember));
    }
}
