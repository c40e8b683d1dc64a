// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Intake} from "../access/Intake.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {Permit} from "../interfaces/Permit.sol";

/// @title Staking
/// @notice See IStaking.
contract Staking is IStaking, Intake {
    using SafeERC20 for IERC20;
    using ExactTransfer for IERC20;

    /// @dev One slot: 8 + 96 + 96 + 40 + 16 bits. 96 bits hold 79 billion tokens of 18 decimals, above the token's cap.
    struct Stake {
        Role role;
        uint96 stakedWei;
        uint96 thawingWei;
        uint40 thawEndsAt;
        uint16 freezes;
    }

    /// @notice Seconds between asking for stake back and getting it: longer than the window in which cases open.
    uint64 public constant THAW_SECONDS = 7 days;

    IERC20 private immutable TOKEN;
    uint128 private immutable MINIMUM_MINER_WEI;
    uint128 private immutable MINIMUM_COORDINATOR_WEI;

    mapping(address staker => Stake stake) private _stakes;
    /// @dev Zero means the staker itself: the common case costs no slot. One key may serve several stakers: whatever it
    /// signs names the staker, and a staker that could claim a key for itself alone could keep others from registering.
    mapping(address staker => address operator) private _operators;
    mapping(address staker => address payout) private _payouts;
    /// @dev When a key stopped being the operator: what it signed before stays its staker's.
    mapping(address staker => mapping(address operator => uint64 replacedAt)) private _replacedAt;

    constructor(
        address authority,
        IERC20 token,
        uint128 minimumMinerWei,
        uint128 minimumCoordinatorWei
    ) AccessManaged(authority) {
        if (authority == address(0)) revert Staking_ZeroAddress();
        if (address(token) == address(0)) revert Staking_ZeroAddress();
        if (minimumMinerWei == 0 || minimumCoordinatorWei == 0) revert Staking_ZeroAmount();
        TOKEN = token;
        MINIMUM_MINER_WEI = minimumMinerWei;
        MINIMUM_COORDINATOR_WEI = minimumCoordinatorWei;
    }

    /// @inheritdoc IStaking
    function register(
        Role role,
        uint128 amountWei,
        address operator,
        address payout,
        bytes32 capabilitiesHash
    ) external {
        _register(role, amountWei, operator, payout, capabilitiesHash);
    }

    /// @inheritdoc IStaking
    function registerWithPermit(
        Role role,
        uint128 amountWei,
        address operator,
        address payout,
        bytes32 capabilitiesHash,
        Permit calldata permit
    ) external {
        TOKEN.permit(permit, amountWei);
        _register(role, amountWei, operator, payout, capabilitiesHash);
    }

    /// @inheritdoc IStaking
    function topUp(address staker, uint128 amountWei) external {
        if (amountWei == 0) revert Staking_ZeroAmount();
        Stake storage stake = _registered(staker);
        uint96 stakedWei = _toUint96(uint256(stake.stakedWei) + amountWei);
        stake.stakedWei = stakedWei;
        emit StakeAdded(staker, amountWei, stakedWei);
        _pull(amountWei);
    }

    /// @inheritdoc IStaking
    function setOperator(address operator) external {
        if (operator == address(0)) revert Staking_ZeroAddress();
        _registered(msg.sender);
        _replacedAt[msg.sender][operatorOf(msg.sender)] = uint64(block.timestamp);
        _operators[msg.sender] = operator == msg.sender ? address(0) : operator;
        emit OperatorChanged(msg.sender, operator);
    }

    /// @inheritdoc IStaking
    function setPayout(address payout) external {
        if (payout == address(0)) revert Staking_ZeroAddress();
        _registered(msg.sender);
        _payouts[msg.sender] = payout == msg.sender ? address(0) : payout;
        emit PayoutChanged(msg.sender, payout);
    }

    /// @inheritdoc IStaking
    function announceCapabilities(bytes32 capabilitiesHash) external {
        _registered(msg.sender);
        emit CapabilitiesAnnounced(msg.sender, capabilitiesHash);
    }

    /// @inheritdoc IStaking
    function startThaw(uint128 amountWei) external {
        if (amountWei == 0) revert Staking_ZeroAmount();
        Stake storage stake = _registered(msg.sender);
        // One thaw at a time: a queue could be filled by its owner to make slashing expensive.
        if (stake.thawingWei != 0) revert Staking_ThawInProgress(stake.thawEndsAt);
        if (amountWei > stake.stakedWei) revert Staking_InsufficientStake(stake.stakedWei, amountWei);
        uint96 leftWei = stake.stakedWei - uint96(amountWei);
        if (leftWei != 0 && leftWei < minimumStakeWei(stake.role)) {
            revert Staking_BelowMinimum(leftWei, minimumStakeWei(stake.role));
        }
        uint64 thawEndsAt = uint64(block.timestamp) + THAW_SECONDS;
        (stake.stakedWei, stake.thawingWei, stake.thawEndsAt) = (leftWei, uint96(amountWei), uint40(thawEndsAt));
        emit ThawStarted(msg.sender, amountWei, thawEndsAt, leftWei);
    }

    /// @inheritdoc IStaking
    function withdraw() external {
        Stake storage stake = _stakes[msg.sender];
        uint96 amountWei = stake.thawingWei;
        if (amountWei == 0) revert Staking_NothingThawing(msg.sender);
        if (block.timestamp < stake.thawEndsAt) revert Staking_StillThawing(stake.thawEndsAt);
        if (stake.freezes != 0) revert Staking_Frozen(msg.sender, stake.freezes);
        (stake.thawingWei, stake.thawEndsAt) = (0, 0);
        emit StakeWithdrawn(msg.sender, amountWei);
        TOKEN.safeTransfer(msg.sender, amountWei);
    }

    /// @inheritdoc IStaking
    function slash(
        address staker,
        uint128 amountWei,
        address recipient
    ) external restricted returns (uint128 takenWei) {
        if (recipient == address(0)) revert Staking_ZeroAddress();
        Stake storage stake = _registered(staker);
        uint96 stakedWei = stake.stakedWei;
        uint96 thawingWei = stake.thawingWei;
        uint128 fromActive = amountWei < stakedWei ? amountWei : stakedWei;
        uint128 rest = amountWei - fromActive;
        uint128 fromThawing = rest < thawingWei ? rest : thawingWei;
        stakedWei -= uint96(fromActive);
        thawingWei -= uint96(fromThawing);
        (stake.stakedWei, stake.thawingWei) = (stakedWei, thawingWei);
        takenWei = fromActive + fromThawing;
        emit StakeSlashed(staker, takenWei, stakedWei, thawingWei);
        TOKEN.safeTransfer(recipient, takenWei);
    }

    /// @inheritdoc IStaking
    function freeze(address staker) external restricted {
        Stake storage stake = _registered(staker);
        uint16 freezes = stake.freezes;
        if (freezes == type(uint16).max) revert Staking_TooManyCases(staker, freezes);
        ++freezes;
        stake.freezes = freezes;
        emit StakeFrozen(staker, msg.sender, freezes);
    }

    /// @inheritdoc IStaking
    function unfreeze(address staker) external restricted {
        Stake storage stake = _registered(staker);
        if (stake.freezes == 0) revert Staking_NotFrozen(staker);
        uint16 freezes = stake.freezes - 1;
        stake.freezes = freezes;
        emit StakeUnfrozen(staker, msg.sender, freezes);
    }

    /// @inheritdoc IStaking
    function stakeOf(
        address staker
    ) external view returns (Role role, uint128 stakedWei, uint128 thawingWei, uint64 thawEndsAt) {
        Stake storage stake = _stakes[staker];
        return (stake.role, stake.stakedWei, stake.thawingWei, stake.thawEndsAt);
    }

    /// @inheritdoc IStaking
    function freezesOf(address staker) external view returns (uint16 freezes) {
        return _stakes[staker].freezes;
    }

    /// @inheritdoc IStaking
    function signsFor(address staker, address key) external view returns (bool signs) {
        if (key == address(0)) return false;
        if (operatorOf(staker) == key) return true;
        uint64 replacedAt = _replacedAt[staker][key];
        return replacedAt != 0 && block.timestamp < replacedAt + THAW_SECONDS;
    }

    /// @inheritdoc IStaking
    function payoutOf(address staker) external view returns (address payout) {
        payout = _payouts[staker];
        return payout == address(0) ? staker : payout;
    }

    /// @inheritdoc IStaking
    function isActive(address staker, Role role) external view returns (bool active) {
        Stake storage stake = _stakes[staker];
        return role != Role.None && stake.role == role && stake.stakedWei >= minimumStakeWei(role);
    }

    /// @inheritdoc IStaking
    function operatorOf(address staker) public view returns (address operator) {
        if (_stakes[staker].role == Role.None) return address(0);
        operator = _operators[staker];
        return operator == address(0) ? staker : operator;
    }

    /// @inheritdoc IStaking
    function minimumStakeWei(Role role) public view returns (uint128 minimumWei) {
        if (role == Role.Miner) return MINIMUM_MINER_WEI;
        if (role == Role.Coordinator) return MINIMUM_COORDINATOR_WEI;
        revert Staking_RoleRequired();
    }

    function _register(
        Role role,
        uint128 amountWei,
        address operator,
        address payout,
        bytes32 capabilitiesHash
    ) private {
        if (role == Role.None) revert Staking_RoleRequired();
        _checkIntake();
        Stake storage stake = _stakes[msg.sender];
        if (stake.role != Role.None) revert Staking_AlreadyRegistered(msg.sender, stake.role);
        if (amountWei < minimumStakeWei(role)) revert Staking_BelowMinimum(amountWei, minimumStakeWei(role));
        (stake.role, stake.stakedWei) = (role, _toUint96(amountWei));
        if (operator == address(0)) operator = msg.sender;
        else if (operator != msg.sender) _operators[msg.sender] = operator;
        if (payout == address(0)) payout = msg.sender;
        else if (payout != msg.sender) _payouts[msg.sender] = payout;
        emit StakerRegistered(msg.sender, role, operator, payout, capabilitiesHash);
        emit StakeAdded(msg.sender, amountWei, amountWei);
        _pull(amountWei);
    }

    function _registered(address staker) private view returns (Stake storage stake) {
        stake = _stakes[staker];
        if (stake.role == Role.None) revert Staking_NotRegistered(staker);
    }

    function _pull(uint256 amountWei) private {
        uint256 receivedWei = TOKEN.pull(msg.sender, amountWei);
        if (receivedWei != amountWei) revert Staking_InexactTransfer(amountWei, receivedWei);
    }

    function _toUint96(uint256 amountWei) private pure returns (uint96 narrow) {
        if (amountWei > type(uint96).max) revert Staking_AmountTooLarge(amountWei);
        return uint96(amountWei);
    }
}
