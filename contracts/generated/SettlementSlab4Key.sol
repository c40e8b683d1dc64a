// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "../libraries/Bn254.sol";
import {Groth16} from "../libraries/Groth16.sol";

/// @title Verifying key of the circuit settlement-slab-4, generated from what its setup exported
library SettlementSlab4Key {
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
            0x1fba04388d720fa412416c214b6378a4bf83235fdb61a03b2d857a7cdab807f2,
            0x01d174fff19f9f3a0de681d7338a29a0b92d2b20438f56556b73f6639ff9c5b9
        );
        key.points[1] = Bn254.G1Point(
            0x30281251660d22af11151cb0626cb64e0f523f2c84ca996e239a03b797605058,
            0x03da091ffbdb372fdd4ea701bd6602d067c9f0c4c35415cd85d3a0cb82794901
        );
        key.points[2] = Bn254.G1Point(
            0x2659f4ec965dbb8f1d87c83cf302c26af0f1ec819edba6abfe586b7b9e355e95,
            0x0681efca84ad0ef811d396f6f6c08f114a43736f308dc625e3d15c4144784541
        );
        key.points[3] = Bn254.G1Point(
            0x20bfc2e81b0cd2853777643511212f2c897b147c0791ea31df5c13a532e26e2b,
            0x2a0ff547f089364fc7e701b88a11a08d67c8ee0370fd1862fd9980f8212f0f53
        );
    }
}
