// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IReceiptLedger} from "../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../contracts/interfaces/IStaking.sol";
import {Vectors} from "../generated/Vectors.sol";
import {Attack} from "./Attack.sol";
import {INamesJobs, InitializesAgain, JobsOfNobody, LedgerByRoot, RealJobs} from "./twins/Deployments.sol";
import {OpenTimelock} from "./twins/Timelocks.sol";

/// @title Attacks on deployed contracts as such: who is in charge, what they take in, whose name a thing has
contract DeploymentAttacks is Attack {
    uint256 private constant DELAY = 10 days;

    /// @dev Source: Parity's multi-signature wallets, July and November 2017; Audius, July 2022.
    function test_ReInitialisation_Fails() public {
        _registerMiner();
        _fails(_takeOver(staking));
        (, uint128 stakedWei, , ) = staking.stakeOf(MINER);
        _equal(stakedWei, 2_000 ether, "the stake");
        _refusedWith(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
    }

    function test_ReInitialisation_SucceedsAgainstTwin() public {
        InitializesAgain twin = new InitializesAgain(token);
        VM.startPrank(MINER);
        token.approve(address(twin), type(uint256).max);
        twin.register(IStaking.Role.Miner, 2_000 ether, address(0), address(0), bytes32(0));
        VM.stopPrank();
        _succeeds(_takeOver(IStaking(address(twin))));
    }

    /// @dev Source: "Governor proposal creation may be blocked by frontrunning", OpenZeppelin advisory GHSA-5h3x-9wvq-w4m2
    /// (CVE-2023-34234).
    function test_ProposalFrontRun_Fails() public {
        _fails(_blockProposal(_timelock()));
        // Nor can a stranger have the access manager delay a call for it.
        bytes memory call = abi.encodeCall(IAccessManager.labelRole, (77, "front"));
        _fails(_try(STRANGER, address(manager), abi.encodeCall(IAccessManager.schedule, (address(manager), call, 0))));
        _equal(
            uint32(bytes4(refusal)),
            uint32(IAccessManager.AccessManagerUnauthorizedCall.selector),
            "refused for another reason"
        );
    }

    function test_ProposalFrontRun_SucceedsAgainstTwin() public {
        _succeeds(_blockProposal(TimelockController(payable(address(new OpenTimelock())))));
    }

    /// @dev Source: OpenZeppelin's TimelockController, on predecessors and on executors that are open to all; its advisory
    /// GHSA-fg47-3c2x-m2wr (CVE-2021-39167).
    function test_ProposalOutOfOrder_Fails() public {
        TimelockController timelock = _timelock();
        _fails(_runOutOfOrder(timelock));
        _equal(
            uint32(bytes4(refusal)),
            uint32(TimelockController.TimelockUnexecutedPredecessor.selector),
            "refused for another reason"
        );
    }

    function test_ProposalOutOfOrder_SucceedsAgainstTwin() public {
        _succeeds(_runOutOfOrder(TimelockController(payable(address(new OpenTimelock())))));
    }

    /// @dev Source: SWC-114, transaction order dependence: whoever repeats another's commitment first owns it.
    function test_RootCopiedBetweenCoordinators_Fails() public {
        _fails(_anchorFirst(ledger));
        (, uint64 copiedSize, , ) = ledger.headOf(MINER);
        (, uint64 size, , ) = ledger.headOf(COORDINATOR);
        _equal(size, 9, "the owner's head");
        _equal(copiedSize, 9, "the copy is the copier's own head, for which it answers");
    }

    function test_RootCopiedBetweenCoordinators_SucceedsAgainstTwin() public {
        _succeeds(_anchorFirst(IReceiptLedger(address(new LedgerByRoot()))));
    }

    /// @dev Source: as above; EIP-712 on binding who says it. The fields are those of a golden vector.
    function test_JobIdCopiedBetweenCoordinators_Fails() public {
        RealJobs real = new RealJobs();
        _equal(uint256(real.idOf(Vectors.ASSIGNMENT)), uint256(Vectors.ASSIGNMENT_HASH), "the wallets' hash");
        _fails(_copyJob(real));
    }

    function test_JobIdCopiedBetweenCoordinators_SucceedsAgainstTwin() public {
        _succeeds(_copyJob(new JobsOfNobody()));
    }

    /// @dev The stranger puts itself in charge by every name that such a function has had, and slashes.
    function _takeOver(IStaking target) private returns (bool won) {
        string[5] memory names = [
            "initialize(address)",
            "init(address)",
            "initWallet(address)",
            "setAuthority(address)",
            "transferOwnership(address)"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            _try(STRANGER, address(target), abi.encodeWithSignature(names[i], STRANGER));
        }
        _try(STRANGER, address(target), abi.encodeCall(IStaking.slash, (MINER, 2_000 ether, STRANGER)));
        return token.balanceOf(STRANGER) != 0;
    }

    /// @dev The stranger sees the governor's proposal coming, makes it its own, and cancels it.
    function _blockProposal(TimelockController timelock) private returns (bool won) {
        bytes memory data = abi.encodeCall(IAccessManager.labelRole, (77, "proposed"));
        bytes memory proposal = abi.encodeCall(
            TimelockController.schedule,
            (address(manager), 0, data, bytes32(0), bytes32("salt"), DELAY)
        );
        bytes32 id = timelock.hashOperation(address(manager), 0, data, bytes32(0), bytes32("salt"));
        _try(STRANGER, address(timelock), proposal);
        _try(STRANGER, address(timelock), abi.encodeCall(TimelockController.cancel, (id)));
        _try(COORDINATOR, address(timelock), proposal);
        _try(STRANGER, address(timelock), abi.encodeCall(TimelockController.cancel, (id)));
        return !timelock.isOperationPending(id);
    }

    /// @dev First the escrow is closed, then somebody may slash. The stranger, who may execute like everybody, starts with
    /// the second.
    function _runOutOfOrder(TimelockController timelock) private returns (bool won) {
        manager.grantRole(0, address(timelock), 0);
        bytes memory first = abi.encodeCall(IAccessManager.setTargetClosed, (address(staking), true));
        bytes memory second = abi.encodeCall(IAccessManager.grantRole, (77, COORDINATOR, 0));
        bytes32 firstId = timelock.hashOperation(address(manager), 0, first, bytes32(0), bytes32(0));
        VM.startPrank(COORDINATOR);
        timelock.schedule(address(manager), 0, first, bytes32(0), bytes32(0), DELAY);
        timelock.schedule(address(manager), 0, second, firstId, bytes32(0), DELAY);
        VM.stopPrank();
        VM.warp(START + DELAY);
        _try(
            STRANGER,
            address(timelock),
            abi.encodeCall(TimelockController.execute, (address(manager), 0, second, firstId, bytes32(0)))
        );
        (bool granted, ) = manager.hasRole(77, COORDINATOR);
        return granted && !manager.isTargetClosed(address(staking));
    }

    /// @dev Another coordinator, here the miner, anchors the owner's log before the owner.
    function _anchorFirst(IReceiptLedger target) private returns (bool won) {
        _registerCoordinator();
        VM.prank(MINER);
        staking.register(IStaking.Role.Coordinator, COORDINATOR_MINIMUM, address(0), address(0), bytes32(0));
        bytes32 root = keccak256("log");
        _must(MINER, address(target), abi.encodeCall(IReceiptLedger.anchor, (MINER, root, 9, root, root)));
        _try(COORDINATOR, address(target), abi.encodeCall(IReceiptLedger.anchor, (COORDINATOR, root, 9, root, root)));
        (, uint64 size, , ) = target.headOf(COORDINATOR);
        return size != 9;
    }

    /// @dev The same assignment with another coordinator in it.
    function _copyJob(INamesJobs target) private view returns (bool won) {
        bytes memory copy = Vectors.ASSIGNMENT;
        bytes32 copier = bytes32(uint256(uint160(STRANGER)));
        assembly ("memory-safe") {
            mstore(add(copy, 0x20), copier)
        }
        return target.idOf(copy) == target.idOf(Vectors.ASSIGNMENT);
    }

    /// @dev The governor proposes, here the coordinator; anybody executes; nobody administers it.
    function _timelock() private returns (TimelockController timelock) {
        address[] memory proposers = new address[](1);
        address[] memory executors = new address[](1);
        proposers[0] = COORDINATOR;
        return new TimelockController(DELAY, proposers, executors, address(0));
    }
}
