// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SettlementSlab4Key} from "../../../contracts/generated/SettlementSlab4Key.sol";
import {IZkSettlement} from "../../../contracts/interfaces/IZkSettlement.sol";
import {Groth16Verifier} from "../../../contracts/zk/Groth16Verifier.sol";
import {SlabVectors} from "../generated/SlabVectors.sol";
import {SlabFixture} from "../unit/ZkSettlement/Fixture.sol";
import {Base} from "../helpers/Base.sol";
import {Attack} from "./Attack.sol";
import {RemembersTheProof, RemembersTheUnreduced, SettledByAnybody} from "./twins/Slabs.sol";

/// @title Attacks on settlements by proof, with a real proof and its verifier
contract SlabAttacks is SlabFixture, Attack {
    uint256 private constant BASE_FIELD = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    Groth16Verifier private _verifier;

    function setUp() public override(Base, SlabFixture) {
        super.setUp();
        _verifier = new Groth16Verifier(SettlementSlab4Key.load(), true);
        settlement = _at(SlabVectors.CONTRACT, _verifier);
        _openAll(settlement);
    }

    /// @dev Source: Semaphore issue 16, a nullifier plus the field modulus spends again; snarkjs pull request 480.
    function test_SignalPlusTheModulus_Fails() public {
        _fails(_settleUnreduced(settlement));
        _refusedWith(
            abi.encodeWithSelector(IZkSettlement.ZkSettlement_OutOfField.selector, _first().commitment + FIELD)
        );
        _equal(_creditWei(settlement), _first().totalWei, "once");
    }

    function test_SignalPlusTheModulus_SucceedsAgainstTwin() public {
        _succeeds(_settleUnreduced(_twin(address(new RemembersTheUnreduced(_verifier)))));
    }

    /// @dev Source: snarkjs issue 383, whose thread shows other proofs of the same made from a published one.
    function test_MalleatedProof_Fails() public {
        _fails(_settleMalleated(settlement));
        _refusedWith(
            abi.encodeWithSelector(
                IZkSettlement.ZkSettlement_StateMoved.selector,
                PAYEE,
                0,
                keccak256(abi.encodePacked(_first().leavesAfter)),
                keccak256(abi.encodePacked(_first().leaves))
            )
        );
        _equal(_creditWei(settlement), _first().totalWei, "once");
    }

    function test_MalleatedProof_SucceedsAgainstTwin() public {
        _succeeds(_settleMalleated(_twin(address(new RemembersTheProof(_verifier)))));
    }

    /// @dev Source: our own review. It succeeded before: a voucher that a
    /// client signs for nobody, with the highest number, left the payee with stale ones and a leaf that it could not open.
    function test_ClientSettlesItself_Fails() public {
        _fails(_settleAsClient(settlement));
        _refusedWith(abi.encodeWithSelector(IZkSettlement.ZkSettlement_NotAParty.selector, _client(0)));
        _equal(_creditWei(settlement), 0, "nothing");
    }

    function test_ClientSettlesItself_SucceedsAgainstTwin() public {
        _succeeds(_settleAsClient(_twin(address(new SettledByAnybody(_verifier)))));
    }

    /// @dev A client brings its own voucher to the chain, before the payee does with a newer one.
    function _settleAsClient(IZkSettlement target) private returns (bool won) {
        _try(_client(0), address(target), _call(_first()));
        return _creditWei(target) != 0;
    }

    /// @dev Settles with a commitment that is the same in the field, then with the commitment itself.
    function _settleUnreduced(IZkSettlement target) private returns (bool won) {
        Settlement memory made = _first();
        made.commitment += FIELD;
        _try(PAYEE, address(target), _call(made));
        made.commitment -= FIELD;
        _must(PAYEE, address(target), _call(made));
        return _creditWei(target) > made.totalWei;
    }

    /// @dev Settles, and again with (-A, -B, C), which is another proof of the same.
    function _settleMalleated(IZkSettlement target) private returns (bool won) {
        Settlement memory made = _first();
        _must(PAYEE, address(target), _call(made));
        made.proof.a.y = BASE_FIELD - made.proof.a.y;
        made.proof.b.yImaginary = BASE_FIELD - made.proof.b.yImaginary;
        made.proof.b.yReal = BASE_FIELD - made.proof.b.yReal;
        VM.assertTrue(_verifier.verify(made.proof, made.signals), "the malleated proof is one");
        _try(PAYEE, address(target), _call(made));
        return _creditWei(target) > made.totalWei;
    }

    function _call(Settlement memory made) private pure returns (bytes memory data) {
        return
            abi.encodeCall(
                IZkSettlement.settle,
                (PAYEE, 0, made.leaves, made.changes, made.totalWei, made.commitment, made.proof)
            );
    }

    function _creditWei(IZkSettlement target) private view returns (uint256 amountWei) {
        (, amountWei, ) = target.payeeOf(PAYEE);
    }

    /// @dev Vouchers name the contract's address: the twin takes it over.
    function _twin(address twin) private returns (IZkSettlement target) {
        VM.etch(SlabVectors.CONTRACT, twin.code);
        return IZkSettlement(SlabVectors.CONTRACT);
    }
}
