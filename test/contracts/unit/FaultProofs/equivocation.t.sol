// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {IFaultProofs} from "../../../../contracts/interfaces/IFaultProofs.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Rfc6962} from "../../../../contracts/libraries/Rfc6962.sol";
import {Jobs} from "../../helpers/Jobs.sol";

/// @title proveEquivocation, and how every verdict divides what it takes
contract EquivocationTest is Jobs {
    using Evidence for Assignment;
    using Evidence for Receipt;

    Assignment private job;
    IFaultProofs.SignedReceipt private first;
    IFaultProofs.SignedReceipt private second;

    function setUp() public override {
        super.setUp();
        job = _assignment(1);
        first.receipt = _receipt(job);
        second.receipt = _receipt(job);
        second.receipt.outputCommitment = keccak256("another answer");
        _signBoth();
    }

    function _signBoth() private {
        first.proof = _receipted(first.receipt);
        second.proof = _receipted(second.receipt);
    }

    function _prove() private {
        VM.prank(STRANGER);
        faultProofs.proveEquivocation(job, first, second);
    }

    function test_TakesHalfOfTheStakeRefundsRewardsAndBurns() public {
        uint256 supplyWei = token.totalSupply();
        uint256 clientWei = token.balanceOf(CLIENT);
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE / 2, "stake");
        _equal(token.balanceOf(CLIENT) - clientWei, 0.42 ether, "refund");
        _equal(token.balanceOf(STRANGER), WORKER_STAKE / 20, "reward");
        _equal(supplyWei - token.totalSupply(), WORKER_STAKE / 2 - WORKER_STAKE / 20 - 0.42 ether, "burned");
        _equal(token.balanceOf(address(faultProofs)), 0, "nothing stays");
    }

    function test_SaysWhoGotWhat() public {
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.Equivocation, WORKER, _idOf(job)));
        uint128 taken = WORKER_STAKE / 2;
        uint128 reward = taken / 10;
        uint128 burned = taken - 0.42 ether - reward;
        VM.expectEmit();
        emit IVerdicts.FaultPunished(
            IVerdicts.Fault.Equivocation,
            WORKER,
            STRANGER,
            key,
            taken,
            0.42 ether,
            reward,
            burned
        );
        _prove();
    }

    function test_TheRefundIsTheHigherReceiptAndAtMostItsShare() public {
        second.receipt.amountWei = 1 ether;
        _signBoth();
        uint256 clientWei = token.balanceOf(CLIENT);
        _prove();
        _equal(token.balanceOf(CLIENT) - clientWei, 1 ether, "higher");
        job = _assignment(2);
        first.receipt = _receipt(job);
        second.receipt = _receipt(job);
        second.receipt.amountWei = type(uint128).max;
        _signBoth();
        clientWei = token.balanceOf(CLIENT);
        _prove();
        // Half of the 2,000 left is taken, two fifths of that refunded.
        _equal(token.balanceOf(CLIENT) - clientWei, 400 ether, "share");
    }

    function test_AnAccusedThatIsItsOwnVictimAndChallengerLosesHalfOfWhatIsTaken() public {
        job.client = WORKER;
        first.receipt = _receipt(job);
        second.receipt = _receipt(job);
        second.receipt.amountWei = type(uint128).max;
        _signBoth();
        uint256 before = token.balanceOf(WORKER);
        VM.prank(WORKER);
        faultProofs.proveEquivocation(job, first, second);
        _equal(token.balanceOf(WORKER) - before, WORKER_STAKE / 4, "half of half");
    }

    function test_AClientThatCannotBePaidDoesNotSaveTheMiner() public {
        job.client = address(0);
        first.receipt = _receipt(job);
        second.receipt = _receipt(job);
        second.receipt.amountWei = 1 ether;
        _signBoth();
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE / 2, "stake");
    }

    function test_ReachesThawingStakeAndAtLeastHalfTheMinimum() public {
        VM.prank(WORKER);
        staking.startThaw(WORKER_STAKE);
        _prove();
        (, , uint128 thawingWei, ) = staking.stakeOf(WORKER);
        _equal(thawingWei, WORKER_STAKE / 2, "thawing");
        // What is left is made small: a fault still costs half of a miner's minimum.
        staking.slash(WORKER, WORKER_STAKE / 2 - 600 ether, STRANGER);
        job = _assignment(2);
        first.receipt = _receipt(job);
        second.receipt = _receipt(job);
        second.receipt.amountWei = 1;
        _signBoth();
        _prove();
        (, , thawingWei, ) = staking.stakeOf(WORKER);
        _equal(thawingWei, 600 ether - MINER_MINIMUM / 2, "least");
    }

    function test_TheOldOperatorsSignaturesCountForAThaw() public {
        VM.prank(WORKER);
        staking.setOperator(STRANGER);
        VM.warp(block.timestamp + 7 days - 1);
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE / 2, "stake");
    }

    function test_RevertWhen_TheOldOperatorIsLongGone() public {
        VM.prank(WORKER);
        staking.setOperator(STRANGER);
        VM.warp(block.timestamp + 7 days);
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, WORKER, WORKER));
        _prove();
    }

    function test_RevertWhen_ProvedTwice() public {
        _prove();
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.Equivocation, WORKER, _idOf(job)));
        VM.expectRevert(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.Equivocation, key)
        );
        _prove();
    }

    function test_RevertWhen_BothAreTheSame() public {
        second = first;
        VM.expectRevert(abi.encodeWithSelector(IFaultProofs.FaultProofs_SameReceipt.selector, first.receipt.hash()));
        _prove();
    }

    function test_RevertWhen_ForAnotherAttempt() public {
        Assignment memory retry = _assignment(1);
        retry.attempt = 1;
        second.receipt = _receipt(retry);
        _signBoth();
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_WrongAssignment.selector, _idOf(job), _idOf(retry)));
        _prove();
    }

    function test_RevertWhen_SignedByAnother() public {
        bytes memory signature = second.proof.signature;
        second.proof = _batch(STRANGER_KEY, _receiptBatch(), second.receipt.hash());
        VM.assertTrue(keccak256(signature) != keccak256(second.proof.signature), "another");
        VM.expectRevert(abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, WORKER, STRANGER));
        _prove();
    }

    function test_RevertWhen_TheBatchIsOfAssignments() public {
        second.proof = _batch(
            WORKER_KEY,
            keccak256("AssignmentBatch(bytes32 root,uint32 count)"),
            second.receipt.hash()
        );
        // The digest is another, so somebody else is recovered from it.
        try faultProofs.proveEquivocation(job, first, second) {
            VM.assertTrue(false, "accepted");
        } catch (bytes memory reason) {
            VM.assertTrue(bytes4(reason) == IVerdicts.Verdicts_NotSignedBy.selector, "reason");
        }
    }

    function test_RevertWhen_TheLeafIsNotInTheBatch() public {
        second.proof.root = keccak256("another root");
        VM.expectRevert(
            abi.encodeWithSelector(
                Evidence.Evidence_NotInBatch.selector,
                second.receipt.hash(),
                keccak256("another root")
            )
        );
        _prove();
    }

    function test_TheLargestBatch() public {
        _putFirst(1 << 20, 20);
        _prove();
        (, uint128 stakedWei, , ) = staking.stakeOf(WORKER);
        _equal(stakedWei, WORKER_STAKE / 2, "stake");
    }

    /// @dev Signed, and the receipt is in it: one more than is allowed is all that is wrong.
    function test_RevertWhen_TheBatchIsTooLarge() public {
        _putFirst((1 << 20) + 1, 21);
        VM.expectRevert(
            abi.encodeWithSelector(Evidence.Evidence_NotInBatch.selector, second.receipt.hash(), second.proof.root)
        );
        _prove();
    }

    /// @dev The second receipt as the first leaf of a batch of `count`, which is `height` levels high.
    function _putFirst(uint32 count, uint256 height) private {
        bytes32 node = Rfc6962.leafHash(second.receipt.hash());
        delete second.proof.path;
        for (uint256 i = 0; i < height; ++i) {
            bytes32 sibling = keccak256(abi.encode("sibling", i));
            second.proof.path.push(sibling);
            node = Rfc6962.nodeHash(node, sibling);
        }
        (second.proof.root, second.proof.count) = (node, count);
        bytes32 structHash = keccak256(abi.encode(_receiptBatch(), node, count));
        second.proof.signature = _sign(WORKER_KEY, _ledgerDigest(structHash));
    }

    function _receiptBatch() private pure returns (bytes32 typeHash) {
        return keccak256("ReceiptBatch(bytes32 root,uint32 count)");
    }
}
