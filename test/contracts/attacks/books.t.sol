// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IDemands} from "../../../contracts/interfaces/IDemands.sol";
import {IFaultProofs} from "../../../contracts/interfaces/IFaultProofs.sol";
import {IPaymentEscrow} from "../../../contracts/interfaces/IPaymentEscrow.sol";
import {Anchor} from "../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath} from "../../../contracts/libraries/LiabilityTree.sol";
import {JobAttack} from "./DisputeAttack.sol";
import {AnyBooksAnswer, AnybodyExhibits} from "./twins/Books.sol";

/// @title Attacks by a coordinator whose books say too little, or nothing
contract BookAttacks is JobAttack {
    uint128 private constant OWED = 100 ether;
    uint128 private constant DAYS = 3;

    /// @dev Source: Perennial, audit M-01, an amount of one wei begins a waiting time anew (equilibria-xyz/perennial-mono
    /// pull request 18).
    function test_OneWeiVoucherBeforeEachAnchor_Fails() public {
        _fails(_renewTheExhibit(faultProofs));
        _equal(_stakedWei(), COORDINATOR_STAKE / 2 - COORDINATOR_MINIMUM / 2, "slashed for two anchors");
        IPaymentEscrow.Voucher memory v = _voucherOf(OWED + 10);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        _fails(_try(COORDINATOR, address(faultProofs), abi.encodeCall(IFaultProofs.exhibit, (v, signature))));
        _refusedWith(abi.encodeWithSelector(IFaultProofs.FaultProofs_NotThePayee.selector, COORDINATOR, WORKER));
    }

    function test_OneWeiVoucherBeforeEachAnchor_SucceedsAgainstTwin() public {
        address twin = address(new AnybodyExhibits(escrow, staking));
        _allow(twin);
        _succeeds(_renewTheExhibit(IFaultProofs(twin)));
    }

    /// @dev Source: Truebit, a wrong claim that is challenged by its own author until its time is over
    /// (TrueBitFoundation/scrypt-interactive issue 27).
    function test_DemandUsedUpByASybil_Fails() public {
        _exhibit(faultProofs, WORKER, OWED);
        _fails(_useUpTheDemand(demands));
        _refusedWith(abi.encodeWithSelector(IDemands.Demands_WrongBooks.selector, 1, 2));
        _equal(_stakedWei(), COORDINATOR_STAKE - COORDINATOR_MINIMUM / 2, "slashed for what it left out");
    }

    function test_DemandUsedUpByASybil_SucceedsAgainstTwin() public {
        address twin = address(new AnyBooksAnswer(token, ledger, staking));
        _allow(twin);
        _succeeds(_useUpTheDemand(IDemands(twin)));
    }

    /// @dev The coordinator exhibits a wei more before it anchors books with a line of one wei, day after day. It wins when
    /// none of them can be proved.
    function _renewTheExhibit(IFaultProofs target) private returns (bool won) {
        _exhibit(target, WORKER, OWED);
        (Liability memory line, Liability memory other) = (_line(WORKER, 1, 1), _line(MINER, 1, 1));
        (bytes32 root, LiabilityPath memory path, ) = _books(line, other);
        for (uint128 i = 0; i < DAYS; ++i) {
            _exhibit(target, COORDINATOR, OWED + 1 + i);
            _anchor(keccak256("log"), 1, root);
            for (uint256 k = 0; k <= i; ++k) {
                (bytes32 previous, Anchor[] memory anchors) = _since(k);
                bytes memory proof = abi.encodeCall(IFaultProofs.proveUnderstated, (line, path, previous, anchors));
                _try(WORKER, address(target), proof);
            }
            VM.warp(block.timestamp + 1 days);
        }
        return _stakedWei() == COORDINATOR_STAKE;
    }

    /// @dev A sybil demands the line while it stands in the books; then it is left out. The coordinator wins when the payee's
    /// demand is refused, or answered by the older books.
    function _useUpTheDemand(IDemands target) private returns (bool won) {
        Liability memory line = _line(WORKER, OWED, OWED);
        (bytes32 root, LiabilityPath memory path, ) = _books(line, _line(MINER, 1, 1));
        VM.warp(START + 1 days);
        _must(CLIENT, address(target), abi.encodeCall(IDemands.demandInBooks, (COORDINATOR, WORKER, 1)));
        _anchor(keccak256("log"), 1, root);
        (bytes32 previous, Anchor[] memory anchors) = _since(0);
        bytes memory answer = abi.encodeCall(IDemands.answerInBooks, (1, line, path, previous, anchors));
        _must(COORDINATOR, address(target), answer);
        VM.warp(START + 2 days);
        _anchor(keccak256("log"), 1, keccak256("books without the line"));
        _try(WORKER, address(target), abi.encodeCall(IDemands.demandInBooks, (COORDINATOR, WORKER, 2)));
        (previous, anchors) = _since(0);
        answer = abi.encodeCall(IDemands.answerInBooks, (2, line, path, previous, anchors));
        _try(COORDINATOR, address(target), answer);
        bytes memory reason = refusal;
        VM.warp(START + 5 days);
        _try(WORKER, address(target), abi.encodeCall(IDemands.fail, (2)));
        refusal = reason;
        return _stakedWei() == COORDINATOR_STAKE;
    }

    function _exhibit(IFaultProofs target, address by, uint128 cumulativeWei) private {
        IPaymentEscrow.Voucher memory v = _voucherOf(cumulativeWei);
        bytes memory signature = _signed(COORDINATOR_KEY, v);
        _try(by, address(target), abi.encodeCall(IFaultProofs.exhibit, (v, signature)));
    }

    function _voucherOf(uint128 cumulativeWei) private view returns (IPaymentEscrow.Voucher memory v) {
        v = _poolVoucher(cumulativeWei);
        v.payee = WORKER;
    }

    function _stakedWei() private view returns (uint256 amountWei) {
        (, uint128 stakedWei, , ) = staking.stakeOf(COORDINATOR);
        return stakedWei;
    }
}
