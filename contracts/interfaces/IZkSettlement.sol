// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEddsaPoseidon} from "./IEddsaPoseidon.sol";
import {Groth16} from "../libraries/Groth16.sol";

/// @title Payment channels that are settled by proof, a slab of them at a time
/// @notice A client deposits for one payee, in a slot of one of the payee's slabs, and signs vouchers with a Baby Jubjub key of its
/// own. The payee proves about a whole slab that every channel that changed carries such a signature, over more than before
/// and not above the deposit, and is paid the total; the chain does not learn who paid how much of it.
/// What a client signed is Poseidon(channelId, key.x, cumulativeWei, nonce, blinding): it is also what the settlement publishes
/// of the channel, its leaf. Whoever knows the opening can take the channel out with it, without a proof.
/// Nobody administers this contract.
interface IZkSettlement {
    /// @notice One channel, as it was opened. The contract keeps a hash of this.
    struct Channel {
        address payee;
        uint32 slot;
        uint64 generation;
        address client;
        IEddsaPoseidon.Key key;
    }

    /// @notice What a settlement changes in one slot: the leaf, against at least `depositWei` in the channel.
    struct Change {
        uint32 slot;
        uint64 generation;
        address client;
        uint80 depositWei;
        IEddsaPoseidon.Key key;
        uint256 leaf;
    }

    /// @notice What a leaf hides, beside the channel.
    struct Opening {
        uint80 cumulativeWei;
        uint32 nonce;
        uint256 blinding;
    }

    /// @notice `client` signs vouchers of channels that it opens from now on with this key.
    event KeyRegistered(address indexed client, uint256 keyX, uint256 keyY);
    /// @notice `client` opened a channel with a deposit.
    event ChannelOpened(
        address indexed payee,
        address indexed client,
        uint32 slot,
        uint64 generation,
        uint256 channelId,
        uint256 keyX,
        uint256 keyY,
        uint80 depositWei
    );
    /// @notice A channel's deposit grew by `amountWei` to `depositWei`.
    event ChannelToppedUp(address indexed payee, uint32 indexed slot, uint80 amountWei, uint80 depositWei);
    /// @notice A slab was settled: `leaves` are all of its leaves now.
    event SlabSettled(address indexed payee, uint32 indexed slab, uint128 totalWei, uint256[] leaves);
    /// @notice From `exitsAt` on anybody may close the channel by opening its leaf.
    event ExitAnnounced(address indexed payee, uint32 indexed slot, address by, uint64 exitsAt);
    /// @notice A channel ended: the payee was credited `paidWei` now, the client got `returnedWei` of its deposit.
    event ChannelClosed(
        address indexed payee,
        address indexed client,
        uint32 slot,
        uint128 paidWei,
        uint128 returnedWei
    );
    /// @notice A payee's credit was paid out.
    event CreditSwept(address indexed payee, uint128 amountWei);

    /// @notice An address is missing.
    error ZkSettlement_ZeroAddress();
    /// @notice A slab has an even number of channels, 2 to 64.
    error ZkSettlement_BadSlabSize(uint256 size);
    /// @notice The amount must be above zero.
    error ZkSettlement_ZeroAmount();
    /// @notice A channel holds at most 80 bits.
    error ZkSettlement_AmountTooLarge(uint256 amountWei);
    /// @notice The token moved another amount than it was asked to.
    error ZkSettlement_InexactTransfer(uint256 sentWei, uint256 receivedWei);
    /// @notice The key is not of prime order, or is the identity.
    error ZkSettlement_BadKey(uint256 keyX, uint256 keyY);
    /// @notice The key did not sign that it is this client's, here.
    error ZkSettlement_BadKeyProof(address client);
    /// @notice The client has to register a key first.
    error ZkSettlement_NoKey(address client);
    /// @notice Nobody pays itself.
    error ZkSettlement_SelfPayment(address client);
    /// @notice Another channel has the slot.
    error ZkSettlement_SlotTaken(address payee, uint32 slot);
    /// @notice Slots are opened one after the other: `next` is the first that never was.
    error ZkSettlement_SlotTooFar(address payee, uint32 slot, uint32 next);
    /// @notice The slot has no such channel.
    error ZkSettlement_UnknownChannel(address payee, uint32 slot);
    /// @notice A slab has `expected` leaves, not `given`.
    error ZkSettlement_WrongLeafCount(uint256 given, uint256 expected);
    /// @notice The leaves are not those that the slab has now: it was settled meanwhile, or this settlement is done already.
    error ZkSettlement_StateMoved(address payee, uint32 slab, bytes32 expected, bytes32 shown);
    /// @notice Nothing would change.
    error ZkSettlement_NothingChanged(address payee, uint32 slab);
    /// @notice Changes go upwards, one for each slot, inside the slab.
    error ZkSettlement_WrongSlot(uint32 slot);
    /// @notice A leaf or a commitment is below the field's modulus, and there is one way to write it.
    error ZkSettlement_OutOfField(uint256 value);
    /// @notice The channel has less than the proof counts on.
    error ZkSettlement_DepositTooLow(uint32 slot, uint80 claimedWei, uint80 depositWei);
    /// @notice The proof does not prove this settlement.
    error ZkSettlement_BadProof();
    /// @notice The clients of this payee have not deposited as much.
    error ZkSettlement_Insolvent(address payee, uint128 heldWei, uint128 neededWei);
    /// @notice Only the client or the payee of a channel.
    error ZkSettlement_NotAParty(address caller);
    /// @notice The exit is announced already.
    error ZkSettlement_ExitRunning(uint64 exitsAt);
    /// @notice An exit has to be announced first.
    error ZkSettlement_NoExit(address payee, uint32 slot);
    /// @notice The other side has until then.
    error ZkSettlement_TooEarly(uint64 exitsAt);
    /// @notice The opening is not that of the slot's leaf.
    error ZkSettlement_WrongOpening(uint256 expected, uint256 shown);
    /// @notice The voucher is not newer than what is settled, or is below it.
    error ZkSettlement_StaleVoucher(uint32 nonce, uint32 settledNonce);
    /// @notice The voucher promises more than the deposit.
    error ZkSettlement_AboveDeposit(uint80 cumulativeWei, uint80 depositWei);
    /// @notice The client's key did not sign this voucher.
    error ZkSettlement_BadVoucher(address client);
    /// @notice There is nothing to pay out.
    error ZkSettlement_NothingToSweep(address payee);

    /// @notice Registers the caller's key for the channels that it opens from now on.
    /// @param key of prime order and not the identity
    /// @param eighth the point of which the key is eight times, see IEddsaPoseidon
    /// @param proof the key's signature over keyProofMessage(caller, key)
    function register(
        IEddsaPoseidon.Key calldata key,
        IEddsaPoseidon.Key calldata eighth,
        IEddsaPoseidon.Signature calldata proof
    ) external;

    /// @notice Opens the caller's channel in a free slot of a payee, and deposits for it.
    /// @param slot one that was left, or the payee's next; slot / SLAB_SIZE is its slab
    /// @param amountWei taken from the caller, who has approved it; below 2^80
    /// @return generation names the channel among all that the slot ever has
    function open(address payee, uint32 slot, uint128 amountWei) external returns (uint64 generation);

    /// @notice Adds to a channel's deposit, from anybody. A proof that was made before stays good.
    function topUp(address payee, uint32 slot, uint128 amountWei) external;

    /// @notice Settles a slab and credits the total to the payee, who alone may: it knows what it holds.
    /// @param leaves of the whole slab before
    /// @param changes of the slots that change, upwards
    /// @param totalWei what the changes promise above what was settled before
    /// @param commitment the circuit's commitment to what it was shown
    /// @param proof of the circuit settlement-slab
    function settle(
        address payee,
        uint32 slab,
        uint256[] calldata leaves,
        Change[] calldata changes,
        uint128 totalWei,
        uint256 commitment,
        Groth16.Proof calldata proof
    ) external;

    /// @notice Tells the other side that the caller, client or payee, wants the channel to end in EXIT_SECONDS. The payee can
    /// settle until then, and accepts no more vouchers of it.
    function announceExit(Channel calldata channel) external;

    /// @notice Ends a channel EXIT_SECONDS after the announcement: the client gets what is left of its deposit. Anyone may submit.
    /// @param leaves of the slab now; empty for a channel that no settlement has touched
    /// @param opening of the channel's leaf; ignored for a channel that no settlement has touched
    function exit(Channel calldata channel, uint256[] calldata leaves, Opening calldata opening) external;

    /// @notice Ends a channel at once with its last voucher, without a proof: the payee, who alone may call this, is credited
    /// what the voucher promises above the leaf, the client gets the rest. The way out when nobody can prove any more.
    /// @param settled as `opening` of `exit`
    /// @param voucher what the client signed, newer than `settled`
    /// @param signature of the client's key over the voucher's leaf
    function close(
        Channel calldata channel,
        uint256[] calldata leaves,
        Opening calldata settled,
        Opening calldata voucher,
        IEddsaPoseidon.Signature calldata signature
    ) external;

    /// @notice Pays a payee what it is credited. Anyone may submit.
    function sweep(address payee) external;

    /// @notice Seconds between an announcement and the exit.
    function EXIT_SECONDS() external view returns (uint64 duration);

    /// @notice Channels in a slab.
    function SLAB_SIZE() external view returns (uint256 size);

    /// @notice What a key signs to be registered: bound to this chain, this contract and this client.
    function keyProofMessage(address client, IEddsaPoseidon.Key calldata key) external view returns (uint256 message);

    /// @notice What vouchers and leaves name a channel by: bound to this chain, this contract and everything in `channel`.
    function channelId(Channel calldata channel) external view returns (uint256 id);

    /// @notice keccak256 of a slab's leaves, one word each.
    function stateOf(address payee, uint32 slab) external view returns (bytes32 state);

    /// @notice What a slot holds: a deposit of zero for none, whether a settlement has touched it, and when it may be left (0:
    /// no exit is announced).
    function slotOf(
        address payee,
        uint32 slot
    ) external view returns (uint80 depositWei, bool isSettled, uint64 exitsAt);

    /// @notice A payee's figures: what is deposited for it and not credited, its credit, and its next slot.
    function payeeOf(address payee) external view returns (uint112 heldWei, uint112 creditWei, uint32 nextSlot);

    /// @notice The key of a client's next channel; zeros when it registered none.
    function keyOf(address client) external view returns (IEddsaPoseidon.Key memory key);
}
