// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";

/// @title The least of an escrow that the attacks need, with the signatures of the real one
/// @notice It has no bug that an attack here uses: each twin brings its own in the one function that it replaces. There is no
/// fee, no epoch and no proof of possession, because no twin that extends it is about them.
abstract contract PlainEscrow {
    struct Account {
        uint256 balanceWei;
        uint256 collectedWei;
        uint256 thawingWei;
        uint256 thawEndsAt;
    }

    struct Session {
        uint256 capWei;
        uint256 expiresAt;
        uint256 spentWei;
        uint256 day;
    }

    IERC20 internal immutable TOKEN;
    /// @dev Dedicated accounts under (payer, payee), pools under (account, zero).
    mapping(bytes32 key => Account account) internal _accounts;
    mapping(address payer => mapping(address payee => uint256 collectedWei)) internal _pooled;
    mapping(address payer => mapping(address payee => mapping(address signer => Session session))) internal _sessions;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function deposit(address payer, address payee, uint128 amountWei) external virtual {
        _deposit(_accounts[_key(payer, payee)], amountWei);
    }

    function depositPool(address payer, uint128 amountWei) external virtual {
        _deposit(_accounts[_key(payer, address(0))], amountWei);
    }

    function startThaw(address payee, uint128 amountWei) external virtual {
        _startThaw(_accounts[_key(msg.sender, payee)], amountWei);
    }

    function startPoolThaw(uint128 amountWei) external virtual {
        _startThaw(_accounts[_key(msg.sender, address(0))], amountWei);
    }

    function withdraw(address payee) external virtual {
        _withdraw(_accounts[_key(msg.sender, payee)]);
    }

    function withdrawPool() external virtual {
        _withdraw(_accounts[_key(msg.sender, address(0))]);
    }

    function authorizeSigner(
        address payee,
        address signer,
        uint128 capWei,
        uint64 expiresAt,
        bytes calldata
    ) external virtual {
        _authorize(_sessions[msg.sender][payee][signer], capWei, expiresAt);
    }

    function authorizePoolSigner(
        address signer,
        uint128 dailyCapWei,
        uint64 expiresAt,
        bytes calldata
    ) external virtual {
        _authorize(_sessions[msg.sender][address(0)][signer], dailyCapWei, expiresAt);
    }

    function revokeSigner(address payee, address signer) external virtual {
        _revoke(_sessions[msg.sender][payee][signer]);
    }

    function revokePoolSigner(address signer) external virtual {
        _revoke(_sessions[msg.sender][address(0)][signer]);
    }

    function collect(
        IPaymentEscrow.Voucher calldata voucher,
        bytes calldata signature
    ) external virtual returns (uint128 paidWei) {
        return _collect(voucher, signature);
    }

    function sweep(address account) external virtual {
        Account storage pool = _accounts[_key(account, address(0))];
        uint256 amountWei = pool.balanceWei;
        pool.balanceWei = 0;
        _send(account, amountWei);
    }

    function accountOf(address payer, address payee) external view returns (uint128, uint128, uint64, uint64) {
        return _view(_accounts[_key(payer, payee)]);
    }

    function poolOf(address account) external view returns (uint128, uint128, uint64, uint64) {
        return _view(_accounts[_key(account, address(0))]);
    }

    /// @notice What wallets sign under; the real escrow answers EIP-5267 instead.
    function domainSeparator() external view returns (bytes32 separator) {
        return _separator();
    }

    function _collect(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal virtual returns (uint128 paidWei) {
        require(v.payer != v.payee, "self");
        Account storage source = _accounts[_key(v.payer, v.kind == 0 ? v.payee : address(0))];
        uint256 collectedWei = v.kind == 0 ? source.collectedWei : _pooled[v.payer][v.payee];
        require(v.cumulativeWei > collectedWei, "stale");
        uint256 dueWei = v.cumulativeWei - collectedWei;
        paidWei = uint128(_available(source) < dueWei ? _available(source) : dueWei);
        require(paidWei != 0, "nothing there");
        require(_isSigned(v, signature, paidWei), "signature");
        if (v.kind == 0) source.collectedWei += paidWei;
        else _pooled[v.payer][v.payee] += paidWei;
        source.balanceWei -= paidWei;
        _shrinkThaw(source);
        _accounts[_key(v.payee, address(0))].balanceWei += paidWei;
    }

    function _deposit(Account storage account, uint256 amountWei) internal virtual {
        account.balanceWei += amountWei;
        _pull(amountWei);
    }

    function _startThaw(Account storage account, uint256 amountWei) internal virtual {
        require(account.thawingWei == 0 && amountWei <= account.balanceWei, "thaw");
        (account.thawingWei, account.thawEndsAt) = (amountWei, block.timestamp + 7 days);
    }

    function _withdraw(Account storage account) internal virtual {
        uint256 amountWei = account.thawingWei;
        require(amountWei != 0 && block.timestamp >= account.thawEndsAt, "thawing");
        (account.thawingWei, account.thawEndsAt) = (0, 0);
        account.balanceWei -= amountWei;
        _send(msg.sender, amountWei);
    }

    function _shrinkThaw(Account storage account) internal virtual {
        if (account.thawingWei > account.balanceWei) account.thawingWei = account.balanceWei;
    }

    function _authorize(Session storage session, uint256 capWei, uint256 expiresAt) internal virtual {
        require(block.timestamp > session.expiresAt || capWei >= session.capWei, "weakened");
        (session.capWei, session.expiresAt) = (capWei, expiresAt);
    }

    function _revoke(Session storage session) internal virtual {
        session.expiresAt = block.timestamp + 3 days;
    }

    function _pull(uint256 amountWei) internal virtual {
        uint256 before = TOKEN.balanceOf(address(this));
        require(TOKEN.transferFrom(msg.sender, address(this), amountWei), "transfer");
        require(TOKEN.balanceOf(address(this)) - before == amountWei, "inexact");
    }

    function _send(address to, uint256 amountWei) internal {
        require(TOKEN.transfer(to, amountWei), "transfer");
    }

    function _isSigned(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature,
        uint256 paidWei
    ) internal virtual returns (bool signed) {
        address signer = _recover(v, signature);
        if (signer == address(0)) return false;
        return signer == v.payer || _isSession(v, signer, paidWei);
    }

    function _isSession(
        IPaymentEscrow.Voucher memory v,
        address signer,
        uint256 paidWei
    ) internal virtual returns (bool live) {
        Session storage session = _sessions[v.payer][v.kind == 0 ? v.payee : address(0)][signer];
        if (block.timestamp > session.expiresAt) return false;
        if (v.kind == 0) return v.cumulativeWei <= session.capWei;
        uint256 day = block.timestamp / 1 days;
        if (session.day != day) (session.day, session.spentWei) = (day, 0);
        session.spentWei += paidWei;
        return session.spentWei <= session.capWei;
    }

    function _available(Account storage account) internal view virtual returns (uint256 amountWei) {
        return account.balanceWei;
    }

    function _recover(
        IPaymentEscrow.Voucher memory v,
        bytes calldata signature
    ) internal view returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(_digest(v), signature);
    }

    function _digest(IPaymentEscrow.Voucher memory v) internal view virtual returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", _separator(), _structHash(v)));
    }

    function _separator() internal view virtual returns (bytes32 separator) {
        return _separatorOf(block.chainid, address(this));
    }

    function _structHash(IPaymentEscrow.Voucher memory v) internal view virtual returns (bytes32 hash) {
        return keccak256(abi.encode(TypeHashes.VOUCHER, v));
    }

    function _key(address payer, address payee) internal pure virtual returns (bytes32 key) {
        return keccak256(abi.encode(payer, payee));
    }

    function _separatorOf(uint256 chainId, address verifier) internal pure returns (bytes32 separator) {
        bytes32 typeHash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        return keccak256(abi.encode(typeHash, keccak256("Lode PaymentEscrow"), keccak256("1"), chainId, verifier));
    }

    function _view(Account storage account) private view returns (uint128, uint128, uint64, uint64) {
        return (uint128(account.balanceWei), uint128(account.thawingWei), uint64(account.thawEndsAt), 0);
    }
}
