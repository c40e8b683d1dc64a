import {
  checkReceipt,
  isSignedHead,
  receiptTitles,
  StakeHistory,
  type Anchor,
  type AuditEntry,
  type Dispute,
  type CheckContext,
  type Finding,
  type ReceiptVerdict,
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

/** Checks receipts by the rules that the explorer has too: by themselves, in the head that was signed, and in an anchor of the chain. */
export function checkReceipts(file: ReceiptFile, context: CheckContext, anchors: readonly Anchor[]): ReceiptReport {
  const head = readHead(file, context);
  const reports = file.entries.map((entry) => checkOne(entry, { file, head, context, anchors }));
  const checks = reports.flatMap((report) => report.checks);
  const findings = reports.flatMap((report) => report.findings);
  // Either tree shows the receipt in the log; the anchor's is the stronger one, and may not be there yet.
  const isShown = reports.every((report) => report.isShown);
  return { checks, findings, isComplete: findings.length > 0 || isShown };
}

interface Around {
  readonly file: ReceiptFile;
  readonly head: SignedHead | undefined;
  readonly context: CheckContext;
  readonly anchors: readonly Anchor[];
}

interface OneReport {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly isShown: boolean;
}

function checkOne(entry: AuditEntry, { file, head, context, anchors }: Around): OneReport {
  const index = Number.isSafeInteger(entry.index) ? entry.index : 0;
  const pathTo = (size: bigint): readonly Hex[] | undefined =>
    (file.paths ?? []).find((path) => path.index === index && path.size === Number(size))?.path;
  const anchor = anchorFor(leafOfEntry(entry), index, anchors, pathTo);
  let verdict: ReceiptVerdict;
  try {
    verdict = checkReceipt({
      addresses: context.addresses,
      coordinator: context.coordinator,
      entry: { ...entry, index },
      head,
      headPath: head && pathTo(head.head.size),
      chain: { ...context, anchor },
      anchorPath: anchor && pathTo(anchor.size),
    });
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : "it cannot be read";
    const message = `entry ${index}: ${what}`;
    const check: Check = { name: `receipt ${index}`, state: "wrong", what };
    return { checks: [check], findings: [{ kind: "entry_malformed", message, index, evidence: {} }], isShown: false };
  }
  const { read, checks, problems } = verdict;
  const evidence = { assignment: read.digest };
  const found = problems.map(([kind, message]): Finding => ({
    kind,
    message: `entry ${index}: ${message}`,
    index,
    evidence,
  }));
  const inTrees = checks.filter(({ name }) => name === "in_log" || name === "anchored");
  const left = inTrees.some((check) => check.verdict === "failed") ? [leftOut(entry, index)] : [];
  return {
    checks: checks.map((check) => ({
      name: `receipt ${index}, ${receiptTitles[check.name].toLowerCase()}`,
      state: states[check.verdict],
      what: check.message ?? "",
    })),
    findings: [...found, ...left],
    isShown: inTrees.some((check) => check.verdict === "passed"),
  };
}

const states = { passed: "right", failed: "wrong", unknown: "not shown" } as const;

/** The anchor that the receipt is looked for in: one that the file leads to, or else the first one over it. */
function anchorFor(
  leaf: Hex | undefined,
  index: number,
  anchors: readonly Anchor[],
  pathTo: (size: bigint) => readonly Hex[] | undefined,
): Anchor | undefined {
  const over = anchors.filter(({ size }) => Number(size) > index);
  const shown = over.flatMap((anchor) => {
    const path = pathTo(anchor.size);
    return path === undefined ? [] : [{ anchor, path }];
  });
  const isHeld = ({ anchor: { size, root }, path }: (typeof shown)[number]): boolean =>
    leaf !== undefined && verifyInclusion({ leafHash: leafHash(leaf), index, size: Number(size), path, root });
  return (shown.find(isHeld) ?? shown[0])?.anchor ?? over[0];
}

/** The leaf that a receipt is in the log; undefined when it cannot be read. */
export function leafOfEntry({ receipt }: AuditEntry): Hex | undefined {
  try {
    return hashStruct("Receipt", fromWire("Receipt", receipt));
  } catch {
    return undefined;
  }
}

/** The head in the file, if the coordinator signed it: another one says nothing about its log. */
function readHead(file: ReceiptFile, context: CheckContext): SignedHead | undefined {
  if (file.head === undefined) return undefined;
  try {
    const signed = { head: fromWire("TreeHead", file.head.head), signature: file.head.signature };
    return isSignedHead(signed, context, new StakeHistory(context.stakeEvents)) ? signed : undefined;
  } catch {
    return undefined;
  }
}

/** A receipt that the log does not show where its coordinator said: anybody may demand that it be shown. */
function leftOut(entry: AuditEntry, index: number): Finding {
  const message = `entry ${index}: the path does not lead to the log's root: the receipt is not in the log there`;
  return { kind: "log_root_wrong", message, index, evidence: {}, dispute: demandOf(entry) };
}

/** The demand that a receipt be shown in its coordinator's anchored log. */
export function demandOf({ assignment, assignmentBatch, receipt, receiptBatch }: AuditEntry): Dispute {
  const evidence = { assignment, assignmentProof: assignmentBatch, receipt, receiptProof: receiptBatch };
  return { act: "demand-in-log", evidence };
}
