// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IReceiptLedger} from "../../../../contracts/interfaces/IReceiptLedger.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {Anchor, Anchors} from "../../../../contracts/libraries/Anchors.sol";
import {Liability, LiabilityPath, LiabilityTree} from "../../../../contracts/libraries/LiabilityTree.sol";

/// @notice Proofs of understated books, with the signatures of the real ones. Bug: anybody puts a voucher on record, and the
/// time from which books must show it begins anew with each.
contract AnybodyExhibits {
    IPaymentEscrow private immutable ESCROW;
    IStaking private immutable STAKING;
    mapping(address payer => mapping(address payee => uint256 cumulativeWei)) private _exhibited;
    mapping(address payer => mapping(address payee => uint256 since)) private _since;

    constructor(IPaymentEscrow escrow, IStaking staking) {
        (ESCROW, STAKING) = (escrow, staking);
    }

    function exhibit(IPaymentEscrow.Voucher calldata voucher, bytes calldata signature) external {
        require(ESCROW.isPromise(voucher, signature), "promise");
        require(voucher.cumulativeWei > _exhibited[voucher.payer][voucher.payee], "no more");
        _exhibited[voucher.payer][voucher.payee] = voucher.cumulativeWei;
        _since[voucher.payer][voucher.payee] = block.timestamp;
    }

    function proveUnderstated(
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32,
        Anchor[] calldata anchors
    ) external {
        (bytes32 root, ) = LiabilityTree.rootOf(line, path);
        require(root == anchors[0].liabilitiesRoot, "root");
        require(anchors[0].anchoredAt >= _since[line.payer][line.payee] + 1 hours, "early");
        require(line.cumulativeWei < _exhibited[line.payer][line.payee], "covers");
        (, uint128 stakedWei, , ) = STAKING.stakeOf(line.payer);
        STAKING.slash(line.payer, stakedWei / 2, address(this));
    }
}

/// @notice Demands of a line in the books, with the signatures of the real ones. Bug: a voucher's line is demanded once, and
/// any books after its exhibit answer.
contract AnyBooksAnswer {
    using Anchors for Anchor[];

    IERC20 private immutable TOKEN;
    IReceiptLedger private immutable LEDGER;
    IStaking private immutable STAKING;
    mapping(bytes32 key => uint256 id) private _ids;
    mapping(uint256 id => address payer) private _payers;
    mapping(uint256 id => address payee) private _payees;
    mapping(uint256 id => uint256 deadline) private _deadlines;
    uint256 private _count;

    constructor(IERC20 token, IReceiptLedger ledger, IStaking staking) {
        (TOKEN, LEDGER, STAKING) = (token, ledger, staking);
    }

    function demandInBooks(address payer, address payee, uint64) external returns (uint256 id) {
        bytes32 key = keccak256(abi.encode(payer, payee));
        require(_ids[key] == 0, "used");
        id = ++_count;
        (_ids[key], _payers[id], _payees[id]) = (id, payer, payee);
        _deadlines[id] = block.timestamp + 48 hours;
        require(TOKEN.transferFrom(msg.sender, address(this), 10 ether), "bond");
    }

    function answerInBooks(
        uint256 id,
        Liability calldata line,
        LiabilityPath calldata path,
        bytes32 previous,
        Anchor[] calldata anchors
    ) external {
        (, , , bytes32 commitment) = LEDGER.headOf(_payers[id]);
        require(anchors.endsIn(previous, commitment), "anchors");
        (bytes32 root, ) = LiabilityTree.rootOf(line, path);
        require(root == anchors[0].liabilitiesRoot && line.payee == _payees[id], "line");
        delete _payers[id];
    }

    function fail(uint256 id) external {
        address payer = _payers[id];
        require(payer != address(0) && block.timestamp > _deadlines[id], "answerable");
        delete _payers[id];
        STAKING.slash(payer, 5_000 ether, address(this));
    }
}
