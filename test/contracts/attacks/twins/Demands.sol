// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Assignment, Receipt} from "../../../../contracts/generated/Structs.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IPaymentEscrow} from "../../../../contracts/interfaces/IPaymentEscrow.sol";
import {IStaking} from "../../../../contracts/interfaces/IStaking.sol";
import {BatchProof, Evidence} from "../../../../contracts/libraries/Evidence.sol";

/// @title The least of a contract for demands that the attacks need, with the signatures of the real one
/// @notice It has no bug that an attack here uses: each twin brings its own in the one function that it replaces.
/// Signatures and answers are not checked, because no twin is about them.
abstract contract PlainDemands {
    using Evidence for Assignment;
    using Evidence for Receipt;

    IERC20 internal immutable TOKEN;
    IStaking internal immutable STAKING;
    mapping(uint256 id => IDemands.Demand demand) private _demands;
    mapping(uint256 id => uint256 bondWei) private _bonds;
    mapping(bytes32 key => bool used) private _used;
    uint256 private _count;

    constructor(IERC20 token, IStaking staking) {
        (TOKEN, STAKING) = (token, staking);
    }

    function demandOpening(
        Assignment calldata assignment,
        BatchProof calldata,
        Receipt calldata receipt,
        BatchProof calldata
    ) external returns (uint256 id) {
        _use(receipt.hash());
        id = _open(assignment.miner, assignment.client, receipt.amountWei);
        _demands[id].moment = uint64(block.number) + 8;
    }

    function demandPayment(
        IPaymentEscrow.Voucher calldata,
        bytes calldata,
        IDemands.UnpaidJob[] calldata jobs
    ) external returns (uint256 id) {
        bytes32[] memory claimed = new bytes32[](jobs.length);
        uint128 owedWei = 0;
        for (uint256 i = 0; i < jobs.length; ++i) {
            claimed[i] = jobs[i].assignment.hash();
            uint256 amountWei = jobs[i].receipt.amountWei;
            owedWei += uint128(amountWei - (amountWei * jobs[i].assignment.feePpm) / 1e6);
        }
        _useAll(claimed);
        return _open(jobs[0].assignment.coordinator, jobs[0].assignment.miner, owedWei);
    }

    function answerOpening(uint256 id, IDemands.OpenedToken[] calldata) external {
        IDemands.Demand memory demand = _demands[id];
        require(demand.challenger != address(0), "no demand");
        delete _demands[id];
        // The rest stays here: the real contract burns it.
        _send(demand.accused, _compensationWei(_bonds[id]));
    }

    function fail(uint256 id) external {
        IDemands.Demand memory demand = _demands[id];
        require(demand.challenger != address(0) && block.timestamp > demand.deadline, "answerable");
        delete _demands[id];
        if (_isUndrawn(demand.moment)) {
            _send(demand.challenger, _bonds[id]);
            return;
        }
        (, uint128 stakedWei, , ) = STAKING.stakeOf(demand.accused);
        uint128 takenWei = STAKING.slash(demand.accused, stakedWei / 10, address(this));
        uint128 mostWei = (takenWei * 2) / 5;
        _send(demand.harmed, demand.refundWei < mostWei ? demand.refundWei : mostWei);
        _send(demand.challenger, takenWei / 10 + _bonds[id]);
    }

    function demandOf(uint256 id) external view returns (IDemands.Demand memory demand) {
        return _demands[id];
    }

    function rangeOf(uint256) external pure returns (uint32 first, uint32 count) {
        return (0, 16);
    }

    /// @dev Each assignment is claimed once, whatever it is claimed together with.
    function _useAll(bytes32[] memory claimed) internal virtual {
        for (uint256 i = 0; i < claimed.length; ++i) _use(claimed[i]);
    }

    function _use(bytes32 key) internal {
        require(!_used[key], "used");
        _used[key] = true;
    }

    function _bondWei(address) internal view virtual returns (uint256 amountWei) {
        return 10 ether;
    }

    /// @dev Whether nobody could know what to open. A demand for payment has no moment.
    function _isUndrawn(uint64 moment) internal view virtual returns (bool undrawn) {
        return block.number <= moment;
    }

    function _compensationWei(uint256 bondWei) internal pure virtual returns (uint256 amountWei) {
        return bondWei / 2;
    }

    function _open(address accused, address harmed, uint128 refundWei) private returns (uint256 id) {
        id = ++_count;
        IDemands.Demand storage demand = _demands[id];
        (demand.accused, demand.challenger, demand.harmed) = (accused, msg.sender, harmed);
        (demand.refundWei, demand.deadline) = (refundWei, uint64(block.timestamp) + 48 hours);
        _bonds[id] = _bondWei(accused);
        require(TOKEN.transferFrom(msg.sender, address(this), _bonds[id]), "bond");
    }

    function _send(address to, uint256 amountWei) private {
        require(TOKEN.transfer(to, amountWei), "transfer");
    }
}

/// @notice Bug: all of the bond of an answered demand goes to who was accused.
contract WholeBondToTheAccused is PlainDemands {
    constructor(IERC20 token, IStaking staking) PlainDemands(token, staking) {}

    function _compensationWei(uint256 bondWei) internal pure override returns (uint256 amountWei) {
        return bondWei;
    }
}

/// @notice Bug: the bond is a part of what the accused has at stake.
contract BondGrowsWithStake is PlainDemands {
    constructor(IERC20 token, IStaking staking) PlainDemands(token, staking) {}

    function _bondWei(address accused) internal view override returns (uint256 amountWei) {
        (, uint128 stakedWei, , ) = STAKING.stakeOf(accused);
        return stakedWei / 400;
    }
}

/// @notice Bug: a claim is known by all of its jobs together.
contract KnowsClaimsByTheirJobs is PlainDemands {
    constructor(IERC20 token, IStaking staking) PlainDemands(token, staking) {}

    function _useAll(bytes32[] memory claimed) internal override {
        _use(keccak256(abi.encode(claimed)));
    }
}

/// @notice Bug: silence is punished whether or not it was known what to answer.
contract PunishesWithoutAValue is PlainDemands {
    constructor(IERC20 token, IStaking staking) PlainDemands(token, staking) {}

    function _isUndrawn(uint64) internal pure override returns (bool undrawn) {
        return false;
    }
}
