import { findingKinds, type FindingKind } from "@lode/sdk/audit";
import { expose } from "../../daemon/metrics/exposition.ts";
import type { RoundReport } from "../auditor.ts";

/** What a witness knows of itself. */
export interface WitnessState {
  readonly report: RoundReport | undefined;
  /** Milliseconds since 1970 of the last round that ended. */
  readonly lastRoundMs: number | undefined;
  readonly rounds: number;
  readonly failures: number;
  readonly heads: number;
  readonly untold: number;
}

/** Figures for Prometheus. Every kind of finding has a figure from the beginning, so that an alert can be written on it. */
export function auditMetrics({ report, lastRoundMs, rounds, failures, heads, untold }: WitnessState): string {
  const gauge = (name: string, help: string, value: number | undefined) => ({
    name: `lode_audit_${name}`,
    help,
    type: "gauge" as const,
    values: value === undefined ? [] : [{ value }],
  });
  const counter = (name: string, help: string, value: number) => ({
    name: `lode_audit_${name}`,
    help,
    type: "counter" as const,
    values: [{ value }],
  });
  const lode = (wei: bigint | undefined): number | undefined => (wei === undefined ? undefined : Number(wei) / 1e18);
  const totals = report?.totals;
  const kinds = Object.keys(findingKinds) as FindingKind[];
  return expose([
    counter("rounds_total", "Rounds that ended.", rounds),
    counter("failures_total", "Rounds in which something could not be checked.", failures),
    gauge(
      "last_round_seconds",
      "When the last round ended, Unix time.",
      lastRoundMs === undefined ? undefined : lastRoundMs / 1000,
    ),
    gauge("round_duration_seconds", "How long the last round took.", report?.seconds),
    gauge(
      "log_entries",
      "Entries under the last head.",
      report === undefined ? undefined : Number(report.head.head.size),
    ),
    gauge(
      "head_timestamp_seconds",
      "When the last head was signed, Unix time.",
      report === undefined ? undefined : Number(report.head.head.timestampMs) / 1000,
    ),
    gauge("receipts", "Receipts that were checked, all rounds together.", totals?.receipts),
    gauge("owed_lode", "What the coordinator owes its miners by the log.", lode(totals?.owedWei)),
    gauge("covered_lode", "Pool, stake and clients' vouchers behind it.", lode(totals?.coveredWei)),
    gauge("liabilities_unchecked", "Anchors whose liabilities could not be worked out.", totals?.liabilitiesUnchecked),
    gauge("heads", "Heads that are remembered, others' included.", heads),
    gauge("webhook_pending", "Findings that the webhook was not told yet.", untold),
    {
      name: "lode_audit_findings",
      help: "Findings of the last round by kind.",
      type: "gauge",
      values:
        report === undefined
          ? []
          : kinds.map((kind) => ({
              labels: { kind },
              value: report.findings.filter((finding) => finding.kind === kind).length,
            })),
    },
  ]);
}
