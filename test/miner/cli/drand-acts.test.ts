import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drandRandomnessAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import { keccak256 } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evmnet } from "../../../contracts/ignition/drand.ts";
import { artifacts } from "../../../scripts/deploy/artifacts.ts";
import { deployer } from "../../../scripts/dev/anvil.ts";
import { root } from "../../../scripts/root.ts";
import { ActTester, startActs } from "./act-tester.ts";

interface Round {
  readonly round: number;
  readonly signature: Hex;
}

const { rounds } = JSON.parse(readFileSync(join(root, "test", "vectors", "evmnet.json"), "utf8")) as {
  rounds: Round[];
};
let blocks: ActTester<"anybody">;
let drand: ActTester<"anybody">;
let randomness: Hex;

beforeAll(async () => {
  blocks = await startActs(["anybody"]);
  const { devnet, people, folder } = blocks;
  await devnet.fund(people.anybody);
  const { bytecode } = await artifacts.loadArtifact("DrandRandomness");
  const from = deployer(devnet.rpcUrl);
  const hash = await from.deployContract({
    abi: drandRandomnessAbi,
    bytecode: bytecode as Hex,
    args: [[...evmnet.publicKey], evmnet.genesis, evmnet.period, 30n],
  });
  const { contractAddress } = await from.waitForTransactionReceipt({ hash });
  randomness = contractAddress!;
  const addressesFile = join(folder, "with-drand.json");
  writeFileSync(addressesFile, JSON.stringify({ ...devnet.addresses, randomness }));
  drand = new ActTester({ ...devnet, addressesFile }, people, folder);
}, 240_000);
afterAll(() => blocks.stop());

describe("a deployment that draws from drand", () => {
  it("takes a round that the network published, from anybody", async () => {
    const [{ round, signature }] = rounds as [Round];
    await drand.doAct("anybody", ["jury", "submit-round", `${round}`, signature]);
    const value = await drand.devnet.chain.client.readContract({
      address: randomness,
      abi: drandRandomnessAbi,
      functionName: "valueAt",
      args: [BigInt(round)],
    });
    expect(value).toBe(keccak256(signature));
  });

  it("refuses a signature of another round in words", async () => {
    const [first, second] = rounds as [Round, Round];
    const { code, err } = await drand.lode("anybody", ["jury", "submit-round", `${second.round}`, first.signature]);
    expect([code, err]).toEqual([5, expect.stringContaining(`${second.round}`)]);
  });

  it("keeps no block's value, and one that draws from blocks takes no round: each names the other command", async () => {
    const kept = await drand.lode("anybody", ["jury", "keep", "12"]);
    expect([kept.code, kept.err]).toEqual([2, expect.stringContaining("lode jury submit-round")]);
    const [{ round, signature }] = rounds as [Round];
    const submitted = await blocks.lode("anybody", ["jury", "submit-round", `${round}`, signature]);
    expect([submitted.code, submitted.err]).toEqual([2, expect.stringContaining("lode jury keep")]);
  });
});
