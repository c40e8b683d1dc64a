// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {BatchProof} from "../../../../contracts/libraries/Evidence.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @title What a judge asks of a staking contract beside slashing
abstract contract FreezableStaking is PlainStaking {
    mapping(address staker => uint256 cases) internal _cases;

    function freeze(address staker) external virtual {
        ++_cases[staker];
    }

    function unfreeze(address staker) external virtual {
        --_cases[staker];
    }

    function withdraw() external override {
        Stake storage stake = _stakes[msg.sender];
        uint256 amountWei = stake.thawingWei;
        require(amountWei != 0 && block.timestamp >= stake.thawEndsAt, "thawing");
        require(_cases[msg.sender] == 0, "frozen");
        (stake.thawingWei, stake.thawEndsAt) = (0, 0);
        require(TOKEN.transfer(msg.sender, amountWei), "transfer");
    }

    function signsFor(address staker, address key) external pure returns (bool signs) {
        return staker == key;
    }

    function payoutOf(address staker) external pure returns (address payout) {
        return staker;
    }
}

/// @notice Bug: a thaw is shorter than the time in which cases open.
contract ThawsInADay is FreezableStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function startThaw(uint128 amountWei) external override {
        Stake storage stake = _stakes[msg.sender];
        stake.stakedWei -= amountWei;
        (stake.thawingWei, stake.thawEndsAt) = (amountWei, block.timestamp + 1 days);
    }
}

/// @notice Bug: an open case does not stop a withdrawal.
contract FreezesNothing is FreezableStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    function freeze(address staker) external override {
        _cases[staker] = 0;
    }

    function unfreeze(address staker) external override {
        _cases[staker] = 0;
    }
}

/// @notice Bug: the end of the time for cases is added up in 64 bits. What is demanded is not what it is about.
contract WindowRunsOver {
    function demandOpening(
        Assignment calldata assignment,
        BatchProof calldata,
        Receipt calldata,
        BatchProof calldata
    ) external view returns (uint256 id) {
        uint64 until = assignment.deadline + 4 days;
        require(block.timestamp <= until, "too late");
        return 1;
    }
}
