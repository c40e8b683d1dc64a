// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

contract SweepManyTest is Base {
    address private constant WORKER = address(0x3077);
    address[] private accounts;

    function setUp() public override {
        super.setUp();
        _registerMiner();
        _registerCoordinator();
    }

    function test_SweepsEveryAccountToItsPayout() public {
        _earn(WORKER, 3 ether);
        _earn(MINER, 2 ether);
        accounts = [WORKER, MINER];
        address payout = staking.payoutOf(MINER);
        uint256 before = token.balanceOf(payout);
        uint128[] memory swept = escrow.sweepMany(accounts);
        _equal(swept[0], 3 ether, "worker");
        _equal(swept[1], 2 ether, "miner");
        _equal(token.balanceOf(WORKER), 3 ether, "to the worker");
        _equal(token.balanceOf(payout) - before, 2 ether, "to the miner's payout address");
        (uint128 leftWei, , , ) = escrow.poolOf(MINER);
        _equal(leftWei, 0, "left");
    }

    function test_SaysWhatEachAccountGotAndWhere() public {
        VM.prank(MINER);
        staking.setPayout(CLIENT);
        _earn(WORKER, 3 ether);
        _earn(MINER, 2 ether);
        accounts = [WORKER, STRANGER, MINER];
        VM.expectEmit();
        emit IPaymentEscrow.Swept(WORKER, WORKER, 3 ether);
        VM.expectEmit();
        emit IPaymentEscrow.Swept(MINER, CLIENT, 2 ether);
        escrow.sweepMany(accounts);
    }

    function test_SkipsWhatCannotBeSwept() public {
        _earn(WORKER, 3 ether);
        _earn(COORDINATOR, 1 ether);
        // A miner and a stranger with nothing, a coordinator, the same one twice.
        accounts = [MINER, COORDINATOR, STRANGER, WORKER, WORKER];
        uint128[] memory swept = escrow.sweepMany(accounts);
        for (uint256 i = 0; i < 5; ++i) _equal(swept[i], i == 3 ? 3 ether : 0, "swept");
        (uint128 keptWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(keptWei, 1 ether, "the coordinator's pool must thaw");
    }

    function test_SkipsAFrozenPool() public {
        _earn(MINER, 3 ether);
        VM.prank(address(recovery));
        escrow.freezePool(MINER);
        accounts = [MINER];
        _equal(escrow.sweepMany(accounts)[0], 0, "swept");
        VM.prank(address(recovery));
        escrow.releasePool(MINER);
        _equal(escrow.sweepMany(accounts)[0], 3 ether, "after the release");
    }

    function _earn(address account, uint128 amountWei) private {
        VM.prank(CLIENT);
        escrow.depositPool(account, amountWei);
    }
}
