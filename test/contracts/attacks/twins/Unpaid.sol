// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";

/// @title The least of a judge over unpaid work that the attacks need, with the signatures of the real one
/// @notice It has no bug that an attack here uses: each twin brings its own. It takes no bond and trusts that what it
/// is shown was signed, because no twin is about that; who does not answer loses twice what it owes.
abstract contract PlainUnpaid {
    struct Claim {
        address coordinator;
        address miner;
        uint256 owedWei;
        uint256 targetWei;
        uint256 collectedWei;
        uint256 deadline;
    }

    IStaking private immutable STAKING;
    IPaymentEscrow private immutable ESCROW;
    mapping(uint256 id => Claim claim) private _claims;
    uint256 private _count;

    constructor(IStaking staking, IPaymentEscrow escrow) {
        (STAKING, ESCROW) = (staking, escrow);
    }

    function demandPayment(
        IPaymentEscrow.Voucher calldata last,
        bytes calldata,
        IDemands.UnpaidJob[] calldata jobs
    ) external returns (uint256 id) {
        _checkEpoch(last);
        Claim memory claim;
        (claim.coordinator, claim.miner) = (jobs[0].assignment.coordinator, msg.sender);
        for (uint256 i = 0; i < jobs.length; ++i) claim.owedWei += _earnedWei(jobs[i]);
        claim.targetWei = last.cumulativeWei + claim.owedWei;
        (claim.collectedWei, ) = ESCROW.channelOf(claim.coordinator, claim.miner, 1);
        claim.deadline = block.timestamp + _answerSeconds();
        id = ++_count;
        _claims[id] = claim;
    }

    function answerCollected(uint256 id) external {
        (uint256 collectedWei, ) = ESCROW.channelOf(_claims[id].coordinator, _claims[id].miner, 1);
        require(_isAnswer(_claims[id], collectedWei), "not collected");
        delete _claims[id];
    }

    function fail(uint256 id) external {
        Claim memory claim = _claims[id];
        require(claim.owedWei != 0 && block.timestamp > claim.deadline, "answerable");
        delete _claims[id];
        STAKING.slash(claim.coordinator, uint128(2 * claim.owedWei), claim.miner);
    }

    function _checkEpoch(IPaymentEscrow.Voucher calldata last) internal view virtual {
        (, , , uint64 epoch) = ESCROW.poolOf(last.payer);
        require(last.epoch == epoch, "epoch");
    }

    function _isAnswer(Claim memory claim, uint256 collectedWei) internal pure virtual returns (bool answers) {
        return collectedWei >= claim.targetWei;
    }

    function _earnedWei(IDemands.UnpaidJob calldata job) internal pure virtual returns (uint256 earnedWei) {
        return job.progress.count < job.receipt.outputTokens ? 0 : job.receipt.amountWei;
    }

    function _answerSeconds() internal pure virtual returns (uint256 secondsToAnswer) {
        return 5 days;
    }
}

/// @notice Bug: whatever is collected after the demand answers it.
contract AnswersByAnyCollection is PlainUnpaid {
    constructor(IStaking staking, IPaymentEscrow escrow) PlainUnpaid(staking, escrow) {}

    function _isAnswer(Claim memory claim, uint256 collectedWei) internal pure override returns (bool answers) {
        return collectedWei > claim.collectedWei;
    }
}

/// @notice Bug: a receipt, which is the miner's own word, is what the miner is owed.
contract PaysWhatReceiptsSay is PlainUnpaid {
    constructor(IStaking staking, IPaymentEscrow escrow) PlainUnpaid(staking, escrow) {}

    function _earnedWei(IDemands.UnpaidJob calldata job) internal pure override returns (uint256 earnedWei) {
        return job.receipt.amountWei;
    }
}

/// @notice Bug: a demand must be answered by a collection sooner than a frozen pool must be cured.
contract NoTimeToCure is PlainUnpaid {
    constructor(IStaking staking, IPaymentEscrow escrow) PlainUnpaid(staking, escrow) {}

    function _answerSeconds() internal pure override returns (uint256 secondsToAnswer) {
        return 48 hours;
    }
}
