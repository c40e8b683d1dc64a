// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Receipt} from "../generated/Structs.sol";
import {Anchor} from "../libraries/Anchors.sol";
import {BatchProof} from "../libraries/Evidence.sol";

/// @title Wrong outputs, judged by drawn jurors
/// @notice A client, or a draw after an anchor, accuses a miner of an output that its model does not give. Jurors run the
/// model's registered reference engine, commit to what they found, and reveal it at positions that nobody knew when they
/// committed. Two thirds who found the same decide. Who is absent or found something else pays.
interface ICourt {
    /// @notice Where a case stands.
    enum Stage {
        None,
        /// @dev Waiting for the value that draws its jury.
        Filed,
        /// @dev Jurors commit.
        Committing,
        /// @dev Jurors reveal.
        Revealing
    }

    /// @notice What a juror found.
    enum Verdict {
        None,
        Right,
        Wrong,
        /// @dev The accused showed nobody the transcript in time, neither directly nor on the chain.
        Undisclosed
    }

    /// @notice A case. `moment` draws the jury while the case is filed, and the positions afterwards.
    struct Case {
        Stage stage;
        uint8 commits;
        uint8 reveals;
        uint32 outputTokens;
        uint64 deadline;
        uint64 moment;
        address accused;
        address challenger;
        address client;
        uint128 refundWei;
        bytes32 receipt;
    }

    /// @notice What a juror reveals: its verdict, the root of its values, and the values at the drawn positions.
    struct Revelation {
        Verdict verdict;
        bytes32 salt;
        bytes32 root;
        bytes32[] values;
        bytes32[][] paths;
    }

    event DrawScheduled(address indexed coordinator, uint64 indexed epoch, uint64 moment);
    event CaseFiled(
        uint256 indexed id,
        address indexed accused,
        address indexed challenger,
        bytes32 receipt,
        uint64 moment
    );
    event JuryDrawn(uint256 indexed id, address[] jury, uint64 deadline);
    event Committed(uint256 indexed id, address indexed juror, bytes32 commitment);
    event CommitsClosed(uint256 indexed id, uint64 moment, uint64 deadline);
    event Revealed(uint256 indexed id, address indexed juror, Verdict verdict, bytes32 vote);
    event CaseDecided(uint256 indexed id, address indexed accused, Verdict verdict, uint256 votes);
    event CaseVoid(uint256 indexed id, address indexed accused, bool isBondReturned);
    event JurorPunished(uint256 indexed id, address indexed juror, uint128 takenWei);

    error Court_ZeroAddress();
    error Court_BondBelowFees(uint256 bondWei, uint256 feesWei);
    error Court_RateAboveMaximum(uint32 ratePpm);
    error Court_NotTheClient(address caller, address client);
    error Court_NoOutput(bytes32 receipt);
    error Court_TooManyTokens(uint256 tokens, uint256 maximum);
    error Court_Recess(uint64 until);
    error Court_DrawAlreadyScheduled(address coordinator, uint64 epoch);
    error Court_NothingAnchored(address coordinator);
    error Court_NotScheduled(address coordinator, uint64 epoch);
    error Court_NotInLog(bytes32 receipt, bytes32 root);
    error Court_NotDrawn(bytes32 receipt, uint256 roll, uint32 ratePpm);
    error Court_WrongStage(uint256 id, Stage stage);
    error Court_NotOnJury(uint256 id, address juror);
    error Court_NotTheJuror(address caller, address juror);
    error Court_AlreadyCommitted(uint256 id, address juror);
    error Court_ZeroCommitment();
    error Court_TooLate(uint64 until);
    error Court_TooEarly(uint64 from);
    error Court_WrongCommitment(bytes32 expected, bytes32 shown);
    error Court_NoVerdict();
    error Court_WrongCount(uint256 given, uint256 expected);
    error Court_NotInRoot(uint256 position);

    /// @notice Fixes the moment that draws receipts of a coordinator's present anchor. Anyone may, once for each anchor.
    function scheduleDraw(address coordinator) external returns (uint64 moment);

    /// @notice A client accuses the miner of its job.
    function file(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof
    ) external returns (uint256 id);

    /// @notice Anybody accuses the miner of a receipt that was drawn: `anchors[0]` is the anchor whose draw was scheduled.
    function fileDrawn(
        Assignment calldata assignment,
        BatchProof calldata assignmentProof,
        Receipt calldata receipt,
        BatchProof calldata receiptProof,
        uint64 index,
        bytes32[] calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external returns (uint256 id);

    /// @notice Draws a filed case's jury once its value is there. Anyone may. When there is no jury, or no value DRAW_SECONDS
    /// after the filing, the bond goes back, the receipt can be filed again, and nothing is filed for an hour: filing keeps
    /// jurors from joining and leaving.
    function drawJury(uint256 id) external;

    /// @notice A juror, or its operator, commits to keccak256(id, juror, salt, verdict, root).
    function commit(uint256 id, address juror, bytes32 commitment) external;

    /// @notice Ends the committing when all did or time is over, and fixes the moment that names the positions.
    function closeCommits(uint256 id) external;

    /// @notice A juror, or its operator, reveals. The leaf of position p is keccak256(juror, p, value): a root copied from
    /// another juror opens nowhere.
    function reveal(uint256 id, address juror, Revelation calldata shown) external;

    /// @notice Decides when all revealed or time is over. Anyone may. When the positions never came the case is void.
    function settle(uint256 id) external;

    /// @notice A case; all zero when there is none.
    function caseOf(uint256 id) external view returns (Case memory tried);

    /// @notice The drawn jury of a case.
    function juryOf(uint256 id) external view returns (address[] memory jury);

    /// @notice The positions that jurors reveal; reverts as long as they are not drawn.
    function positionsOf(uint256 id) external view returns (uint256[] memory positions);

    /// @notice In how many of a million draws a receipt over `amountWei` is drawn: never below the deployment's floor, and for a
    /// large job so often that what a wrong one loses on average is twice its whole price.
    function drawRatePpm(uint128 amountWei) external view returns (uint32 ratePpm);

    /// @notice Whether a receipt of a scheduled anchor, over `amountWei`, is drawn by its value.
    function isDrawn(
        address coordinator,
        uint64 epoch,
        bytes32 receipt,
        uint128 amountWei
    ) external view returns (bool drawn);
}
