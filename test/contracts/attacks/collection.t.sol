// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {CreditsUnfunded, ForgetsTheHighest, PaysOneself, StakePaysVouchers, UnboundedFee} from "./twins/Collection.sol";
import {LeavesFieldUnsigned} from "./twins/Domains.sol";

/// @title Attacks on what a voucher pays, and how often
contract CollectionAttacks is PaymentAttack {
    /// @dev Source: The Graph Horizon, Trust Security audit TRST-M-10 "A RAV could be collected more than once, leading to
    /// double payment" (graphprotocol/contracts pull request 1072).
    function test_SecondCollectBySignerMove_Fails() public {
        _fails(_moveSigner(escrow, FIELDS));
        _refusedAsUnsigned();
    }

    function test_SecondCollectBySignerMove_SucceedsAgainstTwin() public {
        _succeeds(_moveSigner(_twin(address(new LeavesFieldUnsigned(token, 0))), 0));
    }

    /// @dev Source: bZx, iToken duplication incident, September 2020: a transfer to oneself was written twice.
    function test_SelfCollection_Fails() public {
        _fails(_paySelf(escrow));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_SelfPayment.selector, COORDINATOR));
    }

    function test_SelfCollection_SucceedsAgainstTwin() public {
        _succeeds(_paySelf(_twin(address(new PaysOneself(token)))));
    }

    /// @dev Source: "Sprites and state channels", Miller, Bentov, Kumaresan, McCorry, 2017, on stale states; Raiden's
    /// nonces against older balance proofs.
    function test_LowerOrOlderVoucher_Fails() public {
        _fails(_goBack(escrow));
        _refusedWith(abi.encodeWithSelector(IPaymentEscrow.Escrow_StaleVoucher.selector, 40 ether, 40 ether));
        (uint128 collectedWei, ) = escrow.channelOf(CLIENT, COORDINATOR, 0);
        _equal(collectedWei, 40 ether, "collected");
    }

    function test_LowerOrOlderVoucher_SucceedsAgainstTwin() public {
        _succeeds(_goBack(_twin(address(new ForgetsTheHighest(token)))));
    }

    /// @dev Source: Qubit Finance, January 2022: QBridge credited deposits that nobody had made (BlockSec, "When SafeTransfer
    /// Becomes Unsafe"). Here the credit comes from a voucher; the token side is in tokens.t.sol.
    function test_UnfundedCredit_Fails() public {
        _fails(_collectFromNothing(escrow));
        _equal(token.balanceOf(address(escrow)), BALANCE, "the others' money");
    }

    function test_UnfundedCredit_SucceedsAgainstTwin() public {
        _succeeds(_collectFromNothing(_twin(address(new CreditsUnfunded(token)))));
    }

    /// @dev Source: Livepeer, delayed withdrawals and the penalty escrow that a sender could pay to itself
    /// (livepeer/protocol issue 245, and pull request 286 for the reserve shared between recipients).
    function test_SelfVoucherToASybil_Fails() public {
        _registerCoordinator();
        _fails(_payASybil(escrow));
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        _equal(stakedWei, COORDINATOR_MINIMUM, "no voucher reaches the stake");
        _equal(token.balanceOf(STRANGER), BALANCE, "the pool, which was the coordinator's, and no more");
    }

    function test_SelfVoucherToASybil_SucceedsAgainstTwin() public {
        _registerCoordinator();
        StakePaysVouchers twin = new StakePaysVouchers(token, staking);
        uint64 role = manager.getTargetFunctionRole(address(staking), IStaking.slash.selector);
        manager.grantRole(role, address(twin), 0);
        _succeeds(_payASybil(_twin(address(twin))));
    }

    /// @dev Source: POA TokenBridge, "No check that the fee percentage is less than 100%" (omni/tokenbridge-contracts issue
    /// 205); The Graph Horizon, Trust Security audit TRST-L-12, cuts above 100 %.
    function test_OutOfRangeCut_Fails() public {
        uint32[4] memory cuts = [uint32(50_001), 999_999, 1_000_000, type(uint32).max];
        for (uint256 i = 0; i < cuts.length; ++i) {
            try this.newEscrow(cuts[i]) {
                VM.assertTrue(false, "deployed");
            } catch (bytes memory reason) {
                refusal = reason;
            }
            _refusedWith(
                abi.encodeWithSelector(IPaymentEscrow.Escrow_FeeAboveMaximum.selector, cuts[i], uint32(50_000))
            );
        }
        // The highest cut that can be deployed leaves the payee 95 %.
        IPaymentEscrow highest = _twin(this.newEscrow(50_000));
        _fails(_takeAll(highest));
        (uint128 creditedWei, , , ) = highest.poolOf(COORDINATOR);
        _equal(creditedWei, 38 ether, "95 % of 40");
    }

    function test_OutOfRangeCut_SucceedsAgainstTwin() public {
        _succeeds(_takeAll(_twin(address(new UnboundedFee(token, 1_000_000)))));
    }

    /// @dev External, so that a deployment that reverts can be caught.
    function newEscrow(uint32 feePpm) external returns (address created) {
        return address(_newEscrow(feePpm));
    }

    /// @dev The key signs for the client, then moves to another payer of the same payee; the payee shows the voucher twice.
    function _moveSigner(IPaymentEscrow target, uint256 unsigned) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _depositFor(target, MINER, COORDINATOR, BALANCE);
        _authorizeFor(target, CLIENT, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(40 ether);
        bytes32 digest = _digestOf(address(target), block.chainid, _hashWithout(v, unsigned));
        bytes memory signature = _sign(SESSION_KEY, digest);
        _equal(_paid(target, v, signature), 40 ether, "the first time");
        VM.prank(CLIENT);
        target.revokeSigner(COORDINATOR, SESSION);
        _authorizeFor(target, MINER, COORDINATOR, BALANCE);
        v.payer = MINER;
        return _paid(target, v, signature) != 0;
    }

    function _paySelf(IPaymentEscrow target) private returns (bool won) {
        _depositPoolFor(target, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _poolVoucher(BALANCE);
        v.payee = COORDINATOR;
        _collectSigned(target, COORDINATOR_KEY, v);
        (uint128 poolWei, , , ) = target.poolOf(COORDINATOR);
        return poolWei > BALANCE;
    }

    function _goBack(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        uint256 paidWei = _collectSigned(target, CLIENT_KEY, _voucher(40 ether));
        paidWei += _collectSigned(target, CLIENT_KEY, _voucher(30 ether));
        paidWei += _collectSigned(target, CLIENT_KEY, _voucher(40 ether));
        return paidWei > 40 ether;
    }

    /// @dev The attacker promises itself money that it never deposited, out of an escrow that holds the client's.
    function _collectFromNothing(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(50 ether);
        (v.payer, v.payee) = (STRANGER, MINER);
        _collectSigned(target, STRANGER_KEY, v);
        _try(STRANGER, address(target), abi.encodeCall(IPaymentEscrow.sweep, (MINER)));
        return token.balanceOf(address(target)) < BALANCE;
    }

    /// @dev The sybil may have the pool: the coordinator could have withdrawn it. It must not have the stake.
    function _payASybil(IPaymentEscrow target) private returns (bool won) {
        _depositPoolFor(target, COORDINATOR, BALANCE);
        IPaymentEscrow.Voucher memory v = _poolVoucher(BALANCE + 5_000 ether);
        v.payee = STRANGER;
        _collectSigned(target, COORDINATOR_KEY, v);
        _try(STRANGER, address(target), abi.encodeCall(IPaymentEscrow.sweep, (STRANGER)));
        return token.balanceOf(STRANGER) > BALANCE;
    }

    /// @dev A payee that served for 40 is left with nothing.
    function _takeAll(IPaymentEscrow target) private returns (bool won) {
        _depositFor(target, CLIENT, COORDINATOR, BALANCE);
        _equal(_collectSigned(target, CLIENT_KEY, _voucher(40 ether)), 40 ether, "collected");
        (uint128 creditedWei, , , ) = target.poolOf(COORDINATOR);
        return creditedWei == 0;
    }
}
