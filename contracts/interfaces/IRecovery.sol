// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Anchor} from "../libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../libraries/LiabilityTree.sol";
import {IPaymentEscrow} from "./IPaymentEscrow.sol";

/// @title What happens when a coordinator's pool cannot pay its vouchers
/// @notice A shortfall freezes the payer's pool and stake. It has CURE_SECONDS to pay every declared voucher in full.
/// After that pool and stake, less what cases take that end within CASES_SECONDS more, are shared pro rata over the liabilities that the payer
/// itself anchored at least SETTLED_SECONDS before the shortfall: payees register their lines first and are paid when all
/// are known, so that whoever comes first gets no more than whoever comes last.
interface IRecovery {
    /// @notice Where the payer's insolvency stands.
    enum Stage {
        None,
        Frozen,
        Open
    }

    /// @notice A spell of insolvency, from the first declared shortfall to the closing of its recovery.
    struct Spell {
        Stage stage;
        bool isStakeFrozen;
        uint40 declaredAt;
        uint40 openedAt;
        uint32 declared;
        uint128 dueWei;
        uint128 potWei;
        uint128 paidWei;
        uint128 registeredWei;
        bytes32 cursor;
        bytes32 liabilitiesRoot;
    }

    event ShortfallDeclared(address indexed payer, address indexed payee, uint128 cumulativeWei, uint128 dueWei);
    event ShortfallCured(address indexed payer, address indexed payee, uint128 paidWei);
    event RecoveryOpened(address indexed payer, bytes32 liabilitiesRoot, uint128 totalWei, uint128 potWei);
    event LineRegistered(address indexed payer, address indexed payee, uint128 dueWei);
    event RecoveryClaimed(address indexed payer, address indexed payee, uint128 dueWei, uint128 paidWei);
    event RecoveryClosed(address indexed payer, uint128 burnedWei);

    error Recovery_ZeroAddress();
    error Recovery_NotAPromise(address payer, address payee);
    error Recovery_NoShortfall(address payer, uint256 dueWei, uint256 poolWei);
    error Recovery_AlreadyDeclared(address payer, address payee, uint128 cumulativeWei);
    error Recovery_Resting(address payer, uint64 until);
    error Recovery_NotDeclared(address payer, address payee, uint128 cumulativeWei);
    error Recovery_WrongStage(address payer, Stage stage);
    error Recovery_StillShort(address payer, uint256 dueWei, uint256 poolWei);
    error Recovery_CureTime(uint64 until);
    error Recovery_CasesOpen(address payer, uint256 cases);
    error Recovery_AnchorNotShown(address payer, bytes32 expected, bytes32 shown);
    error Recovery_LengthMismatch(uint256 commitments, uint256 anchors);
    error Recovery_RootKnown(address payer, bytes32 liabilitiesRoot);
    error Recovery_RootUnknown(address payer, bytes32 cursor);
    error Recovery_LineNotInRoot(address payer, bytes32 expected, bytes32 shown);
    error Recovery_WrongLine(address payer, uint64 epoch);
    error Recovery_AlreadyRegistered(address payer, address payee);
    error Recovery_RegistrationOver(uint64 since);
    error Recovery_NothingDue(address payer, address payee);
    error Recovery_ClaimTime(uint64 until);

    /// @notice Shows a pooled voucher that the payer's pool cannot pay in full. The first freezes its pool and stake.
    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external;

    /// @notice Pays one declared voucher in full, once the pool covers all of them; the last one ends the freeze.
    /// @dev The pool stays frozen for everybody else meanwhile, so that a cure cannot be run away with.
    function cure(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external;

    /// @notice Shows anchors backwards from the payer's head as it was when the shortfall was declared, in as many calls
    /// as it takes, until one is old enough. `previous[i]` is the commitment before `anchors[i]`.
    function showAnchors(address payer, bytes32[] calldata previous, Anchor[] calldata anchors) external;

    /// @notice Opens the recovery of a shortfall that was not cured, with any line of the root as proof of its total: when no case
    /// is open, or CASES_SECONDS after the cure time.
    function open(address payer, Liability calldata line, LiabilityPath calldata path) external;

    /// @notice Ends a freeze of a payer that has no books old enough: no line can be shared. Its vouchers collect again,
    /// first come, and no other shortfall can be declared for REST_SECONDS.
    function release(address payer) external;

    /// @notice Registers what a line of the root still leaves due, for REGISTRATION_SECONDS. Anyone may submit.
    function register(address payer, Liability calldata line, LiabilityPath calldata path) external;

    /// @notice Pays a registered payee its share, once registration is over. Anyone may submit.
    function claim(address payer, address payee) external returns (uint128 paidWei);

    /// @notice Burns what nobody claimed in time, and ends the spell.
    function close(address payer) external;

    /// @notice What a payee registered in the payer's present recovery and was not paid yet, wei.
    function registeredOf(address payer, address payee) external view returns (uint128 dueWei);

    /// @notice The payer's present spell.
    function spellOf(address payer) external view returns (Spell memory spell);
}
