// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IRecovery} from "../../../../contracts/interfaces/IRecovery.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Anchor} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../../contracts/libraries/LiabilityTree.sol";

/// @notice A recovery with the signatures of the real one, which opens and shares nothing. Bug: it waits for every case, also
/// for those that are opened while it waits.
contract WaitsForAllCases {
    IStaking private immutable STAKING;
    mapping(address payer => IRecovery.Spell spell) private _spells;

    constructor(IStaking staking) {
        STAKING = staking;
    }

    function declare(IPaymentEscrow.Voucher calldata voucher, bytes calldata) external {
        IRecovery.Spell storage spell = _spells[voucher.payer];
        (spell.stage, spell.declaredAt) = (IRecovery.Stage.Frozen, uint40(block.timestamp));
        STAKING.freeze(voucher.payer);
    }

    function showAnchors(address payer, bytes32[] calldata, Anchor[] calldata anchors) external {
        _spells[payer].liabilitiesRoot = anchors[anchors.length - 1].liabilitiesRoot;
    }

    function open(address payer, Liability calldata, LiabilityPath calldata) external {
        IRecovery.Spell storage spell = _spells[payer];
        require(spell.stage == IRecovery.Stage.Frozen, "stage");
        require(block.timestamp >= uint256(spell.declaredAt) + 3 days, "cure time");
        require(STAKING.freezesOf(payer) == 1, "cases");
        spell.stage = IRecovery.Stage.Open;
        STAKING.unfreeze(payer);
    }

    function spellOf(address payer) external view returns (IRecovery.Spell memory spell) {
        return _spells[payer];
    }
}
