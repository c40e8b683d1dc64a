// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRandomness} from "../../../../contracts/interfaces/IRandomness.sol";
import {BlockRandomness} from "../../../../contracts/randomness/BlockRandomness.sol";
import {Base} from "../../helpers/Base.sol";

/// @title A source with a delay of ten blocks, and a moment that an act of block 1,000,000 fixed
abstract contract Fixture is Base {
    uint64 internal constant ACT = 1_000_000;
    uint64 internal constant DELAY = 10;
    uint64 internal constant MOMENT = ACT + DELAY;
    bytes32 internal constant HASH = keccak256("the block named in advance");
    address internal constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    /// @dev The code that EIP-2935 gives for its contract.
    bytes internal constant HISTORY_CODE =
        hex"3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

    BlockRandomness internal source;

    function setUp() public virtual override {
        source = new BlockRandomness(DELAY);
        VM.etch(HISTORY, "");
        VM.roll(ACT);
    }

    /// @dev Goes to `number`; the named block has its hash when that is within the reach of BLOCKHASH.
    function _goTo(uint256 number) internal {
        VM.roll(number);
        if (number > MOMENT && number <= uint256(MOMENT) + 256) VM.setBlockhash(MOMENT, HASH);
    }

    /// @dev Puts the history contract in place, as after the fork; it knows the named block if `known`.
    function _forkWithHistory(bool known) internal {
        VM.etch(HISTORY, HISTORY_CODE);
        if (known) VM.store(HISTORY, bytes32(uint256(MOMENT % 8191)), HASH);
    }

    function _value() internal pure returns (bytes32 value) {
        return keccak256(abi.encode(keccak256("Lode BlockRandomness"), HASH));
    }

    function _equal(IRandomness.State left, IRandomness.State right, string memory what) internal pure {
        _equal(uint256(left), uint256(right), what);
    }

    function _equal(bytes32 left, bytes32 right, string memory what) internal pure {
        _equal(uint256(left), uint256(right), what);
    }

    function _expect(bytes4 selector, uint64 moment) internal {
        VM.expectRevert(abi.encodeWithSelector(selector, moment));
    }
}
