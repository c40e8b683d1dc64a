// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {Fixture} from "./Fixture.sol";

/// @title The history contract of EIP-2935, by its real code
contract HistoryTest is Fixture {
    function test_ReadsOn() public {
        _forkWithHistory(true);
        VM.roll(uint256(MOMENT) + 257);
        _equal(source.valueAt(MOMENT), _value(), "value");
        _equal(source.stateOf(MOMENT), IRandomness.State.Ready, "state");
    }

    function test_TheLastOf8191BlocksReadsAndKeepsIt() public {
        _forkWithHistory(true);
        VM.roll(uint256(MOMENT) + 8191);
        _equal(source.valueAt(MOMENT), _value(), "value");
        source.keep(MOMENT);
        VM.roll(uint256(MOMENT) + 8192);
        _equal(source.valueAt(MOMENT), _value(), "kept");
    }

    function test_RevertWhen_TheHistoryForgot() public {
        _forkWithHistory(true);
        VM.roll(uint256(MOMENT) + 8192);
        _expect(IRandomness.Randomness_Lost.selector, MOMENT);
        source.valueAt(MOMENT);
        _equal(source.stateOf(MOMENT), IRandomness.State.Lost, "state");
    }

    function test_RevertWhen_TheBlockIsOlderThanTheFork() public {
        _forkWithHistory(false);
        VM.roll(uint256(MOMENT) + 257);
        _expect(IRandomness.Randomness_Lost.selector, MOMENT);
        source.valueAt(MOMENT);
    }

    /// @dev With any amount of gas the answer is the right one or there is none.
    function testFuzz_TooLittleGasNeverLooksLikeALoss(uint256 gasLimit) public {
        _forkWithHistory(true);
        VM.roll(uint256(MOMENT) + 257);
        gasLimit = _bound(gasLimit, 0, 20_000);
        try source.stateOf{gas: gasLimit}(MOMENT) returns (IRandomness.State state) {
            _equal(state, IRandomness.State.Ready, "state");
        } catch (bytes memory reason) {
            _equal(reason.length, 0, "out of gas");
        }
    }
}
