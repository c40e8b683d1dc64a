// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Tokens of the kinds that an escrow must not be deployed with
/// @notice The attacks put their code where the deployed token's was: balances and allowances are OpenZeppelin's, in the same
/// slots, and stay.

/// @notice It keeps one per cent of every transfer.
contract FeeOnTransfer is ERC20 {
    constructor() ERC20("Fee", "FEE") {}

    function _update(address from, address to, uint256 amountWei) internal override {
        uint256 feeWei = from == address(0) || to == address(0) ? 0 : amountWei / 100;
        super._update(from, to, amountWei - feeWei);
        if (feeWei != 0) super._update(from, address(0xFEE), feeWei);
    }
}

/// @notice It says yes and moves nothing, like an address without code that is called without looking.
contract Silent is ERC20 {
    constructor() ERC20("Silent", "SIL") {}

    function _update(address, address, uint256) internal override {}
}

/// @notice It calls whoever sends and whoever receives, if they have code, as ERC-777 does.
contract Hooked is ERC20 {
    constructor() ERC20("Hooked", "HOOK") {}

    function _update(address from, address to, uint256 amountWei) internal override {
        if (from.code.length != 0) _call(from, abi.encodeCall(IHook.tokensToSend, (amountWei)));
        super._update(from, to, amountWei);
        if (to.code.length != 0) _call(to, abi.encodeCall(IHook.tokensReceived, (amountWei)));
    }

    /// @dev Contracts that know no hooks are left alone.
    function _call(address party, bytes memory data) private {
        (bool done, ) = party.call(data);
        done;
    }
}

/// @notice What a party with code answers to.
interface IHook {
    function tokensToSend(uint256 amountWei) external;

    function tokensReceived(uint256 amountWei) external;
}

/// @notice A party that calls back whatever it was told to, once, when the token calls it.
contract Reentrant is IHook {
    address private _target;
    bytes private _whenSending;
    bytes private _whenReceiving;

    function prepare(address target, bytes calldata whenSending, bytes calldata whenReceiving) external {
        (_target, _whenSending, _whenReceiving) = (target, whenSending, whenReceiving);
    }

    function act(address target, bytes calldata data) external returns (bool done) {
        (done, ) = target.call(data);
    }

    function tokensToSend(uint256) external {
        bytes memory data = _whenSending;
        if (data.length == 0) return;
        delete _whenSending;
        (bool done, ) = _target.call(data);
        done;
    }

    function tokensReceived(uint256) external {
        bytes memory data = _whenReceiving;
        if (data.length == 0) return;
        delete _whenReceiving;
        (bool done, ) = _target.call(data);
        done;
    }
}
