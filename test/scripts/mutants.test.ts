import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCompiler, type Compiler } from "../../scripts/forge/compiler.ts";
import type { Node } from "../../scripts/mutate/ast.ts";
import { apply, mutantsOf, sample, type Mutant } from "../../scripts/mutate/mutants.ts";

const text = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

contract Till {
    struct Purse {
        uint96 held;
        uint96 spent;
    }

    error Till_Empty();
    event Paid(address to, uint256 amount);

    uint256 public constant WAIT = 7 days;
    address private owner;
    Purse private purse;

    modifier onlyOwner() {
        if (msg.sender != owner) revert Till_Empty();
        _;
    }

    function pay(address to, uint96 amount, uint96 tip) external onlyOwner returns (bool paid) {
        if (amount > purse.held && tip != 0) revert Till_Empty();
        (purse.held, purse.spent) = (purse.held - amount, purse.spent + amount);
        emit Paid(to, amount);
        return split(amount, tip);
    }

    function weigh(uint256 a, uint256 b, uint256 field) private pure returns (uint256 product) {
        return mulmod(a, b, field);
    }

    function split(uint96 amount, uint96 tip) private pure returns (bool whole) {
        return amount >= tip ? true : false;
    }
}
`;
const socket = join(tmpdir(), `lode-mutants-${process.pid}`);
let compiler: Compiler;
let mutants: Mutant[];

beforeAll(async () => {
  compiler = await startCompiler(socket);
  const output = (await compiler.compile({
    language: "Solidity",
    sources: { "Till.sol": { content: text } },
    settings: { outputSelection: { "*": { "": ["ast"] } } },
  })) as { sources: Record<string, { ast: Node }> };
  mutants = mutantsOf("Till.sol", Buffer.from(text), output.sources["Till.sol"]!.ast);
});

afterAll(() => {
  compiler.stop();
  rmSync(socket, { force: true });
});

const afters = (operator: string): string[] =>
  mutants.filter((mutant) => mutant.operator === operator).map(({ after }) => after);

test("checks are deleted and negated", () => {
  expect(afters("deleted check")).toEqual(["if (false) revert Till_Empty();", "if (false) revert Till_Empty();"]);
  expect(afters("negated check")).toEqual(["if (!(amount > purse.held && tip != 0)) revert Till_Empty();"]);
  expect(afters("condition half")).toEqual([
    "if ((amount > purse.held)) revert Till_Empty();",
    "if ((tip != 0)) revert Till_Empty();",
  ]);
});

test("a guard is taken from its function", () => {
  expect(afters("removed modifier")).toEqual([
    "function pay(address to, uint96 amount, uint96 tip) external returns (bool paid) {",
  ]);
});

test("each of several writes is left out once", () => {
  expect(afters("dropped write")).toEqual([
    "(, purse.spent) = (purse.held - amount, purse.spent + amount);",
    "(purse.held, ) = (purse.held - amount, purse.spent + amount);",
  ]);
});

test("constants move by one in their unit, conditions and arguments change places", () => {
  expect(afters("constant")).toContain("uint256 public constant WAIT = 6 days;");
  expect(afters("constant")).toContain("uint256 public constant WAIT = 8 days;");
  // A product's factors may change places.
  expect(afters("swapped arguments")).toEqual(["return split(tip, amount);", "return mulmod(a, field, b);"]);
  expect(afters("operator")).toContain("return amount > tip ? true : false;");
});

test("events, errors and layouts have no mutants", () => {
  expect(mutants.filter(({ line }) => line < 13)).toEqual([]);
});

test("a mutant changes its own bytes only", () => {
  for (const mutant of mutants) {
    const changed = apply(Buffer.from(text), mutant).toString("utf8");
    expect(changed).not.toBe(text);
    expect(changed.slice(0, mutant.start)).toBe(text.slice(0, mutant.start));
  }
});

test("a sample depends on its seed alone and keeps the order", () => {
  const chosen = sample(mutants, 5, "a");
  expect(chosen).toEqual(sample(mutants.toReversed(), 5, "a").toReversed());
  expect(sample(mutants, 5, "b")).not.toEqual(chosen);
  expect(chosen.map(({ start }) => start)).toEqual(chosen.map(({ start }) => start).toSorted((x, y) => x - y));
});
