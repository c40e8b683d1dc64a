// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../../helpers/Base.sol";

/// @title authorizeSigner, authorizePoolSigner, revokeSigner and revokePoolSigner
contract SignersTest is Base {
    uint64 private constant EXPIRES = uint64(START + 30 days);
    uint64 private constant REVOKED = uint64(START + 3 days);

    function test_AuthorizesAndRevokesAfterTheDelay() public {
        _authorizeSession(5 ether);
        (uint128 capWei, uint64 expiresAt) = escrow.signerOf(CLIENT, COORDINATOR, SESSION);
        _equal(capWei, 5 ether, "cap");
        _equal(expiresAt, EXPIRES, "expiry");
        VM.prank(CLIENT);
        escrow.revokeSigner(COORDINATOR, SESSION);
        (, expiresAt) = escrow.signerOf(CLIENT, COORDINATOR, SESSION);
        _equal(expiresAt, REVOKED, "revoked");
        VM.warp(START + 1 days);
        VM.prank(CLIENT);
        escrow.revokeSigner(COORDINATOR, SESSION);
        (, expiresAt) = escrow.signerOf(CLIENT, COORDINATOR, SESSION);
        _equal(expiresAt, REVOKED, "a second revocation gives no more time");
    }

    function test_SaysWhoMaySignForWhomAndUntilWhen() public {
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        VM.startPrank(CLIENT);
        VM.expectEmit();
        emit IPaymentEscrow.SignerAuthorized(CLIENT, COORDINATOR, SESSION, 5 ether, EXPIRES);
        escrow.authorizeSigner(COORDINATOR, SESSION, 5 ether, EXPIRES, proof);
        VM.expectEmit();
        emit IPaymentEscrow.SignerRevoked(CLIENT, COORDINATOR, SESSION, REVOKED);
        escrow.revokeSigner(COORDINATOR, SESSION);
        // It gives no more time, and says so.
        VM.warp(START + 1 days);
        VM.expectEmit();
        emit IPaymentEscrow.SignerRevoked(CLIENT, COORDINATOR, SESSION, REVOKED);
        escrow.revokeSigner(COORDINATOR, SESSION);
    }

    function test_SaysWhoMaySignForAPoolAndUntilWhen() public {
        bytes memory proof = _proof(COORDINATOR, address(0), 1);
        VM.startPrank(COORDINATOR);
        VM.expectEmit();
        emit IPaymentEscrow.PoolSignerAuthorized(COORDINATOR, SESSION, 5 ether, EXPIRES);
        escrow.authorizePoolSigner(SESSION, 5 ether, EXPIRES, proof);
        VM.warp(EXPIRES - 1 days);
        VM.expectEmit();
        emit IPaymentEscrow.PoolSignerRevoked(COORDINATOR, SESSION, EXPIRES);
        escrow.revokePoolSigner(SESSION);
        VM.warp(START);
        VM.expectEmit();
        emit IPaymentEscrow.PoolSignerRevoked(COORDINATOR, SESSION, REVOKED);
        escrow.revokePoolSigner(SESSION);
    }

    function test_AuthorizesAndRevokesPooled() public {
        _authorizePoolSession(5 ether);
        VM.prank(COORDINATOR);
        escrow.revokePoolSigner(SESSION);
        (uint128 capWei, uint64 expiresAt) = escrow.poolSignerOf(COORDINATOR, SESSION);
        _equal(capWei, 5 ether, "cap");
        _equal(expiresAt, REVOKED, "revoked");
    }

    function test_AuthorizingAgainDoesNotRefillTheDay() public {
        _depositPool(100 ether);
        _authorizePoolSession(5 ether);
        IPaymentEscrow.Voucher memory v = _poolVoucher(5 ether);
        escrow.collect(v, _signed(SESSION_KEY, v));
        _authorizePoolSession(6 ether);
        v = _poolVoucher(7 ether);
        bytes memory signature = _signed(SESSION_KEY, v);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerDailyCapExceeded.selector, SESSION, 7 ether, 6 ether)
        );
        escrow.collect(v, signature);
    }

    function test_RevertWhen_ProofIsForAnotherPayee() public {
        _refuse(MINER, 0);
    }

    function test_RevertWhen_ProofIsForAnotherKind() public {
        _refuse(COORDINATOR, 1);
    }

    function test_RevertWhen_ProofIsEmpty() public {
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_BadSignerProof.selector, SESSION, address(0)));
        VM.prank(CLIENT);
        escrow.authorizeSigner(COORDINATOR, SESSION, 1, EXPIRES, "");
    }

    function test_RevertWhen_ExpiryIsNow() public {
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerExpiryInPast.selector, uint64(START)));
        VM.prank(CLIENT);
        escrow.authorizeSigner(COORDINATOR, SESSION, 1, uint64(START), proof);
    }

    function test_RevertWhen_CapIsZero() public {
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAmount.selector));
        VM.prank(CLIENT);
        escrow.authorizeSigner(COORDINATOR, SESSION, 0, EXPIRES, proof);
    }

    function test_RevertWhen_ThePayeeOrAPooledCapIsZero() public {
        bytes memory proof = _proof(CLIENT, address(0), 0);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        VM.prank(CLIENT);
        escrow.authorizeSigner(address(0), SESSION, 1, EXPIRES, proof);
        proof = _proof(CLIENT, address(0), 1);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAmount.selector));
        VM.prank(CLIENT);
        escrow.authorizePoolSigner(SESSION, 0, EXPIRES, proof);
    }

    function test_RevertWhen_SignerIsZero() public {
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_ZeroAddress.selector));
        VM.prank(CLIENT);
        escrow.authorizeSigner(COORDINATOR, address(0), 1, EXPIRES, proof);
    }

    function test_RevertWhen_RevokedSignerIsUnknown() public {
        VM.startPrank(CLIENT);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerUnknown.selector, CLIENT, COORDINATOR, SESSION)
        );
        escrow.revokeSigner(COORDINATOR, SESSION);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerUnknown.selector, CLIENT, address(0), SESSION)
        );
        escrow.revokePoolSigner(SESSION);
    }

    function testFuzz_AuthorizingAgainNeverWeakensALiveSigner(uint128 cap, uint64 expiry) public {
        _authorizeSession(5 ether);
        uint64 expiresAt = uint64(_bound(expiry, START + 1, START + 60 days));
        uint128 capWei = uint128(_bound(cap, 1, 10 ether));
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        if (capWei < 5 ether) {
            VM.expectRevert(
                abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCapLowered.selector, SESSION, capWei, 5 ether)
            );
        } else if (expiresAt < REVOKED) {
            VM.expectRevert(
                abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCutShort.selector, SESSION, expiresAt, REVOKED)
            );
        }
        VM.prank(CLIENT);
        escrow.authorizeSigner(COORDINATOR, SESSION, capWei, expiresAt, proof);
    }

    function test_AnExpiredSignerIsAuthorizedAnew() public {
        _authorizeSession(5 ether);
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        VM.warp(EXPIRES);
        VM.startPrank(CLIENT);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCapLowered.selector, SESSION, 1 ether, 5 ether)
        );
        escrow.authorizeSigner(COORDINATOR, SESSION, 1 ether, EXPIRES + 1, proof);
        VM.warp(EXPIRES + 1);
        escrow.authorizeSigner(COORDINATOR, SESSION, 1 ether, EXPIRES + 2, proof);
        (uint128 capWei, uint64 expiresAt) = escrow.signerOf(CLIENT, COORDINATOR, SESSION);
        _equal(capWei, 1 ether, "cap");
        _equal(expiresAt, EXPIRES + 2, "expiry");
    }

    function test_RevertWhen_ALivePooledSignerIsWeakened() public {
        _authorizePoolSession(5 ether);
        bytes memory proof = _proof(COORDINATOR, address(0), 1);
        VM.startPrank(COORDINATOR);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCapLowered.selector, SESSION, 4 ether, 5 ether)
        );
        escrow.authorizePoolSigner(SESSION, 4 ether, EXPIRES, proof);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerCutShort.selector, SESSION, REVOKED - 1, REVOKED)
        );
        escrow.authorizePoolSigner(SESSION, 5 ether, REVOKED - 1, proof);
    }

    function test_RevertWhen_APooledSignerDoesNotFit() public {
        bytes memory proof = _proof(COORDINATOR, address(0), 1);
        uint256 tooMuch = uint256(type(uint96).max) + 1;
        uint64 tooLate = uint64(type(uint40).max) + 1;
        VM.startPrank(COORDINATOR);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_AmountTooLarge.selector, tooMuch));
        escrow.authorizePoolSigner(SESSION, uint128(tooMuch), EXPIRES, proof);
        VM.expectRevert(
            abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerExpiryTooLate.selector, tooLate, type(uint40).max)
        );
        escrow.authorizePoolSigner(SESSION, 1, tooLate, proof);
        escrow.authorizePoolSigner(SESSION, type(uint96).max, type(uint40).max, proof);
        (uint128 capWei, uint64 expiresAt) = escrow.poolSignerOf(COORDINATOR, SESSION);
        _equal(capWei, type(uint96).max, "the highest cap");
        _equal(expiresAt, type(uint40).max, "the latest expiry");
    }

    /// @dev A proof over another message recovers to the key of nobody: the error names it.
    function _refuse(address payee, uint8 kind) private {
        bytes memory proof = _proof(CLIENT, payee, kind);
        bytes32 expected = _escrowDigest(
            keccak256(abi.encode(TypeHashes.SIGNER_PROOF, CLIENT, COORDINATOR, SESSION, uint8(0)))
        );
        address recovered = ECDSA.recover(expected, proof);
        VM.prank(CLIENT);
        VM.expectRevert(abi.encodeWithSelector(IPaymentEscrow.Escrow_BadSignerProof.selector, SESSION, recovered));
        escrow.authorizeSigner(COORDINATOR, SESSION, 1, EXPIRES, proof);
    }
}
