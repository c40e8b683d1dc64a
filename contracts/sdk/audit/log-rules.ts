import type { Hex } from "../hash/index.ts";
import { recoverTypedData } from "../keys/recover.ts";
import { ledgerDomain } from "../typed-data/index.ts";
import { commitmentTo, shownAnchor } from "./anchors.ts";
import { clockToleranceMs } from "./entry-rules.ts";
import type { Finding } from "./findings.ts";
import type { Whole } from "./money-rules.ts";
import type { StakeHistory } from "./stake-history.ts";
import type { Anchor, AuditContext, SignedHead } from "./types.ts";

/** How long a receipt may stay out of the chain. */
const anchorDueMs = 86_400_000;

/** Whether a head is one that the coordinator's operator signed. */
export function isSignedHead(
  { head, signature }: SignedHead,
  { addresses, coordinator }: Pick<AuditContext, "addresses" | "coordinator">,
  stakes: StakeHistory,
): boolean {
  if (head.coordinator !== coordinator) return false;
  const atMs = Number(head.timestampMs);
  const operators = stakes.operators(coordinator, atMs - clockToleranceMs, atMs + clockToleranceMs);
  try {
    return operators.includes(recoverTypedData(ledgerDomain(addresses), "TreeHead", head, signature));
  } catch {
    return false;
  }
}

/** The log's signed head against its entries and the clock. */
export function headFindings({ books, context, stakes }: Whole): Finding[] {
  const findings: Finding[] = [];
  const { head } = context.head;
  if (!isSignedHead(context.head, context, stakes)) {
    const message = "the log's head is not signed by the coordinator's operator";
    findings.push({ kind: "head_signature_invalid", message, evidence: {} });
  }
  const size = Number(head.size);
  if (books.log.count !== size) {
    const message = `the head counts ${size} entries, the log shows ${books.log.count}`;
    findings.push({ kind: "log_incomplete", message, evidence: {} });
  } else if (books.log.at(size)?.root !== head.root) {
    const message = `the first ${size} entries do not give the signed root`;
    findings.push({ kind: "log_root_wrong", message, evidence: { root: head.root } });
  }
  const { nowMs } = context;
  if (nowMs !== undefined && Number(head.timestampMs) > nowMs + clockToleranceMs) {
    const message = `the log's head is dated ${head.timestampMs} ms, and it is ${nowMs} ms`;
    findings.push({ kind: "clock_skew", message, evidence: { headMs: Number(head.timestampMs), nowMs } });
  }
  return findings;
}

/** The log against what is anchored, and what is anchored against what was. */
export function anchorFindings({ books, context }: Whole): Finding[] {
  const size = Number(context.head.head.size);
  const findings = context.anchors.flatMap((anchor): Finding[] => {
    const evidence = anchorEvidence(anchor);
    const anchored = Number(anchor.size);
    if (anchored > size) {
      const message = `epoch ${anchor.epoch} anchored ${anchored} entries, the log has ${size}`;
      return [{ kind: "log_shrank", message, evidence }];
    }
    const found = books.log.at(anchored)?.root;
    if (found === undefined || found === anchor.root) return [];
    const message = `the first ${anchored} entries do not give the root of epoch ${anchor.epoch}`;
    return [{ kind: "log_forked", message, evidence }];
  });
  return [...findings, ...hiddenFindings(context), ...overdueFindings(books, context), ...reorgFindings(context)];
}

/** A node that leaves out an anchor hides what its coordinator contradicts. */
function hiddenFindings({ anchors, commitment }: AuditContext): Finding[] {
  const gap = anchors.findIndex(({ epoch }, place) => epoch !== BigInt(place + 1));
  if (gap >= 0) {
    const message = `the anchor of epoch ${gap + 1} is not among those that the node shows`;
    return [{ kind: "anchor_missing", message, evidence: { epoch: gap + 1 } }];
  }
  if (commitment === undefined || commitmentTo(anchors.map(shownAnchor)) === commitment) return [];
  const message = `the ${anchors.length} anchors that the node shows do not lead to the ledger's commitment`;
  return [{ kind: "anchor_missing", message, evidence: { commitment } }];
}

/** By the coordinator's own clock: an anchor is due within a day of the first receipt behind the last one. */
function overdueFindings(books: Whole["books"], { anchors, head: { head } }: AuditContext): Finding[] {
  const anchored = Number(anchors.at(-1)?.size ?? 0n);
  const first = books.log.at(anchored)?.next;
  if (first === undefined || Number(head.timestampMs) <= first.atMs + anchorDueMs + clockToleranceMs) return [];
  const message = `entry ${first.index} of ${first.atMs} ms is in no anchor, and the head is of ${head.timestampMs} ms`;
  return [{ kind: "anchor_overdue", message, index: first.index, evidence: { anchored, finishedAtMs: first.atMs } }];
}

function anchorEvidence({ epoch, size, root }: Anchor): { epoch: number; size: number; root: Hex } {
  return { epoch: Number(epoch), size: Number(size), root };
}

function reorgFindings({ seenAnchors = [], anchors }: AuditContext): Finding[] {
  const present = new Map(anchors.map((anchor) => [anchor.epoch, anchor]));
  return seenAnchors.flatMap((seen): Finding[] => {
    const now = present.get(seen.epoch);
    const isThere = now?.size === seen.size && now.root === seen.root && now.liabilitiesRoot === seen.liabilitiesRoot;
    if (isThere) return [];
    const instead = now === undefined ? "it is not there any more" : `there are ${now.size} entries under ${now.root}`;
    const message = `epoch ${seen.epoch} anchored ${seen.size} entries under ${seen.root}, and now ${instead}`;
    return [{ kind: "anchor_reorged", message, evidence: anchorEvidence(seen) }];
  });
}

/** Heads that others saw, or this auditor earlier: each must be the beginning of this log. */
export function gossipFindings({ books, context, stakes }: Whole): Finding[] {
  const { head } = context.head;
  return (context.seenHeads ?? []).flatMap((seen): Finding[] => {
    if (!isSignedHead(seen, context, stakes)) return [];
    const [size, root] = [Number(seen.head.size), seen.head.root];
    const evidence = { size, root, timestampMs: seen.head.timestampMs.toString(), signature: seen.signature };
    if (size > books.log.count) {
      // A newer head than the one of this audit says nothing against it yet.
      if (seen.head.timestampMs >= head.timestampMs) return [];
      const message = `the coordinator signed ${size} entries, and later a log of ${head.size}`;
      return [{ kind: "log_shrank", message, evidence }];
    }
    const found = books.log.at(size)?.root;
    if (found === undefined || found === root) return [];
    const message = `the coordinator signed ${root} for its first ${size} entries, here they give ${found}`;
    return [{ kind: "split_view", message, evidence }];
  });
}
