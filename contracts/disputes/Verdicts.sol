// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Assignment, Receipt} from "../generated/Structs.sol";
import {TypeHashes} from "../generated/TypeHashes.sol";
import {IReceiptLedger} from "../interfaces/IReceiptLedger.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {IVerdicts} from "../interfaces/IVerdicts.sol";
import {Anchor, Anchors} from "../libraries/Anchors.sol";
import {BatchProof, Evidence} from "../libraries/Evidence.sol";

/// @title Verdicts
/// @notice See IVerdicts. The common end of every kind of case, and the checks of evidence that several kinds share.
abstract contract Verdicts is IVerdicts {
    using SafeERC20 for IERC20;
    using Evidence for Assignment;
    using Evidence for Receipt;

    /// @notice Cases open this long after a job; transcripts are kept that long. Three days less than any thaw.
    uint64 public constant CASE_SECONDS = 4 days;
    /// @notice An anchor may have been on its way when a voucher was exhibited.
    uint64 public constant GRACE_SECONDS = 1 hours;
    /// @dev With the refund's share at most half of what is taken.
    uint32 internal constant REWARD_PPM = 100_000;
    uint32 internal constant REFUND_PPM = 400_000;
    uint256 internal constant PPM = 1_000_000;

    IERC20 internal immutable TOKEN;
    IStaking internal immutable STAKING;
    IReceiptLedger internal immutable LEDGER;

    /// @dev Offences that were punished, or are being tried: nobody answers twice for one.
    mapping(bytes32 key => bool used) private _used;

    constructor(IERC20 token, IStaking staking, IReceiptLedger ledger) {
        if (address(token) == address(0) || address(staking) == address(0) || address(ledger) == address(0)) {
            revert Verdicts_ZeroAddress();
        }
        (TOKEN, STAKING, LEDGER) = (token, staking, ledger);
    }

    /// @inheritdoc IVerdicts
    function penaltyPpm(Fault fault) public pure returns (uint32 ppm) {
        // Lying about the log, the books or the model is chosen; half of the stake outweighs what is gained before it is
        // found, and leaves a coordinator's creditors the other half.
        if (fault == Fault.Omitted || fault == Fault.Unpaid) return 100_000;
        // Silence may be an accident, and must not be cheaper than the wrong output that it may hide by more than luck.
        if (fault == Fault.Undisclosed) return 300_000;
        return 500_000;
    }

    /// @dev Takes the penalty and divides it. `refundWei` and `costsWei` are what is asked for; each is cut to its share.
    function _punish(
        Fault fault,
        bytes32 key,
        address accused,
        address challenger,
        address harmed,
        uint128 refundWei,
        uint128 costsWei
    ) internal returns (uint128 paidCostsWei) {
        uint128 takenWei = STAKING.slash(accused, _penaltyWei(fault, accused), address(this));
        uint128 rewardWei = _share(takenWei, REWARD_PPM);
        // Costs come out of the refund's share: a jury is paid whatever the job was worth.
        uint128 mostWei = _share(takenWei, REFUND_PPM);
        paidCostsWei = costsWei < mostWei ? costsWei : mostWei;
        mostWei -= paidCostsWei;
        if (harmed == address(0)) refundWei = 0;
        if (refundWei > mostWei) refundWei = mostWei;
        uint128 burnedWei = takenWei - rewardWei - refundWei - paidCostsWei;
        emit FaultPunished(fault, accused, challenger, key, takenWei, refundWei, rewardWei, burnedWei);
        if (burnedWei != 0) ERC20Burnable(address(TOKEN)).burn(burnedWei);
        if (refundWei != 0) TOKEN.safeTransfer(harmed, refundWei);
        if (rewardWei != 0) TOKEN.safeTransfer(challenger, rewardWei);
    }

    /// @dev Marks an offence as taken.
    function _use(Fault fault, bytes32 key) internal {
        if (_used[key]) revert Verdicts_AlreadyPunished(fault, key);
        _used[key] = true;
    }

    /// @dev For a case that ended without anybody being judged.
    function _forget(bytes32 key) internal {
        _used[key] = false;
    }

    /// @dev At least half of the role's minimum, so that thawing or an earlier slash does not make a fault cheap.
    function _penaltyWei(Fault fault, address accused) private view returns (uint128 penaltyWei) {
        (IStaking.Role role, uint128 stakedWei, uint128 thawingWei, ) = STAKING.stakeOf(accused);
        penaltyWei = _share(stakedWei + thawingWei, penaltyPpm(fault));
        uint128 leastWei = STAKING.minimumStakeWei(role) / 2;
        return penaltyWei < leastWei ? leastWei : penaltyWei;
    }

    /// @dev An assignment that its coordinator signed; returns its id, which receipts for it name.
    function _checkAssignment(
        Assignment calldata assignment,
        BatchProof calldata proof
    ) internal view returns (bytes32 assignmentId) {
        _checkBatch(assignment.coordinator, TypeHashes.ASSIGNMENT_BATCH, assignment.hash(), proof);
        return _idOf(assignment);
    }

    function _idOf(Assignment calldata assignment) internal view returns (bytes32 assignmentId) {
        return assignment.idOf(LEDGER.domainSeparator());
    }

    /// @dev A receipt for an assignment that its miner signed.
    function _checkReceipt(
        Assignment calldata assignment,
        bytes32 assignmentId,
        Receipt calldata receipt,
        BatchProof calldata proof
    ) internal view returns (bytes32 receiptHash) {
        if (receipt.assignment != assignmentId) revert Verdicts_WrongAssignment(assignmentId, receipt.assignment);
        receiptHash = receipt.hash();
        _checkBatch(assignment.miner, TypeHashes.RECEIPT_BATCH, receiptHash, proof);
    }

    function _checkBatch(address staker, bytes32 batchType, bytes32 leaf, BatchProof calldata proof) internal view {
        _checkSigner(staker, Evidence.batchSigner(LEDGER.domainSeparator(), batchType, leaf, proof));
    }

    function _checkSigner(address staker, address signer) internal view {
        if (!STAKING.signsFor(staker, signer)) revert Verdicts_NotSignedBy(staker, signer);
    }

    /// @dev The deadline is the coordinator's word, which it gives before the job: a miner cannot shorten the time in which
    /// it answers for it. Added up in full width: a deadline beyond all time must not keep cases out.
    function _checkWindow(uint64 deadline) internal view {
        uint256 until = uint256(deadline) + CASE_SECONDS;
        if (block.timestamp > until) revert Verdicts_TooLate(uint64(until));
    }

    /// @dev That `anchors`, after the commitment `previous`, lead to the coordinator's present head.
    function _checkAnchored(address coordinator, bytes32 previous, Anchor[] calldata anchors) internal view {
        (, , , bytes32 commitment) = LEDGER.headOf(coordinator);
        if (!Anchors.endsIn(anchors, previous, commitment)) revert Verdicts_AnchorNotShown(coordinator, commitment);
    }

    function _share(uint128 amountWei, uint256 ppm) internal pure returns (uint128 shareWei) {
        return uint128((uint256(amountWei) * ppm) / PPM);
    }
}
