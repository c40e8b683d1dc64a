// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Court} from "../../../contracts/disputes/Court.sol";
import {Demands} from "../../../contracts/disputes/Demands.sol";
import {FaultProofs} from "../../../contracts/disputes/FaultProofs.sol";
import {Recovery} from "../../../contracts/payments/Recovery.sol";
import {BlockRandomness} from "../../../contracts/randomness/BlockRandomness.sol";
import {Rewards} from "../../../contracts/rewards/Rewards.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IIntake} from "../../../contracts/interfaces/IIntake.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {Permit} from "../../../contracts/interfaces/Permit.sol";
import {PaymentEscrow} from "../../../contracts/payments/PaymentEscrow.sol";
import {ReceiptLedger} from "../../../contracts/ledger/ReceiptLedger.sol";
import {Staking} from "../../../contracts/staking/Staking.sol";
import {LodeToken} from "../../../contracts/token/LodeToken.sol";
import {TypeHashes} from "../../../contracts/generated/TypeHashes.sol";
import {IVm} from "./IVm.sol";

/// @title Every contract deployed, and three parties: a client, a coordinator and a miner
abstract contract Base {
    IVm internal constant VM = IVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant CLIENT_KEY = 0xC11E17;
    uint256 internal constant SESSION_KEY = 0x5E5510;
    uint256 internal constant COORDINATOR_KEY = 0xC002D1;
    uint256 internal constant STRANGER_KEY = 0x572A;
    uint128 internal constant MINER_MINIMUM = 1_000 ether;
    uint128 internal constant COORDINATOR_MINIMUM = 10_000 ether;
    uint32 internal constant FEE_PPM = 10_000;
    uint256 internal constant START = 1_800_000_000;
    uint64 internal constant RANDOMNESS_DELAY = 8;
    uint32 internal constant REBATE_PPM = 500_000;
    uint256 internal constant WEEKLY_BUDGET = 2_000_000 ether;
    uint128 internal constant DEMAND_BOND = 10 ether;
    uint128 internal constant CASE_BOND = 20 ether;
    uint128 internal constant JUROR_FEE = 2 ether;
    uint128 internal constant JUROR_PENALTY = 10 ether;
    uint32 internal constant DRAW_RATE_PPM = 20_000;
    uint64 internal constant MINTER = 1;
    uint64 internal constant SLASHER = 2;
    uint64 internal constant RECOVERER = 3;
    uint64 internal constant GUARDIAN_ROLE = 4;
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    address internal immutable CLIENT = VM.addr(CLIENT_KEY);
    address internal immutable SESSION = VM.addr(SESSION_KEY);
    address internal immutable COORDINATOR = VM.addr(COORDINATOR_KEY);
    address internal immutable STRANGER = VM.addr(STRANGER_KEY);
    address internal constant MINER = address(0x3111E2);
    address internal constant GUARDIAN = address(0x60A2D);

    AccessManager internal manager;
    LodeToken internal token;
    Staking internal staking;
    PaymentEscrow internal escrow;
    ReceiptLedger internal ledger;
    BlockRandomness internal randomness;
    Recovery internal recovery;
    Rewards internal rewards;
    FaultProofs internal faultProofs;
    Demands internal demands;
    Court internal court;

    function setUp() public virtual {
        _deploy();
    }

    function _deploy() internal {
        VM.warp(START);
        manager = new AccessManager(address(this));
        token = new LodeToken(address(manager), address(this), 100_000_000 ether, 1_000_000_000 ether);
        staking = new Staking(address(manager), token, MINER_MINIMUM, COORDINATOR_MINIMUM);
        escrow = _newEscrow(FEE_PPM);
        ledger = new ReceiptLedger(staking);
        randomness = new BlockRandomness(RANDOMNESS_DELAY);
        recovery = new Recovery(token, staking, escrow, ledger);
        rewards = new Rewards(token, escrow, staking, REBATE_PPM, _weeklyBudgetWei());
        faultProofs = new FaultProofs(token, staking, ledger, escrow);
        demands = new Demands(token, staking, ledger, escrow, faultProofs, randomness, DEMAND_BOND);
        court = new Court(token, staking, ledger, randomness, CASE_BOND, JUROR_FEE, JUROR_PENALTY, _drawRatePpm());
        _wireRoles();
        _fund(CLIENT);
        _fund(COORDINATOR);
        _fund(MINER);
    }

    function _weeklyBudgetWei() internal pure virtual returns (uint256 amountWei) {
        return WEEKLY_BUDGET;
    }

    function _drawRatePpm() internal pure virtual returns (uint32 ratePpm) {
        return DRAW_RATE_PPM;
    }

    function _newEscrow(uint32 feePpm) internal returns (PaymentEscrow created) {
        return new PaymentEscrow(address(manager), token, staking, feePpm);
    }

    /// @dev As the deployment does, and these tests themselves as a slasher and a guardian beside.
    function _wireRoles() private {
        bytes4[] memory one = new bytes4[](1);
        one[0] = LodeToken.mint.selector;
        manager.setTargetFunctionRole(address(token), one, MINTER);
        bytes4[] memory three = new bytes4[](3);
        (three[0], three[1], three[2]) = (Staking.slash.selector, Staking.freeze.selector, Staking.unfreeze.selector);
        manager.setTargetFunctionRole(address(staking), three, SLASHER);
        three[0] = IPaymentEscrow.freezePool.selector;
        three[1] = IPaymentEscrow.releasePool.selector;
        three[2] = IPaymentEscrow.closePool.selector;
        manager.setTargetFunctionRole(address(escrow), three, RECOVERER);
        bytes4[] memory two = new bytes4[](2);
        (two[0], two[1]) = (IIntake.pauseIntake.selector, IIntake.resumeIntake.selector);
        manager.setTargetFunctionRole(address(staking), two, GUARDIAN_ROLE);
        manager.setTargetFunctionRole(address(escrow), two, GUARDIAN_ROLE);
        manager.grantRole(MINTER, address(rewards), 0);
        manager.grantRole(MINTER, address(this), 0);
        manager.grantRole(RECOVERER, address(recovery), 0);
        manager.grantRole(RECOVERER, address(this), 0);
        address[5] memory slashers = [
            address(recovery),
            address(faultProofs),
            address(demands),
            address(court),
            address(this)
        ];
        for (uint256 i = 0; i < slashers.length; ++i) manager.grantRole(SLASHER, slashers[i], 0);
        manager.grantRole(GUARDIAN_ROLE, GUARDIAN, 0);
    }

    function _fund(address account) internal {
        VM.assertTrue(token.transfer(account, 1_000_000 ether), "transfer");
        VM.startPrank(account);
        token.approve(address(staking), type(uint256).max);
        token.approve(address(escrow), type(uint256).max);
        token.approve(address(demands), type(uint256).max);
        token.approve(address(court), type(uint256).max);
        VM.stopPrank();
    }

    function _registerMiner() internal {
        VM.prank(MINER);
        staking.register(IStaking.Role.Miner, MINER_MINIMUM * 2, address(0), address(0), bytes32(0));
    }

    function _registerCoordinator() internal {
        VM.prank(COORDINATOR);
        staking.register(IStaking.Role.Coordinator, COORDINATOR_MINIMUM, address(0), address(0), bytes32(0));
    }

    function _deposit(uint128 amountWei) internal {
        VM.prank(CLIENT);
        escrow.deposit(CLIENT, COORDINATOR, amountWei);
    }

    function _depositPool(uint128 amountWei) internal {
        VM.prank(COORDINATOR);
        escrow.depositPool(COORDINATOR, amountWei);
    }

    function _voucher(uint128 cumulativeWei) internal view returns (IPaymentEscrow.Voucher memory voucher) {
        return IPaymentEscrow.Voucher(CLIENT, COORDINATOR, 0, 0, cumulativeWei, 1, keccak256("receipts"));
    }

    function _poolVoucher(uint128 cumulativeWei) internal view returns (IPaymentEscrow.Voucher memory voucher) {
        return IPaymentEscrow.Voucher(COORDINATOR, MINER, 1, 0, cumulativeWei, 1, keccak256("receipts"));
    }

    function _voucherDigest(IPaymentEscrow.Voucher memory v) internal view returns (bytes32 digest) {
        return
            _escrowDigest(
                keccak256(
                    abi.encode(
                        TypeHashes.VOUCHER,
                        v.payer,
                        v.payee,
                        v.kind,
                        v.epoch,
                        v.cumulativeWei,
                        v.count,
                        v.receiptsRoot
                    )
                )
            );
    }

    function _escrowDigest(bytes32 structHash) internal view returns (bytes32 digest) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Lode PaymentEscrow"),
                keccak256("1"),
                block.chainid,
                address(escrow)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _signed(uint256 key, IPaymentEscrow.Voucher memory v) internal view returns (bytes memory signature) {
        return _sign(key, _voucherDigest(v));
    }

    /// @dev Signatures one behind the other, as a batch takes them.
    function _joined(bytes[] memory signatures) internal pure returns (bytes memory joined) {
        for (uint256 i = 0; i < signatures.length; ++i) joined = bytes.concat(joined, signatures[i]);
    }

    function _feeEpoch() internal view returns (uint64 epoch) {
        return uint64(block.timestamp) / escrow.FEE_EPOCH_SECONDS();
    }

    /// @dev Fees of every epoch since the beginning that the escrow still holds.
    function _unburnedFeesWei() internal view returns (uint256 amountWei) {
        for (uint64 epoch = uint64(START) / escrow.FEE_EPOCH_SECONDS(); epoch <= _feeEpoch(); ++epoch) {
            (uint128 accruedWei, uint128 burnedWei) = escrow.feesOf(epoch);
            amountWei += accruedWei - burnedWei;
        }
    }

    /// @dev What the session key signs to agree to be named.
    function _proof(address payer, address payee, uint8 kind) internal view returns (bytes memory proof) {
        return
            _sign(
                SESSION_KEY,
                _escrowDigest(keccak256(abi.encode(TypeHashes.SIGNER_PROOF, payer, payee, SESSION, kind)))
            );
    }

    function _authorizeSession(uint128 capWei) internal {
        bytes memory proof = _proof(CLIENT, COORDINATOR, 0);
        VM.prank(CLIENT);
        escrow.authorizeSigner(COORDINATOR, SESSION, capWei, uint64(START + 30 days), proof);
    }

    function _authorizePoolSession(uint128 dailyCapWei) internal {
        bytes memory proof = _proof(COORDINATOR, address(0), 1);
        VM.prank(COORDINATOR);
        escrow.authorizePoolSigner(SESSION, dailyCapWei, uint64(START + 30 days), proof);
    }

    /// @dev The client's approval of `amountWei` for `spender`, good for a day.
    function _permit(address spender, uint256 amountWei) internal view returns (Permit memory permit) {
        permit.deadline = START + 1 days;
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typeHash, CLIENT, spender, amountWei, token.nonces(CLIENT), permit.deadline)
        );
        (permit.v, permit.r, permit.s) = VM.sign(
            CLIENT_KEY,
            keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash))
        );
    }

    /// @dev What OpenZeppelin's ECDSA gives for a signature that it refuses.
    function _unknownZero() internal view returns (bytes memory data) {
        return abi.encodeWithSelector(IPaymentEscrow.Escrow_SignerUnknown.selector, CLIENT, COORDINATOR, address(0));
    }

    function _bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256 bounded) {
        return low + (value % (high - low + 1));
    }

    function _equal(uint256 left, uint256 right, string memory what) internal pure {
        VM.assertEq(left, right, what);
    }

    function _equal(address left, address right, string memory what) internal pure {
        VM.assertEq(uint256(uint160(left)), uint256(uint160(right)), what);
    }
}
