import { readFileSync } from "node:fs";
import type { VerificationKey } from "snarkjs";
import { circuitOf, filesOf } from "../../zk-circuits/src/circuits.ts";
import { readManifest, type Manifest } from "../../zk-circuits/src/manifest.ts";

/** Circuits whose proofs a contract takes, by the library that holds the key. */
const keys = { ClassifierKey: "classifier", SettlementSlab4Key: "settlement-slab-4" } as const;

/** One Solidity library per verifying key, from the key that its circuit's setup exported. */
export function renderVerifyingKeys({ circuits }: Manifest = readManifest()): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(keys).map(([library, name]) => {
      const circuit = circuitOf(name);
      const key = JSON.parse(readFileSync(filesOf(circuit).verificationKey, "utf8")) as VerificationKey;
      // What a manifest does not call a ceremony's is treated as everybody's.
      const isDevelopment = circuits[name]?.setup !== "ceremony";
      return [`contracts/generated/${library}.sol`, render(library, name, key, isDevelopment)];
    }),
  );
}

function render(library: string, circuit: string, key: VerificationKey, isDevelopment: boolean): string {
  const points = key.IC.map((point, index) => `        key.points[${index}] = ${g1(point)};`).join("\n");
  return `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bn254} from "../libraries/Bn254.sol";
import {Groth16} from "../libraries/Groth16.sol";

/// @title Verifying key of the circuit ${circuit}, generated from what its setup exported
library ${library} {
    /// @notice Whether the setup's secrets are public: such a key is for development chains.
    bool internal constant IS_DEVELOPMENT = ${isDevelopment};

    /// @notice The key, in memory.
    function load() internal pure returns (Groth16.Key memory key) {
        key.alpha = ${g1(key.vk_alpha_1)};
        key.beta = ${g2(key.vk_beta_2)};
        key.gamma = ${g2(key.vk_gamma_2)};
        key.delta = ${g2(key.vk_delta_2)};
        key.points = new Bn254.G1Point[](${key.IC.length});
${points}
    }
}
`;
}

function g1([x, y]: readonly string[]): string {
  return `Bn254.G1Point(${word(x)}, ${word(y)})`;
}

/** Imaginary parts first, which snarkjs has second. */
function g2([x, y]: readonly (readonly string[])[]): string {
  return `Bn254.G2Point(${[x?.[1], x?.[0], y?.[1], y?.[0]].map(word).join(", ")})`;
}

function word(decimal: string | undefined): string {
  if (decimal === undefined) throw new RangeError("a verification key lacks a coordinate");
  return `0x${BigInt(decimal).toString(16).padStart(64, "0")}`;
}
