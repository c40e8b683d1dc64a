import { findingKinds, type FindingKind } from "./findings.ts";

/** Acts of `lode dispute` that a finding can be taken to a contract by. */
export type DisputeAct = "equivocation" | "split-view" | "demand-in-log" | "demand-in-books";

/** What can be done about a finding. */
export interface Remedy {
  /** Acts by which a contract judges it, the strongest first; none where no contract does. */
  readonly acts: readonly DisputeAct[];
  /** What to do where no contract judges it, or where the audit did not have what the contract wants to see. */
  readonly instead: string;
}

const leave = "Its clients take their money out: `lode client revoke`, `lode client thaw`.";
const stopServing = "Its miners stop and collect: `lode collect`; the rest by `lode dispute demand-payment`.";
const holder = "Whoever holds the receipt: `lode audit receipt FILE --findings DIR`, then `lode dispute open`.";
const client = "The job's client: `lode verify job`, then `lode dispute accuse`.";
const chain = "The chain pays by its own rules only: no money is lost by it.";

const none = (instead: string): Remedy => ({ acts: [], instead });
const by = (acts: readonly DisputeAct[], instead: string): Remedy => ({ acts, instead });

/** What to do about each kind of finding: the one source for `lode dispute open` and the README's table. */
export const remedies: Readonly<Record<FindingKind, Remedy>> = {
  entry_malformed: none(holder),
  entry_misplaced: none(holder),
  assignment_signature_invalid: none(leave),
  receipt_signature_invalid: none(leave),
  quote_signature_invalid: none(leave),
  output_billed_twice: none(leave),
  receipt_orphaned: none(leave),
  receipt_repeated: by(
    ["equivocation"],
    "The same receipt twice is no fault of its miner: its client pays neither again.",
  ),
  job_reused: none(leave),
  price_not_quoted: none(leave),
  model_mismatch: none(client),
  fee_above_cap: none(leave),
  quote_expired: none(leave),
  quote_too_long: none(leave),
  service_terms_wrong: none(leave),
  amount_wrong: none(leave),
  limit_exceeded: none(leave),
  hosted_mislabelled: none(client),
  hosted_unnamed: none(stopServing),
  cloud_credited: none(leave),
  time_implausible: none(leave),
  clock_skew: none(leave),
  stake_missing: none(leave),
  miner_unregistered: none(leave),
  debit_missing: none(leave),
  credit_missing: none(stopServing),
  head_signature_invalid: none("Ask for the head again: one that nobody signed binds nobody."),
  log_incomplete: none(holder),
  log_root_wrong: by(["demand-in-log"], holder),
  log_shrank: none(holder),
  log_forked: by(
    ["split-view", "demand-in-log"],
    "A leaf of the anchored tree proves it: of an auditor (`--peer`), of a kept receipt (`--bill`), or of an answered demand.",
  ),
  split_view: by(["split-view"], "The other log proves it: of an auditor (`--peer`), or of a kept receipt (`--bill`)."),
  anchor_missing: none("Ask another node of the chain: the coordinator did nothing wrong by it."),
  anchor_overdue: none(stopServing),
  anchor_reorged: none("Ask another node of the chain; a real reorganisation is nobody's fault."),
  liabilities_wrong: by(
    ["demand-in-books"],
    "Its payees: `lode dispute exhibit`, a day later `demand-in-books`, or `understated` on the line shown.",
  ),
  liabilities_uncovered: none(stopServing),
  voucher_signature_invalid: none(stopServing),
  voucher_cap_exceeded: none(chain),
  voucher_exceeds_receipts: none(leave),
  voucher_root_wrong: none(stopServing),
  voucher_missing: none(stopServing),
  voucher_uncollectable: none(stopServing),
  collected_exceeds_voucher: none(chain),
  collected_unbacked: none(leave),
};

/** The table of the README: every kind, the acts that take it to a contract, and what to do otherwise. */
export function remedyTable(): string {
  const kinds = Object.keys(findingKinds) as FindingKind[];
  const rows = kinds.map((kind) => {
    const { acts, instead } = remedies[kind];
    return `| \`${kind}\` | ${acts.map((act) => `\`${act}\``).join(", ") || "-"} | ${instead} |`;
  });
  return ["| finding | act | where there is none |", "| --- | --- | --- |", ...rows].join("\n");
}
