// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRewards} from "../../../contracts/interfaces/IRewards.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {PaymentAttack} from "./PaymentAttack.sol";
import {RemembersTheRecipient} from "./twins/Rebates.sol";

/// @title Attacks on rebates of burned fees
contract RebateAttacks is PaymentAttack {
    uint64 private constant EPOCH = uint64(START) / 7 days;

    /// @dev Source: Story Protocol, audit H-1, members claim their reward repeatedly (thedatafoundation/protocol-core-v1 issue 288).
    function test_DuplicateReward_Fails() public {
        uint256 dueWei = (BALANCE * FEE_PPM) / 1_000_000 / 2;
        _fails(_claimByOtherNames(rewards));
        _refusedWith(abi.encodeWithSelector(IRewards.Rewards_AlreadyClaimed.selector, EPOCH, MINER));
        _equal(token.balanceOf(STRANGER), 0, "the second payout address");
        _equal(rewards.rewardWei(EPOCH, MINER), dueWei, "once");
    }

    function test_DuplicateReward_SucceedsAgainstTwin() public {
        RemembersTheRecipient twin = new RemembersTheRecipient(token, escrow, staking);
        manager.grantRole(MINTER, address(twin), 0);
        _succeeds(_claimByOtherNames(IRewards(address(twin))));
    }

    /// @dev The miner claims, changes where it is paid, and claims again.
    function _claimByOtherNames(IRewards target) private returns (bool won) {
        _registerMiner();
        _depositFor(escrow, CLIENT, MINER, BALANCE);
        IPaymentEscrow.Voucher memory v = _voucher(BALANCE);
        v.payee = MINER;
        escrow.collect(v, _signed(CLIENT_KEY, v));
        VM.warp((uint256(EPOCH) + 1) * 7 days);
        uint256 before = token.balanceOf(MINER);
        _must(CLIENT, address(target), abi.encodeCall(IRewards.claim, (EPOCH, MINER)));
        _try(MINER, address(target), abi.encodeCall(IRewards.claim, (EPOCH, MINER)));
        _must(MINER, address(staking), abi.encodeCall(IStaking.setPayout, (STRANGER)));
        _try(MINER, address(target), abi.encodeCall(IRewards.claim, (EPOCH, MINER)));
        return token.balanceOf(MINER) - before + token.balanceOf(STRANGER) > target.rewardWei(EPOCH, MINER);
    }
}
