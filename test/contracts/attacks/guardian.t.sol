// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IIntake} from "../../../contracts/interfaces/IIntake.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {LodeToken} from "../../../contracts/token/LodeToken.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {GuardianSlashes, PausesAgain} from "./twins/Guardians.sol";

/// @title What a thief can do with the guardian's key: stop intake for 14 days of every 28, and nothing else
contract GuardianAttacks is PaymentAttack {
    uint256 private constant DAYS = 112;

    /// @dev Source: a pause that its guardian can renew for ever is a permanent one (ethereum-optimism/specs pull
    /// request 625 tells the two apart; arcadia-finance/arcadia-vaults pull request 190 waits between pauses).
    function test_PausingForEver_Fails() public {
        _fails(_pauseForEver(escrow));
        _refusedWith(abi.encodeWithSelector(IIntake.Intake_Resting.selector, uint64(START + (DAYS) * 1 days)));
        VM.warp(START + DAYS * 1 days);
        _fails(_pauseForEver(staking));
    }

    function test_PausingForEver_SucceedsAgainstTwin() public {
        _succeeds(_pauseForEver(new PausesAgain()));
    }

    /// @dev Source: as above. Whoever is in goes on, and gets out.
    function test_PausingForEver_KeepsNobodyIn() public {
        _registerMiner();
        _deposit(50 ether);
        VM.startPrank(GUARDIAN);
        escrow.pauseIntake();
        staking.pauseIntake();
        VM.stopPrank();
        _deposit(50 ether);
        _depositPool(1 ether);
        _equal(_collectSigned(escrow, CLIENT_KEY, _voucher(40 ether)), 40 ether, "collected");
        VM.startPrank(MINER);
        staking.topUp(MINER, 1 ether);
        staking.startThaw(2_001 ether);
        VM.stopPrank();
        VM.prank(CLIENT);
        escrow.startThaw(COORDINATOR, 60 ether);
        VM.warp(START + 7 days);
        VM.prank(MINER);
        staking.withdraw();
        VM.prank(CLIENT);
        escrow.withdraw(COORDINATOR);
        VM.assertTrue(escrow.intakePausedUntil() != 0 && staking.intakePausedUntil() != 0, "still paused");
        _equal(token.balanceOf(MINER), 1_000_000 ether, "the miner is out");
        _equal(token.balanceOf(CLIENT), 1_000_000 ether - 40 ether, "and so is the client");
    }

    /// @dev Source: as above; a guardian that can do more than stop is an administrator without a delay.
    function test_GuardianBeyondIntake_Fails() public {
        _registerMiner();
        _depositPool(BALANCE);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, GUARDIAN);
        _fails(_takeStake(staking));
        _refusedWith(refused);
        _refuses(address(staking), abi.encodeCall(IStaking.freeze, (MINER)), refused);
        _refuses(address(staking), abi.encodeCall(IStaking.unfreeze, (MINER)), refused);
        _refuses(address(escrow), abi.encodeCall(IPaymentEscrow.freezePool, (COORDINATOR)), refused);
        _refuses(address(escrow), abi.encodeCall(IPaymentEscrow.releasePool, (COORDINATOR)), refused);
        _refuses(address(escrow), abi.encodeCall(IPaymentEscrow.closePool, (COORDINATOR, 1, GUARDIAN)), refused);
        _refuses(address(token), abi.encodeCall(LodeToken.mint, (GUARDIAN, 1)), refused);
        _refuses(address(staking), abi.encodeCall(IAccessManaged.setAuthority, (GUARDIAN)), refused);
        refused = abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedAccount.selector, GUARDIAN, uint64(0));
        _refuses(address(manager), abi.encodeCall(IAccessManager.grantRole, (SLASHER, GUARDIAN, 0)), refused);
        _refuses(address(manager), abi.encodeCall(IAccessManager.setTargetClosed, (address(escrow), true)), refused);
        _refuses(
            address(manager),
            abi.encodeCall(IAccessManager.updateAuthority, (address(escrow), GUARDIAN)),
            refused
        );
    }

    function test_GuardianBeyondIntake_SucceedsAgainstTwin() public {
        GuardianSlashes twin = new GuardianSlashes(token, GUARDIAN);
        VM.startPrank(MINER);
        token.approve(address(twin), type(uint256).max);
        twin.register(IStaking.Role.Miner, 2_000 ether, address(0), address(0), bytes32(0));
        VM.stopPrank();
        _succeeds(_takeStake(IStaking(address(twin))));
    }

    /// @dev The thief stops a miner, and is its judge as well.
    function _takeStake(IStaking target) private returns (bool won) {
        _try(GUARDIAN, address(target), abi.encodeCall(IStaking.slash, (MINER, 2_000 ether, GUARDIAN)));
        return token.balanceOf(GUARDIAN) != 0;
    }

    /// @dev The thief pauses whenever it can. It has won when more than half of the days are closed.
    function _pauseForEver(IIntake target) private returns (bool won) {
        uint256 closed = 0;
        uint256 from = block.timestamp;
        for (uint256 day = 0; day < DAYS; ++day) {
            VM.warp(from + day * 1 days);
            _try(GUARDIAN, address(target), abi.encodeCall(IIntake.pauseIntake, ()));
            if (target.intakePausedUntil() != 0) ++closed;
        }
        return closed > DAYS / 2;
    }

    function _refuses(address target, bytes memory data, bytes memory expected) private {
        _fails(_try(GUARDIAN, target, data));
        _refusedWith(expected);
    }
}
