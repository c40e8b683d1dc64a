// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Court} from "../../../contracts/disputes/Court.sol";
import {Base} from "../helpers/Base.sol";
import {Jobs} from "../helpers/Jobs.sol";
import {Trials} from "../helpers/Trials.sol";
import {Attack} from "./Attack.sol";

/// @title What attacks with signed jobs share
abstract contract JobAttack is Attack, Jobs {
    function setUp() public virtual override(Base, Jobs) {
        super.setUp();
    }

    /// @dev A twin that may slash, and that everybody who is funded pays bonds to.
    function _allow(address twin) internal {
        manager.grantRole(SLASHER, twin, 0);
        address[4] memory parties = [CLIENT, COORDINATOR, MINER, WORKER];
        for (uint256 i = 0; i < parties.length; ++i) {
            VM.prank(parties[i]);
            token.approve(twin, type(uint256).max);
        }
    }
}

/// @title What attacks on the court share: eight jurors, and cases before the court that is attacked
abstract contract TrialAttack is JobAttack, Trials {
    function setUp() public virtual override(JobAttack, Trials) {
        super.setUp();
    }

    /// @dev From now on cases go before `twin`, and the jurors sit there.
    function _goTo(address twin) internal {
        _allow(twin);
        court = Court(twin);
        for (uint256 i = 0; i < JURORS; ++i) {
            VM.prank(_juror(i));
            court.join();
        }
    }
}
