// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Court} from "../../../../contracts/disputes/Court.sol";
import {Demands} from "../../../../contracts/disputes/Demands.sol";
import {FaultProofs} from "../../../../contracts/disputes/FaultProofs.sol";
import {ReceiptLedger} from "../../../../contracts/ledger/ReceiptLedger.sol";
import {PaymentEscrow} from "../../../../contracts/payments/PaymentEscrow.sol";
import {Recovery} from "../../../../contracts/payments/Recovery.sol";
import {BlockRandomness} from "../../../../contracts/randomness/BlockRandomness.sol";
import {Rewards} from "../../../../contracts/rewards/Rewards.sol";
import {Staking} from "../../../../contracts/staking/Staking.sol";
import {LodeToken} from "../../../../contracts/token/LodeToken.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title Who takes part: three clients, two coordinators, four miners, and six more miners who only sit on juries
/// @notice Users are named by their number: clients from 0, coordinators from 3, miners from 5, jurors from 9.
abstract contract Cast is Jobs {
    struct System {
        AccessManager manager;
        LodeToken token;
        Staking staking;
        PaymentEscrow escrow;
        ReceiptLedger ledger;
        BlockRandomness randomness;
        Recovery recovery;
        Rewards rewards;
        FaultProofs faultProofs;
        Demands demands;
        Court court;
    }

    uint256 internal constant CLIENTS = 3;
    uint256 internal constant FIRST_COORDINATOR = 3;
    uint256 internal constant COORDINATORS = 2;
    uint256 internal constant FIRST_MINER = 5;
    uint256 internal constant MINERS = 4;
    uint256 internal constant FIRST_JUROR = 9;
    uint256 internal constant USERS = 15;
    /// @dev Clients, coordinators and the miners that serve.
    uint256 internal constant TRADERS = 9;
    uint8 internal constant DEDICATED = 0;
    /// @dev Stands for a kind of case that does not exist yet: it may slash and freeze, like those that do.
    address internal constant BAILIFF = address(0xBA111FF);
    /// @dev Where the last miner has its earnings paid to.
    address internal constant VAULT = address(0x7A017);

    address[] internal users;
    mapping(address account => uint256 user) private _numbers;

    constructor() {
        for (uint256 i = 0; i < USERS; ++i) {
            users.push(VM.addr(_keyOf(i)));
            _numbers[users[i]] = i;
        }
    }

    /// @dev A world deploys; whoever acts in it does not.
    function setUp() public virtual override {}

    function _enter(System memory system) internal {
        (manager, token, staking, escrow) = (system.manager, system.token, system.staking, system.escrow);
        (ledger, randomness, recovery) = (system.ledger, system.randomness, system.recovery);
        (rewards, faultProofs) = (system.rewards, system.faultProofs);
        (demands, court) = (system.demands, system.court);
        _learnDomain();
    }

    function _numberOf(address account) internal view returns (uint256 user) {
        return _numbers[account];
    }

    function _keyOf(uint256 user) internal pure returns (uint256 key) {
        return 0xACE000 + user;
    }

    function _client(uint256 seed) internal pure returns (uint256 user) {
        return seed % CLIENTS;
    }

    function _coordinator(uint256 seed) internal pure returns (uint256 user) {
        return FIRST_COORDINATOR + (seed % COORDINATORS);
    }

    function _worker(uint256 seed) internal pure returns (uint256 user) {
        return FIRST_MINER + (seed % MINERS);
    }

    /// @dev A coordinator or a miner.
    function _staker(uint256 seed) internal pure returns (uint256 user) {
        return FIRST_COORDINATOR + (seed % (COORDINATORS + MINERS));
    }

    function _isCoordinator(uint256 user) internal pure returns (bool isOne) {
        return user >= FIRST_COORDINATOR && user < FIRST_MINER;
    }

    function _least(uint256 left, uint256 right) internal pure returns (uint256 least) {
        return left < right ? left : right;
    }
}
