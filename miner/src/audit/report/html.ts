import { createHash } from "node:crypto";
import { findingKinds, type Finding, type FindingKind, type Share } from "@lode/sdk/audit";
import type { RoundReport } from "../auditor.ts";
import { barChart, escapeHtml, everyDay, rankChart } from "./charts.ts";
import { verdictWithoutFindings } from "./verdict.ts";

const style = `
:root{color-scheme:light dark;--text:#1b1f24;--quiet:#57606a;--paper:#fff;--line:#d0d7de;--bar:#2f6feb;--good:#1a7f37;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--quiet:#9aa4ae;--paper:#0d1117;--line:#30363d;--bar:#6ea8fe;--good:#4ac26b;--bad:#ff8f85}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--paper);max-width:60rem;margin:0 auto;padding:1rem}
h1,h2{line-height:1.2}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
td{overflow-wrap:anywhere}.verdict{font-size:1.3rem;font-weight:600}.clean{color:var(--good)}.wrong{color:var(--bad)}
svg{width:100%;height:auto}svg rect{fill:var(--bar)}svg line{stroke:var(--line)}svg text{fill:var(--quiet);font-size:11px;font-family:ui-monospace,monospace}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}.quiet{color:var(--quiet)}`;

/** Findings that the page holds; all of them are in the JSON. */
const mostShown = 500;

/** A report as one HTML file: no script, no request to anywhere, readable from a disk. */
export function htmlReport(report: RoundReport, amount: (wei: bigint) => string, madeAt: Date): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const { coordinator, findings, found, head, totals } = report;
  const title = `Audit of ${coordinator}`;
  const verdict =
    found === 0
      ? `<p class="verdict${totals.liabilitiesUnchecked === 0 ? " clean" : ""}">${verdictWithoutFindings(totals)}</p>`
      : `<p class="verdict wrong">${found} ${found === 1 ? "finding" : "findings"}</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(title)}</h1>${verdict}
<p class="quiet">${escapeHtml(madeAt.toISOString())}; head of ${head.head.size} entries, root <code>${escapeHtml(head.head.root)}</code></p>
${totalsTable(report, amount)}
${findingsPart(findings)}
${days(report.days, amount)}
${ranking("Miners by income", report.miners, amount)}
${ranking("Clients by spending", report.clients, amount)}
</body></html>
`;
}

function totalsTable({ totals, checked, seconds }: RoundReport, amount: (wei: bigint) => string): string {
  const rows: readonly (readonly [string, string])[] = [
    ["Receipts", String(totals.receipts)],
    ["Clients, miners", `${totals.clients}, ${totals.miners}`],
    ["Vouchers, anchors", `${totals.vouchers}, ${totals.anchors}`],
    ["Debits = credits + fees", [totals.debitedWei, totals.creditedWei, totals.feesWei].map(amount).join(", ")],
    ["Refunded for late first tokens", `${amount(totals.refundedWei)} (receipts: ${totals.refunds})`],
    ["Collected on the chain", amount(totals.collectedWei)],
    ["Owed to miners", amount(totals.owedWei)],
    ["Pool, stake and clients' vouchers", totals.coveredWei === undefined ? "not read" : amount(totals.coveredWei)],
    ...(totals.liabilitiesUnchecked === 0
      ? []
      : [["Anchors whose liabilities could not be worked out", String(totals.liabilitiesUnchecked)] as const]),
    ["Hosted receipts", `${totals.hostedReceipts}, ${amount(totals.hostedWei)}`],
    ["Checked now", `${checked} entries in ${seconds.toFixed(1)} s`],
  ];
  const cells = rows.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>${cells.join("")}</table>`;
}

function findingsPart(findings: readonly Finding[]): string {
  if (findings.length === 0) return "";
  const counts = new Map<FindingKind, number>();
  for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const bars = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, value]) => ({ label: kind, value, title: String(value) }));
  const rows = findings.slice(0, mostShown).map(({ kind, message, dispute }) => {
    const proof =
      dispute === undefined ? "" : ` <span class="quiet">(can be proved: ${escapeHtml(dispute.act)})</span>`;
    return `<tr><td><code>${kind}</code></td><td>${escapeHtml(message)}${proof}<br><span class="quiet">${escapeHtml(findingKinds[kind])}</span></td></tr>`;
  });
  const rest = findings.length > mostShown ? `<p class="quiet">The first ${mostShown} of ${findings.length}.</p>` : "";
  return `<h2>Findings</h2>${rankChart("Findings by kind", bars)}<table>${rows.join("")}</table>${rest}`;
}

function days(shares: readonly Share[], amount: (wei: bigint) => string): string {
  const shown = everyDay(shares);
  if (shown.length === 0) return "";
  const receipts = shown.map(({ name, receipts: value }) => ({
    label: name,
    value,
    title: `${name}: ${value} receipts`,
  }));
  const money = shown.map(({ name, amountWei }) => ({
    label: name,
    value: Number(amountWei),
    title: `${name}: ${amount(amountWei)}`,
  }));
  return `<h2>Receipts by day</h2>${barChart("Receipts by day", receipts)}<h2>Money by day</h2>${barChart("Money by day", money)}`;
}

function ranking(title: string, shares: readonly Share[], amount: (wei: bigint) => string): string {
  if (shares.length === 0) return "";
  const bars = shares.map(({ name, receipts, amountWei }) => ({
    label: name,
    value: Number(amountWei),
    title: `${amount(amountWei)}, ${receipts} receipts`,
  }));
  return `<h2>${escapeHtml(title)}</h2>${rankChart(title, bars)}`;
}
