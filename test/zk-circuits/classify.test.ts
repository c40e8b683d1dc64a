import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lodeTokenAbi, zkJobsAbi } from "@lode/sdk/abi";
import { anvilSigner, devnetChainId } from "@lode/sdk/keys";
import { commitmentOf, featuresOf, fieldOrder } from "@lode/zk-circuits/classifier";
import { createWalletClient, encodeFunctionData, http, type Abi, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runLode } from "../../scripts/dev/programs.ts";
import { until } from "../helpers/books.ts";
import { startMarket } from "../helpers/market.ts";

const priceWei = 2n * 10n ** 18n;
const text = "translate this sentence to Greek: Can I pay by card?";

interface View {
  readonly id: string;
  readonly status: string;
  readonly result?: unknown;
  readonly error?: { readonly code: string };
}

let market: Awaited<ReturnType<typeof startMarket>>;
let zkJobs: Hex;
beforeAll(async () => {
  market = await startMarket({ minerEnv: { PROVE: "1" } });
  zkJobs = market.devnet.addresses.zkJobs!;
}, 300_000);
afterAll(() => market.devnet.stop());

describe("a classification through the API", () => {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${market.coordinator.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${market.client.key}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as View };
  };
  const account = anvilSigner(0, devnetChainId).address;
  const send = async (to: Hex, abi: Abi, functionName: string, args: unknown[]): Promise<void> => {
    const wallet = createWalletClient({ account, transport: http(market.devnet.rpcUrl) });
    const hash = await wallet.sendTransaction({
      to,
      data: encodeFunctionData({ abi, functionName, args }),
      chain: null,
    });
    const receipt = await market.devnet.chain.client.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe("success");
  };
  const open = async (jobPriceWei: bigint) => {
    const salt = BigInt(`0x${randomBytes(32).toString("hex")}`) % fieldOrder;
    const { timestamp } = await market.devnet.chain.client.getBlock();
    await send(market.devnet.addresses.lodeToken, lodeTokenAbi, "approve", [zkJobs, jobPriceWei]);
    await send(zkJobs, zkJobsAbi, "open", [commitmentOf(featuresOf(text), salt), jobPriceWei, timestamp + 3_600n]);
    const read = { address: zkJobs, abi: zkJobsAbi, functionName: "jobCount" } as const;
    const zkJob = await market.devnet.chain.client.readContract(read);
    return { text, tier: "zk", salt: `0x${salt.toString(16).padStart(64, "0")}`, zk_job: `${zkJob}` };
  };
  const ended = async (input: object) => {
    const made = await call("POST", "/v1/jobs", { workload: "classify", input });
    expect(made).toMatchObject({ status: 201, body: { workload: "classify", status: "queued" } });
    let view = made.body;
    await until(
      "the job has ended",
      async () => {
        view = (await call("GET", `/v1/jobs/${made.body.id}`)).body;
        return ["succeeded", "failed"].includes(view.status);
      },
      240,
    );
    return view;
  };

  it("is proved by the miner and paid by the contract", { timeout: 300_000 }, async () => {
    const input = await open(priceWei);
    const miner = market.miners[0]!.person.address.toLowerCase() as Hex;
    const balance = {
      address: market.devnet.addresses.lodeToken,
      abi: lodeTokenAbi,
      functionName: "balanceOf",
    } as const;
    const before = await market.devnet.chain.client.readContract({ ...balance, args: [miner] });
    const { status, result } = await ended(input);
    expect({ status, result }).toMatchObject({
      status: "succeeded",
      result: {
        object: "classification",
        tier: "zk",
        class: "translation",
        class_index: 4,
        miner,
        zk_job: input.zk_job,
      },
    });
    const after = await market.devnet.chain.client.readContract({ ...balance, args: [miner] });
    expect(after - before).toBe(priceWei);
    // Asked again it is read from the chain: nobody proves twice.
    expect((await ended(input)).result).toEqual(result);
  });

  it("is one command of the client's", { timeout: 300_000 }, async () => {
    const { devnet, coordinator, client, miners } = market;
    const key = join(devnet.layout.folder, "key");
    writeFileSync(key, client.key);
    const at = ["--coordinator", coordinator.url, "--key", key];
    const args = ["client", "classify", text, "--price", "2", ...at];
    const told = (await runLode(devnet, client.person, args)) as Record<string, string>;
    expect(told).toMatchObject({ class: "translation", miner: miners[0]!.person.address.toLowerCase() });
    // The same job again costs nothing and says the same, also from a file; with another salt it is refused.
    const file = join(devnet.layout.folder, "text");
    writeFileSync(file, text);
    const again = (salt: string): Promise<unknown> => {
      const job = ["--file", file, "--job", told["zk_job"]!, "--salt", salt];
      return runLode(devnet, client.person, ["client", "classify", ...job, ...at]);
    };
    expect(await again(told["salt"]!)).toEqual(told);
    await expect(again(`0x${"01".repeat(32)}`)).rejects.toThrow("--salt");
  });

  it("is refused with another salt, at another tier, or without a job", { timeout: 300_000 }, async () => {
    const input = await open(priceWei);
    const other = await ended({ ...input, salt: `0x${"01".repeat(32)}` });
    expect(other).toMatchObject({ status: "failed", error: { code: "invalid_value" } });
    expect(await ended({ ...input, zk_job: "999999" })).toMatchObject({
      status: "failed",
      error: { code: "invalid_value" },
    });
    const create = (fields: object) =>
      call("POST", "/v1/jobs", { workload: "classify", input: { ...input, ...fields } });
    expect((await create({ tier: "hash" })).status).toBe(400);
    expect((await create({ salt: `0x${"ff".repeat(32)}` })).status).toBe(400);
  });
});
