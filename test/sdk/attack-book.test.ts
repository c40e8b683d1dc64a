import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const folder = "test/contracts/attacks";
const textOf = (pattern: string): string =>
  globSync(`${folder}/${pattern}`)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
const rows = readFileSync(`${folder}/README.md`, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`"))
  .map((line) => line.split(" | ").map((cell) => cell.trim()));
const namesIn = (cell: string | undefined): string[] =>
  [...(cell ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name ?? "");
const functions = [...textOf("*.t.sol").matchAll(/function test_(\w+)\(/g)].map(([, name]) => name ?? "");
const attacksOf = (ending: string): string[] =>
  functions.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));

describe("the attack book's table", () => {
  it("has a row for every attack, each of which is run and wins against a twin", () => {
    const listed = rows.flatMap((row) => namesIn(row[1]));
    expect(listed.length).toBeGreaterThan(60);
    expect(listed.filter((name) => !attacksOf("_Fails").includes(name))).toEqual([]);
    const beaten = functions.filter((name) => name.includes("_SucceedsAgainstTwin")).map((name) => name.split("_")[0]);
    expect(listed.filter((name) => !beaten.includes(name))).toEqual([]);
    expect(attacksOf("_Fails").filter((name) => !listed.includes(name))).toEqual([]);
  });

  it("names twins that exist, and a source for each row", () => {
    const twins = [...textOf("twins/*.sol").matchAll(/^contract (\w+)/gm)].map(([, name]) => name);
    expect(rows.flatMap((row) => namesIn(row[2])).filter((name) => !twins.includes(name))).toEqual([]);
    expect(rows.filter((row) => (row[3] ?? "").replace(/[|\s]/g, "") === "")).toEqual([]);
  });
});
