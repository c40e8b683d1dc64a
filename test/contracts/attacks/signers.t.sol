// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {
    AsksPayersWithCode,
    LowersCaps,
    RemembersSignatures,
    RevokesAtOnce,
    SessionsAreUnbounded
} from "./twins/Signers.sol";
import {HostileWallet} from "./twins/Wallets.sol";

/// @title Attacks by and on those who sign vouchers
contract SignerAttacks is PaymentAttack {
    uint128 private constant CAP = 50 ether;
    uint128 private constant DAILY_CAP = 10 ether;

    /// @dev Source: The Graph Horizon, Trust Security audit TRST-H-1 "A payer could bypass the escrow mechanism and avoid
    /// payments" (graphprotocol/contracts pull request 1072).
    function test_SignerThawThenDebt_Fails() public {
        _fails(_revokeAfterService(escrow));
    }

    function test_SignerThawThenDebt_SucceedsAgainstTwin() public {
        _succeeds(_revokeAfterService(_twin(address(new RevokesAtOnce(token)))));
    }

    /// @dev Source: as above; the authorisation is given again with terms under which nothing is owed.
    function test_SignerWeakenedThenDebt_Fails() public {
        _fails(_lowerAfterService(escrow));
        _refusedWith(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCapLowered.selector, SESSION, uint256(1), uint256(CAP))
        );
    }

    function test_SignerWeakenedThenDebt_SucceedsAgainstTwin() public {
        _succeeds(_lowerAfterService(_twin(address(new LowersCaps(token)))));
    }

    /// @dev Source: the Ronin bridge, March 2022: keys that signed for everything. PROTOCOL bounds a session key by cap and
    /// expiry for one payee, a pooled one by a daily cap.
    function test_StolenCoordinatorKey_Fails() public {
        uint256 lostWei = _stealWithSession(escrow);
        _equal(lostWei, CAP, "the cap, and to the payee that it was given for");
        _equal(_poolWei(escrow, STRANGER), 0, "nothing for the thief");
        uint256 stolenWei = _stealWithPoolSession(escrow);
        // The owner revokes at noon of the first day; the revocation bites three days later, in the fourth UTC day.
        _equal(stolenWei, 4 * DAILY_CAP, "a daily cap for each day until the revocation bites");
    }

    function test_StolenCoordinatorKey_SucceedsAgainstTwin() public {
        IPaymentEscrow target = _twin(address(new SessionsAreUnbounded(token)));
        _succeeds(_stealWithSession(target) > CAP);
        _succeeds(_poolWei(target, STRANGER) > 0);
        _succeeds(_stealWithPoolSession(target) > 4 * DAILY_CAP);
    }

    /// @dev Source: EIP-2; OpenZeppelin advisory GHSA-4h98-2769-gh6h (CVE-2022-35961) for compact signatures; TITLES,
    /// Sherlock 2024-04 issue 9.
    function test_HighSAndCompactSignatures_Fails() public {
        _fails(_otherForms(escrow));
        (uint128 collectedWei, ) = escrow.channelOf(CLIENT, COORDINATOR, 0);
        _equal(collectedWei, 30 ether, "once");
        // Not even a voucher that was never shown can be shown in another form.
        IPaymentEscrow.Voucher memory v = _voucher(60 ether);
        (bytes memory mirrored, bytes memory compact) = _forms(escrow, v);
        _equal(_paid(escrow, v, mirrored), 0, "high s");
        _refusedWith(_unknownZero());
        _equal(_paid(escrow, v, compact), 0, "compact");
        _refusedWith(_unknownZero());
    }

    function test_HighSAndCompactSignatures_SucceedsAgainstTwin() public {
        _succeeds(_otherForms(_twin(address(new RemembersSignatures(token)))));
    }

    /// @dev Source: "return bomb", nomad-xyz/ExcessivelySafeCall; Boson Protocol (bosonprotocol/boson-protocol-contracts issue
    /// 768); argotorg/solidity issue 12306 on copied return data.
    function test_PayerCallbackGasAndReturnBombs_Fails() public {
        _fails(_bomb(escrow, HostileWallet.Mood.BurnGas));
        _fails(_bomb(escrow, HostileWallet.Mood.ReturnBomb));
    }

    function test_PayerCallbackGasAndReturnBombs_SucceedsAgainstTwin() public {
        IPaymentEscrow target = _twin(address(new AsksPayersWithCode(token)));
        _succeeds(_bomb(target, HostileWallet.Mood.BurnGas));
        _succeeds(_bomb(target, HostileWallet.Mood.ReturnBomb));
        _fails(_bomb(target, HostileWallet.Mood.Refuse));
    }

    /// @dev Source: "SignatureChecker::isValidSignatureNow is broken for EIP7702 accounts"
    /// (OpenZeppelin/openzeppelin-contracts issue 5707); EIP-7702.
    function test_PayerGainsCodeAfterService_Fails() public {
        _fails(_gainCode(escrow, false));
        _fails(_gainCode(escrow, true));
    }

    function test_PayerGainsCodeAfterService_SucceedsAgainstTwin() public {
        _succeeds(_gainCode(_twin(address(new AsksPayersWithCode(token))), false));
        _succeeds(_gainCode(_twin(address(new AsksPayersWithCode(token))), true));
    }

    /// @dev The payee collects on the last day on which a revocation leaves it time.
    function _revokeAfterService(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _authorizeFor(target, CLIENT, COORDINATOR, CAP);
        _must(CLIENT, address(target), abi.encodeCall(IPaymentEscrow.revokeSigner, (COORDINATOR, SESSION)));
        VM.warp(START + 3 days);
        return _collectSigned(target, SESSION_KEY, _voucher(40 ether)) == 0;
    }

    function _lowerAfterService(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _authorizeFor(target, CLIENT, COORDINATOR, CAP);
        bytes memory proof = _proofFor(target, CLIENT, COORDINATOR, 0);
        _try(
            CLIENT,
            address(target),
            abi.encodeCall(IPaymentEscrow.authorizeSigner, (COORDINATOR, SESSION, 1, uint64(START + 30 days), proof))
        );
        return _collectSigned(target, SESSION_KEY, _voucher(40 ether)) == 0;
    }

    /// @dev The thief has the key that the client gave the coordinator: it signs as much as there is, to the coordinator
    /// and to itself, now and after the expiry.
    function _stealWithSession(IPaymentEscrow target) private returns (uint256 lostWei) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _depositFor(target, CLIENT, STRANGER, BALANCE);
        _depositPoolFor(target, CLIENT, BALANCE);
        _authorizeFor(target, CLIENT, COORDINATOR, CAP);
        IPaymentEscrow.Voucher memory v = _voucher(BALANCE);
        lostWei = _collectSigned(target, SESSION_KEY, v);
        v.cumulativeWei = CAP;
        lostWei += _collectSigned(target, SESSION_KEY, v);
        (v.payee, v.cumulativeWei) = (STRANGER, BALANCE);
        lostWei += _collectSigned(target, SESSION_KEY, v);
        v.kind = 1;
        lostWei += _collectSigned(target, SESSION_KEY, v);
        _depositFor(target, CLIENT, MINER, BALANCE);
        _authorizeFor(target, CLIENT, MINER, CAP);
        VM.warp(START + 30 days + 1);
        (v.payee, v.kind, v.cumulativeWei) = (MINER, 0, CAP);
        lostWei += _collectSigned(target, SESSION_KEY, v);
        VM.warp(START);
    }

    /// @dev The thief of a pooled key pays itself every hour in the largest steps that work.
    function _stealWithPoolSession(IPaymentEscrow target) private returns (uint256 stolenWei) {
        uint256 noon = (START / 1 days) * 1 days + 12 hours;
        VM.warp(noon);
        _depositPoolFor(target, COORDINATOR, 10 * BALANCE);
        _authorizePoolFor(target, COORDINATOR, DAILY_CAP);
        VM.prank(COORDINATOR);
        target.revokePoolSigner(SESSION);
        IPaymentEscrow.Voucher memory v = _poolVoucher(0);
        v.payee = STRANGER;
        uint128[3] memory steps = [BALANCE, DAILY_CAP, 1 ether];
        for (uint256 hour = 0; hour < 24 * 8; ++hour) {
            VM.warp(noon + hour * 1 hours);
            for (uint256 i = 0; i < 3; ++i) {
                v.cumulativeWei = uint128(stolenWei) + steps[i];
                stolenWei += _collectSigned(target, SESSION_KEY, v);
            }
        }
    }

    /// @dev The payee shows one voucher in the three forms that a signature has.
    function _otherForms(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(30 ether);
        (bytes memory mirrored, bytes memory compact) = _forms(target, v);
        uint256 paidWei = _collectSigned(target, CLIENT_KEY, v);
        paidWei += _paid(target, v, mirrored);
        paidWei += _paid(target, v, compact);
        return paidWei > 30 ether;
    }

    function _forms(
        IPaymentEscrow target,
        IPaymentEscrow.Voucher memory v
    ) private view returns (bytes memory mirrored, bytes memory compact) {
        bytes memory signature = _signedFor(target, CLIENT_KEY, v);
        (bytes32 r, bytes32 s) = (bytes32(0), bytes32(0));
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        uint8 recovery = uint8(signature[64]);
        mirrored = abi.encodePacked(r, bytes32(ORDER - uint256(s)), recovery == 27 ? uint8(28) : 27);
        compact = abi.encodePacked(r, bytes32(uint256(s) | (uint256(recovery - 27) << 255)));
    }

    /// @dev A contract wallet authorised a session key and was served; the payee collects with three times the gas that a
    /// collection takes.
    function _bomb(IPaymentEscrow target, HostileWallet.Mood mood) private returns (bool won) {
        HostileWallet wallet = new HostileWallet(mood);
        _depositFor(target, address(wallet), COORDINATOR, BALANCE);
        bytes memory proof = _proofFor(target, address(wallet), COORDINATOR, 0);
        wallet.act(
            address(target),
            abi.encodeCall(IPaymentEscrow.authorizeSigner, (COORDINATOR, SESSION, CAP, uint64(START + 30 days), proof))
        );
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        v.payer = address(wallet);
        bytes memory signature = _signedFor(target, SESSION_KEY, v);
        try target.collect{gas: 300_000}(v, signature) returns (uint128 paidWei) {
            return paidWei == 0;
        } catch {
            return true;
        }
    }

    /// @dev The client signs with its key and then has its account delegate to, or become, a wallet that denies it.
    function _gainCode(IPaymentEscrow target, bool delegates) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        // The real escrow is attacked twice: the second voucher goes on from the first.
        IPaymentEscrow.Voucher memory v = _voucher(delegates ? 80 ether : 40 ether);
        bytes memory signature = _signedFor(target, CLIENT_KEY, v);
        address wallet = address(new HostileWallet(HostileWallet.Mood.Refuse));
        VM.etch(CLIENT, delegates ? abi.encodePacked(hex"ef0100", wallet) : wallet.code);
        won = _paid(target, v, signature) == 0;
        VM.etch(CLIENT, "");
    }

    function _poolWei(IPaymentEscrow target, address account) private view returns (uint256 balanceWei) {
        (balanceWei, , , ) = target.poolOf(account);
    }
}
