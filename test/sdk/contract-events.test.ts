import { globSync, readFileSync } from "node:fs";
import { accessManagerAbi, everyAbi, timelockControllerAbi } from "@lode/sdk/abi";
import { describe, expect, it } from "vitest";

const textOf = (files: string[]): string => files.map((file) => readFileSync(file, "utf8")).join("\n");
const namesIn = (text: string, pattern: RegExp): Set<string> =>
  new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ""));

const declared = namesIn(textOf(globSync("contracts/**/*.sol")), /^\s*event (\w+)\(/gm);

describe("the events of our contracts", () => {
  it("are each what a Solidity test expects, with the arguments that it names", () => {
    // Twins are not our contracts: what they emit says nothing about ours.
    const tests = globSync("test/contracts/**/*.sol").filter((file) => !file.includes("/twins/"));
    // An event that a test emits and does not expect would prove nothing.
    const expected = namesIn(textOf(tests), /\bVM\.expectEmit\([^;]*\);\s*emit (?:\w+\.)?(\w+)\(/g);
    expect([...declared].filter((name) => !expected.has(name))).toEqual([]);
  });

  it("are all found in the sources", () => {
    // Of OpenZeppelin: the governance contracts as they are, and what ours inherit.
    const inherited = /^(Approval|AuthorityUpdated|Delegate(Votes)?Changed|EIP712DomainChanged|Transfer)$/;
    const ours = everyAbi
      .filter((abi) => abi !== accessManagerAbi && abi !== timelockControllerAbi)
      .flatMap((abi) => abi.filter((item) => item.type === "event").map(({ name }) => name as string))
      .filter((name) => !inherited.test(name));
    expect([...declared].sort()).toEqual([...new Set(ours)].sort());
  });
});
