// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {TypeHashes} from "../../../../contracts/generated/TypeHashes.sol";
import {PlainStaking} from "./PlainStaking.sol";

/// @notice Bug: whoever calls `initialize` last is in charge.
contract InitializesAgain is PlainStaking {
    address private _authority;

    constructor(IERC20 token) PlainStaking(token) {
        _authority = msg.sender;
    }

    function initialize(address authority) external {
        _authority = authority;
    }

    function slash(address staker, uint128 amountWei, address recipient) external override returns (uint128 takenWei) {
        require(msg.sender == _authority, "authority");
        _stakes[staker].stakedWei -= amountWei;
        require(TOKEN.transfer(recipient, amountWei), "transfer");
        return amountWei;
    }
}

/// @notice Bug: ether is taken in, and there is no way out.
contract TakesEther is PlainStaking {
    constructor(IERC20 token) PlainStaking(token) {}

    receive() external payable {}

    fallback() external payable {}
}

/// @notice Bug: a root belongs to whoever anchors it first.
contract LedgerByRoot {
    mapping(bytes32 root => address coordinator) private _ownerOf;
    mapping(address coordinator => uint64 size) private _sizes;

    function anchor(address coordinator, bytes32 root, uint64 size, bytes32, bytes32) external {
        require(msg.sender == coordinator && _ownerOf[root] == address(0), "anchored");
        (_ownerOf[root], _sizes[coordinator]) = (coordinator, size);
    }

    function headOf(address coordinator) external view returns (uint64, uint64, uint64, bytes32) {
        return (1, _sizes[coordinator], 0, bytes32(0));
    }
}

/// @notice How the protocol turns the fields of an assignment, as ABI words, into a job's id.
interface INamesJobs {
    function idOf(bytes calldata fields) external pure returns (bytes32 id);
}

/// @notice The id of a job is the EIP-712 hash of its assignment, whose first field is the coordinator.
contract RealJobs is INamesJobs {
    function idOf(bytes calldata fields) external pure returns (bytes32 id) {
        return keccak256(abi.encodePacked(TypeHashes.ASSIGNMENT, fields));
    }
}

/// @notice Bug: the id leaves out whose job it is.
contract JobsOfNobody is INamesJobs {
    function idOf(bytes calldata fields) external pure returns (bytes32 id) {
        return keccak256(fields[32:]);
    }
}
