import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { lodeTokenAbi, zkSettlementAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { personAt, type Person } from "../../scripts/dev/people.ts";
import { runLode, startMiner } from "../../scripts/dev/programs.ts";
import type { Running } from "../../scripts/processes/processes.ts";
import { untilReady } from "../../scripts/processes/ready.ts";
import { root } from "../../scripts/root.ts";
import { audit } from "../helpers/books.ts";
import { startMarket } from "../helpers/market.ts";

const tls = (name: string): string => join(root, "test", "helpers", "tls", name);
const usual = getCACertificates();

/** Everybody speaks TLS with the coordinator, and its miners show it certificates. */
let market: Awaited<ReturnType<typeof startMarket>>;
beforeAll(async () => {
  setDefaultCACertificates([...usual, readFileSync(tls("ca.crt"), "utf8")]);
  process.env["NODE_EXTRA_CA_CERTS"] = tls("ca.crt");
  market = await startMarket({
    coordinatorEnv: {
      ...{ SLABS: "1", SLAB_SECS: "1", SLAB_MINIMUM_WEI: "1", SLAB_MINIMUM_CHANNELS: "2" },
      ...{ TLS_CERT_FILE: tls("server.crt"), TLS_KEY_FILE: tls("server.key"), TLS_MINER_CA_FILE: tls("ca.crt") },
    },
    minerEnv: { MINER_CERT_FILE: tls("miner.crt"), MINER_CERT_KEY_FILE: tls("miner.key") },
  });
}, 240_000);
afterAll(async () => {
  await market.stop();
  delete process.env["NODE_EXTRA_CA_CERTS"];
  setDefaultCACertificates(usual);
});

describe("lode miner start at a coordinator that asks miners for certificates", () => {
  it("is refused without one, beside another that shows one of its authority", { timeout: 240_000 }, async () => {
    const { devnet, coordinator } = market;
    expect(coordinator.url).toMatch(/^https:/);
    const person = await personAt(join(devnet.layout.folder, "stranger"));
    const bare = startMiner(devnet.processes, devnet, person, {
      ...{ name: "stranger", coordinatorUrl: coordinator.url, logFile: devnet.layout.log("stranger") },
    });
    const refusal = await untilReady(bare, async () => /^.*403.*$/m.exec(bare.lastLines(20))?.[0], 120_000);
    expect(refusal).toContain(coordinator.url);
    await bare.stop();
  });
});

describe("lode client gateway", () => {
  const startGateway = (name: string, person: Person, key: string, ...options: string[]): Running => {
    const { devnet, coordinator } = market;
    return devnet.processes.start({
      name,
      command: process.execPath,
      // Prices follow the market, so that the list's would be too low a bound.
      args: [
        ...[join(root, "miner", "src", "cli", "main.ts"), "client", "gateway", "--port", "0", "--json"],
        ...["--coordinator", coordinator.url, "--max-input-price", "0.001", "--max-output-price", "0.001", ...options],
      ],
      env: {
        LODE_HOME: person.home,
        KEYSTORE_PASSWORD_FILE: person.passwordFile,
        RPC_URL: devnet.rpcUrl,
        ADDRESSES_FILE: devnet.addressesFile,
        API_KEY: key,
      },
      logFile: devnet.layout.log(name),
    });
  };
  const urlOf = (gateway: Running): Promise<string> =>
    untilReady(gateway, async () => (JSON.parse(gateway.lastLines(1)) as { url: string }).url, 120_000);

  it("serves the OpenAI library, while the coordinator holds no key that can spend", { timeout: 240_000 }, async () => {
    const { devnet, coordinator, model } = market;
    const person = await personAt(join(devnet.layout.folder, "self-signer"));
    await devnet.fund(person);
    await runLode(devnet, person, ["client", "deposit", "50", "--payee", coordinator.person.address]);
    const at = ["--coordinator", coordinator.url];
    const { key } = (await runLode(devnet, person, ["client", "key", ...at])) as { key: string };
    const gateway = startGateway("gateway", person, key);
    const url = await urlOf(gateway);
    const openai = new OpenAI({ baseURL: url, apiKey: "anything", maxRetries: 0 });
    const request = { model, messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 12, seed: 1 };
    const whole = await openai.chat.completions.create(request);
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe(whole.choices[0]?.message.content);

    const payer = person.address.toLowerCase();
    const voucherOf = async () => {
      const answer = await fetch(`${coordinator.url}/v1/log/vouchers`);
      const { vouchers } = (await answer.json()) as { vouchers: { voucher: { payer: string; count: string } }[] };
      return vouchers.find(({ voucher }) => voucher.payer === payer)?.voucher;
    };
    await expect.poll(voucherOf).toMatchObject({ count: "2" });
    expect(await audit(devnet, coordinator)).toMatchObject({ receipts: 2, findings: [] });
    await gateway.stop();
    // What a signal asks it to finish is finished.
    expect(await gateway.ended).toMatchObject({ code: 0 });
  });

  it("pays out of slab channels, which the coordinator settles by proof", { timeout: 300_000 }, async () => {
    const { devnet, coordinator, model } = market;
    const at = ["--coordinator", coordinator.url];
    const payee = coordinator.person.address.toLowerCase() as Hex;
    const { lodeToken, zkSettlement } = devnet.addresses;
    const { client } = devnet.chain;
    const balance = { address: lodeToken, abi: lodeTokenAbi, functionName: "balanceOf", args: [payee] } as const;
    const slab = { address: zkSettlement!, abi: zkSettlementAbi } as const;
    const before = await client.readContract(balance);
    const gateways: Running[] = [];
    const debited: bigint[] = [];
    // In the company of another: the sum of both is what the chain shows.
    for (const name of ["slab-1", "slab-2"]) {
      const person = await personAt(join(devnet.layout.folder, name));
      await devnet.fund(person);
      await runLode(devnet, person, ["client", "slab", "open", "5", ...at]);
      const { key } = (await runLode(devnet, person, ["client", "key", ...at])) as { key: string };
      const gateway = startGateway(name, person, key, "--slab");
      gateways.push(gateway);
      const openai = new OpenAI({ baseURL: await urlOf(gateway), apiKey: "anything", maxRetries: 0 });
      const request = { model, messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 12, seed: 1 };
      await openai.chat.completions.create(request);
      const wallet = async (path: string): Promise<Record<string, string>> => {
        const answer = await fetch(`${coordinator.url}/v1/wallet/${path}`, {
          headers: { authorization: `Bearer ${key}` },
        });
        return (await answer.json()) as Record<string, string>;
      };
      await expect.poll(async () => (await wallet("debits"))["count"]).toBe(1);
      await expect.poll(async () => (await wallet("slab"))["unsignedWei"]).toBe("0");
      debited.push(BigInt((await wallet("debits"))["cumulativeWei"]!));
    }
    const sumWei = debited.reduce((sum, wei) => sum + wei, 0n);
    expect(debited.every((wei) => wei > 0n)).toBe(true);
    const gained = async (): Promise<bigint> => (await client.readContract(balance)) - before;
    await expect.poll(gained, { timeout: 120_000, interval: 500 }).toBe(sumWei);
    const [heldWei, creditWei, nextSlot] = await client.readContract({
      ...slab,
      functionName: "payeeOf",
      args: [payee],
    });
    expect({ heldWei, creditWei, nextSlot }).toEqual({
      heldWei: 10n * 10n ** 18n - sumWei,
      creditWei: 0n,
      nextSlot: 2,
    });
    expect((await client.readContract({ ...slab, functionName: "slotOf", args: [payee, 1] }))[1]).toBe(true);
    const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
    expect(metrics).toContain('lode_slab_turns_total{outcome="settled"} 1');
    expect(metrics).toContain("lode_slab_channels 2");
    expect(await audit(devnet, coordinator)).toMatchObject({ receipts: 4, findings: [] });
    for (const gateway of gateways) await gateway.stop();

    // A client leaves with what its gateway kept: the opening of the leaf that was settled.
    const person = await personAt(join(devnet.layout.folder, "slab-1"));
    const held = { ...balance, args: [person.address] } as const;
    const lode = (...args: string[]): Promise<unknown> => runLode(devnet, person, ["client", "slab", ...args, ...at]);
    await lode("top-up", "0", "2");
    await lode("leave", "0");
    await client.increaseTime({ seconds: 7 * 86_400 });
    await client.mine({ blocks: 1 });
    const wallet = await client.readContract(held);
    await lode("exit", "0");
    expect((await client.readContract(held)) - wallet).toBe(7n * 10n ** 18n - debited[0]!);
    expect(await lode("list")).toMatchObject({ channels: [] });
  });
});
