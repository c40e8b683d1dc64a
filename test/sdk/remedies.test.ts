import { readFileSync } from "node:fs";
import { findingKinds, remedies, remedyTable } from "@lode/sdk/audit";
import { describe, expect, it } from "vitest";
import { disputeActs } from "../../miner/src/cli/commands/dispute.ts";

/** The cells of each row of a table of Markdown, whatever its columns' widths. */
function cellsOf(text: string): string[][] {
  const rows = text.split("\n").filter((line) => line.startsWith("|") && !/^\|[\s|-]*\|$/.test(line));
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("what to do about a finding", () => {
  it("is said for every kind, and names acts that lode dispute has", () => {
    expect(Object.keys(remedies).sort()).toEqual(Object.keys(findingKinds).sort());
    const known = new Set(disputeActs.map(({ name }) => name));
    const named = Object.values(remedies).flatMap(({ acts }) => acts);
    expect(named.filter((act) => !known.has(act))).toEqual([]);
    expect(Object.values(remedies).filter(({ instead }) => !/^[A-Z].*\.$/.test(instead))).toEqual([]);
  });

  it("stands in the README as the code says it", () => {
    const readme = readFileSync(new URL("../../contracts/sdk/audit/README.md", import.meta.url), "utf8");
    expect(cellsOf(readme)).toEqual(cellsOf(remedyTable()));
  });
});
