// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IIntake} from "../../../../contracts/interfaces/IIntake.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @notice Bug: a pause can be renewed before it is over, and as often as its guardian likes. Who the guardian is, is
/// not what it is about.
contract PausesAgain is IIntake {
    uint64 private _until;

    function pauseIntake() external {
        _until = uint64(block.timestamp) + 14 days;
    }

    function resumeIntake() external {
        _until = 0;
    }

    function intakePausedUntil() external view returns (uint64 until) {
        return block.timestamp < _until ? _until : 0;
    }
}

/// @notice Bug: whoever may stop intake may slash, too.
contract GuardianSlashes is PlainStaking {
    address private immutable GUARDIAN;

    constructor(IERC20 token, address guardian) PlainStaking(token) {
        GUARDIAN = guardian;
    }

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        require(msg.sender == GUARDIAN, "guardian");
        _stakes[staker].stakedWei -= amountWei;
        require(TOKEN.transfer(recipient, amountWei), "transfer");
        return amountWei;
    }
}
