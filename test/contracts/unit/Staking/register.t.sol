// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Staking} from "../../../../contracts/staking/Staking.sol";
import {Base} from "../../helpers/Base.sol";

/// @title register, topUp, setOperator, setPayout and announceCapabilities
contract RegisterTest is Base {
    function setUp() public override {
        super.setUp();
        VM.startPrank(MINER);
    }

    function test_RegistersWithItsKeys() public {
        VM.expectEmit();
        emit IStaking.StakerRegistered(MINER, IStaking.Role.Miner, SESSION, CLIENT, bytes32("caps"));
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, SESSION, CLIENT, bytes32("caps"));
        (IStaking.Role role, uint128 stakedWei, uint128 thawingWei, ) = staking.stakeOf(MINER);
        _equal(uint256(role), uint256(IStaking.Role.Miner), "role");
        _equal(stakedWei, MINER_MINIMUM, "staked");
        _equal(thawingWei, 0, "thawing");
        _equal(staking.operatorOf(MINER), SESSION, "operator");
        _equal(staking.payoutOf(MINER), CLIENT, "payout");
        VM.assertTrue(staking.isActive(MINER, IStaking.Role.Miner), "inactive");
        VM.assertTrue(!staking.isActive(MINER, IStaking.Role.Coordinator), "active in another role");
    }

    function test_SaysWhatWasStaked() public {
        VM.expectEmit();
        emit IStaking.StakerRegistered(MINER, IStaking.Role.Miner, MINER, MINER, bytes32(0));
        VM.expectEmit();
        emit IStaking.StakeAdded(MINER, MINER_MINIMUM + 7, MINER_MINIMUM + 7);
        staking.register(IStaking.Role.Miner, MINER_MINIMUM + 7, address(0), address(0), bytes32(0));
        VM.stopPrank();
        VM.expectEmit();
        emit IStaking.StakeAdded(MINER, 30 ether, MINER_MINIMUM + 7 + 30 ether);
        VM.prank(CLIENT);
        staking.topUp(MINER, 30 ether);
    }

    function test_SaysWhoActsAndWhoIsPaid() public {
        _register();
        VM.expectEmit();
        emit IStaking.OperatorChanged(MINER, SESSION);
        staking.setOperator(SESSION);
        VM.expectEmit();
        emit IStaking.PayoutChanged(MINER, CLIENT);
        staking.setPayout(CLIENT);
        // Stored as nothing, told as what it means.
        VM.expectEmit();
        emit IStaking.OperatorChanged(MINER, MINER);
        staking.setOperator(MINER);
        VM.expectEmit();
        emit IStaking.PayoutChanged(MINER, MINER);
        staking.setPayout(MINER);
    }

    function test_RevertWhen_RoleIsMissing() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_RoleRequired.selector));
        staking.register(IStaking.Role.None, MINER_MINIMUM, address(0), address(0), bytes32(0));
    }

    function testFuzz_RevertWhen_BelowTheMinimum(uint128 amount) public {
        uint128 amountWei = uint128(_bound(amount, 0, MINER_MINIMUM - 1));
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_BelowMinimum.selector, amountWei, MINER_MINIMUM));
        staking.register(IStaking.Role.Miner, amountWei, address(0), address(0), bytes32(0));
    }

    function test_RevertWhen_RegisteredAlready() public {
        _register();
        VM.expectRevert(
            abi.encodeWithSelector(IStaking.Staking_AlreadyRegistered.selector, MINER, IStaking.Role.Miner)
        );
        staking.register(IStaking.Role.Coordinator, COORDINATOR_MINIMUM, address(0), address(0), bytes32(0));
    }

    function test_NobodyClaimsAKeyForItself() public {
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, COORDINATOR, address(0), bytes32(0));
        VM.stopPrank();
        _registerCoordinator();
        _equal(staking.operatorOf(COORDINATOR), COORDINATOR, "own key");
        _equal(staking.operatorOf(MINER), COORDINATOR, "shared key");
    }

    function test_ReplacesTheOperator() public {
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, SESSION, address(0), bytes32(0));
        staking.setOperator(CLIENT);
        _equal(staking.operatorOf(MINER), CLIENT, "another");
        staking.setOperator(MINER);
        _equal(staking.operatorOf(MINER), MINER, "its own");
    }

    function testFuzz_AnyoneTopsUp(uint64 amountWei) public {
        VM.assume(amountWei != 0);
        _register();
        VM.stopPrank();
        VM.prank(CLIENT);
        staking.topUp(MINER, amountWei);
        (, uint128 stakedWei, , ) = staking.stakeOf(MINER);
        _equal(stakedWei, MINER_MINIMUM + amountWei, "staked");
    }

    function test_RevertWhen_TopUpIsZero() public {
        _register();
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAmount.selector));
        staking.topUp(MINER, 0);
    }

    function test_RevertWhen_TopUpDoesNotFit() public {
        _register();
        uint256 sum = uint256(MINER_MINIMUM) + type(uint128).max;
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_AmountTooLarge.selector, sum));
        staking.topUp(MINER, type(uint128).max);
    }

    function test_RevertWhen_NotRegistered() public {
        bytes memory problem = abi.encodeWithSelector(IStaking.Staking_NotRegistered.selector, MINER);
        VM.expectRevert(problem);
        staking.topUp(MINER, 1);
        VM.expectRevert(problem);
        staking.setOperator(SESSION);
        VM.expectRevert(problem);
        staking.setPayout(SESSION);
        VM.expectRevert(problem);
        staking.announceCapabilities(bytes32(0));
        VM.expectRevert(problem);
        staking.startThaw(1);
    }

    function test_RevertWhen_KeyIsZero() public {
        _register();
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAddress.selector));
        staking.setOperator(address(0));
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAddress.selector));
        staking.setPayout(address(0));
    }

    function _register() private {
        staking.register(IStaking.Role.Miner, MINER_MINIMUM, address(0), address(0), bytes32(0));
    }

    function test_AnnouncesCapabilities() public {
        VM.stopPrank();
        _registerMiner();
        VM.expectEmit();
        emit IStaking.CapabilitiesAnnounced(MINER, keccak256("capabilities"));
        VM.prank(MINER);
        staking.announceCapabilities(keccak256("capabilities"));
    }

    function test_RevertWhen_ARoleHasNoMinimum() public {
        _equal(staking.minimumStakeWei(IStaking.Role.Miner), MINER_MINIMUM, "miner");
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_RoleRequired.selector));
        staking.minimumStakeWei(IStaking.Role.None);
    }

    function test_RevertWhen_BuiltWithoutAToken() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAddress.selector));
        new Staking(address(manager), IERC20(address(0)), 1, 1);
    }

    function test_RevertWhen_BuiltWithoutAMinimumOfMiners() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAmount.selector));
        new Staking(address(manager), token, 0, 1);
    }

    function test_RevertWhen_BuiltWithoutAMinimumOfCoordinators() public {
        VM.expectRevert(abi.encodeWithSelector(IStaking.Staking_ZeroAmount.selector));
        new Staking(address(manager), token, 1, 0);
    }
}
