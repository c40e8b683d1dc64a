import { findingKinds, type AuditTotals, type Finding } from "@lode/sdk/audit";
import { verdictWithoutFindings } from "./verdict.ts";

/** Findings that are written out; the rest is counted. */
const mostShown = 50;

/** A report in words. */
export interface TextReport {
  readonly totals: AuditTotals;
  readonly findings: readonly Finding[];
  readonly found: number;
  readonly checked: number;
  readonly seconds: number;
  readonly silentPeers: readonly string[];
}

/** @param amount how money is written */
export function textReport(report: TextReport, amount: (wei: bigint) => string): string {
  const { totals, checked, seconds, silentPeers } = report;
  const counted = `${totals.receipts} receipts, ${totals.clients} clients, ${totals.miners} miners, ${totals.vouchers} vouchers, ${totals.anchors} anchors`;
  const money = `debits ${amount(totals.debitedWei)} = credits ${amount(totals.creditedWei)} + fees ${amount(totals.feesWei)}; collected ${amount(totals.collectedWei)}`;
  const refunded =
    totals.refunds === 0
      ? []
      : [`refunded for late first tokens ${amount(totals.refundedWei)} (receipts: ${totals.refunds})`];
  const cover =
    totals.coveredWei === undefined
      ? []
      : [`owed to miners ${amount(totals.owedWei)}, covered by ${amount(totals.coveredWei)}`];
  const unchecked =
    totals.liabilitiesUnchecked === 0
      ? []
      : [
          `The liabilities of ${totals.liabilitiesUnchecked} anchors could not be worked out: too much was collected around them.`,
        ];
  const work = `${checked} entries checked in ${seconds.toFixed(1)} s`;
  const silent = silentPeers.map((peer) => `The auditor at ${peer} did not answer.`);
  return [counted, money, ...refunded, ...cover, work, ...unchecked, ...silent, ...verdict(report)].join("\n");
}

function verdict({ findings, found, totals }: TextReport): string[] {
  if (found === 0) return [verdictWithoutFindings(totals)];
  const shown = findings.slice(0, mostShown).map(({ kind, message, dispute }) => {
    const proof = dispute === undefined ? "" : `\n    Proof: lode dispute open --finding FILE, from --findings FOLDER.`;
    return `  ${kind}: ${message}\n    ${findingKinds[kind]}${proof}`;
  });
  const rest = found > shown.length ? [`  and ${found - shown.length} more; see --json`] : [];
  return [`${found} findings:`, ...shown, ...rest];
}
