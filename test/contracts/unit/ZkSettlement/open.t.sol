// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEddsaPoseidon} from "../../../../contracts/interfaces/IEddsaPoseidon.sol";
import {IGroth16Verifier} from "../../../../contracts/interfaces/IGroth16Verifier.sol";
import {IZkSettlement} from "../../../../contracts/interfaces/IZkSettlement.sol";
import {ZkSettlement} from "../../../../contracts/zk/ZkSettlement.sol";
import {SlabVectors} from "../../generated/SlabVectors.sol";
import {SlabFixture} from "./Fixture.sol";

/// @notice A token that keeps a wei of each transfer.
contract KeepsAWei {
    mapping(address account => uint256 amountWei) public balanceOf;

    function transferFrom(address, address to, uint256 amountWei) external returns (bool done) {
        balanceOf[to] += amountWei - 1;
        return true;
    }
}

/// @title register, open and topUp
contract OpenTest is SlabFixture {
    function test_RegistersAKey() public {
        Registration memory r = _registration(0);
        VM.expectEmit();
        emit IZkSettlement.KeyRegistered(_client(0), r.key.x, r.key.y);
        VM.prank(_client(0));
        settlement.register(r.key, r.eighth, r.proof);
        _equal(settlement.keyOf(_client(0)).x, r.key.x, "x");
        _equal(settlement.keyOf(_client(0)).y, r.key.y, "y");
    }

    function test_RevertWhen_TheProofIsAnotherClients() public {
        Registration memory r = _registration(0);
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadKeyProof.selector, _client(1)));
        VM.prank(_client(1));
        settlement.register(r.key, r.eighth, r.proof);
    }

    function test_RevertWhen_TheProofIsOfAnotherChain() public {
        Registration memory r = _registration(0);
        VM.chainId(1);
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadKeyProof.selector, _client(0)));
        VM.prank(_client(0));
        settlement.register(r.key, r.eighth, r.proof);
    }

    function test_RevertWhen_TheProofIsOfAnotherContract() public {
        Registration memory r = _registration(0);
        ZkSettlement other = _at(address(0xbeef), told);
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadKeyProof.selector, _client(0)));
        VM.prank(_client(0));
        other.register(r.key, r.eighth, r.proof);
    }

    function test_RevertWhen_TheKeyIsNotEightTimesAPoint() public {
        Registration memory r = _registration(0);
        IEddsaPoseidon.Key memory other = _registration(1).eighth;
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadKey.selector, r.key.x, r.key.y));
        VM.prank(_client(0));
        settlement.register(r.key, other, r.proof);
    }

    function test_OpensAndTopsUp() public {
        _registerAndFund(0);
        IEddsaPoseidon.Key memory key = _registration(0).key;
        uint256 id = settlement.channelId(_channel(0));
        VM.expectEmit();
        emit IZkSettlement.ChannelOpened(PAYEE, _client(0), 0, 1, id, key.x, key.y, uint80(DEPOSIT));
        VM.prank(_client(0));
        _equal(settlement.open(PAYEE, 0, DEPOSIT), 1, "generation");
        VM.expectEmit();
        emit IZkSettlement.ChannelToppedUp(PAYEE, 0, 7, uint80(DEPOSIT) + 7);
        VM.prank(_client(0));
        settlement.topUp(PAYEE, 0, 7);
        (uint80 depositWei, bool isSettled, uint64 exitsAt) = settlement.slotOf(PAYEE, 0);
        (uint112 heldWei, uint112 creditWei, uint32 nextSlot) = settlement.payeeOf(PAYEE);
        _equal(depositWei, DEPOSIT + 7, "deposit");
        _equal(heldWei, DEPOSIT + 7, "held");
        VM.assertTrue(!isSettled && exitsAt == 0 && creditWei == 0 && nextSlot == 1, "the rest");
        _checkSolvent();
    }

    function test_RevertWhen_TheClientHasNoKey() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_NoKey.selector, address(this)));
        settlement.open(PAYEE, 0, DEPOSIT);
    }

    function test_RevertWhen_ThePayeeIsMissing() public {
        _registerAndFund(0);
        _refuses(address(0), 0, DEPOSIT, abi.encodeWithSelector(IZkSettlement.ZkSettlement_ZeroAddress.selector));
    }

    function test_RevertWhen_ThePayeeIsTheClient() public {
        _registerAndFund(0);
        address client = _client(0);
        _refuses(client, 0, DEPOSIT, abi.encodeWithSelector(IZkSettlement.ZkSettlement_SelfPayment.selector, client));
    }

    function test_RevertWhen_TheSlotIsTaken() public {
        _open(settlement, 0);
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_SlotTaken.selector, PAYEE, 0);
        _refuses(PAYEE, 0, DEPOSIT, refusal);
    }

    function test_RevertWhen_ASlotIsLeftOut() public {
        _open(settlement, 0);
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_SlotTooFar.selector, PAYEE, 2, 1);
        _refuses(PAYEE, 2, DEPOSIT, refusal);
    }

    function test_RevertWhen_TheAmountIsZero() public {
        _registerAndFund(0);
        _refuses(PAYEE, 0, 0, abi.encodeWithSelector(IZkSettlement.ZkSettlement_ZeroAmount.selector));
    }

    function test_RevertWhen_TheAmountDoesNotFit() public {
        _registerAndFund(0);
        uint128 amountWei = 1 << 80;
        bytes memory refusal = abi.encodeWithSelector(IZkSettlement.ZkSettlement_AmountTooLarge.selector, amountWei);
        _refuses(PAYEE, 0, amountWei, refusal);
    }

    function test_TheLargestDepositFits() public {
        _registerAndFund(0);
        uint128 amountWei = type(uint80).max;
        token.mint(_client(0), amountWei);
        VM.startPrank(_client(0));
        token.approve(address(settlement), amountWei);
        settlement.open(PAYEE, 0, amountWei);
        VM.stopPrank();
        (uint80 depositWei, , ) = settlement.slotOf(PAYEE, 0);
        _equal(depositWei, amountWei, "deposit");
    }

    function test_RevertWhen_TheTokenKeepsSome() public {
        ZkSettlement odd = new ZkSettlement(IERC20(address(new KeepsAWei())), told, eddsa, 4);
        VM.etch(SlabVectors.CONTRACT, address(odd).code);
        Registration memory r = _registration(0);
        VM.startPrank(_client(0));
        settlement.register(r.key, r.eighth, r.proof);
        VM.expectRevert(
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_InexactTransfer.selector, DEPOSIT, DEPOSIT - 1)
        );
        settlement.open(PAYEE, 0, DEPOSIT);
    }

    function test_RevertWhen_NobodyHasTheSlotToTopUp() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_UnknownChannel.selector, PAYEE, 0));
        settlement.topUp(PAYEE, 0, 1);
    }

    function test_TheSmallestAndTheLargestSlab() public {
        _equal(new ZkSettlement(token, told, eddsa, 2).SLAB_SIZE(), 2, "smallest");
        _equal(new ZkSettlement(token, told, eddsa, 64).SLAB_SIZE(), 64, "largest");
    }

    function test_RevertWhen_TheSlabSizeIsOdd() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadSlabSize.selector, 3));
        new ZkSettlement(token, told, eddsa, 3);
    }

    function test_RevertWhen_TheSlabSizeIsZero() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadSlabSize.selector, 0));
        new ZkSettlement(token, told, eddsa, 0);
    }

    function test_RevertWhen_TheSlabSizeIsLarge() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_BadSlabSize.selector, 66));
        new ZkSettlement(token, told, eddsa, 66);
    }

    function test_RevertWhen_TheTokenIsMissing() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_ZeroAddress.selector));
        new ZkSettlement(IERC20(address(0)), told, eddsa, 4);
    }

    function test_RevertWhen_TheVerifierIsMissing() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_ZeroAddress.selector));
        new ZkSettlement(token, IGroth16Verifier(address(0)), eddsa, 4);
    }

    function test_RevertWhen_TheSignatureContractIsMissing() public {
        VM.expectRevert(abi.encodeWithSelector(IZkSettlement.ZkSettlement_ZeroAddress.selector));
        new ZkSettlement(token, told, IEddsaPoseidon(address(0)), 4);
    }

    /// @dev Client 0 registers and could open a channel.
    function _registerAndFund(uint32 slot) private {
        Registration memory r = _registration(slot);
        VM.assertTrue(token.transfer(_client(slot), 10 * DEPOSIT), "transfer");
        VM.startPrank(_client(slot));
        token.approve(address(settlement), type(uint256).max);
        settlement.register(r.key, r.eighth, r.proof);
        VM.stopPrank();
    }

    function _refuses(address payee, uint32 slot, uint128 amountWei, bytes memory refusal) private {
        VM.expectRevert(refusal);
        VM.prank(_client(0));
        settlement.open(payee, slot, amountWei);
    }
}
