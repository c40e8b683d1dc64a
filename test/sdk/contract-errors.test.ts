import { globSync, readFileSync } from "node:fs";
import { everyAbi, lodeTokenAbi, stakingAbi } from "@lode/sdk/abi";
import { decodeContractError, explainedErrors } from "@lode/sdk/errors";
import { encodeErrorResult } from "viem";
import { describe, expect, it } from "vitest";

/** Ours are named after their contract; the others are OpenZeppelin's. */
const ours = (name: string): boolean => /^[A-Z][A-Za-z0-9]+_/.test(name);
const names = everyAbi
  .flatMap((abi) => abi.filter((item) => item.type === "error").map(({ name }) => name as string))
  .filter(ours);

const textOf = (files: string[]): string => files.map((file) => readFileSync(file, "utf8")).join("\n");

describe("the errors of our contracts", () => {
  it("are each what a Solidity test expects of a refused call, those of libraries too", () => {
    const declared = textOf(globSync("contracts/**/*.sol")).matchAll(/\berror (\w+)\(/g);
    // Twins refuse with words of their own; only what the tests expect counts.
    const tests = globSync("test/contracts/**/*.sol").filter((file) => !file.includes("/twins/"));
    const expected = new Set([...textOf(tests).matchAll(/\b[A-Z]\w*\.(\w+)\.selector\b/g)].map(([, name]) => name));
    const wanted = [...new Set([...names, ...[...declared].map(([, name]) => name ?? "")])];
    expect(wanted).toContain("Bn254_PrecompileFailed");
    expect(wanted.filter((name) => !expected.has(name))).toEqual([]);
  });

  it("of a constructor are the last thing that a Solidity test looks at", () => {
    // The mutation test deploys by name, and there such a refusal ends the test without a word.
    const functions = textOf(globSync("test/contracts/**/*.t.sol")).matchAll(/^ {4}function (\w+)\(.*?^ {4}\}$/gms);
    const refusal = /VM\.expectRevert\([^;]*\);\s*new \w+\([^;]*\);/;
    const found = [...functions].flatMap(([text, name]) => {
      const at = refusal.exec(text);
      return at === null ? [] : [{ name, rest: text.slice(at.index + at[0].length).trim() }];
    });
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter(({ rest }) => rest !== "}")).toEqual([]);
  });

  it("each have a sentence, and no sentence is left over", () => {
    expect([...explainedErrors.filter(ours)].sort()).toEqual([...new Set(names)].sort());
  });

  it("are decoded from revert data with their values", () => {
    const data = encodeErrorResult({ abi: stakingAbi, errorName: "Staking_BelowMinimum", args: [5n, 100n] });
    expect(decodeContractError(data)).toMatchObject({
      name: "Staking_BelowMinimum",
      sentence: "That leaves 5 wei staked, the minimum is 100 wei; stake more, or unstake everything.",
    });
    const token = encodeErrorResult({
      abi: lodeTokenAbi,
      errorName: "ERC20InsufficientBalance",
      args: ["0x0000000000000000000000000000000000000001", 1n, 50n * 10n ** 18n],
    });
    expect(decodeContractError(token)?.sentence).toMatch(/has 0\.000000000000000001 LODE, 50 LODE are needed\.$/);
  });

  it("are told apart from other failures", () => {
    expect(decodeContractError(new Error("timeout"))).toBeUndefined();
    expect(decodeContractError("0x12345678")).toBeUndefined();
  });
});
