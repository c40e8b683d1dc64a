// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {PaymentEscrow} from "../../../../contracts/payments/PaymentEscrow.sol";
import {Staking} from "../../../../contracts/staking/Staking.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

/// @title freeze, unfreeze, signsFor
contract FreezeTest is Base {
    function setUp() public override {
        super.setUp();
        _registerMiner();
    }

    function test_AFrozenStakeThawsAndStays() public {
        VM.prank(MINER);
        staking.startThaw(MINER_MINIMUM);
        staking.freeze(MINER);
        staking.freeze(MINER);
        VM.warp(START + 7 days);
        VM.prank(MINER);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_Frozen.selector, MINER, 2));
        staking.withdraw();
        staking.unfreeze(MINER);
        VM.prank(MINER);
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_Frozen.selector, MINER, 1));
        staking.withdraw();
        staking.unfreeze(MINER);
        VM.prank(MINER);
        staking.withdraw();
        _equal(staking.freezesOf(MINER), 0, "freezes");
    }

    function test_SaysWhoFrozeAndHowOften() public {
        VM.expectEmit();
        emit IStaking.StakeFrozen(MINER, address(this), 1);
        staking.freeze(MINER);
        VM.expectEmit();
        emit IStaking.StakeFrozen(MINER, address(court), 2);
        VM.prank(address(court));
        staking.freeze(MINER);
        VM.expectEmit();
        emit IStaking.StakeUnfrozen(MINER, address(court), 1);
        VM.prank(address(court));
        staking.unfreeze(MINER);
        VM.expectEmit();
        emit IStaking.StakeUnfrozen(MINER, address(this), 0);
        staking.unfreeze(MINER);
    }

    function test_RevertWhen_TooManyCasesAreOpen() public {
        // The count is the highest of the fields in the staker's slot.
        uint256 position = 0;
        while (VM.load(address(staking), keccak256(abi.encode(MINER, position))) == 0) ++position;
        bytes32 slot = keccak256(abi.encode(MINER, position));
        uint256 held = uint256(VM.load(address(staking), slot));
        VM.store(address(staking), slot, bytes32(held | (uint256(type(uint16).max - 1) << 240)));
        staking.freeze(MINER);
        _equal(staking.freezesOf(MINER), type(uint16).max, "the most");
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_TooManyCases.selector, MINER, type(uint16).max));
        staking.freeze(MINER);
    }

    function test_RevertWhen_UnfrozenTooOften() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_NotFrozen.selector, MINER));
        staking.unfreeze(MINER);
    }

    function test_RevertWhen_NobodyIsStaked() public {
        bytes memory unknown = abi.encodeWithSelector(IStaking.Staking_NotRegistered.selector, STRANGER);
        VM.expectRevert(unknown);
        staking.freeze(STRANGER);
        VM.expectRevert(unknown);
        staking.unfreeze(STRANGER);
    }

    function test_AnOperatorSignsAndItsPredecessorForAThaw() public {
        VM.assertTrue(staking.signsFor(MINER, MINER), "itself");
        VM.assertTrue(!staking.signsFor(MINER, SESSION), "a stranger");
        VM.assertTrue(!staking.signsFor(MINER, address(0)), "nobody");
        VM.assertTrue(!staking.signsFor(STRANGER, address(0)), "nobody for nobody");
        VM.assertTrue(!staking.signsFor(STRANGER, STRANGER), "not staked");
        VM.prank(MINER);
        staking.setOperator(SESSION);
        VM.assertTrue(staking.signsFor(MINER, SESSION), "the new one");
        VM.warp(START + 7 days - 1);
        VM.assertTrue(staking.signsFor(MINER, MINER), "the old one, for a thaw");
        VM.warp(START + 7 days);
        VM.assertTrue(!staking.signsFor(MINER, MINER), "no longer");
        VM.assertTrue(staking.signsFor(MINER, SESSION), "still the new one");
    }

    /// @dev On a chain whose clock began less than a thaw ago, a key that never was anybody's operator signs for nobody.
    function test_AYoungClockMakesNobodyAnOperator() public {
        VM.warp(1 days);
        VM.assertTrue(!staking.signsFor(MINER, STRANGER), "a stranger");
        VM.assertTrue(staking.signsFor(MINER, MINER), "itself");
    }

    function test_RevertWhen_StakingIsBuiltWithoutAnAuthority() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAddress.selector));
        new Staking(address(0), token, MINER_MINIMUM, COORDINATOR_MINIMUM);
    }

    function test_RevertWhen_AnEscrowIsBuiltWithoutAnAuthority() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        new PaymentEscrow(address(0), token, staking, FEE_PPM);
    }
}
