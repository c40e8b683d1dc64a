// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

contract CollectTest is Base {
    uint128 private constant BALANCE = 100 ether;

    function setUp() public override {
        super.setUp();
        _deposit(BALANCE);
        _depositPool(BALANCE);
    }

    function test_PaysThePayeeAndKeepsTheFee() public {
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        VM.expectEmit();
        emit IPaymentEscrow.Collected(CLIENT, COORDINATOR, 0, 40 ether, 40 ether, 1, v.receiptsRoot);
        _equal(escrow.collect(v, _signed(CLIENT_KEY, v)), 40 ether, "paid");
        (uint128 poolWei, , , ) = escrow.poolOf(COORDINATOR);
        (uint128 leftWei, , , ) = escrow.accountOf(CLIENT, COORDINATOR);
        (uint128 collectedWei, uint64 count) = escrow.channelOf(CLIENT, COORDINATOR, 0);
        _equal(poolWei, BALANCE + 39.6 ether, "pool");
        _equal(leftWei, 60 ether, "account");
        _equal(collectedWei, 40 ether, "collected");
        _equal(count, 1, "count");
        _equal(_unburnedFeesWei(), 0.4 ether, "fees");
    }

    function test_SaysWhatWasPromisedWhatWasPaidAndForWhat() public {
        IPaymentEscrow.Voucher memory v = _voucher(30 ether);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        // More than is there, and a count above what the channel keeps of it.
        v = _voucher(140 ether);
        (v.count, v.receiptsRoot) = (uint64(type(uint40).max) + 9, keccak256("later receipts"));
        VM.expectEmit();
        emit IPaymentEscrow.Collected(CLIENT, COORDINATOR, 0, 140 ether, 70 ether, v.count, v.receiptsRoot);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        v = _poolVoucher(50 ether);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
        v = _poolVoucher(55 ether);
        v.count = 12;
        VM.expectEmit();
        emit IPaymentEscrow.Collected(COORDINATOR, MINER, 1, 55 ether, 5 ether, 12, v.receiptsRoot);
        escrow.collect(v, _signed(COORDINATOR_KEY, v));
    }

    function test_PooledVoucherCarriesNoFee() public {
        IPaymentEscrow.Voucher memory v = _poolVoucher(40 ether);
        _equal(escrow.collect(v, _signed(COORDINATOR_KEY, v)), 40 ether, "paid");
        (uint128 minerWei, , , ) = escrow.poolOf(MINER);
        _equal(minerWei, 40 ether, "miner");
        _equal(_unburnedFeesWei(), 0, "fees");
    }

    function test_ReachesThawingMoney() public {
        VM.prank(CLIENT);
        escrow.startThaw(COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        _equal(escrow.collect(v, _signed(CLIENT_KEY, v)), 40 ether, "paid");
        (uint128 balanceWei, uint128 thawingWei, , ) = escrow.accountOf(CLIENT, COORDINATOR);
        _equal(balanceWei, 60 ether, "balance");
        _equal(thawingWei, 60 ether, "thawing");
    }

    function test_RevertWhen_VoucherIsReplayed() public {
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        bytes memory signature = _signed(CLIENT_KEY, v);
        escrow.collect(v, signature);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_StaleVoucher.selector, 40 ether, 40 ether));
        escrow.collect(v, signature);
    }

    function test_RevertWhen_KindIsUnknown() public {
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        v.kind = 2;
        _refused(v, CLIENT_KEY, abi.encodeWithSelector(IPaymentEscrow.Escrow_UnknownKind.selector, uint8(2)));
    }

    function test_RevertWhen_EpochIsAnother() public {
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        v.epoch = 1;
        _refused(v, CLIENT_KEY, abi.encodeWithSelector(IPaymentEscrow.Escrow_WrongEpoch.selector, 1, 0));
    }

    function test_RevertWhen_PayerPaysItself() public {
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        v.payee = CLIENT;
        _refused(v, CLIENT_KEY, abi.encodeWithSelector(IPaymentEscrow.Escrow_SelfPayment.selector, CLIENT));
    }

    function test_RevertWhen_AccountIsEmpty() public {
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        v.payee = MINER;
        _refused(
            v,
            CLIENT_KEY,
            abi.encodeWithSelector(IPaymentEscrow.Escrow_NothingAvailable.selector, CLIENT, uint8(0))
        );
    }

    function test_RevertWhen_SignerIsUnknown() public {
        _refused(
            _voucher(40 ether),
            STRANGER_KEY,
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerUnknown.selector, CLIENT, COORDINATOR, STRANGER)
        );
    }

    function testFuzz_PaysTheDifferenceOrWhatIsThere(uint128 first, uint128 second) public {
        uint128 a = uint128(_bound(first, 1, 2 * BALANCE));
        uint128 b = uint128(_bound(second, 1, 2 * BALANCE));
        IPaymentEscrow.Voucher memory v = _voucher(a);
        uint128 paidA = escrow.collect(v, _signed(CLIENT_KEY, v));
        _equal(paidA, a < BALANCE ? a : BALANCE, "first");
        IPaymentEscrow.Voucher memory w = _voucher(b);
        IPaymentEscrow.Voucher[] memory list = new IPaymentEscrow.Voucher[](1);
        bytes[] memory signatures = new bytes[](1);
        (list[0], signatures[0]) = (w, _signed(CLIENT_KEY, w));
        uint128 paidB = escrow.collectMany(list, _joined(signatures))[0];
        uint128 owed = b > paidA ? b - paidA : 0;
        _equal(paidB, owed < BALANCE - paidA ? owed : BALANCE - paidA, "second");
        (uint128 collectedWei, ) = escrow.channelOf(CLIENT, COORDINATOR, 0);
        _equal(collectedWei, paidA + paidB, "collected");
    }

    function testFuzz_AVoucherAboveEveryBalancePaysWhatIsThereForEver(uint128 above) public {
        IPaymentEscrow.Voucher memory v = _voucher(
            uint128(_bound(above, uint256(type(uint96).max) + 1, type(uint128).max))
        );
        bytes memory signature = _signed(CLIENT_KEY, v);
        _equal(escrow.collect(v, signature), BALANCE, "first");
        _deposit(5 ether);
        _equal(escrow.collect(v, signature), 5 ether, "after another deposit");
    }

    function test_AVoucherJustAboveTheWidthPays() public {
        IPaymentEscrow.Voucher memory v = _voucher(uint128(type(uint96).max) + 1);
        _equal(escrow.collect(v, _signed(CLIENT_KEY, v)), BALANCE, "paid");
    }

    function testFuzz_KeepsTheCountsLowestBits(uint64 count) public {
        IPaymentEscrow.Voucher memory v = _voucher(1);
        v.count = count;
        escrow.collect(v, _signed(CLIENT_KEY, v));
        (, uint64 stored) = escrow.channelOf(CLIENT, COORDINATOR, 0);
        _equal(stored, count & type(uint40).max, "count");
    }

    function testFuzz_FeeIsRoundedDown(uint128 amount) public {
        uint128 amountWei = uint128(_bound(amount, 1, BALANCE));
        IPaymentEscrow.Voucher memory v = _voucher(amountWei);
        escrow.collect(v, _signed(CLIENT_KEY, v));
        uint256 feeWei = (uint256(amountWei) * FEE_PPM) / 1_000_000;
        (uint128 poolWei, , , ) = escrow.poolOf(COORDINATOR);
        _equal(_unburnedFeesWei(), feeWei, "fee");
        _equal(poolWei, BALANCE + amountWei - feeWei, "pool");
    }

    function testFuzz_RevertWhen_SIsHigh(uint128 amount) public {
        IPaymentEscrow.Voucher memory v = _voucher(uint128(_bound(amount, 1, BALANCE)));
        (uint8 recovery, bytes32 r, bytes32 s) = VM.sign(CLIENT_KEY, _voucherDigest(v));
        bytes memory mirrored = abi.encodePacked(r, bytes32(ORDER - uint256(s)), recovery == 27 ? uint8(28) : 27);
        VM.expectRevert(_unknownZero());
        escrow.collect(v, mirrored);
    }

    function testFuzz_RevertWhen_SignatureHasAnotherLength(uint8 length) public {
        VM.assume(length != 65);
        IPaymentEscrow.Voucher memory v = _voucher(1 ether);
        bytes memory whole = _signed(CLIENT_KEY, v);
        bytes memory cut = new bytes(length);
        for (uint256 i = 0; i < length && i < 65; ++i) cut[i] = whole[i];
        VM.expectRevert(_unknownZero());
        escrow.collect(v, cut);
    }

    function testFuzz_SessionCapBoundsTheChannel(uint128 cap, uint128 amount) public {
        uint128 capWei = uint128(_bound(cap, 1, BALANCE));
        uint128 amountWei = uint128(_bound(amount, 1, BALANCE));
        _authorizeSession(capWei);
        IPaymentEscrow.Voucher memory v = _voucher(amountWei);
        bytes memory signature = _signed(SESSION_KEY, v);
        if (amountWei > capWei) {
            VM.expectRevert(
                abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCapExceeded.selector, SESSION, amountWei, capWei)
            );
            escrow.collect(v, signature);
        } else {
            _equal(escrow.collect(v, signature), amountWei, "paid");
        }
    }

    function testFuzz_DailyCapBoundsADayAndNoMore(uint128 cap, uint128 one, uint128 two) public {
        uint128 capWei = uint128(_bound(cap, 1, BALANCE));
        uint128 first = uint128(_bound(one, 1, capWei));
        uint128 second = uint128(_bound(two, 1, capWei));
        VM.assume(first + second <= BALANCE);
        _authorizePoolSession(capWei);
        IPaymentEscrow.Voucher memory v = _poolVoucher(first);
        escrow.collect(v, _signed(SESSION_KEY, v));
        v = _poolVoucher(first + second);
        bytes memory signature = _signed(SESSION_KEY, v);
        if (first + second > capWei) {
            VM.expectRevert(
                abi.encodeWithSelector(
                    IPaymentEscrow.Escrow_SignerDailyCapExceeded.selector,
                    SESSION,
                    uint256(first + second),
                    uint256(capWei)
                )
            );
            escrow.collect(v, signature);
            VM.warp(START + 1 days);
        }
        _equal(escrow.collect(v, signature), second, "second");
    }

    function test_RevertWhen_SessionExpired() public {
        _authorizeSession(BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(1 ether);
        bytes memory signature = _signed(SESSION_KEY, v);
        uint64 expiresAt = uint64(START + 30 days);
        VM.warp(expiresAt + 1);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerExpired.selector, SESSION, expiresAt));
        escrow.collect(v, signature);
        VM.warp(expiresAt);
        _equal(escrow.collect(v, signature), 1 ether, "paid in its last second");
    }

    function test_DedicatedSessionSignsNoPooledVoucher() public {
        _authorizeSession(BALANCE);
        IPaymentEscrow.Voucher memory v = _poolVoucher(1 ether);
        _refused(
            v,
            SESSION_KEY,
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerUnknown.selector, COORDINATOR, address(0), SESSION)
        );
    }

    function _refused(IPaymentEscrow.Voucher memory v, uint256 key, bytes memory problem) private {
        bytes memory signature = _signed(key, v);
        VM.expectRevert(problem);
        escrow.collect(v, signature);
    }
}
