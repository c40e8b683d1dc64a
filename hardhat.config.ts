import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";

/** The compiler comes from npm: no other source is needed, and its version is in the lock file. */
const compiler = fileURLToPath(import.meta.resolve("solc/soljson.js"));

export default defineConfig({
  solidity: {
    version: "0.8.37",
    path: compiler,
    // The deployment needs it beside our own contracts.
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    settings: { optimizer: { enabled: true, runs: 10_000 }, evmVersion: "cancun" },
  },
  paths: {
    sources: "contracts",
    tests: { solidity: "test/contracts" },
  },
  test: { solidity: { fuzz: { runs: 256 }, invariant: { runs: 64, depth: 64 } } },
});
