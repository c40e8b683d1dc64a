// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IGroth16Verifier} from "../../../../contracts/interfaces/IGroth16Verifier.sol";
import {IZkSettlement} from "../../../../contracts/interfaces/IZkSettlement.sol";
import {Groth16} from "../../../../contracts/libraries/Groth16.sol";

/// @notice What the twins share: slabs of four whose channels are all fresh, and whose leaves nobody keeps. A settlement is
/// refused when a twin remembers it.
abstract contract PlainSlabs {
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    IGroth16Verifier private immutable VERIFIER;
    mapping(address payee => uint112 creditWei) private _creditsWei;
    mapping(bytes32 settlement => bool isKnown) private _known;

    constructor(IGroth16Verifier verifier) {
        VERIFIER = verifier;
    }

    function settle(
        address payee,
        uint32,
        uint256[] calldata leaves,
        IZkSettlement.Change[] calldata changes,
        uint128 totalWei,
        uint256 commitment,
        Groth16.Proof calldata proof
    ) external {
        _checkSender(payee);
        bytes32 name = _name(commitment, proof);
        require(!_known[name], "settled");
        _known[name] = true;
        uint256[] memory list = new uint256[](23);
        list[22] = totalWei;
        for (uint256 i = 0; i < 4; ++i) (list[i], list[4 + i]) = (leaves[i], leaves[i]);
        for (uint256 i = 0; i < changes.length; ++i) _add(list, payee, changes[i]);
        uint256[3] memory signals;
        signals[0] = commitment % FIELD;
        signals[2] = uint256(keccak256(abi.encodePacked(signals[0], list))) % FIELD;
        for (uint256 i = 23; i != 0; --i) {
            signals[1] = addmod(mulmod(signals[1], signals[2], FIELD), list[i - 1], FIELD);
        }
        require(VERIFIER.verify(proof, signals), "proof");
        _creditsWei[payee] += uint112(totalWei);
    }

    function payeeOf(address payee) external view returns (uint112 heldWei, uint112 creditWei, uint32 nextSlot) {
        return (0, _creditsWei[payee], 0);
    }

    /// @dev What a settlement is remembered by.
    function _name(uint256 commitment, Groth16.Proof calldata proof) internal pure virtual returns (bytes32 name);

    function _checkSender(address payee) internal view virtual {
        require(msg.sender == payee, "payee");
    }

    function _add(uint256[] memory list, address payee, IZkSettlement.Change calldata change) private view {
        uint32 slot = change.slot;
        IZkSettlement.Channel memory channel = IZkSettlement.Channel(
            payee,
            slot,
            change.generation,
            change.client,
            change.key
        );
        (list[4 + slot], list[8 + slot], list[12 + slot]) = (change.leaf, change.key.y, change.key.x);
        list[16 + slot] = uint256(keccak256(abi.encode(block.chainid, address(this), channel))) >> 3;
        list[20 + slot / 2] += uint256(change.depositWei) << (128 * (slot % 2));
        list[22] += 1 << (128 + slot);
    }
}

/// @notice Bug: it remembers settlements by their commitment as it was written, and proves what that is in the field.
contract RemembersTheUnreduced is PlainSlabs {
    constructor(IGroth16Verifier verifier) PlainSlabs(verifier) {}

    function _name(uint256 commitment, Groth16.Proof calldata) internal pure override returns (bytes32 name) {
        return bytes32(commitment);
    }
}

/// @notice Bug: it remembers settlements by their proof's bytes.
contract RemembersTheProof is PlainSlabs {
    constructor(IGroth16Verifier verifier) PlainSlabs(verifier) {}

    function _name(uint256, Groth16.Proof calldata proof) internal pure override returns (bytes32 name) {
        return keccak256(abi.encode(proof));
    }
}

/// @notice Bug: whoever has a proof may settle, as ZkSettlement itself once allowed.
contract SettledByAnybody is RemembersTheProof {
    constructor(IGroth16Verifier verifier) RemembersTheProof(verifier) {}

    function _checkSender(address) internal view override {}
}
