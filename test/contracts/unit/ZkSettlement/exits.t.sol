// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEddsaPoseidon} from "../../../../contracts/interfaces/IEddsaPoseidon.sol";
import {IZkSettlement} from "../../../../contracts/interfaces/IZkSettlement.sol";
import {SlabVectors} from "../../generated/SlabVectors.sol";
import {SlabFixture} from "./Fixture.sol";

/// @title announceExit, exit and close
contract ExitTest is SlabFixture {
    uint256[] private _leaves;
    uint256[] private _none;

    function setUp() public override {
        super.setUp();
        _openAll(settlement);
        _settleBoth();
        _leaves = _second().leavesAfter;
    }

    function test_TheClientExitsWithItsLeaf() public {
        uint64 exitsAt = uint64(START) + 7 days;
        VM.expectEmit();
        emit IZkSettlement.ExitAnnounced(PAYEE, 0, _client(0), exitsAt);
        _announce(_client(0), 0);
        VM.warp(exitsAt);
        VM.expectEmit();
        emit IZkSettlement.ChannelClosed(PAYEE, _client(0), 0, 0, DEPOSIT - 250);
        settlement.exit(_channel(0), _leaves, _opening());
        _equal(token.balanceOf(_client(0)), 10 * uint256(DEPOSIT) - 250, "back");
        (uint80 depositWei, bool isSettled, uint64 leftAt) = settlement.slotOf(PAYEE, 0);
        VM.assertTrue(depositWei == 0 && !isSettled && leftAt == 0, "empty");
        _checkSolvent();
    }

    function test_ThePayeeEndsAChannelThatWasNeverSettled() public {
        _announce(PAYEE, 3);
        VM.warp(START + 7 days);
        settlement.exit(_channel(3), _none, _unopened());
        _equal(token.balanceOf(_client(3)), 10 * uint256(DEPOSIT), "all of it");
        _checkSolvent();
    }

    /// @dev The leaf of the generation before is still there, and says nothing about the new channel.
    function test_ASlotIsOpenedAgainWithANewGeneration() public {
        _announce(PAYEE, 0);
        VM.warp(START + 7 days);
        settlement.exit(_channel(0), _leaves, _opening());
        VM.prank(_client(0));
        _equal(settlement.open(PAYEE, 0, DEPOSIT), 5, "generation");
        IZkSettlement.Channel memory channel = _channel(0);
        _refusesExit(channel, _opening(), _unknown(0));
        channel.generation = 5;
        VM.prank(_client(0));
        settlement.announceExit(channel);
        VM.warp(START + 14 days);
        settlement.exit(channel, _none, _unopened());
        _equal(token.balanceOf(_client(0)), 10 * uint256(DEPOSIT) - 250, "no wei twice");
        _checkSolvent();
    }

    function test_RevertWhen_AStrangerAnnounces() public {
        IZkSettlement.Channel memory channel = _channel(0);
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_NotAParty.selector, address(this)));
        settlement.announceExit(channel);
    }

    function test_RevertWhen_AnnouncedTwice() public {
        _announce(_client(0), 0);
        IZkSettlement.Channel memory channel = _channel(0);
        VM.expectRevert(
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_ExitRunning.selector, uint64(START) + 7 days)
        );
        VM.prank(PAYEE);
        settlement.announceExit(channel);
    }

    function test_RevertWhen_NotAnnounced() public {
        _refusesExit(
            _channel(0),
            _opening(),
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_NoExit.selector, PAYEE, 0)
        );
    }

    function test_RevertWhen_ASecondTooEarly() public {
        _announce(_client(0), 0);
        VM.warp(START + 7 days - 1);
        _refusesExit(
            _channel(0),
            _opening(),
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_TooEarly.selector, uint64(START) + 7 days)
        );
    }

    function testFuzz_RevertWhen_TheOpeningIsAnother(uint80 cumulativeWei) public {
        VM.assume(cumulativeWei != 250);
        _announce(_client(0), 0);
        VM.warp(START + 7 days);
        IZkSettlement.Opening memory opening = _opening();
        opening.cumulativeWei = cumulativeWei;
        uint256 id = settlement.channelId(_channel(0));
        uint256 shown = eddsa.hash([id, _registration(0).key.x, cumulativeWei, 5, opening.blinding]);
        _refusesExit(
            _channel(0),
            opening,
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_WrongOpening.selector, _leaves[0], shown)
        );
    }

    function test_RevertWhen_TheLeavesAreOld() public {
        _announce(_client(0), 0);
        VM.warp(START + 7 days);
        uint256[] memory old = _second().leaves;
        IZkSettlement.Channel memory channel = _channel(0);
        VM.expectRevert(
            abi.encodeWithSelector(
                IZkSettlement.ZkSettlement_StateMoved.selector,
                PAYEE,
                0,
                keccak256(abi.encodePacked(_leaves)),
                keccak256(abi.encodePacked(old))
            )
        );
        settlement.exit(channel, old, IZkSettlement.Opening(100, 1, 0));
    }

    function test_ThePayeeClosesWithAVoucher() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = _voucher();
        VM.expectEmit();
        emit IZkSettlement.ChannelClosed(PAYEE, _client(0), 0, 50, DEPOSIT - 300);
        VM.prank(PAYEE);
        settlement.close(_channel(0), _leaves, _opening(), voucher, signature);
        (, uint112 creditWei, ) = settlement.payeeOf(PAYEE);
        _equal(creditWei, 202 + 157 + 50, "credit");
        _equal(token.balanceOf(_client(0)), 10 * uint256(DEPOSIT) - 300, "back");
        _checkSolvent();
    }

    /// @dev A wei more of deposit covers the voucher that is a wei above the first one.
    function test_AVoucherOverTheWholeDepositLeavesNothingToGiveBack() public {
        VM.prank(_client(0));
        settlement.topUp(PAYEE, 0, 1);
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = abi.decode(
            SlabVectors.ABOVE_DEPOSIT,
            (IZkSettlement.Opening, IEddsaPoseidon.Signature)
        );
        uint256 beforeWei = token.balanceOf(_client(0));
        VM.expectEmit();
        emit IZkSettlement.ChannelClosed(PAYEE, _client(0), 0, uint112(DEPOSIT) + 1 - 250, 0);
        VM.prank(PAYEE);
        settlement.close(_channel(0), _leaves, _opening(), voucher, signature);
        _equal(token.balanceOf(_client(0)), beforeWei, "back");
        _checkSolvent();
    }

    function test_RevertWhen_AStrangerCloses() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = _voucher();
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_NotAParty.selector, _client(0));
        _refusesClose(_client(0), voucher, signature, refusal);
    }

    function test_RevertWhen_TheVoucherIsNotNewer() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = _voucher();
        voucher.nonce = 5;
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_StaleVoucher.selector, 5, 5);
        _refusesClose(PAYEE, voucher, signature, refusal);
    }

    function test_RevertWhen_TheVoucherIsLower() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = _voucher();
        voucher.cumulativeWei = 249;
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_StaleVoucher.selector, 9, 5);
        _refusesClose(PAYEE, voucher, signature, refusal);
    }

    function test_RevertWhen_TheVoucherIsAboveTheDeposit() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = abi.decode(
            SlabVectors.ABOVE_DEPOSIT,
            (IZkSettlement.Opening, IEddsaPoseidon.Signature)
        );
        _refusesClose(
            PAYEE,
            voucher,
            signature,
            abi.encodeWithSelector(
                IZkSettlement.ZkSettlement_AboveDeposit.selector,
                uint80(DEPOSIT) + 1,
                uint80(DEPOSIT)
            )
        );
    }

    function test_RevertWhen_TheBlindingIsNotReduced() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = _voucher();
        voucher.blinding += FIELD;
        _refusesClose(
            PAYEE,
            voucher,
            signature,
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_OutOfField.selector, voucher.blinding)
        );
    }

    function test_RevertWhen_TheVoucherIsAWeiHigher() public {
        (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature) = _voucher();
        voucher.cumulativeWei += 1;
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadVoucher.selector, _client(0));
        _refusesClose(PAYEE, voucher, signature, refusal);
    }

    function _voucher()
        private
        pure
        returns (IZkSettlement.Opening memory voucher, IEddsaPoseidon.Signature memory signature)
    {
        return abi.decode(SlabVectors.VOUCHER, (IZkSettlement.Opening, IEddsaPoseidon.Signature));
    }

    function _announce(address who, uint32 slot) private {
        VM.prank(who);
        settlement.announceExit(_channel(slot));
    }

    function _unknown(uint32 slot) private pure returns (bytes memory refusal) {
        return abi.encodeWithSelector(IZkSettlement.ZkSettlement_UnknownChannel.selector, PAYEE, slot);
    }

    function _refusesExit(
        IZkSettlement.Channel memory channel,
        IZkSettlement.Opening memory opening,
        bytes memory refusal
    ) private {
        VM.expectRevert(refusal);
        settlement.exit(channel, _leaves, opening);
    }

    function _refusesClose(
        address who,
        IZkSettlement.Opening memory voucher,
        IEddsaPoseidon.Signature memory signature,
        bytes memory refusal
    ) private {
        IZkSettlement.Channel memory channel = _channel(0);
        VM.expectRevert(refusal);
        VM.prank(who);
        settlement.close(channel, _leaves, _opening(), voucher, signature);
    }
}
