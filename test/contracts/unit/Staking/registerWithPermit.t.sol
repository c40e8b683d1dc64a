// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Permit} from "../../../../contracts/interfaces/Permit.sol";
import {Base} from "../../helpers/Base.sol";

contract RegisterWithPermitTest is Base {
    Permit private permit;

    function setUp() public override {
        super.setUp();
        VM.prank(CLIENT);
        token.approve(address(staking), 0);
        permit = _permit(address(staking), MINER_MINIMUM);
    }

    function test_StakesWithoutAnApproval() public {
        _register();
        (, uint128 stakedWei, , ) = staking.stakeOf(CLIENT);
        _equal(stakedWei, MINER_MINIMUM, "staked");
        _equal(token.allowance(CLIENT, address(staking)), 0, "nothing stays approved");
    }

    function test_StakesWhenAnotherUsedThePermitFirst() public {
        VM.prank(STRANGER);
        token.permit(CLIENT, address(staking), MINER_MINIMUM, permit.deadline, permit.v, permit.r, permit.s);
        _register();
        (, uint128 stakedWei, , ) = staking.stakeOf(CLIENT);
        _equal(stakedWei, MINER_MINIMUM, "staked");
    }

    function test_RevertWhen_ThePermitIsTooLate() public {
        VM.warp(permit.deadline + 1);
        VM.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(staking), 0, MINER_MINIMUM)
        );
        _register();
    }

    function _register() private {
        VM.prank(CLIENT);
        staking.registerWithPermit(IStaking.Role.Miner, MINER_MINIMUM, address(0), address(0), bytes32(0), permit);
    }
}
