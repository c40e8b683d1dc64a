import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { courtAbi, demandsAbi, receiptLedgerAbi } from "@lode/sdk/abi";
import { anchorEvidence, commitmentTo, findingKinds, remedies, shownAnchor, type FindingKind } from "@lode/sdk/audit";
import { isDrawn as drawnBy, juryOf, positionsOf } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { sumTree } from "@lode/sdk/merkle";
import { signTypedData } from "@lode/sdk/keys";
import { toWire, type TreeHead } from "@lode/sdk/typed-data";
import { zeroAddress, zeroHash } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proveAt, viewOfBill } from "../../../miner/src/audit/gossip/split-view.ts";
import { demandOf } from "../../../miner/src/audit/receipt.ts";
import { openChain } from "../../../miner/src/chain/chain.ts";
import { readHistory } from "../../../miner/src/chain/history.ts";
import { CourtWatch } from "../../../miner/src/chain/court-watch.ts";
import type { Person } from "../../../scripts/dev/people.ts";
import type { TestDevnet } from "../../helpers/devnet.ts";
import { startActs, wei, type ActTester, type Changed, type Told } from "./act-tester.ts";
import { domainOf, logOf, makeJob, outputOf, valueAt, type Parties } from "./evidence.ts";
import { isSentence } from "./run-lode.ts";

const jurors = ["juror1", "juror2", "juror3", "juror4", "juror5"] as const;
const names = ["miner", "liar", "coordinator", "forker", "faker", "client", ...jurors] as const;
type Name = (typeof names)[number];
let tester: ActTester<Name>;
let devnet: TestDevnet;
let people: Readonly<Record<Name, Person>>;

beforeAll(async () => {
  tester = await startActs(names);
  ({ devnet, people } = tester);
  await devnet.fund(...Object.values<Person>(people));
  for (const name of ["coordinator", "forker", "faker"] as const) {
    await tester.json(name, ["stake", "1000", "--role", "coordinator"]);
  }
  for (const name of ["miner", "liar", ...jurors] as const) await tester.json(name, ["stake", "500"]);
}, 240_000);
afterAll(() => tester.stop());

const doAct = (who: Name, args: readonly string[]): Promise<Changed> => tester.doAct(who, args);
const now = async (): Promise<bigint> => (await devnet.chain.client.getBlock()).timestamp;
const mine = (blocks: number): Promise<void> => devnet.chain.client.mine({ blocks });

async function parties(miner: Name = "miner", coordinator: Name = "coordinator"): Promise<Parties> {
  return {
    coordinator: await tester.signer(coordinator),
    miner: await tester.signer(miner),
    client: people.client.address,
    domain: domainOf(devnet.addresses),
  };
}

async function newJob(miner: Name = "miner", receipt: Parameters<typeof makeJob>[1]["receipt"] = {}) {
  return makeJob(await parties(miner), { now: await now(), receipt });
}

const courtAt = () => ({ address: devnet.addresses.court, abi: courtAbi }) as const;
const caseOf = (id: string) =>
  devnet.chain.client.readContract({ ...courtAt(), functionName: "caseOf", args: [BigInt(id)] });

/** `lode dispute open` with a finding in a file. */
const open = (content: unknown) => ["dispute", "open", "--finding", tester.jsonFile(content)];

/** The id in the event of an act that was sent. */
async function idOf(who: Name, args: readonly string[], event: string): Promise<string> {
  const before = await tester.stateOf(who);
  const predicted = await tester.json(who, [...args, "--dry-run"]);
  expect(await tester.stateOf(who)).toEqual(before);
  const real = await tester.json(who, args);
  const found = (told: Told) => told.acts.flatMap(({ events }) => events).find(({ name }) => name === event)!;
  expect(found(predicted).args["id"]).toBe(found(real).args["id"]);
  expect(predicted.changes.map(({ label, after }) => [label, after])).toEqual(
    real.changes.map(({ label, after }) => [label, after]),
  );
  return String(found(real).args["id"]);
}

describe("faults that prove themselves", () => {
  it("equivocation", async () => {
    const first = await newJob("liar");
    const second = makeJob(await parties("liar"), {
      now: 0n,
      assignment: first.assignment,
      receipt: { outputTokens: 41 },
    });
    const signed = ({ evidence }: typeof first) => ({ receipt: evidence.receipt, proof: evidence.receiptProof });
    const shown = { assignment: first.evidence.assignment, first: signed(first), second: signed(second) };
    const changed = await doAct("client", ["dispute", "equivocation", tester.jsonFile(shown)]);
    expect(changed["accused's stake"]).toEqual({ before: wei(500), after: wei(250) });
    const again = await tester.lode("client", ["dispute", "equivocation", tester.jsonFile(shown)]);
    expect(again).toMatchObject({ code: 5 });
    expect(again.err).toMatch(/was judged already/);
    const same = { ...shown, second: shown.first };
    expect((await tester.lode("client", ["dispute", "equivocation", tester.jsonFile(same)])).err).toMatch(
      /are the same/,
    );
  });

  it("an audit's finding, by the act and with the evidence that it names", async () => {
    const first = await newJob("liar");
    const second = makeJob(await parties("liar"), {
      now: 0n,
      assignment: first.assignment,
      receipt: { outputTokens: 41 },
    });
    const signed = ({ evidence }: typeof first) => ({ receipt: evidence.receipt, proof: evidence.receiptProof });
    const evidence = { assignment: first.evidence.assignment, first: signed(first), second: signed(second) };
    const finding = {
      kind: "receipt_repeated",
      message: "twice",
      evidence: {},
      dispute: { act: "equivocation", evidence },
    };
    const changed = await doAct("client", open(finding));
    expect(changed["accused's stake"]).toEqual({ before: wei(250), after: wei(125) });
    const { dispute, ...bare } = finding;
    expect(await tester.lode("client", open(bare))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/did not have what the contract wants to see for receipt_repeated/) as string,
    });
    const strange = { ...bare, dispute: { ...dispute, act: "stake" } };
    expect(await tester.lode("client", open(strange))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no act of lode dispute/) as string,
    });
    expect(await tester.lode("client", open([]))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/holds no finding/) as string,
    });
  });

  it("what to do instead, for every kind of finding that no contract judges", async () => {
    const unjudged = (Object.keys(findingKinds) as FindingKind[]).filter((kind) => remedies[kind].acts.length === 0);
    for (const kind of unjudged) {
      const { code, err } = await tester.lode("client", open({ kind, message: "", evidence: {} }));
      expect({ kind, code, err }).toEqual({
        ...{ kind, code: 2 },
        err: `No contract judges ${kind}. ${remedies[kind].instead}`,
      });
    }
    expect(unjudged.length).toBeGreaterThan(30);
  });

  it("a finding of a log that is not what its coordinator anchored, by the anchored root", async () => {
    const key = await tester.signer("faker");
    const [kept, served] = [valueAt(1), valueAt(2)];
    await tester.anchor("faker", logOf([valueAt(3)]).root(), 1);
    await tester.anchor("faker", logOf([kept]).root(), 1);
    await tester.anchor("faker", logOf([kept, served]).root(), 2);
    const chain = await openChain(devnet.rpcUrl, devnet.addresses);
    const { anchors, commitment } = await readHistory(chain, key.address, () => undefined);
    expect(commitmentTo(anchors.map(shownAnchor))).toBe(commitment);
    const head: TreeHead = { coordinator: key.address, size: 1n, root: logOf([served]).root(), timestampMs: 1n };
    const signature = signTypedData(key, domainOf(devnet.addresses), "TreeHead", head);
    const anchored = anchorEvidence(anchors.map(shownAnchor), 2n)!;
    const there = { head: { ...head, root: logOf([kept]).root() }, signature: "0x", anchored } as const;
    const dispute = await proveAt(
      0,
      viewOfBill({ head, signature }, 0, { leaf: served, path: [] }),
      viewOfBill(there, 0, { leaf: kept, path: [] }),
    );
    const changed = await doAct("client", open({ kind: "log_forked", message: "", evidence: {}, dispute }));
    expect(changed["accused's stake"]).toEqual({ before: wei(1000), after: wei(500) });
  });

  it("a finding of a receipt that is not in the log", async () => {
    const { evidence } = makeJob(await parties("miner", "faker"), { now: await now(), receipt: {} });
    const { assignment, assignmentProof, receipt, receiptProof } = evidence;
    const entry = { assignment, assignmentBatch: assignmentProof, receipt, receiptBatch: receiptProof };
    const finding = { kind: "log_root_wrong", message: "", evidence: {}, dispute: demandOf(entry as never) };
    const id = await idOf("client", open(finding), "DemandOpened");
    await tester.passDays(2.1);
    const changed = await doAct("client", ["dispute", "close", id]);
    expect(BigInt(changed["accused's stake"]!.after)).toBeLessThan(BigInt(changed["accused's stake"]!.before));
  });

  it("a split view", async () => {
    const key = await tester.signer("forker");
    const shown = [valueAt(1), valueAt(2)].map((leaf) => {
      const head: TreeHead = { coordinator: key.address, size: 1n, root: logOf([leaf]).root(), timestampMs: 1n };
      const signature = signTypedData(key, domainOf(devnet.addresses), "TreeHead", head);
      return { head: toWire("TreeHead", head), signature, previous: zeroHash, anchors: [], leaf, path: [] };
    });
    const evidence = { coordinator: key.address, index: 0, first: shown[0], second: shown[1] };
    const changed = await doAct("client", ["dispute", "split-view", tester.jsonFile(evidence)]);
    expect(changed["accused's stake"]).toEqual({ before: wei(1000), after: wei(500) });
  });

  it("evidence that lacks something is named", async () => {
    const { evidence } = await newJob();
    const { seed, ...rest } = evidence.assignment;
    expect(seed).toBeDefined();
    const file = tester.jsonFile({ ...evidence, assignment: rest });
    const ran = await tester.lode("client", ["dispute", "demand-in-log", file]);
    expect(ran).toMatchObject({ code: 2, err: "assignment.seed is missing (bytes32)." });
    const odd = tester.jsonFile({ ...evidence, assignment: { ...evidence.assignment, tier: 256 } });
    expect((await tester.lode("client", ["dispute", "demand-in-log", odd])).err).toBe(
      "assignment.tier is not a valid uint8.",
    );
  });
});

describe("demands", () => {
  it("for a receipt in the log, answered by the coordinator", async () => {
    const { evidence, receiptHash } = await newJob();
    const id = await idOf("client", ["dispute", "demand-in-log", tester.jsonFile(evidence)], "DemandOpened");
    const { previous, anchor: shown } = await tester.anchor("coordinator", logOf([receiptHash]).root(), 1);
    const wrong = tester.jsonFile({ index: 1, path: [], previous, anchors: [shown] });
    const refused = await tester.lode("coordinator", ["dispute", "answer-in-log", id, wrong]);
    expect(refused.err).toMatch(/is not at that index/);
    const file = tester.jsonFile({ index: 0, path: [], previous, anchors: [shown] });
    const changed = await doAct("coordinator", ["dispute", "answer-in-log", id, file]);
    expect(changed).toMatchObject({
      [`demand ${id}`]: { before: "1", after: "0" },
      "stake, freezes": { before: "1", after: "0" },
    });
  });

  it("for tokens of an output: opened in time, and not", async () => {
    const job = await newJob();
    const args = ["dispute", "demand-opening", tester.jsonFile(job.evidence)];
    const id = await idOf("client", args, "DemandOpened");
    await mine(9);
    const { demands } = devnet.addresses;
    const [first, count] = await devnet.chain.client.readContract({
      address: demands,
      abi: demandsAbi,
      functionName: "rangeOf",
      args: [BigInt(id)],
    });
    const { tree, saltAt } = outputOf(40);
    const opened = Array.from({ length: count }, (_, index) => first + index).map((position) => ({
      salt: saltAt(position),
      tokenId: position,
      path: tree.inclusionProof(position),
    }));
    await doAct("miner", ["dispute", "answer-opening", id, tester.jsonFile({ opened })]);

    const other = await newJob("liar");
    const silent = await idOf("client", ["dispute", "demand-opening", tester.jsonFile(other.evidence)], "DemandOpened");
    const early = await tester.lode("client", ["dispute", "close", silent]);
    expect(early.err).toMatch(/can be answered until/);
    expect(isSentence(early.err)).toBe(true);
    await mine(9);
    await tester.passDays(2.1);
    const changed = await doAct("client", ["dispute", "close", silent]);
    expect(BigInt(changed["accused's stake"]!.after)).toBeLessThan(BigInt(changed["accused's stake"]!.before));
  });

  it("for acknowledged work: in the voucher, and unpaid", async () => {
    const demand = async (last: object, signature: string, job: Awaited<ReturnType<typeof newJob>>) =>
      idOf(
        "miner",
        ["dispute", "demand-payment", tester.jsonFile({ last, signature, jobs: [job.acknowledged] })],
        "DemandOpened",
      );
    const covered = await newJob();
    const receiptsRoot = logOf([covered.receiptHash]).root();
    const item = { from: "coordinator", to: "miner", lode: 1, kind: 1, receiptsRoot } as const;
    const { voucher, signature } = JSON.parse(readFileSync(await tester.voucherFile([item]), "utf8")) as {
      voucher: object;
      signature: string;
    };
    const id = await demand(voucher, signature, covered);
    const answer = { receipts: [covered.receiptHash], which: 0, index: 0, size: 1, path: [] };
    await doAct("coordinator", ["dispute", "answer-in-voucher", id, tester.jsonFile(answer)]);

    const none = { payer: zeroAddress, payee: zeroAddress, kind: 1, epoch: "0", cumulativeWei: "0", count: "0" };
    const unpaid = await demand({ ...none, receiptsRoot: zeroHash }, "0x", await newJob());
    const dueWei = 410n * 10n ** 15n;
    await tester.json("coordinator", ["pool", "deposit", "1"]);
    const pay = { ...item, lode: 0, cumulativeWei: dueWei, receiptsRoot: zeroHash };
    const early = await tester.lode("coordinator", ["dispute", "answer-collected", unpaid]);
    expect(early.err).toMatch(/0 wei are collected, 410000000000000000 were demanded/);
    await tester.json("miner", ["collect", "--vouchers", await tester.voucherFile([pay])]);
    await doAct("coordinator", ["dispute", "answer-collected", unpaid]);
  });

  it("for a line in the books, and books that say too little", async () => {
    const voucher = await tester.voucherFile([{ from: "coordinator", to: "liar", lode: 5, kind: 1 }]);
    const changed = await doAct("liar", ["dispute", "exhibit", voucher]);
    expect(changed["voucher on record"]).toEqual({ before: "0", after: wei(5) });
    const [payer, payee] = [people.coordinator.address, people.liar.address];
    const early = await tester.lode("liar", ["dispute", "demand-in-books", payer, payee, "1"]);
    expect(early.err).toMatch(/need not show the voucher before/);
    await tester.passDays(1.1);
    const head = { address: devnet.addresses.receiptLedger, abi: receiptLedgerAbi, functionName: "headOf" } as const;
    const [made] = await devnet.chain.client.readContract({ ...head, args: [payer] });
    const next = String(made + 1n);
    const dispute = { act: "demand-in-books", evidence: { payer, payee, books: Number(next) } };
    const finding = { kind: "liabilities_wrong", message: "", evidence: {}, dispute };
    const id = await idOf("liar", open(finding), "DemandOpened");
    const line = { payer, payee, epoch: 0n, cumulativeWei: BigInt(wei(5)), outstandingWei: BigInt(wei(5)) };
    const path = { hashes: [], sumsWei: [], lefts: 0 };
    const { previous, anchor: books } = await tester.anchor("coordinator", valueAt(9), 2, sumTree([line]).root);
    const answer = tester.jsonFile({ line, path, previous, anchors: [books] });
    await doAct("coordinator", ["dispute", "answer-in-books", id, answer]);

    const low = { ...line, outstandingWei: 1n };
    const { previous: since, anchor: wrong } = await tester.anchor("coordinator", valueAt(9), 2, sumTree([low]).root);
    const proof = tester.jsonFile({ line: low, path, previous: since, anchors: [wrong] });
    const punished = await doAct("liar", ["dispute", "understated", proof]);
    expect(punished["accused's stake"]).toEqual({ before: wei(1000), after: wei(500) });
  });
});

describe("a case before jurors", () => {
  it("is joined, left and weighed", async () => {
    expect(await doAct("juror1", ["jury", "join"])).toMatchObject({
      "juror, weight": { before: "0", after: "500" },
      "stake, freezes": { before: "0", after: "1" },
    });
    expect(await doAct("juror1", ["jury", "leave"])).toMatchObject({ "juror, weight": { after: "0" } });
    for (const juror of jurors) await tester.json(juror, ["jury", "join"]);
    await tester.json("juror2", ["stake", "100"]);
    const weighed = await doAct("client", ["jury", "reweigh", people.juror2.address]);
    expect(weighed["juror, weight"]).toEqual({ before: "500", after: "600" });
    expect((await tester.lode("client", ["jury", "join"])).err).toMatch(/is not an active miner/);
  });

  /** The accusations' names for a job that the log shows, at a coordinator that shows nothing else. */
  async function withLog<T>(entries: readonly object[], use: (url: string) => Promise<T>): Promise<T> {
    const server = createServer(({ url }, answer) => {
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify({ receipts: url === "/v1/receipts/chatcmpl-1" ? entries : [] }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
  }
  const entryOf = ({ evidence }: Awaited<ReturnType<typeof newJob>>) => ({
    ...{ assignment: evidence.assignment, assignmentBatch: evidence.assignmentProof },
    ...{ receipt: evidence.receipt, receiptBatch: evidence.receiptProof },
  });
  const casesOf = async (who: Name, ...args: string[]): Promise<Record<string, unknown>[]> => {
    const told = (await tester.json(who, ["dispute", "status", ...args])) as unknown as { cases: never[] };
    return told.cases;
  };

  it("is refused to everybody but the job's client, and for jobs that the log does not name", async () => {
    const [first, second] = [entryOf(await newJob()), entryOf(await newJob())];
    const accuse = (who: Name, job: string, url: string) =>
      tester.lode(who, ["dispute", "accuse", job, "--coordinator", url, "--dry-run"]);
    await withLog([first], async (url) => {
      expect(await accuse("client", "chatcmpl-1", url)).toMatchObject({ code: 0 });
      expect((await accuse("liar", "chatcmpl-1", url)).err).toMatch(/only its client may accuse/);
      expect((await accuse("client", "chatcmpl-2", url)).err).toMatch(/has no receipt of chatcmpl-2/);
    });
    await withLog([first, second], async (url) => {
      const { err } = await accuse("client", "chatcmpl-1", url);
      expect(err).toContain(`has 2 receipts; name one of its assignments: ${first.receipt.assignment}, `);
      expect(isSentence(err)).toBe(true);
    });
    const filed = ["dispute", "file", tester.jsonFile((await newJob()).evidence), "--dry-run"];
    expect((await tester.json("client", filed)).acts.at(-1)?.function).toBe("file");
    const demanded = await withLog([entryOf(await newJob())], (url) =>
      idOf("client", ["dispute", "accuse", "chatcmpl-1", "--tokens", "--coordinator", url], "DemandOpened"),
    );
    expect(Number(demanded)).toBeGreaterThan(0);
  });

  it("goes from the filing to the verdict", async () => {
    const job = await newJob();
    const id = await withLog([entryOf(job)], (url) =>
      idOf("client", ["dispute", "accuse", "chatcmpl-1", "--coordinator", url], "CaseFiled"),
    );
    const own = { caseId: id, challenger: people.client.address.toLowerCase(), receipt: job.receiptHash };
    expect(await casesOf("client")).toMatchObject([{ ...own, state: "waiting for its jury", jury: [] }]);
    expect(await casesOf("coordinator")).toEqual([]);
    expect(await casesOf("coordinator", "--all")).toHaveLength(1);
    expect((await tester.lode("client", ["dispute", "status", "999"])).err).toMatch(/There is no case 999/);
    expect((await tester.lode("client", ["jury", "draw", id])).code).toBe(5);
    await mine(9);
    const { accused, challenger, moment } = await caseOf(id);
    expect(await doAct("client", ["jury", "draw", id])).toMatchObject({ [`case ${id}`]: { before: "1", after: "2" } });
    // Anybody can draw the same jury from what is public.
    const watch = new CourtWatch(await openChain(devnet.rpcUrl, devnet.addresses));
    await watch.sync();
    const excluded = [accused, challenger].map((one) => one.toLowerCase() as Hex);
    const drawn = juryOf((await watch.valueOf(moment))!, BigInt(id), watch.seats(), excluded);
    expect(drawn).toHaveLength(5);
    const args = [BigInt(id)] as const;
    const jury = await devnet.chain.client.readContract({ ...courtAt(), functionName: "juryOf", args });
    expect(jury.map((one) => one.toLowerCase())).toEqual(drawn);
    const values = tester.jsonFile(Array.from({ length: 40 }, (_, position) => valueAt(position)));
    const ballot = (juror: Name): string => join(tester.folder, `ballot-${juror}.json`);
    const found = (juror: Name): string[] => ["--values", values, "--verdict", "wrong", "--ballot", ballot(juror)];
    for (const [index, juror] of jurors.entries()) {
      const args = ["jury", "commit", id, ...found(juror)];
      if (index > 0) await tester.json(juror, args);
      else expect(await doAct(juror, args)).toMatchObject({ commits: { before: "0", after: "1" } });
    }
    expect((await tester.lode("client", ["jury", "commit", id, ...found("client")])).err).toMatch(/is not on the jury/);
    expect(await casesOf("juror1", id)).toMatchObject([{ state: "jurors commit", committed: 5, revealed: 0 }]);
    expect(await doAct("client", ["jury", "close-commits", id])).toMatchObject({ [`case ${id}`]: { after: "3" } });
    const early = await tester.lode("juror1", ["jury", "reveal", ballot("juror1")]);
    expect(early).toMatchObject({ code: 5 });
    expect(isSentence(early.err)).toBe(true);
    await mine(9);
    const seed = await watch.valueOf((await caseOf(id)).moment);
    const positions = await devnet.chain.client.readContract({ ...courtAt(), functionName: "positionsOf", args });
    expect(positions.map(Number)).toEqual(positionsOf(seed!, BigInt(id), 40));
    for (const [index, juror] of jurors.entries()) {
      const args = ["jury", "reveal", ballot(juror)];
      if (index > 0) await tester.json(juror, args);
      else expect(await doAct(juror, args)).toMatchObject({ reveals: { before: "0", after: "1" } });
    }
    const settled = await doAct("client", ["jury", "settle", id]);
    expect(settled["accused's stake"]).toEqual({ before: wei(500), after: wei(250) });
    expect(await casesOf("client", id)).toMatchObject([{ ...own, state: "ended", verdict: "wrong", revealed: 5 }]);
    const seen = await tester.json("juror1", ["verifier", "status"]);
    const role = { role: "juror", committed: true, revealed: true, state: "wrong" };
    expect(seen).toMatchObject({ weight: 500, checks: [], cases: [{ caseId: id, ...role }] });
    const { out } = await tester.lode("client", ["verifier", "status"]);
    expect(out).toMatch(/is no juror\.\n0 drawn receipts .*\ncase \d+ against 0x\w+: wrong; challenger$/);
  });

  it("may be opened by anybody for a receipt that was drawn", { timeout: 120_000 }, async () => {
    const signers = await parties();
    const at = await now();
    const jobs = Array.from({ length: 400 }, () => makeJob(signers, { now: at }));
    const log = logOf(jobs.map(({ receiptHash }) => receiptHash));
    const { previous, anchor: shown } = await tester.anchor("coordinator", log.root(), log.size);
    const { coordinator } = people;
    await doAct("client", ["dispute", "schedule-draw", coordinator.address]);
    const again = await tester.lode("client", ["dispute", "schedule-draw", coordinator.address]);
    expect(again.err).toMatch(/is scheduled already/);
    const moment = (await devnet.chain.client.getBlockNumber({ cacheTime: 0 })) + 8n;
    await mine(9);
    const kept = await tester.doAct("client", ["jury", "keep", `${moment}`]);
    expect(kept).toEqual({});
    const isDrawn = (receipt: Hex): Promise<boolean> =>
      devnet.chain.client.readContract({
        address: devnet.addresses.court,
        abi: courtAbi,
        functionName: "isDrawn",
        args: [coordinator.address, shown.epoch, receipt, 0n],
      });
    const drawn = await Promise.all(jobs.map(({ receiptHash }) => isDrawn(receiptHash)));
    const watch = new CourtWatch(await openChain(devnet.rpcUrl, devnet.addresses));
    const value = (await watch.valueOf(moment))!;
    const rules = await watch.rules();
    const computed = jobs.map(({ receiptHash: hash }) => drawnBy(rules, value, { hash, amountWei: 0n }));
    expect(computed).toEqual(drawn);
    const index = drawn.indexOf(true);
    expect(index).toBeGreaterThanOrEqual(0);
    const place = { index, path: log.inclusionProof(index), previous, anchors: [shown] };
    const file = tester.jsonFile({ ...jobs[index]!.evidence, ...place });
    await idOf("liar", ["dispute", "file-drawn", file], "CaseFiled");
    const other = drawn.indexOf(false);
    const wrong = { ...jobs[other]!.evidence, ...place, index: other, path: log.inclusionProof(other) };
    const refused = await tester.lode("liar", ["dispute", "file-drawn", tester.jsonFile(wrong)]);
    expect(refused.err).toMatch(/is not drawn: it rolled/);
  });
});
