import { lodeTokenAbi, zkJobsAbi } from "@lode/sdk/abi";
import { anvilSigner, devnetChainId } from "@lode/sdk/keys";
import { circuitOf, SnarkjsProver, solidityProof } from "@lode/zk-circuits";
import {
  bindingOf,
  classes,
  classifierInput,
  classifyFeatures,
  commitmentOf,
  featuresOf,
} from "@lode/zk-circuits/classifier";
import { createWalletClient, encodeFunctionData, http, parseEventLogs, type Abi, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDevnet, type TestDevnet } from "../helpers/devnet.ts";

const priceWei = 3n * 10n ** 18n;
const text = "how do I fix a null pointer exception in Java?";
const salt = 0x1234_5678_9abcn;
const miner = "0x00000000000000000000000000000000000a11ce";

let devnet: TestDevnet;
let zkJobs: Hex;
beforeAll(async () => {
  devnet = await startDevnet();
  zkJobs = devnet.addresses.zkJobs!;
});
afterAll(() => devnet.stop());

describe("a classification on a chain", () => {
  it("is proved by a miner, checked by the contract, paid, and its answer told", { timeout: 120_000 }, async () => {
    const { client } = devnet.chain;
    const account = anvilSigner(0, devnetChainId).address;
    const wallet = createWalletClient({ account, transport: http(devnet.rpcUrl) });
    const send = async (to: Hex, abi: Abi, functionName: string, args: unknown[]) => {
      const data = encodeFunctionData({ abi, functionName, args });
      const hash = await wallet.sendTransaction({ to, data, chain: null });
      const receipt = await client.waitForTransactionReceipt({ hash });
      expect(receipt.status).toBe("success");
      return receipt;
    };
    const features = featuresOf(text);
    const answer = classifyFeatures(features);
    expect(classes[answer]).toBe("code");
    const { timestamp } = await client.getBlock();
    await send(devnet.addresses.lodeToken, lodeTokenAbi, "approve", [zkJobs, priceWei]);
    await send(zkJobs, zkJobsAbi, "open", [commitmentOf(features, salt), priceWei, timestamp + 3_600n]);

    const binding = bindingOf({ chainId: devnetChainId, zkJobs, jobId: 1n, miner });
    const read = { address: zkJobs, abi: zkJobsAbi, functionName: "bindingOf", args: [1n, miner] } as const;
    expect(await client.readContract(read)).toBe(binding);
    const input = classifierInput(features, salt, { answer, binding });
    const { proof, publicSignals } = await new SnarkjsProver().prove(circuitOf("classifier"), input);
    expect(publicSignals).toEqual([commitmentOf(features, salt), BigInt(answer), binding]);

    const receipt = await send(zkJobs, zkJobsAbi, "answer", [1n, miner, BigInt(answer), solidityProof(proof)]);
    const [event] = parseEventLogs({ abi: zkJobsAbi, logs: receipt.logs, eventName: "JobAnswered" });
    expect(event?.args).toMatchObject({ jobId: 1n, answer, priceWei });
    const balance = { address: devnet.addresses.lodeToken, abi: lodeTokenAbi, functionName: "balanceOf" } as const;
    expect(await client.readContract({ ...balance, args: [miner] })).toBe(priceWei);
  });
});
