import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { zkJobsAbi, zkSettlementAbi } from "@lode/sdk/abi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startActs, wei, type ActTester, type Changed } from "./act-tester.ts";
import { isSentence } from "./run-lode.ts";

const names = ["client", "other", "payee"] as const;
type Name = (typeof names)[number];
let tester: ActTester<Name>;

beforeAll(async () => {
  tester = await startActs(names);
  await tester.devnet.fund(tester.people.client, tester.people.other);
}, 240_000);
afterAll(() => tester.stop());

const gained = (changed: Changed): bigint => {
  const { before, after } = changed["wallet"]!;
  return BigInt(after) - BigInt(before);
};
const refusal = async (who: Name, args: readonly string[]): Promise<string> => {
  const before = await tester.stateOf(who);
  const { code, err } = await tester.lode(who, args);
  expect(code).not.toBe(0);
  expect(isSentence(err), err).toBe(true);
  expect(await tester.stateOf(who)).toEqual(before);
  return err;
};

describe("acts on channels that are settled by proof", { timeout: 120_000 }, () => {
  const slab = (...args: string[]): string[] => {
    return ["client", "slab", ...args, "--payee", tester.people.payee.address];
  };
  const slot = async (number: number): Promise<readonly [bigint, boolean, bigint]> => {
    const { chain, addresses } = tester.devnet;
    return chain.client.readContract({
      ...{ address: addresses.zkSettlement!, abi: zkSettlementAbi, functionName: "slotOf" },
      args: [tester.people.payee.address, number],
    });
  };

  it("open one with a key that is registered once, and another without", async () => {
    const [first, second] = [
      await tester.json("client", slab("open", "5")),
      await tester.json("client", slab("open", "3")),
    ];
    expect(first.acts.map((act) => act.function)).toEqual(["register", "approve", "open"]);
    expect(second.acts.map((act) => act.function)).toEqual(["approve", "open"]);
    expect([(await slot(0))[0], (await slot(1))[0]].map(String)).toEqual([wei(5), wei(3)]);
  });

  it("add to one", async () => {
    const changed = await tester.doAct("client", slab("top-up", "0", "2"));
    expect(changed).toMatchObject({ "slot 0, deposit": { before: wei(5), after: wei(7) } });
    expect(gained(changed)).toBe(-BigInt(wei(2)));
  });

  it("leave one, wait for 7 days, and take the deposit back", async () => {
    expect(await refusal("client", slab("exit", "0"))).toContain("announce it first");
    const announced = await tester.doAct("client", slab("leave", "0"));
    const { timestamp } = await tester.devnet.chain.client.getBlock();
    expect(announced["slot 0, may be ended from"]?.after).toBe(`${timestamp + 7n * 86_400n}`);
    expect(await refusal("client", slab("leave", "0"))).toContain("announced already");
    await tester.passDays(6.9);
    expect(await refusal("client", slab("exit", "0"))).toContain("possible from");
    await tester.passDays(0.11);
    const ended = await tester.doAct("client", slab("exit", "0"));
    expect(gained(ended)).toBe(BigInt(wei(7)));
    expect(await slot(0)).toEqual([0n, false, 0n]);
    expect(await slot(1)).toEqual([BigInt(wei(3)), false, 0n]);
  });

  it("are refused for a slot that is not the wallet's", async () => {
    for (const args of [
      ["top-up", "1", "2"],
      ["leave", "1"],
      ["exit", "1"],
    ]) {
      expect(await refusal("other", slab(...args))).toContain("no channel in slot 1");
    }
    expect(await refusal("client", slab("top-up", "0", "2"))).toContain("no channel in slot 0");
  });
});

describe("a classification that nobody proves", { timeout: 120_000 }, () => {
  it("is escrowed, named, and refunded behind its deadline, once and to its client", async () => {
    const key = join(tester.folder, "key");
    writeFileSync(key, "lode_any");
    const before = await tester.devnet.chain.client.getBlockNumber({ cacheTime: 0 });
    // Nobody is at this address.
    const asked = await tester.lode("client", [
      ...["client", "classify", "Is it going to rain tomorrow?", "--price", "2", "--minutes", "10"],
      ...["--coordinator", "http://127.0.0.1:1", "--key", key, "--json"],
    ]);
    expect(asked.code).not.toBe(0);
    const job = /^job (\d+)$/m.exec(asked.err)?.[1] ?? "";
    expect(asked.err).toMatch(/^salt 0x00[0-9a-f]{62}$/m);
    const { chain, addresses } = tester.devnet;
    const opened = await chain.client.getContractEvents({
      ...{ address: addresses.zkJobs!, abi: zkJobsAbi, eventName: "JobOpened", fromBlock: before, strict: true },
    });
    expect(opened.map(({ args }) => ({ job: `${args.jobId}`, wei: `${args.priceWei}` }))).toEqual([
      { job, wei: wei(2) },
    ]);

    expect(await refusal("client", ["client", "refund", job])).toContain("can be taken back after that");
    await tester.passDays(11 / 1_440);
    const refunded = await tester.doAct("client", ["client", "refund", job]);
    expect(gained(refunded)).toBe(BigInt(wei(2)));
    expect(await refusal("client", ["client", "refund", job])).toContain("state 3");
  });
});
