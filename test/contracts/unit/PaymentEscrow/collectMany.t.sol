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
        uint128[] memory paid = escrow.collectMany(list, _joined(signatures));
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
        uint128[] memory paid = escrow.collectMany(list, _joined(signatures));
        _equal(paid[0], 10 ether, "first");
        for (uint256 i = 1; i < 9; ++i) _equal(paid[i], 0, "skipped");
        _equal(paid[9], 20 ether, "last");
    }

    function test_SkipsWhatAPooledSessionMayNotSpend() public {
        _depositPool(50 ether);
        _authorizePoolSession(5 ether);
        _add(_poolVoucher(6 ether), SESSION_KEY); // above the day's cap
        _add(_poolVoucher(4 ether), SESSION_KEY);
        uint128[] memory paid = escrow.collectMany(list, _joined(signatures));
        _equal(paid[0], 0, "above the cap");
        _equal(paid[1], 4 ether, "within");
        VM.warp(START + 30 days + 1);
        paid = escrow.collectMany(list, _joined(signatures));
        _equal(paid[0], 0, "expired");
        (uint128 poolWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(poolWei, 46 ether, "pool");
    }

    function test_RevertWhen_LengthsDiffer() public {
        _add(_voucher(10 ether), CLIENT_KEY);
        escrow.collectMany(list, _joined(signatures));
        bytes memory joined = _joined(signatures);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_LengthMismatch.selector, 1, 66));
        escrow.collectMany(list, bytes.concat(joined, hex"00"));
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_LengthMismatch.selector, 1, 0));
        escrow.collectMany(list, "");
        signatures.push(signatures[0]);
        joined = _joined(signatures);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_LengthMismatch.selector, 1, 130));
        escrow.collectMany(list, joined);
    }

    /// @dev What a payee gets is written once for neighbours; one that is a payer in between finds it in its pool.
    function test_EveryPayeeIsCreditedWhateverTheOrder() public {
        address other = address(0x07E4);
        VM.prank(CLIENT);
        escrow.deposit(CLIENT, other, 30 ether);
        IPaymentEscrow.Voucher memory toOther = _voucher(30 ether);
        toOther.payee = other;
        IPaymentEscrow.Voucher memory pooledToOther = _poolVoucher(9 ether);
        pooledToOther.payee = other;
        _add(_voucher(10 ether), CLIENT_KEY);
        _add(toOther, CLIENT_KEY);
        _add(_poolVoucher(5 ether), COORDINATOR_KEY);
        _add(pooledToOther, COORDINATOR_KEY);
        _add(_voucher(20 ether), CLIENT_KEY);
        _add(_poolVoucher(8 ether), COORDINATOR_KEY);
        uint128[] memory paid = escrow.collectMany(list, _joined(signatures));
        uint72[6] memory expected = [10 ether, 30 ether, 5 ether, 4.9 ether, 10 ether, 3 ether];
        for (uint256 i = 0; i < 6; ++i) _equal(paid[i], expected[i], "paid");
        (uint128 poolWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(poolWei, 6.9 ether, "coordinator");
        (poolWei, , , ) = escrow.poolOf(other);
        _equal(poolWei, 29.7 ether + 4.9 ether, "other");
        (poolWei, , , ) = escrow.poolOf(MINER);
        _equal(poolWei, 8 ether, "miner");
        _equal(_unburnedFeesWei(), 0.5 ether, "fees");
        _equal(escrow.payeeFeesWei(_feeEpoch(), COORDINATOR), 0.2 ether, "fees of the coordinator");
        _equal(escrow.payeeFeesWei(_feeEpoch(), other), 0.3 ether, "fees of the other");
    }

    /// @dev A word that does not fit its type was never signed as it is read.
    function test_OddWordsHaveNoSignature() public {
        _add(_voucher(10 ether), CLIENT_KEY);
        bytes memory call = abi.encodeCall(IPaymentEscrow.collectMany, (list, _joined(signatures)));
        bool done;
        bytes memory answer;
        // The voucher begins behind the selector, two offsets and the length; its last word, the root, fills its type.
        for (uint256 word = 0; word < 6; ++word) {
            uint256 at = 4 + 32 * (3 + word);
            call[at] = 0x01;
            (done, answer) = address(escrow).call(call);
            // The payee is read before the copy is made, and refused by the decoder.
            VM.assertTrue(done == (word != 1), "skipped");
            if (done) _equal(abi.decode(answer, (uint128[]))[0], 0, "paid");
            call[at] = 0x00;
        }
        (, answer) = address(escrow).call(call);
        _equal(abi.decode(answer, (uint128[]))[0], 10 ether, "paid as it was signed");
    }

    function testFuzz_AnyOrderPaysTheHighestVoucherOnce(uint64[6] memory amounts) public {
        uint256 highest = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (amounts[i] > highest) highest = amounts[i];
            _add(_voucher(amounts[i]), CLIENT_KEY);
        }
        uint128[] memory paid = escrow.collectMany(list, _joined(signatures));
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
