// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IReceiptLedger} from "../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {DrandRandomness} from "../../../contracts/randomness/DrandRandomness.sol";
import {DrandVectors} from "../generated/DrandVectors.sol";
import {Attack} from "./Attack.sol";
import {TakesEther} from "./twins/Deployments.sol";

/// @title Ether sent by accident
/// @notice test/sdk/payable.test.ts checks beside it that no function of any deployed contract is payable, but for
/// those of the access manager and the timelock that pass ether on.
contract EtherAttacks is Attack {
    uint256 private constant DELAY = 10 days;

    /// @dev Source: SWC-132, unexpected ether balance; tokens and ether sent to contracts that cannot return them.
    function test_EtherByAccident_Fails() public {
        address drand = address(
            new DrandRandomness(
                abi.decode(DrandVectors.EVMNET_KEY, (uint256[4])),
                DrandVectors.EVMNET_GENESIS,
                DrandVectors.EVMNET_PERIOD,
                30
            )
        );
        address[12] memory targets = [
            address(token),
            address(staking),
            address(escrow),
            address(ledger),
            address(manager),
            address(recovery),
            address(rewards),
            address(faultProofs),
            address(demands),
            address(court),
            address(randomness),
            drand
        ];
        for (uint256 i = 0; i < targets.length; ++i) _fails(_sendEther(targets[i]));
    }

    function test_EtherByAccident_SucceedsAgainstTwin() public {
        _succeeds(_sendEther(address(new TakesEther(token))));
    }

    /// @dev Source: as above. OpenZeppelin's timelock takes ether in, to execute proposals with; a proposal gives it
    /// back.
    function test_EtherByAccident_ComesBackFromTheTimelock() public {
        address[] memory proposers = new address[](1);
        proposers[0] = COORDINATOR;
        TimelockController timelock = new TimelockController(DELAY, proposers, new address[](1), address(0));
        (bool taken, ) = address(timelock).call{value: 5}("");
        VM.assertTrue(taken && address(timelock).balance == 5, "taken");
        VM.prank(COORDINATOR);
        timelock.schedule(CLIENT, 5, "", bytes32(0), bytes32(0), DELAY);
        VM.warp(block.timestamp + DELAY);
        uint256 before = CLIENT.balance;
        timelock.execute(CLIENT, 5, "", bytes32(0), bytes32(0));
        _equal(CLIENT.balance - before, 5, "given back");
    }

    /// @dev Bare, with data that no function answers, with calls that would otherwise do something, and passed on by
    /// the access manager.
    function _sendEther(address target) private returns (bool won) {
        bytes memory approval = abi.encodeCall(token.approve, (CLIENT, 1));
        bytes[7] memory calls = [
            bytes(""),
            hex"deadbeef",
            abi.encodeCall(IPaymentEscrow.depositPool, (CLIENT, 1)),
            abi.encodeCall(IStaking.withdraw, ()),
            abi.encodeCall(IReceiptLedger.anchor, (COORDINATOR, bytes32(0), 0, bytes32(0), bytes32(0))),
            approval,
            abi.encodeCall(IAccessManager.execute, (address(token), approval))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool taken, ) = target.call{value: 1}(calls[i]);
            won = won || taken;
        }
        return won || target.balance != 0;
    }
}
