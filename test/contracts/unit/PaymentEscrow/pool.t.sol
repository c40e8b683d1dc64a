// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

/// @title freezePool, releasePool and closePool
contract PoolTest is Base {
    uint128 private constant BALANCE = 100 ether;

    function setUp() public override {
        super.setUp();
        _depositPool(BALANCE);
    }

    function test_SaysWhoseIsFrozenAndReleased() public {
        VM.expectEmit();
        emit IPaymentEscrow.PoolFrozen(COORDINATOR);
        escrow.freezePool(COORDINATOR);
        VM.expectEmit();
        emit IPaymentEscrow.PoolReleased(COORDINATOR);
        escrow.releasePool(COORDINATOR);
    }

    function test_SaysWhatWasTakenAndWhichEpochBegins() public {
        escrow.freezePool(COORDINATOR);
        VM.expectEmit();
        emit IPaymentEscrow.PoolClosed(COORDINATOR, 60 ether, 1);
        escrow.closePool(COORDINATOR, 60 ether, STRANGER);
        _equal(token.balanceOf(STRANGER), 60 ether, "taken");
        // Asked for more than there is: what was taken.
        escrow.freezePool(COORDINATOR);
        VM.expectEmit();
        emit IPaymentEscrow.PoolClosed(COORDINATOR, 40 ether, 2);
        escrow.closePool(COORDINATOR, 90 ether, STRANGER);
        _equal(token.balanceOf(STRANGER), BALANCE, "all of it");
    }
}
