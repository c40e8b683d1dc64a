// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice A timelock with the signatures of OpenZeppelin's. Bugs: anybody may propose and then cancel what it proposed, and
/// what was cancelled cannot be proposed again; and a proposal does not wait for the one before it.
contract OpenTimelock {
    mapping(bytes32 id => address proposer) private _proposerOf;
    mapping(bytes32 id => uint256 readyAt) private _readyAt;

    function schedule(
        address target,
        uint256 value,
        bytes calldata data,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) external {
        bytes32 id = hashOperation(target, value, data, predecessor, salt);
        require(_proposerOf[id] == address(0), "proposed");
        (_proposerOf[id], _readyAt[id]) = (msg.sender, block.timestamp + delay);
    }

    function cancel(bytes32 id) external {
        require(_proposerOf[id] == msg.sender, "proposer");
        _readyAt[id] = 0;
    }

    function execute(address target, uint256 value, bytes calldata data, bytes32 predecessor, bytes32 salt) external {
        bytes32 id = hashOperation(target, value, data, predecessor, salt);
        require(_readyAt[id] != 0 && block.timestamp >= _readyAt[id], "not ready");
        _readyAt[id] = 0;
        (bool done, ) = target.call(data);
        require(done, "call");
    }

    function isOperationPending(bytes32 id) external view returns (bool pending) {
        return _readyAt[id] != 0;
    }

    function hashOperation(
        address target,
        uint256 value,
        bytes calldata data,
        bytes32 predecessor,
        bytes32 salt
    ) public pure returns (bytes32 id) {
        return keccak256(abi.encode(target, value, data, predecessor, salt));
    }
}
