import type { AnchorView } from "@lode/protocol";
import { describe, expect, it } from "vitest";
import { compareAnchors, mostAnchors, type ChainAnchor } from "../../../coordinator/web/src/chain/compared-anchors.ts";

const word = (digit: string): `0x${string}` => `0x${digit.repeat(64)}`;
const shown = (epoch: number, change: Partial<AnchorView> = {}): AnchorView => ({
  ...{ epoch, size: epoch * 10, root: word("a"), liabilitiesRoot: word("b"), transaction: word("c") },
  at: "2026-11-21T12:00:00.000Z",
  ...change,
});
const taken = (epoch: number, change: Partial<ChainAnchor> = {}): ChainAnchor => ({
  ...{ epoch, size: epoch * 10, root: word("a"), liabilitiesRoot: word("b"), transaction: word("c") },
  ...change,
});
const soon = Date.parse("2026-11-21T12:10:00.000Z");
const states = (
  coordinator: readonly AnchorView[],
  chain: readonly ChainAnchor[],
  nowMs = soon,
): (string | number)[][] =>
  compareAnchors(coordinator, chain, nowMs).map(({ epoch, standing: [state, tone] }) => [epoch, state, tone]);
const numbers = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, i) => from - i);

describe("the coordinator's anchors beside the chain's", () => {
  it("are the same, however their hexadecimal digits are written", () => {
    expect(states([shown(2), shown(1)], [taken(2, { root: `0x${"A".repeat(64)}` }), taken(1)])).toEqual([
      [2, "on the chain", "good"],
      [1, "on the chain", "good"],
    ]);
  });

  it.each<[string, Partial<ChainAnchor>]>([
    ["root", { root: word("d") }],
    ["size", { size: 11 }],
    ["liabilities", { liabilitiesRoot: word("d") }],
  ])("differ by their %s", (_name, change) => {
    expect(states([shown(1)], [taken(1, change)])).toEqual([[1, "the chain has another", "bad"]]);
  });

  it("are not seen yet when they are new, and missing when later ones are there", () => {
    expect(states([shown(3), shown(2), shown(1)], [taken(2)])).toEqual([
      [3, "not seen yet", "warn"],
      [2, "on the chain", "good"],
      [1, "not on the chain", "bad"],
    ]);
  });

  it("are missing when they are the newest and still not there an hour later", () => {
    const late = soon + 3_600_000;
    expect(states([shown(2), shown(1)], [taken(1)], late)[0]).toEqual([2, "not on the chain", "bad"]);
    expect(states([shown(2), shown(1)], [taken(1)])[0]).toEqual([2, "not seen yet", "warn"]);
  });

  it("leave none out that the chain has", () => {
    expect(states([shown(3), shown(1)], [taken(3), taken(2), taken(1)])).toContainEqual([
      2,
      "not told by the coordinator",
      "warn",
    ]);
    expect(states([], [taken(1)])).toEqual([[1, "not told by the coordinator", "warn"]]);
    expect(states([], [])).toEqual([]);
  });

  it("are compared as far back as both sides show them", () => {
    const here = numbers(100, 100 - mostAnchors + 1).map((epoch) => shown(epoch));
    const there = numbers(102, 102 - mostAnchors + 1).map((epoch) => taken(epoch));
    const compared = states(here, there);
    expect(compared.map(([epoch]) => epoch)).toEqual(numbers(102, 53));
    expect(compared.filter(([, state]) => state !== "on the chain").map(([epoch]) => epoch)).toEqual([102, 101]);
  });
});
