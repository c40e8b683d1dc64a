import {
  anchorEvidence,
  EntryChecker,
  shownAnchor,
  type AuditContext,
  type AuditEntry,
  type Dispute,
  type Finding,
  type FindingKind,
  type SignedHead,
} from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { leafHash, verifyInclusion } from "@lode/sdk/merkle";
import { fromWire, hashStruct, voucherKind } from "@lode/sdk/typed-data";
import type { ChainReader } from "../chain/chain.ts";
import { readAnsweredLeaves, type AnsweredLeaf } from "./answers.ts";
import type { EntryCopy } from "./copy/entry-copy.ts";
import { readPage } from "./check/read-page.ts";
import type { HeadBook } from "./gossip/head-book.ts";
import type { Peer } from "./gossip/peer.ts";
import {
  proveAt,
  proveSplit,
  viewOfBill,
  viewOfCopy,
  viewOfLog,
  viewOfPeer,
  type BindingHead,
  type View,
} from "./gossip/split-view.ts";
import type { LogSource } from "./log/log-source.ts";
import { demandOf, leafOfEntry, type ReceiptFile } from "./receipt.ts";

/** What this auditor has at hand to prove a fault with. */
export interface AtHand {
  readonly chain: ChainReader;
  readonly source: LogSource;
  readonly context: AuditContext;
  readonly heads: HeadBook;
  readonly peers?: readonly Peer[];
  /** Receipts that somebody kept with their paths. */
  readonly bills?: readonly ReceiptFile[];
  /** The log of this audit, with the copy that was made of it. */
  readonly own?: { readonly head: SignedHead; readonly copy: EntryCopy } | undefined;
  /** The log of an earlier audit that this one contradicts. */
  readonly earlier?: { readonly head: SignedHead; readonly copy: EntryCopy } | undefined;
}

type Prove = (finding: Finding, at: AtHand) => Promise<Dispute | undefined>;

/** Findings for which a proof is looked for: each may cost questions to strangers. */
const mostProved = 20;
/** Entries whose paths are asked for, to find one that is not in a tree. */
const mostAsked = 256;

/** The kinds that contracts judge, as `remedies` lists them. */
const provers: Partial<Readonly<Record<FindingKind, Prove>>> = {
  receipt_repeated: equivocation,
  split_view: splitView,
  log_forked: fork,
  log_root_wrong: notInHead,
  liabilities_wrong: hiddenLine,
};

/** Adds to findings what the contracts want to see, where it can be had. A proof that cannot be had leaves its finding as it is. */
export async function withDisputes(findings: readonly Finding[], at: AtHand): Promise<Finding[]> {
  let left = mostProved;
  const completed: Finding[] = [];
  for (const finding of findings) {
    const prove = provers[finding.kind];
    if (prove === undefined || left-- <= 0) {
      completed.push(finding);
      continue;
    }
    const dispute = await prove(finding, at).catch(() => undefined);
    completed.push(dispute === undefined ? finding : { ...finding, dispute });
  }
  return completed;
}

/** Two receipts for one assignment, when they differ; the same one twice in the log is no fault of its miner. */
async function equivocation({ index, evidence }: Finding, { source }: AtHand): Promise<Dispute | undefined> {
  const first = Number(evidence["first"]);
  if (index === undefined || !Number.isSafeInteger(first)) return undefined;
  const [one] = readPage(await source.page(first, 1), 1);
  const [other] = readPage(await source.page(index, 1), 1);
  if (one === undefined || other === undefined) return undefined;
  const hashOf = (receipt: unknown): string => hashStruct("Receipt", fromWire("Receipt", receipt));
  if (hashOf(one.receipt) === hashOf(other.receipt)) return undefined;
  return {
    act: "equivocation",
    evidence: {
      assignment: one.assignment,
      first: { receipt: one.receipt, proof: one.receiptBatch },
      second: { receipt: other.receipt, proof: other.receiptBatch },
    },
  };
}

/** This audit's log: by the copy that was made of it, else as the coordinator proves it. */
function viewOfThis({ own, context, source }: AtHand): View {
  return own === undefined ? viewOfLog(context.head, source) : viewOfCopy(own.head, own.copy);
}

async function splitView({ evidence }: Finding, at: AtHand): Promise<Dispute | undefined> {
  const here = viewOfThis(at);
  const isNamed = ({ head }: SignedHead): boolean =>
    Number(head.size) === evidence["size"] && head.root === evidence["root"];
  const views: View[] = [];
  if (at.earlier !== undefined && isNamed(at.earlier.head)) views.push(viewOfCopy(at.earlier.head, at.earlier.copy));
  const named = at.heads.all.find(isNamed);
  if (named !== undefined) {
    views.push(...(at.peers ?? []).map((peer) => viewOfPeer(named, peer)));
    const proved = await proveByBills(here, named, at.bills);
    if (proved !== undefined) return proved;
  }
  return proveByViews(here, views);
}

async function proveByViews(here: View, views: readonly View[]): Promise<Dispute | undefined> {
  for (const view of views) {
    const dispute = await proveSplit(here, view).catch(() => undefined);
    if (dispute !== undefined) return dispute;
  }
  return undefined;
}

/** A receipt that was kept with its path shows one leaf of the other tree: that is all that it takes. */
async function proveByBills(here: View, other: BindingHead, bills: AtHand["bills"]): Promise<Dispute | undefined> {
  const [size, root] = [Number(other.head.size), other.head.root];
  for (const { entries, paths = [] } of bills ?? []) {
    for (const { index, size: shownSize, path } of paths) {
      const entry = entries.find((one) => one.index === index);
      const leaf = entry === undefined ? undefined : leafOfEntry(entry);
      if (leaf === undefined || shownSize !== size) continue;
      if (!verifyInclusion({ leafHash: leafHash(leaf), index, size, path, root })) continue;
      const dispute = await proveAt(index, here, viewOfBill(other, index, { leaf, path })).catch(() => undefined);
      if (dispute !== undefined) return dispute;
    }
  }
  return undefined;
}

/**
 * A log that is not what its coordinator anchored. The chain holds the anchored root, so that one leaf of that tree beside the leaf
 * that is served now is the proof: others who audited it have one, so has everybody who kept a receipt with its path, and so has the
 * chain where a demand was answered. Where nobody has, an entry is demanded that is served and not shown under that root: the
 * coordinator pays, or shows everybody a leaf of the anchored tree. The last one is the likeliest not to stand there any more.
 */
async function fork({ evidence }: Finding, at: AtHand): Promise<Dispute | undefined> {
  const { context, peers = [], bills } = at;
  const anchor = context.anchors.find(
    ({ epoch, root }) => Number(epoch) === evidence["epoch"] && root === evidence["root"],
  );
  if (anchor === undefined) return undefined;
  const anchored = anchorEvidence(context.anchors.map(shownAnchor), anchor.epoch);
  if (anchored === undefined) return undefined;
  const { size, root } = anchor;
  const there: BindingHead = {
    head: { coordinator: context.coordinator, size, root, timestampMs: 0n },
    signature: "0x",
    anchored,
  };
  const here = viewOfThis(at);
  const answers = (await readAnsweredLeaves(at.chain, context.coordinator).catch(() => [])).filter(
    (one) => one.root === root && one.size === Number(size),
  );
  const proved =
    (await proveByBills(here, there, bills)) ??
    (await proveByAnswers(here, there, answers)) ??
    (await proveByViews(
      here,
      peers.map((peer) => viewOfPeer(there, peer)),
    ));
  if (proved !== undefined) return proved;
  // A later anchor of the served log answers every demand.
  const last = context.anchors.at(-1);
  if (last !== undefined && last.epoch > anchor.epoch && (await here.root(Number(last.size))) === last.root) {
    return undefined;
  }
  const before = context.anchors.filter(({ epoch }) => epoch < anchor.epoch).at(-1);
  const known = new Set(answers.map(({ leaf }) => leaf));
  const missing = await lastNotShown(at, Number(before?.size ?? 0n), Number(size), root, known);
  return missing === undefined ? undefined : demandOf(missing);
}

async function proveByAnswers(
  here: View,
  there: BindingHead,
  answers: readonly AnsweredLeaf[],
): Promise<Dispute | undefined> {
  for (const { index, leaf, path } of answers) {
    const dispute = await proveAt(index, here, viewOfBill(there, index, { leaf, path })).catch(() => undefined);
    if (dispute !== undefined) return dispute;
  }
  return undefined;
}

/** The last entry before `size` that is rightly signed and has no path to a root, of those that no answer showed in it. */
async function lastNotShown(
  { source, context }: AtHand,
  start: number,
  size: number,
  root: Hex,
  known: ReadonlySet<Hex>,
): Promise<AuditEntry | undefined> {
  const first = Math.max(start, size - mostAsked);
  const checker = new EntryChecker(context);
  const entries = readPage(await source.page(first, size - first), size - first);
  for (const [back, entry] of [...entries].reverse().entries()) {
    const index = size - 1 - back;
    const leaf = leafOfEntry(entry);
    if (leaf === undefined || known.has(leaf) || !isSigned(checker, entry, index)) continue;
    // Whoever shows no path shows none that fits.
    const path = await source.inclusion(index, size).catch(() => []);
    if (!verifyInclusion({ leafHash: leafHash(leaf), index, size, path, root })) return entry;
  }
  return undefined;
}

function isSigned(checker: EntryChecker, entry: AuditEntry, index: number): boolean {
  return !checker.check([entry], index).findings.some(({ kind }) => unsigned.has(kind));
}

/** An entry that is served, signed by both, and not in the tree of the signed head, while others are. */
async function notInHead(_finding: Finding, at: AtHand): Promise<Dispute | undefined> {
  const { size, root } = at.context.head.head;
  const missing = await notShown(at, Number(size), root);
  const [first] = missing;
  return first === undefined || missing.length === Number(size) ? undefined : demandOf(first);
}

/** Entries before `size` that are rightly signed and have no path to a root; none of a longer log. */
async function notShown({ source, context }: AtHand, size: number, root: Hex): Promise<AuditEntry[]> {
  if (size > mostAsked) return [];
  const checker = new EntryChecker(context);
  const missing: AuditEntry[] = [];
  for (const [index, entry] of readPage(await source.page(0, size), size).entries()) {
    const leaf = leafOfEntry(entry);
    if (leaf === undefined || !isSigned(checker, entry, index)) continue;
    const path = await source.inclusion(index, size);
    if (!verifyInclusion({ leafHash: leafHash(leaf), index, size, path, root })) missing.push(entry);
  }
  return missing;
}

/** With one of these the contract does not take an entry for a job. */
const unsigned: ReadonlySet<FindingKind> = new Set([
  "entry_malformed",
  "assignment_signature_invalid",
  "receipt_signature_invalid",
  "receipt_orphaned",
]);

/** A voucher that its payee put on record long enough before the books: the coordinator has to show its line in them. */
async function hiddenLine({ evidence }: Finding, { chain, context }: AtHand): Promise<Dispute | undefined> {
  const { client, contracts } = chain;
  const anchor = context.anchors.find(({ epoch }) => Number(epoch) === evidence["epoch"]);
  if (anchor === undefined) return undefined;
  const graceSeconds = await client.readContract({ ...contracts.proofs, functionName: "GRACE_SECONDS" });
  const own = context.vouchers.filter(
    ({ voucher: { payer, kind } }) => payer === context.coordinator && kind === voucherKind.pooled,
  );
  for (const { voucher } of own) {
    const { payer, payee } = voucher;
    const shown = await client.readContract({ ...contracts.proofs, functionName: "exhibitOf", args: [payer, payee] });
    const isDue = shown.exhibitedAt > 0n && shownAnchor(anchor).anchoredAt >= shown.exhibitedAt + graceSeconds;
    if (isDue) return { act: "demand-in-books", evidence: { payer, payee, books: Number(anchor.epoch) } };
  }
  return undefined;
}
