// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment} from "../../../contracts/generated/Structs.sol";
import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {Base} from "../helpers/Base.sol";
import {Jobs} from "../helpers/Jobs.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {AsksPayersWithCode} from "./twins/Signers.sol";
import {AsksSignersWithCode} from "./twins/Accounts.sol";
import {HostileWallet} from "./twins/Wallets.sol";

/// @title Attacks by accounts that gain, change or have code, in every role (EIP-7702, EIP-1271)
/// @notice A client that gains code after service is in signers.t.sol.
contract AccountAttacks is PaymentAttack, Jobs {
    function setUp() public override(Base, Jobs) {
        Jobs.setUp();
    }

    /// @dev Source: OpenZeppelin/openzeppelin-contracts issue 5707; EIP-7702. As the client, so the coordinator that
    /// pays miners.
    function test_CoordinatorGainsCodeAfterService_Fails() public {
        _fails(_coordinatorGainsCode(escrow));
        _equal(_poolWei(escrow, WORKER), 40 ether, "the miner");
    }

    function test_CoordinatorGainsCodeAfterService_SucceedsAgainstTwin() public {
        _succeeds(_coordinatorGainsCode(_twin(address(new AsksPayersWithCode(token)))));
    }

    /// @dev Source: as above. The miner delegates to a wallet that denies its receipts.
    function test_MinerGainsCodeAfterOffence_Fails() public {
        _fails(_minerGainsCode(faultProofs));
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE / 2, "the stake");
    }

    function test_MinerGainsCodeAfterOffence_SucceedsAgainstTwin() public {
        AsksSignersWithCode twin = new AsksSignersWithCode(staking, ledger);
        manager.grantRole(SLASHER, address(twin), 0);
        _succeeds(_minerGainsCode(IFaultProofs(address(twin))));
    }

    /// @dev Source: a contract's signature may stop being one whenever the contract says so
    /// (OpenZeppelin/openzeppelin-contracts pull request 2459), and a careless contract says yes to anybody. The
    /// wallet's word counts nothing, its session key's does.
    function test_WalletThatSignsForAnybody_Fails() public {
        _fails(_robWallet(escrow, 0));
        _refusedAsUnsigned();
        _fails(_robWallet(escrow, 1));
        _refusedAsUnsigned();
        HostileWallet wallet = new HostileWallet(HostileWallet.Mood.Agree);
        _depositFor(escrow, address(wallet), COORDINATOR, BALANCE);
        bytes memory proof = _proofFor(escrow, address(wallet), COORDINATOR, 0);
        wallet.act(
            address(escrow),
            abi.encodeCall(
                IPaymentEscrow.authorizeSigner,
                (COORDINATOR, SESSION, BALANCE, uint64(block.timestamp + 30 days), proof)
            )
        );
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        v.payer = address(wallet);
        _equal(_collectSigned(escrow, SESSION_KEY, v), 40 ether, "by its session key");
    }

    function test_WalletThatSignsForAnybody_SucceedsAgainstTwin() public {
        _succeeds(_robWallet(_twin(address(new AsksPayersWithCode(token))), 0));
        _succeeds(_robWallet(_twin(address(new AsksPayersWithCode(token))), 1));
    }

    /// @dev Source: as above: money is sent to accounts with code as to any other, and none of them is called. A payout
    /// that would refuse everything is paid.
    function test_PayoutThatRefusesEverything_IsPaid() public {
        address wallet = address(new HostileWallet(HostileWallet.Mood.BurnGas));
        VM.prank(WORKER);
        staking.setPayout(wallet);
        _depositPoolFor(escrow, WORKER, 40 ether);
        escrow.sweep(WORKER);
        _equal(token.balanceOf(wallet), 40 ether, "paid");
    }

    function _coordinatorGainsCode(IPaymentEscrow target) private returns (bool won) {
        _depositPoolFor(target, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(COORDINATOR, WORKER, 1, 0, 40 ether, 1, 0);
        bytes memory signature = _signedFor(target, COORDINATOR_KEY, v);
        _delegate(COORDINATOR);
        return _paid(target, v, signature) == 0;
    }

    function _minerGainsCode(IFaultProofs target) private returns (bool won) {
        Assignment memory job = _assignment(1);
        IFaultProofs.SignedReceipt memory first;
        IFaultProofs.SignedReceipt memory second;
        (first.receipt, second.receipt) = (_receipt(job), _receipt(job));
        second.receipt.outputCommitment = keccak256("another answer");
        (first.proof, second.proof) = (_receipted(first.receipt), _receipted(second.receipt));
        bytes memory proof = abi.encodeCall(IFaultProofs.proveEquivocation, (job, first, second));
        _delegate(WORKER);
        _try(STRANGER, address(target), proof);
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        return stakedWei == WORKER_STAKE;
    }

    /// @dev The stranger signs in the wallet's name, and the wallet agrees.
    function _robWallet(IPaymentEscrow target, uint8 kind) private returns (bool won) {
        address wallet = address(new HostileWallet(HostileWallet.Mood.Agree));
        _depositFor(target, wallet, STRANGER, BALANCE);
        _depositPoolFor(target, wallet, BALANCE);
        IPaymentEscrow.Voucher memory v = IPaymentEscrow.Voucher(wallet, STRANGER, kind, 0, 40 ether, 1, 0);
        return _collectSigned(target, STRANGER_KEY, v) != 0;
    }

    function _delegate(address account) private {
        address wallet = address(new HostileWallet(HostileWallet.Mood.Refuse));
        VM.etch(account, abi.encodePacked(hex"ef0100", wallet));
    }

    function _poolWei(IPaymentEscrow target, address account) private view returns (uint256 balanceWei) {
        (balanceWei, , , ) = target.poolOf(account);
    }
}
