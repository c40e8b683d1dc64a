import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compare, findingsOf, type Explanation } from "../../scripts/slither/findings.ts";
import { root } from "../../scripts/root.ts";

const element = (contract: string, name: string, file: string): object => ({
  type: "function",
  name,
  source_mapping: { filename_relative: file },
  type_specific_fields: { parent: { type: "contract", name: contract } },
});
const report = (detectors: readonly object[]): object => ({ success: true, error: null, results: { detectors } });
const found = findingsOf(
  report([
    {
      check: "timestamp",
      description: "one\nmore",
      elements: [element("Court", "settle", "contracts/disputes/Court.sol")],
    },
    {
      check: "timestamp",
      description: "again",
      elements: [element("Court", "settle", "contracts/disputes/Court.sol")],
    },
    {
      check: "timestamp",
      description: "theirs",
      elements: [element("ERC20", "permit", "@openzeppelin/contracts/x.sol")],
    },
    { check: "weak-prng", description: "two", elements: [element("Draws", "draw", "contracts/disputes/Draws.sol")] },
  ]),
);

describe("findings of static analysis", () => {
  it("are counted once a place, and only in our own contracts", () => {
    expect(found.map(({ key }) => key)).toEqual(["timestamp Court.settle", "weak-prng Draws.draw"]);
  });

  it("fail without an explanation, as does an explanation without a finding", () => {
    const explained: Explanation[] = [
      { check: "timestamp", where: "*", reason: "days" },
      { check: "weak-prng", where: "Draws.draw", reason: "drand" },
    ];
    expect(compare(found, explained)).toEqual({ unexplained: [], idle: [] });
    const [, second] = found;
    expect(compare(found, explained.slice(0, 1)).unexplained).toEqual([second]);
    const stale = { check: "weak-prng", where: "Draws.other", reason: "drand" };
    expect(compare(found, [...explained, stale]).idle).toEqual([stale]);
  });

  it("of an analysis that failed are not none", () => {
    expect(() => findingsOf({ success: false, error: "no compiler", results: {} })).toThrow("no compiler");
  });

  it("with consequences are explained place by place, with a reason each", () => {
    const explained = JSON.parse(
      readFileSync(join(root, "scripts", "slither", "explained.json"), "utf8"),
    ) as Explanation[];
    for (const { reason } of explained) expect(reason.length).toBeGreaterThan(20);
    const everywhere = explained.filter(({ where }) => where === "*").map(({ check }) => check);
    const harmless = ["assembly", "calls-loop", "naming-convention", "reentrancy-benign", "reentrancy-events"];
    expect(everywhere).toEqual([...harmless, "shadowing-local", "timestamp"]);
  });
});
