// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Actor} from "./Actor.sol";
import {Cast} from "./Cast.sol";
import {World} from "./World.sol";

/// @title A world, its actors, and the rules that hold after each of their actions
abstract contract Campaign is Cast {
    /// @dev As the test runners read it.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant STEPS = 300;

    World internal world;
    string[] private _signatures;

    function setUp() public override {
        world = new World();
        _enter(world.system());
        _signatures = _populate().actions();
    }

    /// @notice The only contract that the test runner calls.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actor());
    }

    /// @notice What it calls there.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_actor()), new bytes4[](_signatures.length));
        for (uint256 i = 0; i < _signatures.length; ++i) targets[0].selectors[i] = _selector(_signatures[i]);
    }

    /// @notice After the last call of a sequence everything is looked at.
    function afterInvariant() external view {
        _checkAll();
        _checkEnd();
    }

    /// @notice Every rule that holds after an action.
    function checkAll() external view {
        _checkAll();
    }

    /// @dev Rules about something that never happens hold for nothing: each action succeeds in one of a few fixed sequences.
    function test_EveryActionSucceeds() external {
        uint256[] memory times = new uint256[](_signatures.length);
        uint256 done = 0;
        for (uint256 sequence = 0; sequence < _sequences(); ++sequence) {
            if (sequence != 0) setUp();
            done += _play(sequence * STEPS);
            for (uint256 i = 0; i < times.length; ++i) times[i] += _actor().successes(_selector(_signatures[i]));
        }
        for (uint256 i = 0; i < times.length; ++i) {
            VM.assertTrue(
                times[i] != 0 || _isExcused(_selector(_signatures[i])),
                string.concat("never succeeded: ", _signatures[i])
            );
        }
        VM.assertTrue(done * 2 > STEPS * _sequences(), "too few calls do something");
    }

    /// @dev Worlds in which the fixed sequences are played, STEPS calls in each.
    function _sequences() internal pure virtual returns (uint256 count) {
        return 2;
    }

    /// @dev Actions that another campaign shows to succeed, and that come up too seldom in this one.
    function _isExcused(bytes4) internal pure virtual returns (bool excused) {
        return false;
    }

    function _play(uint256 from) private returns (uint256 done) {
        for (uint256 step = from; step < from + STEPS; ++step) {
            bytes4 chosen = _selector(_signatures[_word(step, 0) % _signatures.length]);
            bytes memory words = abi.encode(_word(step, 1), _word(step, 2), _word(step, 3), _word(step, 4));
            // A refusal is no failure.
            (bool isDone, ) = address(_actor()).call(abi.encodePacked(chosen, words));
            if (!isDone) continue;
            // In a frame of its own, whose memory is given back: what grows over a whole sequence costs its square.
            this.checkAll();
            ++done;
        }
        _checkEnd();
    }

    /// @dev Makes the actor.
    function _populate() internal virtual returns (Actor actor);

    function _actor() internal view virtual returns (Actor actor);

    /// @dev Rules come in parts: after each call one of them in turn, because looking at all would take most of the time.
    /// What they say does not heal: whatever breaks one is found a few calls later, or after the last.
    function _parts() internal pure virtual returns (uint256 count);

    function _checkPart(uint256 part) internal view virtual;

    /// @dev Rules that are looked at after the last call only.
    function _checkEnd() internal view virtual;

    function _check() internal view {
        _checkWorld();
        _checkPart(_actor().turns() % _parts());
    }

    function _checkAll() internal view {
        _checkWorld();
        for (uint256 part = 0; part < _parts(); ++part) _checkPart(part);
    }

    /// @dev No action saw a rule broken.
    function _checkWorld() private view {
        if (world.complaints() != 0) VM.assertTrue(false, world.broken(0));
    }

    function _word(uint256 step, uint256 number) private pure returns (uint256 word) {
        return uint256(keccak256(abi.encode(step, number)));
    }

    function _selector(string memory signature) private pure returns (bytes4 selector) {
        return bytes4(keccak256(bytes(signature)));
    }
}
