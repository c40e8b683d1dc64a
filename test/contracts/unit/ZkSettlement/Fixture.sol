// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IEddsaPoseidon} from "../../../../contracts/interfaces/IEddsaPoseidon.sol";
import {IGroth16Verifier} from "../../../../contracts/interfaces/IGroth16Verifier.sol";
import {IZkSettlement} from "../../../../contracts/interfaces/IZkSettlement.sol";
import {Groth16} from "../../../../contracts/libraries/Groth16.sol";
import {LodeToken} from "../../../../contracts/token/LodeToken.sol";
import {EddsaPoseidon} from "../../../../contracts/zk/EddsaPoseidon.sol";
import {ZkSettlement} from "../../../../contracts/zk/ZkSettlement.sol";
import {SlabVectors} from "../../generated/SlabVectors.sol";
import {Base} from "../../helpers/Base.sol";

/// @notice A verifier that takes every proof of the signals it was told, and none of others.
contract ToldVerifier is IGroth16Verifier {
    mapping(bytes32 signals => bool isTrue) private _true;

    function tell(uint256[3] calldata signals) external {
        _true[keccak256(abi.encode(signals))] = true;
    }

    function verify(Groth16.Proof calldata, uint256[3] calldata signals) external view returns (bool isValid) {
        return _true[keccak256(abi.encode(signals))];
    }

    function verifyingKey() external pure returns (Groth16.Key memory key) {
        return key;
    }
}

/// @title The settlement contract where the vectors' vouchers are signed for, four clients and a payee
abstract contract SlabFixture is Base {
    struct Registration {
        IEddsaPoseidon.Key key;
        IEddsaPoseidon.Key eighth;
        IEddsaPoseidon.Signature proof;
    }

    /// @dev A settlement as TypeScript made it, with the signals and the leaves that it has to come to.
    struct Settlement {
        uint256[] leaves;
        IZkSettlement.Change[] changes;
        uint128 totalWei;
        uint256 commitment;
        uint256[3] signals;
        Groth16.Proof proof;
        uint256[] leavesAfter;
    }

    address internal constant PAYEE = SlabVectors.PAYEE;
    uint128 internal constant DEPOSIT = 1_000 ether;
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    ZkSettlement internal settlement;
    ToldVerifier internal told;
    EddsaPoseidon internal eddsa;

    function setUp() public virtual override {
        VM.warp(START);
        manager = new AccessManager(address(this));
        token = new LodeToken(address(manager), address(this), 100_000_000 ether, 1_000_000_000 ether);
        eddsa = new EddsaPoseidon();
        told = new ToldVerifier();
        settlement = _at(SlabVectors.CONTRACT, told);
    }

    /// @dev Vouchers name the contract's address. Nothing of it is in storage before its first call.
    function _at(address place, IGroth16Verifier verifier) internal returns (ZkSettlement created) {
        VM.etch(place, address(new ZkSettlement(token, verifier, eddsa, 4)).code);
        return ZkSettlement(place);
    }

    function _client(uint32 slot) internal pure returns (address client) {
        return address(uint160(0xc11e00 + slot));
    }

    function _registration(uint32 slot) internal pure returns (Registration memory registration) {
        bytes[4] memory all = [SlabVectors.CLIENT_0, SlabVectors.CLIENT_1, SlabVectors.CLIENT_2, SlabVectors.CLIENT_3];
        return abi.decode(all[slot], (Registration));
    }

    /// @dev The client of that number registers and opens the slot of that number: the vectors' channels.
    function _open(IZkSettlement target, uint32 slot) internal {
        Registration memory registration = _registration(slot);
        address client = _client(slot);
        VM.assertTrue(token.transfer(client, 10 * DEPOSIT), "transfer");
        VM.startPrank(client);
        token.approve(address(target), type(uint256).max);
        target.register(registration.key, registration.eighth, registration.proof);
        target.open(PAYEE, slot, DEPOSIT);
        VM.stopPrank();
    }

    function _openAll(IZkSettlement target) internal {
        for (uint32 slot = 0; slot < 4; ++slot) _open(target, slot);
    }

    function _channel(uint32 slot) internal pure returns (IZkSettlement.Channel memory channel) {
        return IZkSettlement.Channel(PAYEE, slot, slot + 1, _client(slot), _registration(slot).key);
    }

    function _first() internal pure returns (Settlement memory made) {
        return abi.decode(SlabVectors.FIRST, (Settlement));
    }

    function _second() internal pure returns (Settlement memory made) {
        return abi.decode(SlabVectors.SECOND, (Settlement));
    }

    function _settle(IZkSettlement target, Settlement memory made) internal {
        VM.prank(PAYEE);
        target.settle(PAYEE, 0, made.leaves, made.changes, made.totalWei, made.commitment, made.proof);
    }

    /// @dev Settles both, as the payee would.
    function _settleBoth() internal {
        (Settlement memory first, Settlement memory second) = (_first(), _second());
        told.tell(first.signals);
        told.tell(second.signals);
        _settle(settlement, first);
        _settle(settlement, second);
    }

    /// @dev What channel 0 has settled after both.
    function _opening() internal pure returns (IZkSettlement.Opening memory opening) {
        return IZkSettlement.Opening(250, 5, SlabVectors.BLINDING);
    }

    function _unopened() internal pure returns (IZkSettlement.Opening memory opening) {
        return opening;
    }

    /// @dev The contract holds what it owes to clients and to the payee, and nothing more.
    function _checkSolvent() internal view {
        (uint112 heldWei, uint112 creditWei, ) = settlement.payeeOf(PAYEE);
        _equal(token.balanceOf(address(settlement)), uint256(heldWei) + creditWei, "held");
    }
}
