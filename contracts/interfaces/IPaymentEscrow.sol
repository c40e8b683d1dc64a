// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Permit} from "./Permit.sol";

/// @title Accounts, vouchers and collection
/// @notice Money of a payer sits either in a dedicated account locked to one payee, or in the payer's internal balance
/// (its pool). A payee collects with cumulative vouchers; replaying or reordering them pays nothing.
interface IPaymentEscrow {
    /// @notice A payer's cumulative promise to a payee.
    /// @dev kind 0 draws on the dedicated account (payer, payee), kind 1 on the payer's pool.
    struct Voucher {
        address payer;
        address payee;
        uint8 kind;
        uint64 epoch;
        uint128 cumulativeWei;
        uint64 count;
        bytes32 receiptsRoot;
    }

    event Deposited(address indexed payer, address indexed payee, uint128 amountWei, uint128 balanceWei);
    event PoolDeposited(address indexed account, uint128 amountWei, uint128 balanceWei);
    event AccountThawStarted(address indexed payer, address indexed payee, uint128 thawingWei, uint64 thawEndsAt);
    event AccountWithdrawn(address indexed payer, address indexed payee, uint128 amountWei);
    event PoolThawStarted(address indexed account, uint128 thawingWei, uint64 thawEndsAt);
    event PoolWithdrawn(address indexed account, uint128 amountWei);
    event SignerAuthorized(
        address indexed payer,
        address indexed payee,
        address indexed signer,
        uint128 capWei,
        uint64 expiresAt
    );
    event SignerRevoked(address indexed payer, address indexed payee, address indexed signer, uint64 expiresAt);
    event PoolSignerAuthorized(address indexed payer, address indexed signer, uint128 dailyCapWei, uint64 expiresAt);
    event PoolSignerRevoked(address indexed payer, address indexed signer, uint64 expiresAt);
    /// @notice A voucher was paid, or a part of it. The fee of a dedicated one is `paidWei` times protocolFeePpm, rounded down;
    /// a pooled one has none.
    event Collected(
        address indexed payer,
        address indexed payee,
        uint8 kind,
        uint128 cumulativeWei,
        uint128 paidWei,
        uint64 count,
        bytes32 receiptsRoot
    );
    event Swept(address indexed account, address indexed to, uint128 amountWei);
    event FeesBurned(uint64 indexed epoch, uint128 amountWei);
    event PoolFrozen(address indexed account);
    event PoolReleased(address indexed account);
    event PoolClosed(address indexed account, uint128 takenWei, uint64 epoch);

    error Escrow_ZeroAddress();
    error Escrow_ZeroAmount();
    error Escrow_AmountTooLarge(uint256 amountWei);
    error Escrow_InexactTransfer(uint256 expectedWei, uint256 receivedWei);
    error Escrow_InsufficientBalance(uint256 balanceWei, uint256 amountWei);
    error Escrow_ThawInProgress(uint64 thawEndsAt);
    error Escrow_NothingThawing();
    error Escrow_StillThawing(uint64 thawEndsAt);
    error Escrow_BadSignerProof(address signer, address recovered);
    error Escrow_SignerExpiryInPast(uint64 expiresAt);
    error Escrow_SignerExpiryTooLate(uint64 expiresAt, uint64 latest);
    error Escrow_SignerCapLowered(address signer, uint256 capWei, uint256 currentWei);
    error Escrow_SignerCutShort(address signer, uint64 expiresAt, uint64 earliest);
    error Escrow_SignerUnknown(address payer, address payee, address signer);
    error Escrow_SignerExpired(address signer, uint64 expiresAt);
    error Escrow_SignerCapExceeded(address signer, uint256 cumulativeWei, uint256 capWei);
    error Escrow_SignerDailyCapExceeded(address signer, uint256 spentWei, uint256 capWei);
    error Escrow_UnknownKind(uint8 kind);
    error Escrow_WrongEpoch(uint64 epoch, uint64 expected);
    error Escrow_StaleVoucher(uint256 cumulativeWei, uint256 collectedWei);
    error Escrow_NothingAvailable(address payer, uint8 kind);
    error Escrow_SelfPayment(address account);
    error Escrow_LengthMismatch(uint256 vouchers, uint256 signatures);
    error Escrow_NothingToSweep(address account);
    error Escrow_PoolMustThaw(address account);
    error Escrow_PoolFrozen(address account);
    error Escrow_PoolNotFrozen(address account);
    error Escrow_NothingToBurn(uint64 epoch);
    error Escrow_FeeAboveMaximum(uint32 feePpm, uint32 maximumPpm);

    /// @notice Adds the caller's tokens to the account of `payer` that only `payee` can collect from.
    function deposit(address payer, address payee, uint128 amountWei) external;

    /// @notice The same with the caller's ERC-2612 approval of `amountWei` in the same transaction.
    function depositWithPermit(address payer, address payee, uint128 amountWei, Permit calldata permit) external;

    /// @notice Adds the caller's tokens to the internal balance of `payer`.
    function depositPool(address payer, uint128 amountWei) external;

    /// @notice Starts the thaw of part of the caller's account with `payee`; it stays collectable until withdrawn.
    function startThaw(address payee, uint128 amountWei) external;

    /// @notice Returns what has thawed and was not collected to the caller.
    function withdraw(address payee) external;

    /// @notice Starts the thaw of part of the caller's internal balance.
    function startPoolThaw(uint128 amountWei) external;

    /// @notice Returns the thawed part of the internal balance to the caller's payout address.
    function withdrawPool() external;

    /// @notice Lets `signer` sign the caller's dedicated vouchers to one payee. While an authorisation lives, a new one
    /// cannot lower its cap or end it before a revocation would: payees hold vouchers that rely on it.
    /// @param capWei Highest cumulative amount of the channel that this signer may promise.
    /// @param expiresAt Unix seconds after which its vouchers no longer collect.
    /// @param proof EIP-712 SignerProof signed by `signer`: nobody can be named without holding the key.
    function authorizeSigner(
        address payee,
        address signer,
        uint128 capWei,
        uint64 expiresAt,
        bytes calldata proof
    ) external;

    /// @notice Lets `signer` sign the caller's pooled vouchers, up to `dailyCapWei` collected in a UTC day.
    function authorizePoolSigner(address signer, uint128 dailyCapWei, uint64 expiresAt, bytes calldata proof) external;

    /// @notice Ends an authorisation after the revocation delay, so that payees can still collect what they hold.
    function revokeSigner(address payee, address signer) external;

    /// @notice Ends a pooled authorisation after the revocation delay.
    function revokePoolSigner(address signer) external;

    /// @notice Pays a voucher's payee what it has not collected yet, or what is there. Anyone may submit.
    function collect(Voucher calldata voucher, bytes calldata signature) external returns (uint128 paidWei);

    /// @notice Collects several vouchers in order. Items that pay nothing (stale, unfunded) give 0 instead of reverting.
    /// @dev Put client vouchers before the pooled voucher that they fund, and vouchers to one payee behind each other: what
    /// it gets is written once.
    /// @param signatures One behind the other, 65 bytes each (r, s, v).
    function collectMany(
        Voucher[] calldata vouchers,
        bytes calldata signatures
    ) external returns (uint128[] memory paidWei);

    /// @notice Sends the internal balance of `account` to its payout address. A coordinator's pool must thaw instead.
    function sweep(address account) external;

    /// @notice Sweeps several accounts, each for less than half of what it costs by itself. Accounts with nothing to sweep,
    /// frozen pools and coordinators give 0 instead of reverting.
    function sweepMany(address[] calldata accounts) external returns (uint128[] memory sweptWei);

    /// @notice Burns the protocol fees of an epoch that are not burned yet.
    function burnFees(uint64 epoch) external;

    /// @notice Stops collections from the pool of `payer` and its exits. Only the recovery of shortfalls may.
    function freezePool(address payer) external;

    /// @notice Ends a freeze whose vouchers stay good. A thaw of the pool lasts RELEASE_NOTICE_SECONDS more at least.
    function releasePool(address payer) external;

    /// @notice Ends a freeze that was not cured: takes at most `atMostWei` of the pool for the creditors, and opens the
    /// pool's next epoch, so that what was promised before collects no more.
    function closePool(address payer, uint128 atMostWei, address recipient) external returns (uint128 takenWei);

    /// @notice Whether collections from an internal balance are stopped.
    function isPoolFrozen(address account) external view returns (bool frozen);

    /// @notice Whether the voucher's signature binds its payer now. It says nothing about money being there. A pooled
    /// session key binds its payer to one daily cap beyond what was collected, because no voucher of it collects more, and
    /// to nothing while the pool is frozen.
    function isPromise(Voucher calldata voucher, bytes calldata signature) external view returns (bool promised);

    /// @notice Dedicated account: balance (thawing money included), thawing part, its end, epoch.
    function accountOf(
        address payer,
        address payee
    ) external view returns (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch);

    /// @notice Internal balance: what vouchers credited and pooled vouchers draw on.
    function poolOf(
        address account
    ) external view returns (uint128 balanceWei, uint128 thawingWei, uint64 thawEndsAt, uint64 epoch);

    /// @notice What a channel has paid, and the receipt count of its last collected voucher.
    function channelOf(
        address payer,
        address payee,
        uint8 kind
    ) external view returns (uint128 collectedWei, uint64 count);

    /// @notice A session signer's cap and expiry; zero when unknown.
    function signerOf(
        address payer,
        address payee,
        address signer
    ) external view returns (uint128 capWei, uint64 expiresAt);

    /// @notice A pooled signer's daily cap and expiry; zero when unknown.
    function poolSignerOf(address payer, address signer) external view returns (uint128 dailyCapWei, uint64 expiresAt);

    /// @notice Share of dedicated collections that is burned, parts per million.
    function protocolFeePpm() external view returns (uint32 feePpm);

    /// @notice Protocol fees of an epoch (unix seconds / 7 days): gathered, and burned so far, wei.
    function feesOf(uint64 epoch) external view returns (uint128 accruedWei, uint128 burnedWei);

    /// @notice What collections of `payee` brought in protocol fees in an epoch, wei.
    function payeeFeesWei(uint64 epoch, address payee) external view returns (uint256 amountWei);
}
