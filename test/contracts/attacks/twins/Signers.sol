// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {PlainEscrow} from "./PlainEscrow.sol";

/// @notice Bug: a revocation bites at once, with the payees' vouchers still in their hands.
contract RevokesAtOnce is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _revoke(Session storage session) internal override {
        session.expiresAt = block.timestamp - 1;
    }
}

/// @notice Bug: an authorisation can be given again with a lower cap.
contract LowersCaps is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _authorize(Session storage session, uint256 capWei, uint256 expiresAt) internal override {
        (session.capWei, session.expiresAt) = (capWei, expiresAt);
    }
}

/// @notice Bug: a session key is as good as its payer's own.
contract SessionsAreUnbounded is PlainEscrow {
    mapping(address payer => address signer) private _signerOf;

    constructor(IERC20 token) PlainEscrow(token) {}

    function authorizeSigner(address, address signer, uint128, uint64, bytes calldata) external override {
        _signerOf[msg.sender] = signer;
    }

    function authorizePoolSigner(address signer, uint128, uint64, bytes calldata) external override {
        _signerOf[msg.sender] = signer;
    }

    function _isSession(
        IPaymentEscrow.Voucher memory v,
        address signer,
        uint256
    ) internal view override returns (bool live) {
        return _signerOf[v.payer] == signer;
    }
}

/// @notice Bug: a voucher is remembered by its signature, and any form of a signature is taken.
contract RemembersSignatures is PlainEscrow {
    mapping(bytes32 signatureHash => bool used) private _used;

    constructor(IERC20 token) PlainEscrow(token) {}

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal override returns (uint128 paidWei) {
        require(!_used[keccak256(signature)], "used");
        _used[keccak256(signature)] = true;
        require(_recover(_digest(v), signature) == v.payer, "signature");
        paidWei = uint128(v.cumulativeWei);
        _accounts[_key(v.payer, v.payee)].balanceWei -= paidWei;
        _accounts[_key(v.payee, address(0))].balanceWei += paidWei;
    }

    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (signature.length == 65) return ecrecover(digest, uint8(signature[64]), r, s);
        // EIP-2098: the recovery bit is the highest bit of s.
        return ecrecover(digest, uint8(uint256(s) >> 255) + 27, r, s & bytes32(uint256(type(uint256).max >> 1)));
    }
}

/// @notice Bug: a payer that has code is asked whether it signed, with all the gas there is, and all of its answer is read.
contract AsksPayersWithCode is PlainEscrow {
    constructor(IERC20 token) PlainEscrow(token) {}

    function _isSigned(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature,
        uint256 paidWei
    ) internal override returns (bool signed) {
        if (v.payer.code.length == 0) return super._isSigned(v, signature, paidWei);
        (bool done, bytes memory answer) = v.payer.staticcall(
            abi.encodeCall(IERC1271.isValidSignature, (_digest(v), signature))
        );
        if (done && answer.length == 32 && bytes4(answer) == IERC1271.isValidSignature.selector) return true;
        (address signer, , ) = ECDSA.tryRecoverCalldata(_digest(v), signature);
        return signer != v.payer && _isSession(v, signer, paidWei);
    }
}
