import type { Count, Report, Survivor } from "./report.ts";

/** The report for people. */
export function toMarkdown(report: Report): string {
  const unexplained = report.survivors.filter(({ reason }) => reason === "");
  const explained = report.survivors.filter(({ reason }) => reason !== "");
  return [
    "# Mutation test of the contracts",
    `${report.total.killedPercent} % of the mutants are killed (${report.total.killedPercentOfAll} % when those explained as equivalent count as
survivors). ${report.total.mutants} of ${report.chosen} mutants were judged: \`${report.command}\`, ${report.date}, ${report.machine}, ${Math.round(report.seconds / 60)} minutes.`,
    "A mutant is one small change of a contract. It is killed when a test fails, stillborn when it does not compile, and left out when the optimizer makes the same code of it.",
    table("file", report.byFile, report.total),
    table("operator", report.byOperator, report.total),
    "## Survivors that nobody has explained",
    unexplained.length === 0 ? "None." : unexplained.map(survivor).join("\n"),
    "## Equivalent, and why",
    explained.length === 0 ? "None." : explained.map(survivor).join("\n"),
  ].join("\n\n");
}

function table(what: string, counts: Readonly<Record<string, Count>>, total: Count): string {
  const row = (name: string, c: Count): string =>
    `| ${name} | ${c.mutants} | ${c.killed} | ${c.survived} | ${c.equivalent} | ${c.sameCode} | ${c.stillborn} | ${c.killedPercent} |`;
  return [
    `| ${what} | mutants | killed | survived | equivalent | same code | stillborn | killed % |`,
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...Object.entries(counts).map(([name, each]) => row(name, each)),
    row("all", total),
  ].join("\n");
}

function survivor({ at, within, operator, before, after, reason }: Survivor): string {
  const why = reason === "" ? "" : `\n  ${reason}`;
  return `- ${at} ${within} (${operator})${why}\n\n  \`\`\`diff\n  - ${before}\n  + ${after}\n  \`\`\`\n`;
}
