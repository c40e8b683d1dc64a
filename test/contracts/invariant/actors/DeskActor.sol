// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {Desk} from "../support/Desk.sol";

/// @title Coordinators that promise, fill their pools and anchor, and miners that collect
abstract contract DeskActor is Desk {
    constructor() {
        _act("promiseMiner(uint256,uint256,uint256)");
        _act("collectPooled(uint256,uint256)");
        _act("fundPool(uint256,uint256)");
        _act("anchorDesk(uint256,uint256)");
        _act("anchorBadly(uint256,uint256)");
    }

    function promiseMiner(uint256 who, uint256 whom, uint256 amount) external watched {
        (uint256 coordinator, uint256 miner) = (_coordinator(who), _worker(whom));
        _owe(coordinator, miner, _bound(amount, 1 ether, 20_000 ether));
    }

    function collectPooled(uint256 who, uint256 whom) external watched {
        (uint256 coordinator, uint256 miner) = (_coordinator(who), _worker(whom));
        IPaymentEscrow.Voucher memory v = _latest[coordinator][miner];
        _need(v.payer != address(0));
        bool isFrozen = escrow.isPoolFrozen(v.payer);
        _consent(coordinator, Place.Pool);
        escrow.collect(v, _latestSignature[coordinator][miner]);
        _hold(!isFrozen, "42: collected from a frozen pool");
    }

    function fundPool(uint256 who, uint256 amount) external watched {
        _fundPool(_coordinator(who), uint128(_bound(amount, 1 ether, 8_000 ether)));
    }

    /// @notice What a coordinator owes and logged; dishonest books, one time of four, say half of it.
    function anchorDesk(uint256 who, uint256 honesty) external watched {
        _anchorDesk(_coordinator(who), honesty % 4 == 0);
    }

    /// @notice A smaller log, or somebody else's: refused.
    function anchorBadly(uint256 who, uint256 what) external watched {
        uint256 coordinator = _coordinator(who);
        uint64 size = sizes[coordinator];
        bool isShrunk = what % 2 == 0 && size != 0;
        _as(isShrunk ? coordinator : _worker(what));
        try
            ledger.anchor(users[coordinator], bytes32(what), isShrunk ? size - 1 : size + 1, bytes32(what), bytes32(0))
        {
            _hold(false, isShrunk ? "50: a log shrank" : "52: anchored in another's name");
        } catch {
            return;
        }
    }
}
