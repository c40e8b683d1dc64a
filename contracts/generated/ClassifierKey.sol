// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "../libraries/Bn254.sol";
import {Groth16} from "../libraries/Groth16.sol";

/// @title Verifying key of the circuit classifier, generated from what its setup exported
library ClassifierKey {
    /// @notice Whether the setup's secrets are public: such a key is for development chains.
    bool internal constant IS_DEVELOPMENT = true;

    /// @notice The key, in memory.
    function load() internal pure returns (Groth16.Key memory key) {
        key.alpha = Bn254.G1Point(
            0x2c3a0ae6a6791dbbe3a44148ca9df5123fb4126d32c423eecabc619d6da14047,
            0x069279c15ccce45423fb4f52d34dc967823567af2bba8cf2e172de61b6bf7cf7
        );
        key.beta = Bn254.G2Point(
            0x1c94208dc911ebaae36708bff4daae6700d141b2320c2f06c0f434f15bc57c21,
            0x27cfaf605d1ca2d2fec6e8bc1a0a2d48b31c5a6ddc35c3c99016997f0b147ccd,
            0x128943d565e623ebcd70660927e2340f1ece81e4ec4c9f793a07b577de419dec,
            0x113290eb5ad8bc1427434a3418713dc44a72ea80761c00d189e237f679e6a2a5
        );
        key.gamma = Bn254.G2Point(
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        );
        key.delta = Bn254.G2Point(
            0x2909cd285f716ff1c1323ebac4a05ba4a7fa3b54399bbf89146bff38765d0eab,
            0x1eda0a371cc64c0b774acd43b663914010aaf67727726274771e67c0d7de5afe,
            0x23a6f399bda9e86a633b850ada11515429b8eb06d64faac424f2969ba2b3250b,
            0x290049f65c8a054c6f8961cd3713424d1072acf74a364a02cab4d7186955a7d4
        );
        key.points = new Bn254.G1Point[](4);
        key.points[0] = Bn254.G1Point(
            0x0a5f0c01af49d0e2d505cf8a8b85148ab991d613d85cab5a5a9fd174dce951ca,
            0x140dd65e7e6f7b5d294defede35c1f897b557823fa91ea4db9b447746b26b4d9
        );
        key.points[1] = Bn254.G1Point(
            0x1366090b4ca5ac6fdaeaaf1cffecbbf061405ccafbd40ea23b6cc76bf9dfea92,
            0x1c1a1711188b8914990be8973ca714a310d995c105f4c41d17d0cc2fb0bd1506
        );
        key.points[2] = Bn254.G1Point(
            0x2098e2c42493e4b70da786503b81b0ebc0bd7b8cbb5b32ac6a5fb5234e579569,
            0x1481a9ddd68db266dd26d1d354c6a0c618a4f9e80cd4732775c9672ff4621f39
        );
        key.points[3] = Bn254.G1Point(
            0x257ead3db7d5f5a07d64a28a752e6e08fad8de2b81c5470301ed1df2442c8f7a,
            0x12bee0514c51fc2f926cfa85763e664157484db42486eeaf61586f61e49fd2e9
        );
    }
}
