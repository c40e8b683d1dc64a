// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {ICourt} from "../../../../contracts/interfaces/ICourt.sol";
import {IVerdicts} from "../../../../contracts/interfaces/IVerdicts.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Hearings} from "./Hearings.sol";

/// @title file: a client accuses the miner of its job
contract FileTest is Hearings {
    using Evidence for Assignment;
    using Evidence for Receipt;

    Assignment private _job;
    Receipt private _shown;

    function setUp() public override {
        super.setUp();
        _job = _assignment(1);
        _shown = _receipt(_job);
    }

    function test_FilesACase() public {
        _remember();
        bytes32 hash = _shown.hash();
        uint64 moment = randomness.nextMoment();
        VM.expectEmit();
        emit ICourt.CaseFiled(1, WORKER, CLIENT, hash, moment);
        uint256 id = _file(_job, _shown);
        ICourt.Case memory tried = court.caseOf(id);
        _equal(id, 1, "id");
        _equal(uint256(tried.stage), uint256(ICourt.Stage.Filed), "stage");
        _equal(tried.accused, WORKER, "accused");
        _equal(tried.challenger, CLIENT, "challenger");
        _equal(tried.client, CLIENT, "client");
        _equal(tried.outputTokens, TOKENS, "tokens");
        _equal(tried.refundWei, 0.42 ether, "refund");
        _equal(tried.moment, moment, "moment");
        _equal(tried.deadline, block.timestamp + 3 days, "until its jury is drawn");
        VM.assertTrue(tried.receipt == hash, "receipt");
        _equal(staking.freezesOf(WORKER), 1, "freezes");
        _equal(court.pendingDraws(), 1, "pending draws");
        _expectChange(-int256(uint256(CASE_BOND)), 0, 0, 0, 0);
        _expectHeld(1);
    }

    function test_TheLastSecondOfFourDays() public {
        VM.warp(uint256(_job.deadline) + 4 days);
        _equal(_file(_job, _shown), 1, "id");
    }

    function test_AReplacedOperatorsReceiptStillCounts() public {
        VM.prank(WORKER);
        staking.setOperator(STRANGER);
        VM.warp(START + 4 days);
        _equal(_file(_job, _shown), 1, "id");
    }

    function test_RevertWhen_CallerIsNotTheClient() public {
        (BatchProof memory assigned, BatchProof memory receipted) = (_assigned(_job), _receipted(_shown));
        VM.expectRevert(abi.encodeWithSelector(ICourt.Court_NotTheClient.selector, STRANGER, CLIENT));
        VM.prank(STRANGER);
        court.file(_job, assigned, _shown, receipted);
    }

    function test_RevertWhen_TheFourDaysAreOver() public {
        uint64 until = _job.deadline + 4 days;
        VM.warp(uint256(until) + 1);
        _expectRefusal(abi.encodeWithSelector(IVerdicts.Verdicts_TooLate.selector, until));
    }

    function test_RevertWhen_ThereIsNoOutput() public {
        _shown.outputTokens = 0;
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_NoOutput.selector, _shown.hash()));
    }

    function test_RevertWhen_ThereIsTooMuchOutput() public {
        uint32 most = court.MAXIMUM_TOKENS();
        _shown.outputTokens = most + 1;
        _expectRefusal(abi.encodeWithSelector(ICourt.Court_TooManyTokens.selector, most + 1, most));
        _shown.outputTokens = most;
        _equal(_file(_job, _shown), 1, "the most");
    }

    function test_RevertWhen_ReceiptIsOfAnotherJob() public {
        _shown.assignment = keccak256("another job");
        _expectRefusal(
            abi.encodeWithSelector(IVerdicts.Verdicts_WrongAssignment.selector, _idOf(_job), keccak256("another job"))
        );
    }

    function test_RevertWhen_AssignmentIsNotTheCoordinators() public {
        BatchProof memory assigned = _batch(STRANGER_KEY, TypeHashes.ASSIGNMENT_BATCH, _job.hash());
        _expectRefusal(
            abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, COORDINATOR, STRANGER),
            assigned,
            _receipted(_shown)
        );
    }

    function test_RevertWhen_ReceiptIsNotTheMiners() public {
        BatchProof memory receipted = _batch(STRANGER_KEY, TypeHashes.RECEIPT_BATCH, _shown.hash());
        _expectRefusal(
            abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, WORKER, STRANGER),
            _assigned(_job),
            receipted
        );
    }

    /// @dev A signature over a batch of another kind gives another signer.
    function test_RevertWhen_TheBatchIsOfAnotherKind() public {
        BatchProof memory receipted = _batch(WORKER_KEY, TypeHashes.PROGRESS_BATCH, _shown.hash());
        BatchProof memory assigned = _assigned(_job);
        VM.prank(CLIENT);
        (bool done, bytes memory answer) = address(court).call(
            abi.encodeCall(ICourt.file, (_job, assigned, _shown, receipted))
        );
        VM.assertTrue(!done && bytes4(answer) == IVerdicts.Verdicts_NotSignedBy.selector, "refused");
    }

    function test_RevertWhen_ReceiptIsNotInTheBatch() public {
        BatchProof memory receipted = _receipted(_shown);
        bytes32 root = receipted.root;
        _shown.amountWei += 1;
        _expectRefusal(
            abi.encodeWithSelector(Evidence.Evidence_NotInBatch.selector, _shown.hash(), root),
            _assigned(_job),
            receipted
        );
    }

    function test_RevertWhen_FiledTwice() public {
        _file(_job, _shown);
        bytes32 key = keccak256(abi.encode(IVerdicts.Fault.WrongOutput, _shown.hash()));
        _expectRefusal(
            abi.encodeWithSelector(IVerdicts.Verdicts_AlreadyPunished.selector, IVerdicts.Fault.WrongOutput, key)
        );
    }

    function test_RevertWhen_TheMinerIsNotRegistered() public {
        _job.miner = STRANGER;
        _shown = _receipt(_job);
        BatchProof memory receipted = _batch(STRANGER_KEY, TypeHashes.RECEIPT_BATCH, _shown.hash());
        _expectRefusal(
            abi.encodeWithSelector(IVerdicts.Verdicts_NotSignedBy.selector, STRANGER, STRANGER),
            _assigned(_job),
            receipted
        );
    }

    function test_RevertWhen_TheBondIsNotApproved() public {
        VM.prank(CLIENT);
        token.approve(address(court), CASE_BOND - 1);
        _expectRefusal(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)",
                address(court),
                CASE_BOND - 1,
                CASE_BOND
            )
        );
        _equal(staking.freezesOf(WORKER), 0, "freezes");
    }

    function _expectRefusal(bytes memory refusal) private {
        _expectRefusal(refusal, _assigned(_job), _receipted(_shown));
    }

    function _expectRefusal(bytes memory refusal, BatchProof memory assigned, BatchProof memory receipted) private {
        VM.expectRevert(refusal);
        VM.prank(CLIENT);
        court.file(_job, assigned, _shown, receipted);
    }
}
