// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Base} from "../helpers/Base.sol";

/// @title What every attack shares
/// @notice An attack is one function that runs against a contract it is given and says whether the attacker won. It is
/// run twice: against the real contract, where it must fail, and against a twin with the one classical bug, where it
/// must win. Neither test can then pass because the attack does nothing.
abstract contract Attack is Base {
    /// @dev What the last call of `_try` that failed reverted with.
    bytes internal refusal;

    /// @dev A call that may fail, sent by `sender`.
    function _try(address sender, address target, bytes memory data) internal returns (bool done) {
        bytes memory answer;
        VM.prank(sender);
        (done, answer) = target.call(data);
        if (!done) refusal = answer;
    }

    /// @dev A step without which the attack would prove nothing.
    function _must(address sender, address target, bytes memory data) internal {
        VM.assertTrue(_try(sender, target, data), "a step of the attack failed");
    }

    function _fails(bool won) internal pure {
        VM.assertTrue(!won, "the attacker won");
    }

    function _succeeds(bool won) internal pure {
        VM.assertTrue(won, "the twin withstood the attack");
    }

    /// @dev The real contract refused for the reason that the attack is about, not for another.
    function _refusedWith(bytes memory expected) internal view {
        _equal(uint256(keccak256(refusal)), uint256(keccak256(expected)), "refused for another reason");
    }
}
