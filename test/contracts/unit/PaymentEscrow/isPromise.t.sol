// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

/// @title Which vouchers bind their payer
contract IsPromiseTest is Base {
    function test_ThePayersOwnSignatureBinds() public view {
        _expect(_voucher(5 ether), CLIENT_KEY, true, "dedicated");
        _expect(_poolVoucher(5 ether), COORDINATOR_KEY, true, "pooled");
        _expect(_voucher(5 ether), STRANGER_KEY, false, "stranger");
    }

    function test_WhatNobodySignedBindsNobody() public view {
        VM.assertTrue(!escrow.isPromise(_voucher(5 ether), ""), "empty");
        VM.assertTrue(!escrow.isPromise(_voucher(5 ether), new bytes(65)), "zeros");
    }

    function test_ASessionBindsUpToItsCapAndItsEnd() public {
        _authorizeSession(5 ether);
        _expect(_voucher(5 ether), SESSION_KEY, true, "cap");
        _expect(_voucher(5 ether + 1), SESSION_KEY, false, "above the cap");
        VM.warp(START + 30 days);
        _expect(_voucher(5 ether), SESSION_KEY, true, "last second");
        VM.warp(START + 30 days + 1);
        _expect(_voucher(5 ether), SESSION_KEY, false, "expired");
    }

    function test_AMalformedVoucherBindsNobody() public view {
        IPaymentEscrow.Voucher memory odd = _voucher(5 ether);
        odd.kind = 7;
        _expect(odd, CLIENT_KEY, false, "kind");
        odd = _voucher(5 ether);
        odd.payee = CLIENT;
        _expect(odd, CLIENT_KEY, false, "oneself");
    }

    function _expect(IPaymentEscrow.Voucher memory v, uint256 key, bool isPromise, string memory what) private view {
        VM.assertTrue(escrow.isPromise(v, _signed(key, v)) == isPromise, what);
    }
}
