// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEddsaPoseidon} from "../interfaces/IEddsaPoseidon.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {Groth16} from "../libraries/Groth16.sol";
import {IZkSettlement} from "../interfaces/IZkSettlement.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";

/// @title ZkSettlement
/// @notice See IZkSettlement.
contract ZkSettlement is IZkSettlement {
    using SafeERC20 for IERC20;
    using ExactTransfer for IERC20;

    /// @dev One slot: 80 + 8 + 168 bits, all that a settlement reads of a channel. The tag is the channel's id cut short: what is
    /// shown of a channel has to hash to it.
    struct Slot {
        uint80 depositWei;
        bool isSettled;
        uint168 tag;
    }

    /// @dev One slot. What a proof pays comes out of what this payee's own clients deposited: a forged proof, if the setup's
    /// secrets were known, could not reach anybody else's.
    struct Payee {
        uint112 heldWei;
        uint112 creditWei;
        uint32 nextSlot;
    }

    /// @inheritdoc IZkSettlement
    uint64 public constant EXIT_SECONDS = 7 days;
    uint256 private constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @inheritdoc IZkSettlement
    uint256 public immutable SLAB_SIZE;
    IERC20 private immutable TOKEN;
    IGroth16Verifier private immutable VERIFIER;
    IEddsaPoseidon private immutable EDDSA;
    /// @dev keccak256 of a slab of zeros.
    bytes32 private immutable EMPTY;

    uint64 private _generations;
    mapping(address client => IEddsaPoseidon.Key key) private _keys;
    mapping(address payee => Payee figures) private _payees;
    mapping(address payee => mapping(uint32 slot => Slot state)) private _slots;
    mapping(address payee => mapping(uint32 slot => uint64 exitsAt)) private _exits;
    /// @dev Zero for a slab that was never settled.
    mapping(address payee => mapping(uint32 slab => bytes32 state)) private _states;

    constructor(IERC20 token, IGroth16Verifier verifier, IEddsaPoseidon eddsa, uint256 slabSize) {
        if (address(token) == address(0) || address(verifier) == address(0)) revert ZkSettlement_ZeroAddress();
        if (address(eddsa) == address(0)) revert ZkSettlement_ZeroAddress();
        if (slabSize < 2 || slabSize > 64 || slabSize % 2 != 0) revert ZkSettlement_BadSlabSize(slabSize);
        (TOKEN, VERIFIER, EDDSA, SLAB_SIZE) = (token, verifier, eddsa, slabSize);
        EMPTY = keccak256(new bytes(slabSize * 32));
    }

    /// @inheritdoc IZkSettlement
    function register(
        IEddsaPoseidon.Key calldata key,
        IEddsaPoseidon.Key calldata eighth,
        IEddsaPoseidon.Signature calldata proof
    ) external {
        if (!EDDSA.isPrimeOrder(key, eighth)) revert ZkSettlement_BadKey(key.x, key.y);
        if (!EDDSA.verify(key, keyProofMessage(msg.sender, key), proof)) revert ZkSettlement_BadKeyProof(msg.sender);
        _keys[msg.sender] = key;
        emit KeyRegistered(msg.sender, key.x, key.y);
    }

    /// @inheritdoc IZkSettlement
    function open(address payee, uint32 slot, uint128 amountWei) external returns (uint64 generation) {
        IEddsaPoseidon.Key memory key = _keys[msg.sender];
        // Of all keys the identity alone has an x of zero.
        if (key.x == 0) revert ZkSettlement_NoKey(msg.sender);
        if (payee == address(0)) revert ZkSettlement_ZeroAddress();
        if (payee == msg.sender) revert ZkSettlement_SelfPayment(msg.sender);
        Slot storage state = _slots[payee][slot];
        if (state.depositWei != 0) revert ZkSettlement_SlotTaken(payee, slot);
        Payee storage figures = _payees[payee];
        uint32 next = figures.nextSlot;
        if (slot > next) revert ZkSettlement_SlotTooFar(payee, slot, next);
        if (slot == next) figures.nextSlot = next + 1;
        uint80 depositWei = _sum(0, amountWei);
        generation = ++_generations;
        uint256 id = _channelId(Channel(payee, slot, generation, msg.sender, key));
        (state.depositWei, state.isSettled, state.tag) = (depositWei, false, uint168(id));
        emit ChannelOpened(payee, msg.sender, slot, generation, id, key.x, key.y, depositWei);
        _take(figures, amountWei);
    }

    /// @inheritdoc IZkSettlement
    function topUp(address payee, uint32 slot, uint128 amountWei) external {
        Slot storage state = _slots[payee][slot];
        uint80 heldWei = state.depositWei;
        if (heldWei == 0) revert ZkSettlement_UnknownChannel(payee, slot);
        uint80 depositWei = _sum(heldWei, amountWei);
        state.depositWei = depositWei;
        emit ChannelToppedUp(payee, slot, uint80(amountWei), depositWei);
        _take(_payees[payee], amountWei);
    }

    /// @inheritdoc IZkSettlement
    function settle(
        address payee,
        uint32 slab,
        uint256[] calldata leaves,
        Change[] calldata changes,
        uint128 totalWei,
        uint256 commitment,
        Groth16.Proof calldata proof
    ) external {
        // A client could settle a voucher that it signed for nobody, with the highest number and a blinding of its own: what the
        // payee holds would be stale, and the leaf closed to it.
        if (msg.sender != payee) revert ZkSettlement_NotAParty(msg.sender);
        if (changes.length == 0) revert ZkSettlement_NothingChanged(payee, slab);
        // A replay shows leaves that are no longer there: what it is refused by is the statement, not the proof's bytes.
        _checkLeaves(payee, slab, leaves);
        if (commitment >= FIELD) revert ZkSettlement_OutOfField(commitment);
        (uint256[] memory known, uint256[] memory leavesAfter) = _known(payee, slab, leaves, changes);
        known[known.length - 1] |= totalWei;
        uint256[3] memory signals = _signals(commitment, known);
        if (!VERIFIER.verify(proof, signals)) revert ZkSettlement_BadProof();
        _states[payee][slab] = keccak256(abi.encodePacked(leavesAfter));
        _credit(payee, totalWei);
        emit SlabSettled(payee, slab, totalWei, leavesAfter);
    }

    /// @inheritdoc IZkSettlement
    function announceExit(Channel calldata channel) external {
        _slotOf(channel);
        if (msg.sender != channel.client && msg.sender != channel.payee) revert ZkSettlement_NotAParty(msg.sender);
        uint64 running = _exits[channel.payee][channel.slot];
        if (running != 0) revert ZkSettlement_ExitRunning(running);
        uint64 exitsAt = uint64(block.timestamp) + EXIT_SECONDS;
        _exits[channel.payee][channel.slot] = exitsAt;
        emit ExitAnnounced(channel.payee, channel.slot, msg.sender, exitsAt);
    }

    /// @inheritdoc IZkSettlement
    function exit(Channel calldata channel, uint256[] calldata leaves, Opening calldata opening) external {
        Slot storage state = _slotOf(channel);
        uint64 exitsAt = _exits[channel.payee][channel.slot];
        if (exitsAt == 0) revert ZkSettlement_NoExit(channel.payee, channel.slot);
        if (block.timestamp < exitsAt) revert ZkSettlement_TooEarly(exitsAt);
        (uint80 settledWei, ) = _settled(channel, state, leaves, opening);
        _end(channel, state.depositWei, settledWei, settledWei);
    }

    /// @inheritdoc IZkSettlement
    function close(
        Channel calldata channel,
        uint256[] calldata leaves,
        Opening calldata settled,
        Opening calldata voucher,
        IEddsaPoseidon.Signature calldata signature
    ) external {
        if (msg.sender != channel.payee) revert ZkSettlement_NotAParty(msg.sender);
        Slot storage state = _slotOf(channel);
        (uint80 settledWei, uint32 settledNonce) = _settled(channel, state, leaves, settled);
        if (voucher.nonce <= settledNonce || voucher.cumulativeWei < settledWei) {
            revert ZkSettlement_StaleVoucher(voucher.nonce, settledNonce);
        }
        uint80 depositWei = state.depositWei;
        if (voucher.cumulativeWei > depositWei) {
            revert ZkSettlement_AboveDeposit(voucher.cumulativeWei, depositWei);
        }
        if (voucher.blinding >= FIELD) revert ZkSettlement_OutOfField(voucher.blinding);
        if (!EDDSA.verify(channel.key, _leaf(channel, voucher), signature)) {
            revert ZkSettlement_BadVoucher(channel.client);
        }
        _end(channel, depositWei, settledWei, voucher.cumulativeWei);
    }

    /// @inheritdoc IZkSettlement
    function sweep(address payee) external {
        Payee storage figures = _payees[payee];
        uint112 amountWei = figures.creditWei;
        if (amountWei == 0) revert ZkSettlement_NothingToSweep(payee);
        figures.creditWei = 0;
        emit CreditSwept(payee, amountWei);
        TOKEN.safeTransfer(payee, amountWei);
    }

    /// @inheritdoc IZkSettlement
    function channelId(Channel calldata channel) external view returns (uint256 id) {
        return _channelId(channel);
    }

    /// @inheritdoc IZkSettlement
    function stateOf(address payee, uint32 slab) public view returns (bytes32 state) {
        state = _states[payee][slab];
        return state == 0 ? EMPTY : state;
    }

    /// @inheritdoc IZkSettlement
    function slotOf(
        address payee,
        uint32 slot
    ) external view returns (uint80 depositWei, bool isSettled, uint64 exitsAt) {
        Slot storage state = _slots[payee][slot];
        return (state.depositWei, state.isSettled, _exits[payee][slot]);
    }

    /// @inheritdoc IZkSettlement
    function payeeOf(address payee) external view returns (uint112 heldWei, uint112 creditWei, uint32 nextSlot) {
        Payee storage figures = _payees[payee];
        return (figures.heldWei, figures.creditWei, figures.nextSlot);
    }

    /// @inheritdoc IZkSettlement
    function keyOf(address client) external view returns (IEddsaPoseidon.Key memory key) {
        return _keys[client];
    }

    /// @inheritdoc IZkSettlement
    function keyProofMessage(address client, IEddsaPoseidon.Key calldata key) public view returns (uint256 message) {
        // 253 bits: below the field's modulus.
        return uint256(keccak256(abi.encode(block.chainid, address(this), client, key.x, key.y))) >> 3;
    }

    /// @dev What this contract knows of the settlement, in the order of the circuit's list: leaves before, leaves after, keys' y,
    /// keys' x, ids, deposits by two, and the bits of fresh channels, to which the total is still to be added. Marks the channels as settled.
    function _known(
        address payee,
        uint32 slab,
        uint256[] calldata leaves,
        Change[] calldata changes
    ) private returns (uint256[] memory known, uint256[] memory leavesAfter) {
        uint256 size = SLAB_SIZE;
        known = new uint256[](5 * size + size / 2 + 1);
        leavesAfter = leaves;
        for (uint256 i = 0; i < size; ++i) (known[i], known[size + i]) = (leaves[i], leaves[i]);
        uint256 first = uint256(slab) * size;
        uint256 next = first;
        for (uint256 i = 0; i < changes.length; ++i) {
            Change calldata change = changes[i];
            if (change.slot < next || change.slot >= first + size) revert ZkSettlement_WrongSlot(change.slot);
            if (change.leaf >= FIELD) revert ZkSettlement_OutOfField(change.leaf);
            next = uint256(change.slot) + 1;
            uint256 index = change.slot - first;
            leavesAfter[index] = change.leaf;
            known[size + index] = change.leaf;
            known[2 * size + index] = change.key.y;
            known[3 * size + index] = change.key.x;
            known[5 * size + index / 2] |= uint256(change.depositWei) << (index % 2 == 0 ? 0 : 128);
            bool isFresh;
            (known[4 * size + index], isFresh) = _changed(payee, change);
            if (isFresh) known[known.length - 1] |= 1 << (128 + index);
        }
    }

    /// @dev The id of the channel that a change is of, and whether this is its first settlement.
    function _changed(address payee, Change calldata change) private returns (uint256 id, bool isFresh) {
        Slot storage state = _slots[payee][change.slot];
        (uint80 depositWei, bool isSettled, uint168 tag) = (state.depositWei, state.isSettled, state.tag);
        id = _channelId(Channel(payee, change.slot, change.generation, change.client, change.key));
        if (depositWei == 0 || uint168(id) != tag) revert ZkSettlement_UnknownChannel(payee, change.slot);
        // At least, not exactly: else anybody could spoil every proof with a deposit of a wei.
        if (change.depositWei > depositWei) {
            revert ZkSettlement_DepositTooLow(change.slot, change.depositWei, depositWei);
        }
        if (!isSettled) state.isSettled = true;
        return (id, !isSettled);
    }

    /// @dev The public signals. The point depends on the commitment and on all that is known, so that both were fixed before it: the
    /// proof's list and this one then agree at the point only if they are the same, but for a chance of 5.5 SLAB_SIZE / FIELD.
    function _signals(uint256 commitment, uint256[] memory known) private pure returns (uint256[3] memory signals) {
        uint256 point = uint256(keccak256(abi.encodePacked(commitment, known))) % FIELD;
        uint256 evaluation = 0;
        for (uint256 i = known.length; i != 0; --i) {
            evaluation = addmod(mulmod(evaluation, point, FIELD), known[i - 1], FIELD);
        }
        return [commitment, evaluation, point];
    }

    function _checkLeaves(address payee, uint32 slab, uint256[] calldata leaves) private view {
        if (leaves.length != SLAB_SIZE) revert ZkSettlement_WrongLeafCount(leaves.length, SLAB_SIZE);
        bytes32 shown = keccak256(abi.encodePacked(leaves));
        bytes32 expected = stateOf(payee, slab);
        if (shown != expected) revert ZkSettlement_StateMoved(payee, slab, expected, shown);
    }

    /// @dev The slot of a channel that is open.
    function _slotOf(Channel calldata channel) private view returns (Slot storage state) {
        state = _slots[channel.payee][channel.slot];
        if (state.depositWei == 0 || state.tag != uint168(_channelId(channel))) {
            revert ZkSettlement_UnknownChannel(channel.payee, channel.slot);
        }
    }

    /// @dev What a channel's leaf says; zeros for a channel that no settlement has touched, whose leaf is another's or none.
    function _settled(
        Channel calldata channel,
        Slot storage state,
        uint256[] calldata leaves,
        Opening calldata opening
    ) private view returns (uint80 cumulativeWei, uint32 nonce) {
        if (!state.isSettled) return (0, 0);
        _checkLeaves(channel.payee, uint32(channel.slot / SLAB_SIZE), leaves);
        uint256 expected = leaves[channel.slot % SLAB_SIZE];
        uint256 shown = _leaf(channel, opening);
        if (shown != expected) revert ZkSettlement_WrongOpening(expected, shown);
        return (opening.cumulativeWei, opening.nonce);
    }

    function _leaf(Channel calldata channel, Opening calldata opening) private view returns (uint256 leaf) {
        return EDDSA.hash([_channelId(channel), channel.key.x, opening.cumulativeWei, opening.nonce, opening.blinding]);
    }

    function _channelId(Channel memory channel) private view returns (uint256 id) {
        // 253 bits: below the field's modulus.
        return uint256(keccak256(abi.encode(block.chainid, address(this), channel))) >> 3;
    }

    /// @dev Empties the slot. The leaf stays in its slab, and no channel's opening fits it any more: the generation is over.
    function _end(Channel calldata channel, uint80 depositWei, uint80 settledWei, uint80 promisedWei) private {
        (address payee, address client, uint32 slot) = (channel.payee, channel.client, channel.slot);
        delete _slots[payee][slot];
        delete _exits[payee][slot];
        uint112 paidWei = promisedWei - settledWei;
        uint112 returnedWei = depositWei - promisedWei;
        if (paidWei != 0) _credit(payee, paidWei);
        emit ChannelClosed(payee, client, slot, paidWei, returnedWei);
        if (returnedWei == 0) return;
        Payee storage figures = _payees[payee];
        if (returnedWei > figures.heldWei) revert ZkSettlement_Insolvent(payee, figures.heldWei, returnedWei);
        figures.heldWei -= returnedWei;
        TOKEN.safeTransfer(client, returnedWei);
    }

    function _credit(address payee, uint128 amountWei) private {
        Payee storage figures = _payees[payee];
        (uint112 heldWei, uint112 creditWei) = (figures.heldWei, figures.creditWei);
        if (amountWei > heldWei) revert ZkSettlement_Insolvent(payee, heldWei, amountWei);
        uint112 paidWei = uint112(amountWei);
        (figures.heldWei, figures.creditWei) = (heldWei - paidWei, creditWei + paidWei);
    }

    /// @dev 2^32 slots of 2^80 fit in 112 bits.
    function _take(Payee storage figures, uint128 amountWei) private {
        figures.heldWei += uint112(amountWei);
        uint256 receivedWei = TOKEN.pull(msg.sender, amountWei);
        if (receivedWei != amountWei) revert ZkSettlement_InexactTransfer(amountWei, receivedWei);
    }

    function _sum(uint80 heldWei, uint128 amountWei) private pure returns (uint80 sumWei) {
        if (amountWei == 0) revert ZkSettlement_ZeroAmount();
        uint256 wide = uint256(heldWei) + amountWei;
        if (wide > type(uint80).max) revert ZkSettlement_AmountTooLarge(wide);
        return uint80(wide);
    }
}
