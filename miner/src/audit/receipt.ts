import {
  EntryChecker,
  isSignedHead,
  StakeHistory,
  type Anchor,
  type AuditEntry,
  type Dispute,
  type CheckContext,
  type Finding,
  type SignedHead,
} from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { leafHash, verifyInclusion } from "@lode/sdk/merkle";
import { fromWire, hashStruct } from "@lode/sdk/typed-data";
import { MinerError } from "../errors.ts";
import type { LogSource } from "./log/log-source.ts";

/** What a file with one receipt holds: nothing else is needed but the chain. */
export interface ReceiptFile {
  readonly entries: readonly AuditEntry[];
  /** The coordinator's signed head, as the log shows it. */
  readonly head?: { readonly head: unknown; readonly signature: Hex };
  /** Paths of entries in trees of some size: that of the head, or of an anchor. */
  readonly paths?: readonly { readonly index: number; readonly size: number; readonly path: readonly Hex[] }[];
}

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: "right" | "wrong" | "not shown";
  readonly what: string;
}

export interface ReceiptReport {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  /** Whether inclusion in the log was shown and everything could be looked at. */
  readonly isComplete: boolean;
}

/** A file with the receipts of a job and everything that shows them in the log. */
export async function fetchReceipt(source: LogSource, id: string, anchors: readonly Anchor[]): Promise<ReceiptFile> {
  const entries = await source.receipts(id);
  const { head, signature } = await source.head();
  const sizes = [Number(head.size), ...anchors.map(({ size }) => Number(size))];
  const paths = await Promise.all(
    entries.flatMap(({ index }) => {
      // Every anchor that is over it proves the same; the last one is judged by the present state of the chain.
      const over = [sizes[0], sizes.slice(1).findLast((size) => size > index)];
      const wanted = [...new Set(over.filter((size) => size !== undefined && size > index))] as number[];
      return wanted.map(async (size) => ({ index, size, path: await source.inclusion(index, size) }));
    }),
  );
  const shown = { ...head, size: head.size.toString(), timestampMs: head.timestampMs.toString() };
  return { entries, head: { head: shown, signature }, paths };
}

/** Reads a file with one receipt: what `fetchReceipt` made, or the coordinator's answer to /v1/receipts. Throws MinerError. */
export function readReceiptFile(value: unknown): ReceiptFile {
  const { entries, receipts, head, paths } = (value ?? {}) as {
    entries?: unknown;
    receipts?: unknown;
    head?: ReceiptFile["head"];
    paths?: unknown;
  };
  const list = entries ?? receipts;
  const isList = Array.isArray(list) && list.length > 0 && list.length <= 64;
  if (!isList || !list.every((entry) => typeof entry === "object" && entry !== null)) {
    throw new MinerError(
      "receipt_unreadable",
      "The file holds no receipts: { entries: [...] } or { receipts: [...] }.",
    );
  }
  const shown = Array.isArray(paths) ? (paths as unknown[]).slice(0, 256).filter(isPath) : [];
  return { entries: list as AuditEntry[], ...(head !== undefined && { head }), paths: shown };
}

function isPath(value: unknown): value is NonNullable<ReceiptFile["paths"]>[number] {
  const { index, size, path } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isHash = (step: unknown): boolean => typeof step === "string" && /^0x[0-9a-fA-F]{64}$/.test(step);
  return (
    typeof index === "number" &&
    typeof size === "number" &&
    Array.isArray(path) &&
    path.length <= 64 &&
    path.every(isHash)
  );
}

/** Checks receipts by themselves, in the head that was signed and in the anchors of the chain. */
export function checkReceipts(file: ReceiptFile, context: CheckContext, anchors: readonly Anchor[]): ReceiptReport {
  const checker = new EntryChecker(context);
  const head = readHead(file, context);
  const reports = file.entries.map((entry) => {
    const index = Number.isSafeInteger(entry.index) ? entry.index : 0;
    const { findings } = checker.check([entry], index);
    const byItself: Check = {
      name: `receipt ${index}`,
      state: findings.length === 0 ? "right" : "wrong",
      what: findings.length === 0 ? "signatures, prices, limits, stake" : "see the findings",
    };
    const leaf = leafOfEntry(entry);
    const inHead = inclusion(`receipt ${index} in the signed head`, leaf, index, head, file);
    const over = anchors.filter(({ size }) => Number(size) > index);
    const trees = over.map(({ size, root, epoch }) => ({ size: Number(size), root, name: `anchor ${epoch}` }));
    const anchored = trees
      .map((tree) => inclusion(`receipt ${index} in ${tree.name}`, leaf, index, tree, file))
      .filter(({ state }) => state !== "not shown");
    const best = anchored.find(({ state }) => state === "right") ?? anchored[0];
    const why = trees.length === 0 ? "no anchor is over it yet" : "the file has no path to an anchor's root";
    const inAnchor = best ?? { name: `receipt ${index} in an anchor`, state: "not shown" as const, what: why };
    const left = [inHead, inAnchor].some(({ state }) => state === "wrong") ? [leftOut(entry, index)] : [];
    return { checks: [byItself, inHead, inAnchor], findings: [...findings, ...left] };
  });
  const checks = reports.flatMap((report) => report.checks);
  const findings = reports.flatMap((report) => report.findings);
  // Either tree shows the receipt in the log; the anchor's is the stronger one, and may not be there yet.
  const isShown = reports.every((report) => report.checks.slice(1).some(({ state }) => state === "right"));
  return { checks, findings, isComplete: findings.length > 0 || isShown };
}

function leafOfEntry({ receipt }: AuditEntry): Hex | undefined {
  try {
    return hashStruct("Receipt", fromWire("Receipt", receipt));
  } catch {
    return undefined;
  }
}

function readHead(file: ReceiptFile, context: CheckContext): { size: number; root: Hex } | undefined {
  if (file.head === undefined) return undefined;
  try {
    const head = fromWire("TreeHead", file.head.head);
    const signed: SignedHead = { head, signature: file.head.signature };
    const isSigned = isSignedHead(signed, context, new StakeHistory(context.stakeEvents));
    return isSigned ? { size: Number(head.size), root: head.root } : undefined;
  } catch {
    return undefined;
  }
}

function inclusion(
  name: string,
  leaf: Hex | undefined,
  index: number,
  tree: { readonly size: number; readonly root: Hex } | undefined,
  file: ReceiptFile,
): Check {
  if (tree === undefined) return { name, state: "not shown", what: "no head that the coordinator signed" };
  const shown = (file.paths ?? []).find((path) => path.index === index && path.size === tree.size);
  if (shown === undefined || leaf === undefined) return { name, state: "not shown", what: "no path to it" };
  const { size, path } = shown;
  const isIn = verifyInclusion({ leafHash: leafHash(leaf), index, size, path, root: tree.root });
  return { name, state: isIn ? "right" : "wrong", what: `entry ${index} of ${size} under ${tree.root}` };
}

/** A receipt that the log does not show where its coordinator said: anybody may demand that it be shown. */
function leftOut(entry: AuditEntry, index: number): Finding {
  const { assignment, assignmentBatch, receipt, receiptBatch } = entry;
  const evidence = { assignment, assignmentProof: assignmentBatch, receipt, receiptProof: receiptBatch };
  const dispute: Dispute = { act: "demand-in-log", evidence };
  const message = `entry ${index}: the path does not lead to the log's root: the receipt is not in the log there`;
  return { kind: "log_root_wrong", message, index, evidence: {}, dispute };
}
