// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice A contract wallet that will not pay. It answers whoever asks it about a signature by using up the gas, by
/// returning more than the caller can afford to read, or with a refusal.
contract HostileWallet {
    enum Mood {
        BurnGas,
        ReturnBomb,
        Refuse
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
        return bytes4(0);
    }
}
