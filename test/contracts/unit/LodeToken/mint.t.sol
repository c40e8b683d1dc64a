// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {LodeToken} from "../../../../contracts/token/LodeToken.sol";
import {Base} from "../../helpers/Base.sol";

contract MintTest is Base {
    uint256 private constant CAP = 1_000_000_000 ether;
    uint256 private constant GENESIS = 100_000_000 ether;

    function testFuzz_MintsUpToTheCap(uint256 amount) public {
        uint256 amountWei = _bound(amount, 0, 2 * CAP);
        uint256 supplyWei = GENESIS + amountWei;
        if (supplyWei > CAP) {
            VM.expectRevert(abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, supplyWei, CAP));
            token.mint(STRANGER, amountWei);
        } else {
            token.mint(STRANGER, amountWei);
            _equal(token.balanceOf(STRANGER), amountWei, "minted");
        }
    }

    function test_RevertWhen_MinterHasNoRole() public {
        VM.prank(STRANGER);
        VM.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        token.mint(STRANGER, 1);
    }

    function test_RevertWhen_BuiltWithoutAnAuthority() public {
        VM.expectRevert(abi.encodeWithSelector(LodeToken.Token_ZeroAddress.selector));
        new LodeToken(address(0), address(this), 1 ether, 1 ether);
    }

    function test_PermitApprovesOnce() public {
        bytes32 permit = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 digest = keccak256(
            abi.encodePacked(
                hex"1901",
                token.DOMAIN_SEPARATOR(),
                keccak256(abi.encode(permit, CLIENT, STRANGER, 5, 0, START))
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(CLIENT_KEY, digest);
        token.permit(CLIENT, STRANGER, 5, START, v, r, s);
        _equal(token.allowance(CLIENT, STRANGER), 5, "allowance");
        _equal(token.nonces(CLIENT), 1, "nonce");
        VM.warp(START + 1);
        VM.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, START));
        token.permit(CLIENT, STRANGER, 5, START, v, r, s);
    }
}
