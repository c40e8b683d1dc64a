// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

contract CollectManyTest is Base {
    uint128 private constant BALANCE = 100 ether;
    IPaymentEscrow.Voucher[] private list;
    bytes[] private signatures;

    function setUp() public override {
        super.setUp();
        _deposit(BALANCE);
    }

    function test_ClientVoucherFundsThePooledOneBehindIt() public {
        _add(_voucher(50 ether), CLIENT_KEY);
        _add(_poolVoucher(40 ether), COORDINATOR_KEY);
        uint128[] memory paid = escrow.collectMany(list, signatures);
        _equal(paid[0], 50 ether, "client");
        _equal(paid[1], 40 ether, "miner");
    }

    function test_SkipsWhatCannotPayAndPaysTheRest() public {
        _authorizeSession(1 ether);
        _add(_voucher(10 ether), CLIENT_KEY);
        _add(_voucher(10 ether), CLIENT_KEY); // stale
        _add(_voucher(20 ether), STRANGER_KEY); // unknown signer
        _add(_voucher(20 ether), SESSION_KEY); // above the cap
        IPaymentEscrow.Voucher memory odd = _voucher(20 ether);
        odd.kind = 7;
        _add(odd, CLIENT_KEY);
        odd = _voucher(20 ether);
        odd.epoch = 1;
        _add(odd, CLIENT_KEY);
        odd = _voucher(20 ether);
        odd.payee = MINER; // nothing deposited
        _add(odd, CLIENT_KEY);
        odd = _voucher(20 ether);
        odd.payee = CLIENT;
        _add(odd, CLIENT_KEY);
        _add(_poolVoucher(1 ether), STRANGER_KEY);
        _add(_voucher(30 ether), CLIENT_KEY);
        uint128[] memory paid = escrow.collectMany(list, signatures);
        _equal(paid[0], 10 ether, "first");
        for (uint256 i = 1; i < 9; ++i) _equal(paid[i], 0, "skipped");
        _equal(paid[9], 20 ether, "last");
    }

    function test_RevertWhen_LengthsDiffer() public {
        _add(_voucher(10 ether), CLIENT_KEY);
        escrow.collectMany(list, signatures);
        signatures.push("");
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_LengthMismatch.selector, 1, 2));
        escrow.collectMany(list, signatures);
    }

    function testFuzz_AnyOrderPaysTheHighestVoucherOnce(uint64[6] memory amounts) public {
        uint256 highest = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (amounts[i] > highest) highest = amounts[i];
            _add(_voucher(amounts[i]), CLIENT_KEY);
        }
        uint128[] memory paid = escrow.collectMany(list, signatures);
        uint256 sum = 0;
        uint256 fees = 0;
        for (uint256 i = 0; i < paid.length; ++i) {
            sum += paid[i];
            fees += (uint256(paid[i]) * FEE_PPM) / 1_000_000;
        }
        _equal(sum, highest, "paid");
        _equal(_unburnedFeesWei(), fees, "fees");
    }

    function _add(IPaymentEscrow.Voucher memory v, uint256 key) private {
        list.push(v);
        signatures.push(_signed(key, v));
    }
}
