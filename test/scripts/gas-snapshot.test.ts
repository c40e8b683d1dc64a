import { expect, test } from "vitest";
import { compareGas } from "../../scripts/check/gas-snapshot.ts";

const snapshot = { deposit: 70_000, sweep: 40_000 };

test("the same figures differ in nothing", () => {
  expect(compareGas(snapshot, snapshot)).toEqual({ grown: [], shrunk: [], missing: [] });
});

test("growth within a thousandth passes, one gas more does not", () => {
  expect(compareGas(snapshot, { ...snapshot, deposit: 70_070 }).grown).toEqual([]);
  expect(compareGas(snapshot, { ...snapshot, deposit: 70_071 }).grown).toEqual(["deposit: 70000 -> 70071"]);
});

test("a saving is told apart from growth", () => {
  expect(compareGas(snapshot, { ...snapshot, sweep: 39_000 })).toMatchObject({
    grown: [],
    shrunk: ["sweep: 40000 -> 39000"],
  });
});

test("a figure on one side only is named", () => {
  expect(compareGas(snapshot, { deposit: 70_000, anchor: 36_000 }).missing).toEqual([
    "sweep is in the snapshot and was not measured",
    "anchor is not in the snapshot",
  ]);
});
