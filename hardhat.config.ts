import { fileURLToPath } from "node:url";
import hardhatVerify from "@nomicfoundation/hardhat-verify";
import { configVariable, defineConfig } from "hardhat/config";
import { networks } from "./contracts/ignition/networks.ts";

/** The compiler comes from npm: no other source is needed, and its version is in the lock file. */
const compiler = (runs: number, viaIR = false) => ({
  version: "0.8.37",
  path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
  settings: { optimizer: { enabled: true, runs }, viaIR, evmVersion: "cancun" },
});

/** Called for every payment and every epoch: the code generator that takes longer and makes cheaper code. */
const often = ["payments/PaymentEscrow", "ledger/ReceiptLedger"].map((name) => `contracts/${name}.sol`);
/** Cases are rare and their contracts are long: smaller code, which has to stay below the 24,576 bytes of EIP-170. */
const long = ["Court", "Demands", "FaultProofs"].map((name) => `contracts/disputes/${name}.sol`);

/** For `hardhat verify` and `npm run deploy -- --verify`; deployments sign with a keystore of their own. */
const publicNetworks = Object.entries(networks)
  .filter(([, { isPublic }]) => isPublic)
  .map(([name, { chainId }]) => [name, { type: "http", chainId, url: configVariable("LODE_RPC_URL") }] as const);

/** Anybody may run a Sourcify; without one it is the public one, which needs no account. */
const sourcifyUrl = process.env["SOURCIFY_URL"];

export default defineConfig({
  plugins: [hardhatVerify],
  networks: Object.fromEntries(publicNetworks),
  verify: {
    sourcify: sourcifyUrl === undefined ? {} : { apiUrl: sourcifyUrl },
    etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") },
  },
  solidity: {
    compilers: [compiler(10_000)],
    overrides: {
      ...Object.fromEntries(often.map((file) => [file, compiler(1_000_000, true)])),
      ...Object.fromEntries(long.map((file) => [file, compiler(200)])),
    },
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
