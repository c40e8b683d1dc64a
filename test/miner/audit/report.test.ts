import { Audit } from "@lode/sdk/audit";
import { describe, expect, it } from "vitest";
import type { RoundReport } from "../../../miner/src/audit/auditor.ts";
import { htmlReport } from "../../../miner/src/audit/report/html.ts";
import { textReport } from "../../../miner/src/audit/report/text.ts";
import { throwIfFound, throwIfUnchecked } from "../../../miner/src/cli/commands/audit/exit.ts";
import { exitCode } from "../../../miner/src/errors.ts";
import { honestPlan, signHistory } from "../../sdk/audit-history.ts";

/** An honest log's report, in which so many anchors' liabilities could not be compared. */
function reportWith(liabilitiesUnchecked: number): RoundReport {
  const { context, entries } = signHistory(honestPlan());
  const audit = new Audit(context);
  for (const entry of entries) audit.entry(entry);
  const report = audit.finish();
  const { coordinator, head } = context;
  const totals = { ...report.totals, liabilitiesUnchecked };
  return { ...report, totals, coordinator, head, checked: 6, seconds: 1, silentPeers: [] };
}

const amount = (wei: bigint): string => `${wei} wei`;
const codeOf = (run: () => void): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { exitCode?: unknown }).exitCode;
  }
};

describe("a report without findings", () => {
  it("says that everything adds up when everything was looked at", () => {
    const report = reportWith(0);
    expect(textReport(report, amount)).toMatch(/Everything adds up\.$/);
    const html = htmlReport(report, amount, new Date(0));
    expect(html).toContain('<p class="verdict clean">Everything adds up.</p>');
    expect(html).not.toContain("could not be worked out");
    expect(codeOf(() => throwIfUnchecked(report.totals.liabilitiesUnchecked))).toBeUndefined();
  });

  it("says so when something could not be, and ends with another exit code than clean or wrong", () => {
    const report = reportWith(2);
    const text = textReport(report, amount);
    expect(text).toContain("The liabilities of 2 anchors could not be worked out");
    expect(text).not.toContain("Everything adds up");
    const html = htmlReport(report, amount, new Date(0));
    expect(html).toContain("Nothing wrong was found in what could be checked.");
    expect(html).toContain("Anchors whose liabilities could not be worked out</th><td>2</td>");
    expect(html).not.toContain("Everything adds up");
    expect(codeOf(() => throwIfUnchecked(2))).toBe(exitCode.unchecked);
    expect(codeOf(() => throwIfFound(1))).toBe(exitCode.findings);
  });
});
