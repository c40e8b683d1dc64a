import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkReceipts,
  fetchReceipt,
  readReceiptFile,
  type Check,
  type ReceiptFile,
} from "../../../miner/src/audit/receipt.ts";
import { htmlReport } from "../../../miner/src/audit/report/html.ts";
import { textReport } from "../../../miner/src/audit/report/text.ts";
import { LogSource } from "../../../miner/src/audit/log/log-source.ts";
import { Audit, receiptTitles, type ReceiptCheckName } from "@lode/sdk/audit";
import { changedPlan, other, promisedPlan } from "../../sdk/audit-plans.ts";
import { honestPlan, signHistory, type History } from "../../sdk/audit-history.ts";
import { LogServer } from "./log-server.ts";

let log: LogServer;
const history = signHistory(honestPlan());
const { context } = history;
const { anchors } = context;

beforeEach(async () => {
  log = await LogServer.open(history);
});
afterEach(() => log.close());

/** The file of one receipt, as it comes back from a disk. */
async function fileOf(index: number): Promise<ReceiptFile> {
  const digest = history.entries[index]!.receipt.assignment;
  const file = await fetchReceipt(new LogSource(log.url), digest, anchors);
  return readReceiptFile(JSON.parse(JSON.stringify(file)));
}

const check = (file: ReceiptFile) => checkReceipts(file, context, anchors);
const names = Object.keys(receiptTitles);
const stateOf = (checks: readonly Check[], wanted: readonly ReceiptCheckName[]): unknown[] =>
  wanted.map((name) => checks[names.indexOf(name)]?.state);
const kindsOf = (file: ReceiptFile): string[] => check(file).findings.map(({ kind }) => kind);

describe("one receipt out of a file", () => {
  it("is right in everything, without its coordinator", async () => {
    const { checks, findings, isComplete } = check(await fileOf(3));
    expect(findings).toEqual([]);
    expect(isComplete).toBe(true);
    expect(checks.map(({ state }) => state)).toEqual(Array(names.length).fill("right"));
  });

  it("is not known to be in the log when nothing shows it there", () => {
    const { checks, findings, isComplete } = check(readReceiptFile({ receipts: [history.entries[3]], size: 6 }));
    expect(findings).toEqual([]);
    expect(isComplete).toBe(false);
    expect(stateOf(checks, ["head_signed", "in_log", "anchored"])).toEqual(Array(3).fill("not shown"));
    expect(checks.filter(({ state }) => state === "right")).toHaveLength(names.length - 3);
  });

  it("that the log leaves out can be demanded", async () => {
    const file = await fileOf(3);
    const paths = file.paths!.map((shown) => ({ ...shown, path: [other, ...shown.path.slice(1)] }));
    const { findings } = check({ ...file, paths });
    expect(findings.map(({ kind }) => kind)).toEqual(["log_root_wrong"]);
    const { act, evidence } = findings[0]!.dispute!;
    expect(act).toBe("demand-in-log");
    expect(Object.keys(evidence)).toEqual(["assignment", "assignmentProof", "receipt", "receiptProof"]);
  });

  it("that was changed, or is wrong by itself, is named", async () => {
    const file = await fileOf(3);
    const [entry] = file.entries;
    const changed = { ...entry!, receipt: { ...entry!.receipt, outputCommitment: other } };
    expect(kindsOf({ ...file, entries: [changed] })).toEqual(["receipt_signature_invalid", "log_root_wrong"]);
    const planted: History = signHistory(changedPlan(3, { change: (r) => ({ ...r, amountWei: r.amountWei + 1n }) }));
    expect(kindsOf({ entries: [planted.entries[3]!] })).toEqual(["amount_wrong"]);
  });

  it("under a head that somebody else signed is shown by the anchor alone", async () => {
    const file = await fileOf(3);
    const { checks, isComplete } = check({ ...file, head: { ...file.head!, signature: `0x${"11".repeat(65)}` } });
    expect(stateOf(checks, ["head_signed", "in_log", "anchored"])).toEqual(["not shown", "not shown", "right"]);
    expect(isComplete).toBe(true);
  });

  it.each([[{}], [null], [{ receipts: [] }], [{ entries: [null] }], [{ receipts: "all" }]])("is not %j", (value) => {
    expect(() => readReceiptFile(value)).toThrow(/holds no receipts/);
  });
});

describe("the report as a page", () => {
  it("asks nobody for anything, runs nothing, and shows what strangers wrote as text", () => {
    const audit = new Audit(context);
    for (const entry of history.entries) audit.entry(entry);
    const report = audit.finish();
    const strange = { kind: "entry_malformed", message: `entry 1: <script src="//x">&`, evidence: {} } as const;
    const round = { ...report, findings: [strange], found: 1, checked: 6, seconds: 1, silentPeers: [] };
    const page = htmlReport({ ...round, coordinator: context.coordinator, head: context.head }, String, new Date(0));
    expect(page).toMatch(
      /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'/,
    );
    expect(page).not.toMatch(/<script|https?:\/\/|url\(|<link|<img/i);
    expect(page).toContain("&lt;script src=&quot;//x&quot;&gt;&amp;");
    expect(page.match(/<svg /g)).toHaveLength(5);
    expect(page).toContain("2026-09-21: 6 receipts");
    expect(page).toContain("<td>0 (receipts: 0)</td>");
  });

  it("tells what lateness took off, as the text does", () => {
    const late = signHistory(promisedPlan(10_545n));
    const audit = new Audit(late.context);
    for (const entry of late.entries) audit.entry(entry);
    const round = { ...audit.finish(), checked: 6, seconds: 1, silentPeers: [] };
    const { coordinator, head } = late.context;
    const page = htmlReport({ ...round, coordinator, head }, String, new Date(0));
    expect(page).toContain('<th scope="row">Refunded for late first tokens</th><td>10546 (receipts: 1)</td>');
    expect(textReport(round, String)).toContain("\nrefunded for late first tokens 10546 (receipts: 1)\n");
  });
});
