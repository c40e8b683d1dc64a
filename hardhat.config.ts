import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";

/** The compiler comes from npm: no other source is needed, and its version is in the lock file. */
const compiler = (runs: number) => ({
  version: "0.8.37",
  path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
  settings: { optimizer: { enabled: true, runs }, evmVersion: "cancun" },
});

/** Cases are rare and their contracts are long: smaller code, which has to stay below the 24,576 bytes of EIP-170. */
const long = ["Court", "Demands", "FaultProofs"].map((name) => `contracts/disputes/${name}.sol`);

export default defineConfig({
  solidity: {
    compilers: [compiler(10_000)],
    overrides: Object.fromEntries(long.map((file) => [file, compiler(200)])),
    // The deployment needs them beside our own contracts.
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@openzeppelin/contracts/governance/TimelockController.sol",
    ],
  },
  paths: {
    sources: "contracts",
    tests: { solidity: "test/contracts" },
  },
  test: { solidity: { fuzz: { runs: 256 }, invariant: { runs: 256, depth: 128 } } },
});
