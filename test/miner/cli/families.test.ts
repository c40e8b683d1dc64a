import { describe, expect, it } from "vitest";
import { endsInOrder, families, familiesFor } from "../../../miner/src/cli/families.ts";
import { processIo } from "../../../miner/src/cli/io.ts";
import { buildProgram, valuedOptions } from "../../../miner/src/cli/program.ts";
import { runLode } from "./run-lode.ts";

type Program = Awaited<ReturnType<typeof buildProgram>>;
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

  it("have help with examples, each of them and each command in them", async () => {
    const bare = async (...words: string[]): Promise<void> => {
      const { code, out } = await runLode([...words, "--help"], {});
      expect({ words, code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/Examples:\n {2}/) as string });
    };
    const visit = async ({ commands }: Pick<Program, "commands">, path: readonly string[]): Promise<void> => {
      for (const child of commands) {
        await bare(...path, child.name());
        await visit(child, [...path, child.name()]);
      }
    };
    await visit(await buildProgram([], io), []);
  });

  it("say with --json in one object what is wrong about a command line, and nothing else", async () => {
    for (const [args, message] of [
      [["stake", "--what"], "unknown option '--what'"],
      [["dance"], "unknown command 'dance' (Did you mean faucet?)"],
      [["client"], "Name a command; see --help."],
      [["client", "withdraw"], "missing required argument 'payee'"],
      [
        ["stake", "5", "--role", "king"],
        "option '--role <role>' argument 'king' is invalid. Allowed choices are miner, coordinator.",
      ],
    ] as const) {
      const { code, out, err } = await runLode([...args, "--json"], {});
      expect({ code, out, told: JSON.parse(err) as unknown }).toEqual({
        ...{ code: 2, out: "" },
        told: { error: { code: "usage", message } },
      });
      const { code: plain, err: words } = await runLode(args, {});
      expect(plain).toBe(2);
      expect(words).toMatch(/--help|Commands:/);
    }
  });

  it("are stopped in order where there is something to end, wherever the options stand", () => {
    const isEnded = (...args: string[]): boolean => endsInOrder(args, valuedOptions);
    expect(isEnded("--json", "--home", "client", "miner", "start", "--model", "bench")).toBe(true);
    expect(isEnded("client", "gateway", "--slab")).toBe(true);
    expect(isEnded("verifier", "status")).toBe(false);
    expect(isEnded("--home", "miner", "start")).toBe(false);
  });

  it("are all in the help", async () => {
    const { code, out } = await runLode(["--help"], {});
    expect(code).toBe(0);
    for (const { words } of families) for (const word of words) expect(out).toMatch(new RegExp(`^  ${word}\\b`, "m"));
  });
});
