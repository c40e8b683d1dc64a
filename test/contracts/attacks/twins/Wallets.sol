// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract wallet that will not pay. It answers whoever asks it about a signature by using up the gas, by
/// returning more than the caller can afford to read, with a refusal, or, out of carelessness, with a yes to
/// everything.
contract HostileWallet {
    enum Mood {
        BurnGas,
        ReturnBomb,
        Refuse,
        Agree
    }

    Mood private immutable MOOD;

    constructor(Mood mood) {
        MOOD = mood;
    }

    /// @dev The owner of a wallet can have it do anything; the tests own it.
    function act(address target, bytes calldata data) external {
        (bool done, ) = target.call(data);
        require(done, "act");
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4 answer) {
        if (MOOD == Mood.BurnGas) {
            while (gasleft() != 0) {
                answer = bytes4(0);
            }
        }
        if (MOOD == Mood.ReturnBomb) {
            assembly ("memory-safe") {
                revert(0, 250000)
            }
        }
        return MOOD == Mood.Agree ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
