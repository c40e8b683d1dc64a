// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Permit} from "../../../../contracts/interfaces/Permit.sol";
import {Base} from "../../helpers/Base.sol";

contract DepositWithPermitTest is Base {
    function setUp() public override {
        super.setUp();
        VM.prank(CLIENT);
        token.approve(address(escrow), 0);
    }

    function testFuzz_DepositsWithoutAnApproval(uint64 amountWei) public {
        VM.assume(amountWei != 0);
        Permit memory permit = _permit(address(escrow), amountWei);
        VM.prank(CLIENT);
        escrow.depositWithPermit(CLIENT, COORDINATOR, amountWei, permit);
        (uint128 balanceWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, amountWei, "balance");
    }

    function test_SaysForWhomTheSignerPaid() public {
        Permit memory permit = _permit(address(escrow), 4 ether);
        VM.expectEmit();
        emit IPaymentEscrow.Deposited(STRANGER, COORDINATOR, 4 ether, 4 ether);
        VM.prank(CLIENT);
        escrow.depositWithPermit(STRANGER, COORDINATOR, 4 ether, permit);
    }

    function test_RevertWhen_ThePermitIsForLess() public {
        Permit memory permit = _permit(address(escrow), 1 ether - 1);
        VM.prank(CLIENT);
        VM.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 1 ether)
        );
        escrow.depositWithPermit(CLIENT, COORDINATOR, 1 ether, permit);
    }

    /// @dev A permit approves for its signer, and the caller pays: nobody deposits another's money.
    function test_RevertWhen_ThePermitIsAnothers() public {
        Permit memory permit = _permit(address(escrow), 1 ether);
        VM.prank(STRANGER);
        VM.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 1 ether)
        );
        escrow.depositWithPermit(CLIENT, COORDINATOR, 1 ether, permit);
    }
}
