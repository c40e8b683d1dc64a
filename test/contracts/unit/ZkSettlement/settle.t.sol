// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IZkSettlement} from "../../../../contracts/interfaces/IZkSettlement.sol";
import {SlabFixture} from "./Fixture.sol";

/// @title settle and sweep, with a verifier that is told which signals are true: the vectors' own
contract SettleTest is SlabFixture {
    function setUp() public override {
        super.setUp();
        _openAll(settlement);
        told.tell(_first().signals);
        told.tell(_second().signals);
    }

    function test_CreditsTheTotalAndPublishesTheLeaves() public {
        Settlement memory made = _first();
        VM.expectEmit();
        emit IZkSettlement.SlabSettled(PAYEE, 0, made.totalWei, made.leavesAfter);
        _settle(settlement, made);
        (uint112 heldWei, uint112 creditWei, ) = settlement.payeeOf(PAYEE);
        _equal(creditWei, 202, "credit");
        _equal(heldWei, 4 * uint256(DEPOSIT) - 202, "held");
        _equal(uint256(settlement.stateOf(PAYEE, 0)), uint256(keccak256(abi.encodePacked(made.leavesAfter))), "state");
        (, bool isSettled, ) = settlement.slotOf(PAYEE, 0);
        (, bool isOtherSettled, ) = settlement.slotOf(PAYEE, 1);
        VM.assertTrue(isSettled && !isOtherSettled, "settled slots");
        _checkSolvent();
    }

    function test_SettlesAgainAndPaysOut() public {
        _settleBoth();
        (, uint112 creditWei, ) = settlement.payeeOf(PAYEE);
        _equal(creditWei, 202 + 157, "credit");
        VM.expectEmit();
        emit IZkSettlement.CreditSwept(PAYEE, creditWei);
        settlement.sweep(PAYEE);
        _equal(token.balanceOf(PAYEE), 202 + 157, "paid");
        _checkSolvent();
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_NothingToSweep.selector, PAYEE));
        settlement.sweep(PAYEE);
    }

    function test_ADepositInBetweenDoesNotSpoilTheProof() public {
        VM.prank(_client(0));
        settlement.topUp(PAYEE, 0, 1);
        _settle(settlement, _first());
        _checkSolvent();
    }

    function test_RevertWhen_SettledAgain() public {
        Settlement memory made = _first();
        _settle(settlement, made);
        _refuses(
            made,
            abi.encodeWithSelector(
                IZkSettlement.ZkSettlement_StateMoved.selector,
                PAYEE,
                0,
                keccak256(abi.encodePacked(made.leavesAfter)),
                keccak256(abi.encodePacked(made.leaves))
            )
        );
    }

    function test_RevertWhen_AnotherSettles() public {
        Settlement memory made = _first();
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_NotAParty.selector, _client(0)));
        VM.prank(_client(0));
        settlement.settle(PAYEE, 0, made.leaves, made.changes, made.totalWei, made.commitment, made.proof);
    }

    function test_RevertWhen_NothingChanges() public {
        Settlement memory made = _first();
        made.changes = new IZkSettlement.Change[](0);
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_NothingChanged.selector, PAYEE, 0));
    }

    function test_RevertWhen_ALeafIsMissing() public {
        Settlement memory made = _first();
        made.leaves = new uint256[](3);
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_WrongLeafCount.selector, 3, 4));
    }

    function test_RevertWhen_ChangesAreSwapped() public {
        Settlement memory made = _first();
        (made.changes[0], made.changes[1]) = (made.changes[1], made.changes[0]);
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_WrongSlot.selector, 0));
    }

    function test_RevertWhen_AChangeIsInAnotherSlab() public {
        Settlement memory made = _first();
        made.changes[1].slot = 4;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_WrongSlot.selector, 4));
    }

    function test_RevertWhen_ALeafIsNotReduced() public {
        Settlement memory made = _first();
        made.changes[0].leaf += FIELD;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_OutOfField.selector, made.changes[0].leaf));
    }

    function test_RevertWhen_TheCommitmentIsNotReduced() public {
        Settlement memory made = _first();
        made.commitment += FIELD;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_OutOfField.selector, made.commitment));
    }

    function test_RevertWhen_TheGenerationIsAnother() public {
        Settlement memory made = _first();
        made.changes[0].generation += 1;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_UnknownChannel.selector, PAYEE, 0));
    }

    function test_RevertWhen_TheDepositIsLess() public {
        Settlement memory made = _first();
        made.changes[0].depositWei += 1;
        _refuses(
            made,
            abi.encodeWithSelector(
                IZkSettlement.ZkSettlement_DepositTooLow.selector,
                0,
                uint80(DEPOSIT) + 1,
                uint80(DEPOSIT)
            )
        );
    }

    function test_RevertWhen_TheTotalIsAnother() public {
        Settlement memory made = _first();
        made.totalWei += 1;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function test_RevertWhen_TheClaimedDepositIsAnother() public {
        Settlement memory made = _first();
        made.changes[0].depositWei -= 1;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    function testFuzz_EveryOtherLeafIsRefused(uint256 leaf) public {
        Settlement memory made = _first();
        leaf %= FIELD;
        VM.assume(leaf != made.changes[0].leaf);
        made.changes[0].leaf = leaf;
        _refuses(made, abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadProof.selector));
    }

    /// @dev Even a proof of more than this payee's clients have deposited, which a known setup secret could make.
    function test_RevertWhen_TheTotalIsNotThere() public {
        Settlement memory made = _first();
        made.totalWei = 4 * DEPOSIT + 1;
        told.tell(_signals(made));
        _refuses(
            made,
            abi.encodeWithSelector(
                IZkSettlement.ZkSettlement_Insolvent.selector,
                PAYEE,
                4 * uint256(DEPOSIT),
                4 * uint256(DEPOSIT) + 1
            )
        );
    }

    /// @dev The contract's signals, computed a second time: the last number of the list is the total with the fresh bits.
    function _signals(Settlement memory made) private view returns (uint256[3] memory signals) {
        uint256[] memory known = new uint256[](23);
        for (uint256 i = 0; i < 4; ++i) (known[i], known[4 + i]) = (made.leaves[i], made.leavesAfter[i]);
        for (uint256 i = 0; i < made.changes.length; ++i) {
            IZkSettlement.Change memory change = made.changes[i];
            uint32 slot = change.slot;
            (known[8 + slot], known[12 + slot]) = (change.key.y, change.key.x);
            known[16 + slot] = settlement.channelId(_channel(slot));
            known[20 + slot / 2] += uint256(change.depositWei) << (128 * (slot % 2));
            known[22] += 1 << (128 + slot);
        }
        known[22] += made.totalWei;
        uint256 point = uint256(keccak256(abi.encodePacked(made.commitment, known))) % FIELD;
        uint256 power = 1;
        uint256 evaluation = 0;
        for (uint256 i = 0; i < 23; ++i) {
            evaluation = addmod(evaluation, mulmod(known[i], power, FIELD), FIELD);
            power = mulmod(power, point, FIELD);
        }
        return [made.commitment, evaluation, point];
    }

    function test_TheSignalsAreWhatTypeScriptComputes() public view {
        Settlement memory made = _first();
        _equal(uint256(keccak256(abi.encode(_signals(made)))), uint256(keccak256(abi.encode(made.signals))), "same");
    }

    function _refuses(Settlement memory made, bytes memory refusal) private {
        VM.expectRevert(refusal);
        _settle(settlement, made);
    }
}
