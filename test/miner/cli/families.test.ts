import { describe, expect, it } from "vitest";
import { families, familiesFor } from "../../../miner/src/cli/families.ts";
import { processIo } from "../../../miner/src/cli/io.ts";
import { buildProgram } from "../../../miner/src/cli/program.ts";
import { runLode } from "./run-lode.ts";

const io = processIo(new AbortController().signal);
const valued = new Set(["--home", "--rpc"]);
const wordsFor = (...args: string[]): string[] => familiesFor(args, valued).flatMap(({ words }) => words);

describe("the families of commands", () => {
  it("have the words of all their commands, and no others", async () => {
    for (const { words } of families) {
      const { commands } = await buildProgram([words[0]], io);
      expect(commands.map((command) => command.name())).toEqual(words);
    }
  });

  it("are loaded one where the command is named, behind whatever options", () => {
    expect(wordsFor("miner", "start", "--model", "bench")).toEqual(["miner"]);
    expect(wordsFor("--json", "--home", "wallet", "unstake", "5")).toEqual(["stake", "unstake", "withdraw"]);
    expect(wordsFor("--home=wallet", "faucet")).toEqual(["faucet"]);
  });

  it.each([[["help", "miner"]], [["--help", "miner"]], [["-h"]], [[]], [["minner"]], [["--rpc", "miner"]]])(
    "are all loaded for %j",
    (args) => {
      expect(wordsFor(...args)).toEqual(families.flatMap(({ words }) => words));
    },
  );

  it("are all in the help", async () => {
    const { code, out } = await runLode(["--help"], {});
    expect(code).toBe(0);
    for (const { words } of families) for (const word of words) expect(out).toMatch(new RegExp(`^  ${word}\\b`, "m"));
  });
});
