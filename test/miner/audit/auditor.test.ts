import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ledgerDomain, type Receipt } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Auditor, type AuditorOptions, type RoundReport } from "../../../miner/src/audit/auditor.ts";
import { Memory } from "../../../miner/src/audit/copy/memory.ts";
import { fetchReceipt } from "../../../miner/src/audit/receipt.ts";
import { HeadBook } from "../../../miner/src/audit/gossip/head-book.ts";
import { LogSource } from "../../../miner/src/audit/log/log-source.ts";
import { faults } from "../../sdk/audit-faults.ts";
import { changedPlan, other } from "../../sdk/audit-plans.ts";
import { addresses, honestPlan, people, signHistory, startMs, type History } from "../../sdk/audit-history.ts";
import { FakeChain } from "./fake-chain.ts";
import { LogServer } from "./log-server.ts";

/** A block behind which nothing is expected to change any more. */
const deep = 1_000n;
const coordinator = people.coordinator.address;
let folder: string;
let log: LogServer;
let chain: FakeChain;

/** The first receipts of an honest history; the rest comes later. */
function begin(receipts: number): History {
  return signHistory({ receipts: honestPlan().receipts.slice(0, receipts), headAfterMs: 30_000 });
}

/** From now on log and chain tell this, old blocks too. */
function tell(history: History): void {
  log.history = history;
  chain.told = history.context;
  chain.fork += 1;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lode-audit-"));
  const history = begin(4);
  log = await LogServer.open(history);
  chain = new FakeChain(history.context);
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One audit of its own process' making: what it knows lies in the folder. */
async function auditOnce(more: Partial<AuditorOptions> = {}, keeps = true): Promise<RoundReport> {
  const memory = keeps ? new Memory(folder, addresses.chainId, coordinator) : undefined;
  const auditor = openAuditor(memory, more);
  try {
    return await auditor.round();
  } finally {
    await auditor.close();
    memory?.close();
  }
}

function openAuditor(memory: Memory | undefined, more: Partial<AuditorOptions> = {}): Auditor {
  return new Auditor({
    chain: chain.reader,
    source: new LogSource(log.url),
    coordinator,
    threads: 1,
    memory,
    heads: new HeadBook(ledgerDomain(addresses), memory?.file("heads.jsonl")),
    nowMs: () => startMs + 10_000_000,
    ...more,
  });
}

const kindsOf = ({ findings }: RoundReport): string[] => [...new Set(findings.map(({ kind }) => kind))].sort();

describe("an audit that remembers", () => {
  it("goes on behind what it checked, with the same result as a whole one", async () => {
    expect(await auditOnce()).toMatchObject({ checked: 4, findings: [] });
    tell(signHistory(honestPlan()));
    log.asked.length = 0;
    const later = await auditOnce();
    expect(later).toMatchObject({ checked: 2, findings: [] });
    expect(log.asked).toEqual([{ start: 4, limit: 2 }]);
    const whole = await auditOnce({}, false);
    expect(later.totals).toEqual(whole.totals);
    expect(await auditOnce()).toMatchObject({ checked: 0, findings: [] });
  });

  it("reads the chain on from where it was, and from the beginning after a deep reorganisation", async () => {
    chain.last = deep;
    await auditOnce();
    chain.reads = [];
    await auditOnce();
    expect(chain.reads).toEqual([{ fromBlock: chain.last - 63n, toBlock: chain.last }]);
    chain.reads = [];
    chain.fork = 1;
    await auditOnce();
    expect(chain.reads[0]?.fromBlock).toBe(BigInt(addresses.deployedAtBlock));
  });

  it("keeps what it found in entries that it does not look at again", async () => {
    tell(signHistory(changedPlan(1, { change: (r) => ({ ...r, amountWei: r.amountWei + 1n }) })));
    expect(kindsOf(await auditOnce())).toEqual(["amount_wrong"]);
    const again = await auditOnce();
    expect(again.checked).toBe(0);
    expect(kindsOf(again)).toEqual(["amount_wrong"]);
  });

  it("checks a collection of a voucher that was passed long ago", async () => {
    await auditOnce();
    const first = begin(2).context.vouchers[0]!.voucher;
    const full = signHistory(honestPlan());
    const collections = [{ ...first, paidWei: first.cumulativeWei, block: 12n }];
    tell({ ...full, context: { ...full.context, collections } });
    expect(kindsOf(await auditOnce())).toEqual([]);
    tell({ ...full, context: { ...full.context, collections: [{ ...collections[0]!, receiptsRoot: other }] } });
    expect(kindsOf(await auditOnce())).toEqual(["collected_unbacked"]);
  });

  it("judges the liabilities of an anchor that was made behind it", async () => {
    const early = begin(4).context.anchors;
    tell({ ...begin(4), context: { ...begin(4).context, anchors: [] } });
    tell(signHistory(honestPlan()));
    await auditOnce();
    const { context, ...rest } = signHistory(honestPlan());
    tell({ ...rest, context: { ...context, anchors: [...early, { ...context.anchors[0]!, epoch: 2n }] } });
    expect(kindsOf(await auditOnce())).toEqual([]);
    const wrong = { ...early[0]!, epoch: 3n, liabilitiesRoot: other };
    tell({ ...rest, context: { ...context, anchors: [...early, { ...context.anchors[0]!, epoch: 2n }, wrong] } });
    expect(kindsOf(await auditOnce())).toEqual(["liabilities_wrong"]);
  });

  it("begins anew when its copy was damaged, and finds the same", async () => {
    await auditOnce();
    const copy = join(folder, "audit", `${addresses.chainId}-${coordinator}`, "entries.bin");
    const bytes = readFileSync(copy);
    bytes[70]! ^= 1;
    writeFileSync(copy, bytes);
    expect(await auditOnce()).toMatchObject({ checked: 4, findings: [] });
    truncateSync(copy, 192);
    expect(await auditOnce()).toMatchObject({ checked: 4, findings: [] });
    expect(await auditOnce()).toMatchObject({ checked: 0, findings: [] });
  });

  it("is one at a time", async () => {
    const memory = new Memory(folder, addresses.chainId, coordinator);
    expect(() => new Memory(folder, addresses.chainId, coordinator)).toThrow(/Another audit works/);
    memory.close();
    await auditOnce();
  });
});

describe("a coordinator that changes what it said", () => {
  it("is shown to have signed two logs, with the proof that the contract takes, and the copy stays", async () => {
    await auditOnce();
    const rewritten = changedPlan(2, { change: (r) => ({ ...r, outputCommitment: other }) });
    tell(signHistory(rewritten));
    const report = await auditOnce();
    expect(kindsOf(report)).toEqual(["split_view"]);
    const { act, evidence } = report.findings[0]!.dispute!;
    expect(act).toBe("split-view");
    expect(evidence).toMatchObject({ coordinator, index: 2 });
    expect(evidence["first"]).not.toEqual(evidence["second"]);
    const place = join(folder, "audit", `${addresses.chainId}-${coordinator}`);
    expect(existsSync(join(place, "other-view.bin"))).toBe(false);
    expect(kindsOf(await auditOnce())).toEqual(["split_view"]);
  });

  it("is named when its log became shorter", async () => {
    await auditOnce();
    const short = signHistory({ receipts: honestPlan().receipts.slice(0, 3), headAfterMs: 50_000 });
    tell(short);
    expect(kindsOf(await auditOnce())).toEqual(["log_shrank"]);
  });

  it("is named when an anchor that stood deep is gone, today and tomorrow", async () => {
    chain.last = deep;
    await auditOnce();
    const { context, ...rest } = begin(4);
    tell({ ...rest, context: { ...context, anchors: [] } });
    expect(kindsOf(await auditOnce())).toEqual(["anchor_reorged"]);
    expect(kindsOf(await auditOnce())).toEqual(["anchor_reorged"]);
  });

  it("shows nothing against it when an anchor that was hardly made is gone", async () => {
    await auditOnce();
    const { context, ...rest } = begin(4);
    tell({ ...rest, context: { ...context, anchors: [] } });
    expect(kindsOf(await auditOnce())).toEqual([]);
  });
});

describe("a first audit of a log that is not what was anchored", () => {
  const forkAt = (index: number): History =>
    signHistory(changedPlan(index, { change: (r) => ({ ...r, outputCommitment: other }) }));
  /** Serves a fork of what these anchors hold. */
  const serveFork = (index: number, anchors: History["context"]["anchors"]): void => {
    const { context, entries } = forkAt(index);
    tell({ entries, context: { ...context, anchors } });
  };
  const disputeOf = (report: RoundReport, kind: string) =>
    report.findings.find((finding) => finding.kind === kind)?.dispute;

  it("proves it by the anchored root and a receipt that somebody kept, and demands an entry of who has none", async () => {
    const honest = signHistory(honestPlan());
    tell(honest);
    const { anchors } = honest.context;
    const bill = await fetchReceipt(new LogSource(log.url), honest.entries[2]!.receipt.assignment, anchors);
    serveFork(2, anchors);
    const without = await auditOnce({}, false);
    expect(kindsOf(without)).toEqual(["log_forked"]);
    // All six entries lack a path to the anchored root.
    const demandOfLast = { act: "demand-in-log", evidence: { receipt: log.history.entries[5]!.receipt } };
    expect(disputeOf(without, "log_forked")).toMatchObject(demandOfLast);
    const elsewhere = { ...bill, entries: bill.entries.map((entry) => ({ ...entry, index: 3 })) };
    expect(disputeOf(await auditOnce({ bills: [elsewhere] }, false), "log_forked")).toMatchObject(demandOfLast);
    const { act, evidence } = disputeOf(await auditOnce({ bills: [bill] }, false), "log_forked")!;
    expect(act).toBe("split-view");
    expect(evidence).toMatchObject({
      ...{ coordinator, index: 2 },
      first: { signature: log.history.context.head.signature, anchors: [] },
      second: { signature: "0x", previous: `0x${"00".repeat(32)}`, anchors: [{ epoch: "1", size: "6" }] },
    });
  });

  it("proves it by an answer that the chain holds, and goes on demanding where an answer shows nothing new", async () => {
    const honest = signHistory(honestPlan());
    tell(honest);
    const [anchor] = honest.context.anchors;
    const source = new LogSource(log.url);
    const answer = async (index: number) => ({
      ...{ entry: honest.entries[index]!, index, anchor: anchor! },
      path: await source.inclusion(index, 6),
    });
    const [second, last] = [await answer(2), await answer(5)];
    serveFork(2, [anchor!]);
    chain.answers = [last];
    const next = disputeOf(await auditOnce({}, false), "log_forked");
    expect(next).toMatchObject({ act: "demand-in-log", evidence: { receipt: log.history.entries[4]!.receipt } });
    chain.answers = [last, second];
    const proved = disputeOf(await auditOnce({}, false), "log_forked");
    expect(proved).toMatchObject({
      act: "split-view",
      evidence: { index: 2, second: { signature: "0x", path: second.path, anchors: [{ epoch: "1", size: "6" }] } },
    });
    // An answer in another tree says nothing about this one.
    chain.answers = [last, { ...second, anchor: { ...anchor!, root: other } }];
    expect(disputeOf(await auditOnce({}, false), "log_forked")?.act).toBe("demand-in-log");
  });

  it("demands nothing that a later anchor of the served log would answer", async () => {
    const [anchored] = signHistory(honestPlan()).context.anchors;
    const [later] = forkAt(2).context.anchors;
    serveFork(2, [anchored!, { ...later!, epoch: 2n }]);
    const report = await auditOnce({}, false);
    expect(kindsOf(report)).toEqual(["log_forked"]);
    expect(disputeOf(report, "log_forked")).toBeUndefined();
  });

  it("demands the one entry that can be what was put in", async () => {
    const early = signHistory({ receipts: honestPlan().receipts.slice(0, 5) }).context.anchors;
    const [last] = signHistory(honestPlan()).context.anchors;
    serveFork(5, [...early, { ...last!, epoch: 2n }]);
    const dispute = disputeOf(await auditOnce({}, false), "log_forked");
    expect(dispute?.act).toBe("demand-in-log");
    expect(dispute?.evidence["receipt"]).toEqual(log.history.entries[5]!.receipt);
  });

  it("demands an entry that is served and is not under the signed root", async () => {
    const honest = signHistory(honestPlan());
    tell(honest);
    log.servedEntries = forkAt(2).entries;
    const report = await auditOnce({}, false);
    expect(kindsOf(report)).toContain("log_root_wrong");
    const dispute = disputeOf(report, "log_root_wrong");
    expect(dispute?.act).toBe("demand-in-log");
    expect(dispute?.evidence["receipt"]).toEqual(log.servedEntries[2]!.receipt);
  });

  it("demands the line of a voucher on record, when the books had to hold it", async () => {
    const { context, ...rest } = signHistory(honestPlan());
    const anchors = context.anchors.map((anchor) => ({ ...anchor, liabilitiesRoot: other }));
    tell({ ...rest, context: { ...context, anchors } });
    const anchoredAt = Math.floor(anchors[0]!.atMs / 1000);
    chain.exhibitedAt = anchoredAt - 3_600;
    expect(disputeOf(await auditOnce({}, false), "liabilities_wrong")).toMatchObject({
      act: "demand-in-books",
      evidence: { payer: coordinator, books: 1 },
    });
    chain.exhibitedAt = anchoredAt - 3_599;
    expect(disputeOf(await auditOnce({}, false), "liabilities_wrong")).toBeUndefined();
    chain.exhibitedAt = 0;
    expect(disputeOf(await auditOnce({}, false), "liabilities_wrong")).toBeUndefined();
  });
});

describe("rounds of one process", () => {
  it("go on in memory, and begin behind the last signed head after one that was not right", async () => {
    const memory = new Memory(folder, addresses.chainId, coordinator);
    const auditor = openAuditor(memory);
    expect(await auditor.round()).toMatchObject({ checked: 4, findings: [] });
    const full = signHistory(honestPlan());
    tell({ ...full, entries: full.entries.slice(0, 5) });
    expect(kindsOf(await auditor.round())).toContain("log_incomplete");
    tell(full);
    expect(await auditor.round()).toMatchObject({ checked: 2, findings: [] });
    expect(await auditor.round()).toMatchObject({ checked: 0, findings: [] });
    await auditor.close();
    memory.close();
  });
});

describe("threads", () => {
  it("find what one thread finds, in the same order", async () => {
    const plan = honestPlan();
    const change = (receipt: Receipt): Receipt => ({ ...receipt, amountWei: 1n });
    const receipts = Array.from({ length: 30 }, (_, i) => {
      const one = plan.receipts[i % 6]!;
      return i % 7 === 3 ? { ...one, change } : one;
    });
    tell(signHistory({ receipts }));
    const one = await auditOnce({ threads: 1 }, false);
    const two = await auditOnce({ threads: 2, threadsPayFrom: 1, entriesPerPage: 4 }, false);
    expect(kindsOf(one)).toContain("amount_wrong");
    expect(two.findings).toEqual(one.findings);
    expect(two.totals).toEqual(one.totals);
  });

  it("end with what they could not read", async () => {
    log.instead = (path) => (path === "/v1/log/entries" ? { status: 200, body: "{}" } : undefined);
    await expect(auditOnce({ threads: 2, threadsPayFrom: 1 }, false)).rejects.toThrow(/page of the log cannot be read/);
    await expect(auditOnce({ threads: 1 }, false)).rejects.toThrow(/page of the log cannot be read/);
  });
});

/** What these are about is not in a log or on a chain of one moment; the rules' own test plants them. */
const besides = [
  "promises that nothing covers",
  "promises that are covered by an account with too little in it",
  "a client's voucher shown twice, so that promises look covered",
  "an anchor that a reorganisation took away",
  "an anchor that a reorganisation replaced",
];

describe("faults in a log over HTTP", () => {
  it.each(faults.filter(([name]) => !besides.includes(name)))("%s", async (_name, history, kinds) => {
    const planted = history();
    tell(planted);
    const { seenHeads = [], nowMs, maximumFeePpm } = planted.context;
    const report = await auditOnce(
      {
        shown: seenHeads.map((head) => ({ ...head, witnesses: [] })),
        ...(nowMs !== undefined && { nowMs: () => nowMs }),
        ...(maximumFeePpm !== undefined && { maximumFeePpm }),
      },
      false,
    );
    expect(kindsOf(report)).toEqual([...kinds].sort());
  });
});
