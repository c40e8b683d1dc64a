import { clockToleranceMs, commitmentTo, shownAnchor } from "@lode/sdk/audit";
import { signTypedData } from "@lode/sdk/keys";
import { honestPlan, ledger, people, signHistory, startMs } from "../audit-history.ts";
import { other, changedPlan, withContext, withEntry, datedBack, anchoredAfter } from "../audit-plans.ts";
import type { Fault } from "./fault.ts";

/** Faults of the log: its entries, heads and anchors, and their order in time. */
export const logFaults: readonly Fault[] = [
  [
    "a log that shrank below its anchor",
    () => {
      const short = signHistory({ receipts: honestPlan().receipts.slice(0, 5) });
      const { anchors } = signHistory(honestPlan()).context;
      return { ...short, context: { ...short.context, anchors } };
    },
    ["log_shrank"],
  ],
  [
    "a log forked from its anchor",
    () => withContext(({ context }) => ({ anchors: [{ ...context.anchors[0]!, root: other }] })),
    ["log_forked"],
  ],
  [
    "a log that hides its last entry",
    () => {
      const history = signHistory(honestPlan());
      return { ...history, entries: history.entries.slice(0, 5) };
    },
    ["log_incomplete", "voucher_exceeds_receipts"],
  ],
  [
    "a head signed by a stranger",
    () =>
      withContext(({ context }) => {
        const { head } = context.head;
        return { head: { head, signature: signTypedData(people.stranger, ledger, "TreeHead", head) } };
      }),
    ["head_signature_invalid"],
  ],
  [
    "an entry that cannot be read",
    () => withEntry(5, (entry) => ({ ...entry, receipt: { ...entry.receipt, amountWei: "-1" } })),
    ["entry_malformed", "liabilities_wrong", "log_forked", "log_root_wrong", "voucher_exceeds_receipts"],
  ],
  ["an entry with another's index", () => withEntry(2, (entry) => ({ ...entry, index: 1 })), ["entry_misplaced"]],
  [
    "a leaf that stands in the log twice",
    () => signHistory({ receipts: [...honestPlan().receipts, { ...honestPlan().receipts[0]!, repeats: 0 }] }),
    ["receipt_repeated"],
  ],
  [
    "two receipts for one assignment",
    () =>
      signHistory({
        receipts: [
          ...honestPlan().receipts,
          { ...honestPlan().receipts[0]!, repeats: 0, change: (r) => ({ ...r, outputCommitment: other }) },
        ],
      }),
    ["receipt_repeated"],
  ],
  [
    "a receipt dated after the anchor that holds it",
    () =>
      withContext(({ context }) => ({
        anchors: context.anchors.map((anchor) => ({ ...anchor, atMs: startMs - clockToleranceMs - 10_000 })),
      })),
    ["clock_skew"],
  ],
  [
    "a head from the future",
    () => withContext(({ context }) => ({ nowMs: Number(context.head.head.timestampMs) - clockToleranceMs - 1 })),
    ["clock_skew"],
  ],
  [
    "a log that is shorter than a head signed before",
    () => {
      const short = signHistory({ receipts: honestPlan().receipts.slice(0, 5), headAfterMs: 70_000 });
      return { ...short, context: { ...short.context, seenHeads: [signHistory(honestPlan()).context.head] } };
    },
    ["log_shrank"],
  ],
  [
    "another log shown to somebody else",
    () =>
      withContext(() => {
        const elsewhere = changedPlan(5, { change: (r) => ({ ...r, outputCommitment: other }) });
        return { seenHeads: [signHistory(elsewhere).context.head] };
      }),
    ["split_view"],
  ],
  [
    "an anchor that a reorganisation took away",
    () => withContext(({ context }) => ({ seenAnchors: context.anchors, anchors: [] })),
    ["anchor_reorged"],
  ],
  [
    "an anchor that a reorganisation replaced",
    () => withContext(({ context }) => ({ seenAnchors: [{ ...context.anchors[0]!, root: other }] })),
    ["anchor_reorged"],
  ],
  ["work that is dated back by days", () => datedBack(2), ["clock_skew"]],
  [
    "an anchor between others that the node hides",
    () => withContext(({ context }) => ({ anchors: [{ ...context.anchors[0]!, epoch: 2n }] })),
    ["anchor_missing"],
  ],
  [
    "the last anchor hidden, which the ledger's commitment counts",
    () =>
      withContext(({ context }) => {
        const [anchor] = context.anchors.map(shownAnchor);
        return { commitment: commitmentTo([anchor!, { ...anchor!, epoch: 2n }]) };
      }),
    ["anchor_missing"],
  ],
  [
    "receipts that stayed out of the chain for days",
    () => {
      const headAfterMs = 3 * 86_400_000;
      const { context, entries } = signHistory({ ...honestPlan(), headAfterMs });
      return { entries, context: { ...context, anchors: [], nowMs: startMs + headAfterMs } };
    },
    ["anchor_overdue"],
  ],
  ["receipts that were anchored days late", () => anchoredAfter(3), ["anchor_overdue"]],
  [
    "one receipt in two epochs",
    () => signHistory({ receipts: [...honestPlan().receipts, { ...honestPlan().receipts[3]!, repeats: 3 }] }),
    ["receipt_repeated"],
  ],
];
