// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEddsaPoseidon} from "../../../../contracts/interfaces/IEddsaPoseidon.sol";
import {BabyJubJub} from "../../../../contracts/zk/BabyJubJub.sol";
import {SlabVectors} from "../../generated/SlabVectors.sol";
import {SlabFixture} from "../ZkSettlement/Fixture.sol";

/// @title EddsaPoseidon against what the circuits' libraries hash and sign
contract EddsaPoseidonTest is SlabFixture {
    using BabyJubJub for BabyJubJub.Point;

    function test_HashesAsTheCircuits() public view {
        uint256 digest = eddsa.hash([uint256(1), 2, 3, 4, FIELD - 1]);
        _equal(digest, abi.decode(SlabVectors.HASH, (uint256)), "digest");
    }

    function test_VerifiesEveryClientsSignature() public view {
        for (uint32 slot = 0; slot < 4; ++slot) {
            Registration memory r = _registration(slot);
            VM.assertTrue(eddsa.isPrimeOrder(r.key, r.eighth), "key");
            VM.assertTrue(eddsa.verify(r.key, _message(slot), r.proof), "signature");
        }
    }

    function testFuzz_AnotherMessageIsNotSigned(uint256 message) public view {
        message %= FIELD;
        VM.assume(message != _message(0));
        VM.assertTrue(!eddsa.verify(_registration(0).key, message, _registration(0).proof), "signed");
    }

    function test_ASignatureIsWrittenInOneWay() public view {
        Registration memory r = _registration(0);
        uint256 message = _message(0);
        IEddsaPoseidon.Signature memory s = r.proof;
        s.s += BabyJubJub.ORDER;
        VM.assertTrue(!eddsa.verify(r.key, message, s), "s");
        s.s -= BabyJubJub.ORDER;
        s.r8x += FIELD;
        VM.assertTrue(!eddsa.verify(r.key, message, s), "x");
        s.r8x -= FIELD;
        s.r8y += FIELD;
        VM.assertTrue(!eddsa.verify(r.key, message, s), "y");
        s.r8y -= FIELD;
        VM.assertTrue(!eddsa.verify(r.key, message + FIELD, s), "message");
        VM.assertTrue(eddsa.verify(r.key, message, s), "the same");
    }

    function test_KeysOutsideTheSubgroupAreRefused() public view {
        Registration memory r = _registration(0);
        // The point of order two, the identity and the key plus the former; nobody can name their eighth.
        VM.assertTrue(!eddsa.isPrimeOrder(_key(0, FIELD - 1), _key(0, 1)), "order 2");
        VM.assertTrue(!eddsa.isPrimeOrder(_key(0, 1), _key(0, 1)), "identity");
        VM.assertTrue(!eddsa.isPrimeOrder(_key(FIELD - r.key.x, FIELD - r.key.y), r.eighth), "order 2l");
        // An eighth that is itself outside does no harm: eight times it is inside.
        VM.assertTrue(
            eddsa.isPrimeOrder(r.key, _key(FIELD - r.eighth.x, FIELD - r.eighth.y)),
            "eighth of another order"
        );
    }

    function test_CoordinatesAreReduced() public view {
        Registration memory r = _registration(0);
        VM.assertTrue(!eddsa.isPrimeOrder(_key(r.key.x + FIELD, r.key.y), r.eighth), "x");
        VM.assertTrue(!eddsa.isPrimeOrder(_key(r.key.x, r.key.y + FIELD), r.eighth), "y");
        VM.assertTrue(!eddsa.isPrimeOrder(r.key, _key(r.eighth.x + FIELD, r.eighth.y)), "eighth's x");
        VM.assertTrue(!eddsa.isPrimeOrder(r.key, _key(r.eighth.x, r.eighth.y + FIELD)), "eighth's y");
        VM.assertTrue(!eddsa.isPrimeOrder(r.key, _key(r.eighth.x, r.eighth.y + 1)), "off the curve");
    }

    function test_TheGroupLawHolds() public pure {
        BabyJubJub.Point memory base = BabyJubJub.base();
        BabyJubJub.Point memory identity = BabyJubJub.Point(0, 1, 1);
        VM.assertTrue(BabyJubJub.combine(BabyJubJub.ORDER, base, 0, base).isAt(0, 1), "order");
        BabyJubJub.Point memory three = BabyJubJub.combine(1, base, 2, base);
        BabyJubJub.Point memory sum = BabyJubJub.base();
        sum.double();
        sum.add(base);
        sum.add(identity);
        VM.assertTrue(mulmod(sum.x, three.z, FIELD) == mulmod(three.x, sum.z, FIELD), "x");
        VM.assertTrue(mulmod(sum.y, three.z, FIELD) == mulmod(three.y, sum.z, FIELD), "y");
    }

    function _message(uint32 slot) private view returns (uint256 message) {
        return settlement.keyProofMessage(_client(slot), _registration(slot).key);
    }

    function _key(uint256 x, uint256 y) private pure returns (IEddsaPoseidon.Key memory key) {
        return IEddsaPoseidon.Key(x, y);
    }
}
