// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Assignment, Progress, Receipt, TreeHead} from "../../../../contracts/generated/Structs.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Evidence} from "../../../../contracts/libraries/Evidence.sol";
import {Base} from "../../helpers/Base.sol";
import {Vectors} from "../../generated/Vectors.sol";

/// @title The structs that contracts take have their fields in the order of the types that wallets sign
contract StructsTest is Base {
    using Evidence for Assignment;
    using Evidence for Progress;
    using Evidence for Receipt;
    using Evidence for TreeHead;

    function test_Assignment() public pure {
        _same(abi.decode(Vectors.ASSIGNMENT, (Assignment)).hash(), Vectors.ASSIGNMENT_HASH);
    }

    function test_Receipt() public pure {
        _same(abi.decode(Vectors.RECEIPT, (Receipt)).hash(), Vectors.RECEIPT_HASH);
    }

    function test_Progress() public pure {
        _same(abi.decode(Vectors.PROGRESS, (Progress)).hash(), Vectors.PROGRESS_HASH);
    }

    function test_TreeHead() public pure {
        _same(abi.decode(Vectors.TREE_HEAD, (TreeHead)).hash(), Vectors.TREE_HEAD_HASH);
    }

    /// @dev The vector's voucher, of whoever signs it, is what the escrow understands.
    function test_Voucher() public view {
        IPaymentEscrow.Voucher memory v = abi.decode(Vectors.VOUCHER, (IPaymentEscrow.Voucher));
        _same(keccak256(abi.encode(TypeHashes.VOUCHER, v)), Vectors.VOUCHER_HASH);
        (v.payer, v.kind) = (CLIENT, 0);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Voucher(address payer,address payee,uint8 kind,uint64 epoch,uint128 cumulativeWei,uint64 count,"
                    "bytes32 receiptsRoot)"
                ),
                v.payer,
                v.payee,
                v.kind,
                v.epoch,
                v.cumulativeWei,
                v.count,
                v.receiptsRoot
            )
        );
        VM.assertTrue(escrow.isPromise(v, _sign(CLIENT_KEY, _escrowDigest(structHash))), "understood");
    }

    function _same(bytes32 left, bytes32 right) private pure {
        _equal(uint256(left), uint256(right), "hash");
    }
}
