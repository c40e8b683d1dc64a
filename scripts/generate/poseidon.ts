import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root } from "../root.ts";

interface Parameters {
  /** Round constants, base64 of big-endian numbers, one for each element of the state and round. */
  readonly C: readonly string[];
  readonly M: readonly (readonly string[])[];
}

/** The state of Poseidon with five inputs. */
const width = 6;
const rounds = 8 + 60;

/** The parameters of Poseidon over five inputs as the circuits' library has them, for the contract that computes it. */
export function renderPoseidon(): string {
  // The package exports the function alone; its parameters lie beside it.
  const require = createRequire(join(root, "zk-circuits", "package.json"));
  const folder = dirname(require.resolve("poseidon-lite/poseidon5"));
  const { default: parameters } = require(join(folder, "constants", "5.js")) as { default: Parameters };
  const numbers = [...parameters.C.slice(0, width * rounds), ...parameters.M.flat()];
  const words = numbers.map((text) => Buffer.from(text, "base64").toString("hex").padStart(64, "0"));
  const lines = words.map((word) => `        hex"${word}"`).join("\n");
  return `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Parameters of Poseidon over five inputs, generated from those that the circuits are compiled with
/// @notice ${rounds} rounds of ${width} round constants, then the ${width} rows of the mixing matrix: words of 32 bytes, big-endian.
library PoseidonParameters {
    bytes internal constant WORDS =
${lines};
}
`;
}
