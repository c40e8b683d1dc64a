import type { Addresses } from "../addresses/parse.ts";
import type { SignedLeaf } from "../batch/index.ts";
import type { Hex } from "../hash/index.ts";
import { recoverTypedData } from "../keys/recover.ts";
import { leafHash, verifyInclusion } from "../merkle/index.ts";
import { ledgerDomain, type BatchName, type Domain, type TreeHead } from "../typed-data/index.ts";
import {
  clockToleranceMs,
  entryProblems,
  readEntry,
  SignerCache,
  type Problem,
  type ReadEntry,
} from "./entry-rules.ts";
import type { FindingKind } from "./findings.ts";
import { StakeHistory, type StakeEvent } from "./stake-history.ts";
import type { Anchor, AuditEntry, EntryContext } from "./types.ts";

/** What can be said of one receipt, in the order in which it is built up; each with the audit's findings that deny it. */
export const receiptChecks = {
  assignment_signed: ["assignment_signature_invalid"],
  quote_signed: ["quote_signature_invalid"],
  receipt_signed: ["receipt_signature_invalid"],
  receipt_belongs: ["receipt_orphaned"],
  price_quoted: [
    "price_not_quoted",
    "model_mismatch",
    "fee_above_cap",
    "quote_expired",
    "quote_too_long",
    "service_terms_wrong",
  ],
  amount_right: ["amount_wrong"],
  limits_kept: ["limit_exceeded", "time_implausible"],
  labelled: ["hosted_mislabelled", "hosted_unnamed", "cloud_credited"],
  staked: ["stake_missing", "miner_unregistered"],
  head_signed: ["head_signature_invalid"],
  in_log: ["log_incomplete"],
  anchored: ["log_forked"],
} as const satisfies Readonly<Record<string, readonly FindingKind[]>>;

/** The same in words. */
export const receiptTitles: Readonly<Record<keyof typeof receiptChecks, string>> = {
  assignment_signed: "The coordinator ordered this job",
  quote_signed: "The price was quoted and signed",
  receipt_signed: "The miner vouches for its work",
  receipt_belongs: "Receipt and assignment belong together",
  price_quoted: "The price is the quoted one",
  amount_right: "The amount is tokens times price, less what lateness takes off",
  limits_kept: "Within what was agreed",
  labelled: "Who did the work is said",
  staked: "Both had something to lose",
  head_signed: "The log's head is signed",
  in_log: "The receipt is in the log",
  anchored: "The chain remembers it",
};

export type ReceiptCheckName = keyof typeof receiptChecks;

export interface ReceiptCheck {
  readonly name: ReceiptCheckName;
  /** `unknown`: what it needs did not come. */
  readonly verdict: "passed" | "failed" | "unknown";
  /** What was found, or what is missing. */
  readonly message?: string | undefined;
}

/** What the chain says of the two that signed, and of the log. */
export interface ReceiptChain extends Omit<EntryContext, "coordinator"> {
  /** Of the coordinator and of the receipt's miner at least, in block order. */
  readonly stakeEvents: readonly StakeEvent[];
  /** The first anchor whose tree holds the entry; undefined while there is none. */
  readonly anchor: Pick<Anchor, "epoch" | "size" | "root"> | undefined;
}

/** Everything that one receipt is checked against. What is undefined was not to be had. */
export interface ReceiptEvidence {
  readonly addresses: Pick<Addresses, "chainId" | "receiptLedger">;
  readonly coordinator: Hex;
  readonly entry: AuditEntry;
  readonly head: { readonly head: TreeHead; readonly signature: Hex } | undefined;
  /** From the receipt to the head's root. */
  readonly headPath: readonly Hex[] | undefined;
  readonly chain: ReceiptChain | undefined;
  /** From the receipt to the anchor's root. */
  readonly anchorPath: readonly Hex[] | undefined;
}

export interface ReceiptVerdict {
  readonly read: ReadEntry;
  /** Who signed, whether they may or not; undefined for a signature that is none. */
  readonly signers: Readonly<Record<"assignment" | "quote" | "receipt" | "head", Hex | undefined>>;
  readonly checks: readonly ReceiptCheck[];
  /** What the entry by itself is denied by, as an audit names it; those that need the chain only where it was there. */
  readonly problems: readonly Problem[];
}

const noChain = "no node of the chain answers";

/**
 * Checks one receipt by the rules of the audit. Without the chain signatures are recovered, but whose they should be is
 * unknown.
 * @throws TypeError for an entry that cannot be read
 */
export function checkReceipt(evidence: ReceiptEvidence): ReceiptVerdict {
  const { addresses, entry, chain, head } = evidence;
  const domain = ledgerDomain(addresses);
  const read = readEntry(domain, entry);
  const cache = new SignerCache(domain);
  const stakes = new StakeHistory(chain?.stakeEvents ?? []);
  const { minimumMinerWei = 0n, minimumCoordinatorWei = 0n, maximumFeePpm } = chain ?? {};
  const { coordinator } = evidence;
  const fee = maximumFeePpm === undefined ? {} : { maximumFeePpm };
  const context = { coordinator, minimumMinerWei, minimumCoordinatorWei, ...fee };
  const problems = entryProblems(entry, read, context, stakes, cache);
  const byRules = (name: ReceiptCheckName, needsChain: boolean): ReceiptCheck =>
    needsChain && chain === undefined ? { name, verdict: "unknown", message: noChain } : judged(name, problems);
  const signer = (name: BatchName, leaf: Hex, signed: SignedLeaf): Hex | undefined => cache.batch(name, leaf, signed);
  return {
    read,
    signers: {
      assignment: signer("AssignmentBatch", read.assignmentHash, entry.assignmentBatch),
      quote: cache.quote(read.quoteHash, entry.quoteSignature),
      receipt: signer("ReceiptBatch", read.receiptHash, entry.receiptBatch),
      head: head && headSigner(domain, head),
    },
    checks: [
      byRules("assignment_signed", true),
      byRules("quote_signed", true),
      byRules("receipt_signed", true),
      byRules("receipt_belongs", false),
      byRules("price_quoted", false),
      byRules("amount_right", false),
      byRules("limits_kept", false),
      byRules("labelled", false),
      byRules("staked", true),
      headSigned(evidence, domain, stakes),
      inLog(evidence, read),
      anchored(evidence, read),
    ],
    problems: chain === undefined ? problems.filter(([kind]) => !needChain.has(kind)) : problems,
  };
}

/** Nobody is known to be allowed anything as long as the chain is not there. */
const needChain: ReadonlySet<FindingKind> = new Set([
  ...receiptChecks.assignment_signed,
  ...receiptChecks.quote_signed,
  ...receiptChecks.receipt_signed,
  ...receiptChecks.staked,
]);

function judged(name: ReceiptCheckName, problems: readonly Problem[]): ReceiptCheck {
  const kinds: readonly FindingKind[] = receiptChecks[name];
  const found = problems.filter(([kind]) => kinds.includes(kind)).map(([, message]) => message);
  return found.length === 0 ? { name, verdict: "passed" } : { name, verdict: "failed", message: found.join("; ") };
}

function headSigner(domain: Domain, { head, signature }: NonNullable<ReceiptEvidence["head"]>): Hex | undefined {
  try {
    return recoverTypedData(domain, "TreeHead", head, signature);
  } catch {
    return undefined;
  }
}

function headSigned({ head, chain, coordinator }: ReceiptEvidence, domain: Domain, stakes: StakeHistory): ReceiptCheck {
  const name = "head_signed";
  if (head === undefined) return { name, verdict: "unknown", message: "the log's head did not come" };
  if (chain === undefined) return { name, verdict: "unknown", message: noChain };
  const atMs = Number(head.head.timestampMs);
  const operators = stakes.operators(coordinator, atMs - clockToleranceMs, atMs + clockToleranceMs);
  const signer = headSigner(domain, head);
  const isGood = head.head.coordinator === coordinator && signer !== undefined && operators.includes(signer);
  return isGood
    ? { name, verdict: "passed" }
    : { name, verdict: "failed", message: "the log's head is not signed by the coordinator's operator" };
}

function inLog({ head, headPath, entry }: ReceiptEvidence, { receiptHash }: ReadEntry): ReceiptCheck {
  const name = "in_log";
  if (head === undefined || headPath === undefined) {
    return { name, verdict: "unknown", message: "the proof of inclusion did not come" };
  }
  const { size, root } = head.head;
  const place = { leafHash: leafHash(receiptHash), index: entry.index, size: Number(size), path: headPath, root };
  return verifyInclusion(place)
    ? { name, verdict: "passed" }
    : { name, verdict: "failed", message: `entry ${entry.index} is not in the tree of ${size} that the head signs` };
}

function anchored({ chain, anchorPath, entry }: ReceiptEvidence, { receiptHash }: ReadEntry): ReceiptCheck {
  const name = "anchored";
  if (chain === undefined) return { name, verdict: "unknown", message: noChain };
  const { anchor } = chain;
  if (anchor === undefined) return { name, verdict: "unknown", message: "no anchor on the chain holds it yet" };
  if (anchorPath === undefined) {
    return { name, verdict: "unknown", message: "the proof of inclusion in the anchored tree did not come" };
  }
  const { size, root, epoch } = anchor;
  const place = { leafHash: leafHash(receiptHash), index: entry.index, size: Number(size), path: anchorPath, root };
  return verifyInclusion(place)
    ? { name, verdict: "passed" }
    : { name, verdict: "failed", message: `entry ${entry.index} is not in the tree that epoch ${epoch} anchored` };
}
