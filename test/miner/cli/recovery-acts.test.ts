import { join } from "node:path";
import { sumTree } from "@lode/sdk/merkle";
import { mnemonicToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../../scripts/dev/people.ts";
import type { TestDevnet } from "../../helpers/devnet.ts";
import { startActs, wei, type ActTester, type Changed, type Told } from "./act-tester.ts";
import { valueAt } from "./evidence.ts";
import { environmentOf, quickPerson, runLode } from "./run-lode.ts";

const names = ["miner", "coordinator", "debtor", "broke", "client"] as const;
type Name = (typeof names)[number];
let tester: ActTester<Name>;
let devnet: TestDevnet;
let people: Readonly<Record<Name, Person>>;

beforeAll(async () => {
  tester = await startActs(names);
  ({ devnet, people } = tester);
  await devnet.fund(...Object.values<Person>(people));
  for (const name of ["coordinator", "debtor", "broke"] as const)
    await tester.json(name, ["stake", "1000", "--role", "coordinator"]);
  await tester.json("miner", ["stake", "500"]);
}, 240_000);
afterAll(() => tester.stop());

const doAct = (who: Name, args: readonly string[]): Promise<Changed> => tester.doAct(who, args);
const now = async (): Promise<bigint> => (await devnet.chain.client.getBlock()).timestamp;

describe("a shortfall", () => {
  it("is cured by filling the pool", async () => {
    const file = await tester.voucherFile([{ from: "debtor", to: "miner", lode: 30, kind: 1 }]);
    expect(await doAct("miner", ["recovery", "declare", file])).toMatchObject({
      insolvency: { before: "0", after: "1" },
      "pool frozen": { before: false, after: true },
      "declared, due": { after: wei(30) },
    });
    const short = await tester.lode("debtor", ["recovery", "cure", file]);
    expect(short.err).toMatch(/owes 30000000000000000000 wei .* its pool holds 0/);
    await tester.json("debtor", ["pool", "deposit", "40"]);
    expect(await doAct("debtor", ["recovery", "cure", file])).toMatchObject({
      insolvency: { after: "0" },
      pool: { before: wei(40), after: wei(10) },
    });
  });

  it("is shared when it is not cured", async () => {
    const [payer, payee] = [people.debtor.address, people.miner.address];
    const line = { payer, payee, epoch: 0n, cumulativeWei: BigInt(wei(90)), outstandingWei: BigInt(wei(60)) };
    const { previous, anchor: books } = await tester.anchor("debtor", valueAt(3), 1, sumTree([line]).root);
    await tester.passDays(1.1);
    const file = await tester.voucherFile([{ from: "debtor", to: "miner", lode: 90, kind: 1 }]);
    await tester.json("miner", ["recovery", "declare", file]);
    const anchors = tester.jsonFile({ previous: [previous], anchors: [books] });
    const shown = await doAct("miner", ["recovery", "show-anchors", payer, anchors]);
    expect(shown["liabilities root"]!.after).toBe(books.liabilitiesRoot);
    const proof = tester.jsonFile({ line, path: { hashes: [], sumsWei: [], lefts: 0 } });
    expect((await tester.lode("miner", ["recovery", "open", payer, proof, "--yes"])).err).toMatch(
      /has until .* to pay/,
    );
    await tester.passDays(3);
    expect(await doAct("miner", ["recovery", "open", payer, proof, "--yes"])).toMatchObject({
      insolvency: { before: "1", after: "2" },
      "to share": { after: wei(60) },
    });
    expect(await doAct("miner", ["recovery", "register", payer, proof])).toMatchObject({
      "line registered": { after: wei(60) },
    });
    await tester.passDays(7);
    const paid = await doAct("client", ["recovery", "claim", payer, payee]);
    const { before, after } = paid["payee's wallet"]!;
    expect((BigInt(after) - BigInt(before)).toString()).toBe(wei(60));
    await tester.passDays(24);
    expect(await doAct("client", ["recovery", "close", payer])).toMatchObject({ insolvency: { after: "0" } });
  });

  it("is released where there are no books", async () => {
    const file = await tester.voucherFile([{ from: "broke", to: "miner", lode: 3, kind: 1 }]);
    await tester.json("miner", ["recovery", "declare", file]);
    await tester.passDays(3.1);
    const changed = await doAct("miner", ["recovery", "release", people.broke.address]);
    expect(changed).toMatchObject({ insolvency: { before: "1", after: "0" }, "pool frozen": { after: false } });
  });
});

describe("rebates", () => {
  it("are claimed when the epoch is over", async () => {
    await tester.json("client", ["client", "deposit", "20", "--payee", people.coordinator.address]);
    const file = await tester.voucherFile([{ from: "client", to: "coordinator", lode: 20 }]);
    await tester.json("coordinator", ["collect", "--vouchers", file]);
    const epoch = (await now()) / (7n * 86_400n);
    const early = await tester.lode("coordinator", ["rewards", "claim", `${epoch}`]);
    expect(early.err).toMatch(/runs until .* claim then/);
    await tester.passDays(7);
    const changed = await doAct("coordinator", ["rewards", "claim", `${epoch}`]);
    expect(changed).toMatchObject({
      [`rebate of epoch ${epoch}`]: { before: wei(0.1) },
      "rebate paid": { before: false, after: true },
    });
  });
});

describe("governance", () => {
  const call = (): string => `AccessManager.grantRole(4, ${people.client.address}, 0)`;
  let governor: Person;
  beforeAll(async () => {
    const phrase = "test test test test test test test test test test test junk";
    const key = mnemonicToAccount(phrase).getHdKey().privateKey!;
    governor = await quickPerson(join(tester.folder, "governor"), `0x${Buffer.from(key).toString("hex")}`);
  });
  const govern = async (...args: string[]) => {
    const env = environmentOf(governor, devnet);
    const dry = await runLode([...args, "--json", "--dry-run"], env);
    const real = await runLode([...args, "--json"], env);
    expect(dry.err + real.err).toBe("");
    const [predicted, told] = [JSON.parse(dry.out) as Told, JSON.parse(real.out) as Told];
    const after = ({ changes }: Told) => changes.filter(({ unit }) => unit !== "time").map((change) => change.after);
    expect(after(predicted)).toEqual(after(told));
    return told;
  };
  const operationIn = (told: Told): string =>
    String(told.acts.flatMap(({ events }) => events).find(({ name }) => name === "CallScheduled")!.args["id"]);

  it("schedules, cancels, waits and executes", async () => {
    const first = operationIn(await govern("govern", "schedule", call()));
    const cancelled = await govern("govern", "cancel", first);
    expect(cancelled.changes[0]).toMatchObject({ label: "operation", before: "1", after: "0" });
    await govern("govern", "schedule", call(), "--salt", `0x${"01".repeat(32)}`);
    const args = ["govern", "execute", call(), "--salt", `0x${"01".repeat(32)}`, "--yes"];
    const early = await tester.lode("client", args);
    expect(early).toMatchObject({ code: 5 });
    expect(early.err).toMatch(/is not at the stage/);
    await tester.passDays(10.1);
    expect(await doAct("client", args)).toMatchObject({ operation: { before: "2", after: "3" } });
  });
  it("is refused to others, and to calls that are none", async () => {
    expect((await tester.lode("miner", ["govern", "schedule", call()])).err).toMatch(/lacks the role/);
    const wrong = async (text: string) => (await tester.lode("miner", ["govern", "schedule", text])).err;
    expect(await wrong("grantRole(4)")).toMatch(/is not a call; write Contract\.function/);
    expect(await wrong("AccessManager.grantRole(4)")).toMatch(/takes 3 arguments \(uint64 roleId, address account/);
    expect(await wrong("AccessManager.grantRole(4, 5, 0)")).toMatch(/account is not a valid address/);
  });
  it("lets the guardian stop intake, and nobody else", async () => {
    for (const what of ["stakes", "accounts"]) {
      expect((await tester.lode("miner", ["guardian", `pause-${what}`])).err).toMatch(/it takes a role/);
      const paused = await doAct("client", ["guardian", `pause-${what}`]);
      expect(paused[`new ${what} stopped until`]).toMatchObject({ before: "0" });
      const resumed = await doAct("client", ["guardian", `resume-${what}`]);
      expect(resumed[`new ${what} stopped until`]).toMatchObject({ after: "0" });
    }
  });
});
