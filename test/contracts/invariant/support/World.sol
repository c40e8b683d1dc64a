// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Cast} from "./Cast.sol";

/// @title A deployment as it is when nobody administers it any more, and what was seen to go wrong in it
contract World is Cast {
    uint128 internal constant MINER_STAKE = 4_000 ether;

    /// @notice Rules that an action saw broken.
    string[] public broken;
    /// @notice What users had wherever it may be: wallets, and what this contract kept of the genesis supply.
    uint256 public genesisWei;

    constructor() {
        _deploy();
        // The parties of the unit tests take no part.
        address[3] memory others = [CLIENT, COORDINATOR, MINER];
        for (uint256 i = 0; i < others.length; ++i) {
            uint256 balanceWei = token.balanceOf(others[i]);
            VM.prank(others[i]);
            VM.assertTrue(token.transfer(address(this), balanceWei), "transfer");
        }
        for (uint256 i = 0; i < USERS; ++i) _fund(users[i]);
        manager.grantRole(SLASHER, BAILIFF, 0);
        manager.revokeRole(MINTER, address(this));
        manager.revokeRole(RECOVERER, address(this));
        manager.revokeRole(SLASHER, address(this));
        manager.renounceRole(manager.ADMIN_ROLE(), address(this));
        genesisWei = token.totalSupply();
    }

    /// @notice Coordinators and miners stake. The last miner has its earnings sent to a vault.
    function enrol() external {
        for (uint256 i = FIRST_COORDINATOR; i < TRADERS; ++i) {
            bool isCoordinator = _isCoordinator(i);
            VM.prank(users[i]);
            staking.register(
                isCoordinator ? IStaking.Role.Coordinator : IStaking.Role.Miner,
                isCoordinator ? COORDINATOR_STAKE : MINER_STAKE,
                address(0),
                i == TRADERS - 1 ? VAULT : address(0),
                bytes32(0)
            );
        }
    }

    /// @notice The jurors stake, each another amount.
    function enrolJurors() external {
        for (uint256 i = FIRST_JUROR; i < USERS; ++i) {
            VM.prank(users[i]);
            staking.register(
                IStaking.Role.Miner,
                MINER_MINIMUM + uint128(i) * 100 ether,
                address(0),
                address(0),
                bytes32(0)
            );
        }
    }

    /// @notice An action saw a rule broken. Actions must not revert because of it: that would undo what they saw.
    function complain(string calldata rule) external {
        broken.push(rule);
    }

    function complaints() external view returns (uint256 count) {
        return broken.length;
    }

    function system() external view returns (System memory all) {
        return
            System(manager, token, staking, escrow, ledger, randomness, recovery, rewards, faultProofs, demands, court);
    }

    /// @dev Small enough to be reached.
    function _weeklyBudgetWei() internal pure override returns (uint256 amountWei) {
        return 1 ether;
    }

    /// @dev Half of all receipts, so that a few anchored ones suffice for a case.
    function _drawRatePpm() internal pure override returns (uint32 ratePpm) {
        return 500_000;
    }
}
