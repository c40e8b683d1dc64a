/**
 * A whole audit of a log of `AUDIT_RECEIPTS` receipts (a million unless given) with real signatures, as `lode audit` streams it:
 * pages out of a file in place of HTTP, threads, books. The log is made once, by a process of its own, and kept in
 * `.cache`. Then every planted fault: found is what its audit names, false what it names besides, on the clean log too.
 */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { Audit, type AuditContext } from "@lode/sdk/audit";
import { openChecker } from "../../miner/src/audit/check/check-pool.ts";
import { unpackJson } from "../../miner/src/audit/copy/json.ts";
import { entriesPerPage, streamPages } from "../../miner/src/audit/log/stream-pages.ts";
import { faults } from "../../test/sdk/audit-faults.ts";
import { root } from "../root.ts";
import { round } from "./statistics.ts";

/** Changes when logs of before would not do any more. */
const version = 1;

export async function audit(): Promise<Record<string, unknown>> {
  const receipts = Number(process.env["AUDIT_RECEIPTS"] ?? "1000000");
  const threads = Number(process.env["AUDIT_THREADS"] ?? String(availableParallelism()));
  if (!Number.isSafeInteger(receipts) || receipts <= 0) throw new RangeError("AUDIT_RECEIPTS is a whole number");
  const folder = makeLog(receipts);
  const clean = await auditLog(folder, threads);
  const planted = faults.map(([name, history, kinds]) => {
    const { context, entries } = history();
    const audit = new Audit(context);
    for (const entry of entries) audit.entry(entry);
    const named = new Set(audit.finish().findings.map(({ kind }) => kind));
    const isFound = kinds.every((kind) => named.has(kind));
    if (!isFound) console.error(`not found: ${name}`);
    return { isFound, besides: [...named].filter((kind) => !kinds.includes(kind)).length };
  });
  return {
    receipts,
    threads,
    receiptsPerS: round(receipts / clean.seconds, 0),
    seconds: round(clean.seconds, 1),
    rssMb: round(clean.rssBytes / 1e6, 0),
    processorSeconds: round(clean.processorSeconds, 1),
    load: round(loadavg()[0] ?? 0, 1),
    logMb: round(statSync(join(folder, "pages.bin")).size / 1e6, 0),
    planted: planted.length,
    found: planted.filter(({ isFound }) => isFound).length,
    falseFindings: clean.found + planted.reduce((sum, { besides }) => sum + besides, 0),
  };
}

/** The folder of a log of so many receipts. */
function makeLog(receipts: number): string {
  const folder = join(root, ".cache", `audit-bench-${version}-${receipts}`);
  if (existsSync(join(folder, "log.json"))) return folder;
  mkdirSync(folder, { recursive: true });
  console.log(`making a log of ${receipts} receipts ...`);
  const maker = join(import.meta.dirname, "audit", "make-log.ts");
  execFileSync(process.execPath, [maker, String(receipts), folder], { stdio: "inherit" });
  return folder;
}

async function auditLog(folder: string, threads: number) {
  const { lengths, context } = unpackJson(readFileSync(join(folder, "log.json"), "utf8")) as {
    lengths: number[];
    context: AuditContext;
  };
  const offsets = lengths.reduce<number[]>((ends, length) => [...ends, (ends.at(-1) ?? 0) + length], [0]);
  const file = openSync(join(folder, "pages.bin"), "r");
  const page = async (start: number): Promise<Buffer> => {
    const place = start / entriesPerPage;
    const bytes = Buffer.allocUnsafeSlow(lengths[place] ?? 0);
    readSync(file, bytes, 0, bytes.length, offsets[place] ?? 0);
    return bytes;
  };
  const size = Number(context.head.head.size);
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  const checked = new Audit(context, 1);
  const checker = openChecker(context, threads);
  for await (const part of streamPages({ page }, checker, { start: 0, end: size, perPage: entriesPerPage })) {
    checked.take(part);
    if (checked.size % 100_000 === 0) console.log(`${checked.size} receipts, ${seconds(startedAt)} s`);
  }
  const { found, findings, totals } = checked.finish();
  await checker.close();
  closeSync(file);
  if (totals.receipts !== size) throw new Error(`${totals.receipts} of ${size} receipts were audited`);
  if (found > 0) console.error(findings.slice(0, 5));
  const { user, system } = process.cpuUsage(before);
  // The most that the process ever had, threads included.
  const rssBytes = process.resourceUsage().maxRSS * 1024;
  return { seconds: (performance.now() - startedAt) / 1000, rssBytes, found, processorSeconds: (user + system) / 1e6 };
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
