import { EventEmitter } from "node:events";
import { explainSystemError, LodeError } from "@lode/sdk/errors";
import { Command, CommanderError } from "commander";
import { exitCode } from "../errors.ts";
import { familiesFor } from "./families.ts";
import type { Io } from "./io.ts";

/** Options that every command takes. */
const globalOptions: readonly (readonly [flags: string, help: string])[] = [
  ["--home <folder>", "wallet and records (LODE_HOME, ~/.lode)"],
  ["--wallet <file>", "keystore (HOME/wallet.json)"],
  ["--password-file <file>", "file with the wallet's password (KEYSTORE_PASSWORD_FILE, or LODE_PASSWORD)"],
  ["--rpc <url>", "the chain's JSON-RPC (RPC_URL, http://127.0.0.1:8545)"],
  ["--addresses <file>", "the contracts' addresses (ADDRESSES_FILE, or those of CHAIN_ID)"],
  ["--json", "print one JSON object; `miner start` prints one for each event"],
];

/** Those of them that take the next word. */
export const valuedOptions: ReadonlySet<string> = new Set(
  globalOptions.flatMap(([flags]) => (flags.includes(" ") ? (flags.split(" ")[0] ?? []) : [])),
);

/** The `lode` command with what a command line needs of it: everything, unless it names its command. */
export async function buildProgram(args: readonly string[], io: Io): Promise<Command> {
  const program = new Command("lode")
    .description("Lode: stake, serve models, get paid, check everything.")
    .version("0.1.0")
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wallet or password, 4 chain, coordinator or download unreachable,
5 refused by a contract, 6 the audit found something, 7 the audit could not check, 8 the port is taken, 9 bad model file, 130 stopped by a signal.

Examples:
  lode doctor
  lode wallet create
  lode stake 500
  lode miner start --coordinator http://127.0.0.1:8402
  lode collect
  lode audit --rpc http://127.0.0.1:8545 --log http://127.0.0.1:8402`,
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      // With --json the only word is the error's object.
      writeErr: (text) => {
        if (!args.includes("--json")) io.err(text.trimEnd());
      },
      outputError: (text, write) => write(`${oneLine(text)}\nSee --help behind the command.`),
    });
  for (const [flags, help] of globalOptions) program.option(flags, help);
  for (const { load } of familiesFor(args, valuedOptions)) (await load())(program, io);
  inherit(program);
  return program;
}

/**
 * Global options work behind a command too, every command throws instead of ending the process, and the help of a group says where the
 * examples are.
 */
function inherit(program: Command): void {
  const visit = (command: Command, path: string): void => {
    for (const child of command.commands) {
      child.exitOverride();
      child.configureOutput(program.configureOutput());
      for (const option of program.options) {
        if (option.long !== "--version" && !child.options.some(({ long }) => long === option.long))
          child.addOption(option);
      }
      const own = `${path} ${child.name()}`;
      const [first] = child.commands;
      const hasOwnWords = child instanceof EventEmitter && child.listenerCount("afterHelp") > 0;
      if (first !== undefined && !hasOwnWords) {
        child.addHelpText("after", `\nExamples:\n  ${own} ${first.name()} --help   (and so behind each command)`);
      }
      visit(child, own);
    }
  };
  visit(program, program.name());
}

/** Runs one command line and returns its exit code. Every failure is one sentence on standard error. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const json = args.includes("--json");
  const program = await buildProgram(args, io);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      // A person has read it already, with the help where a group was called without a command.
      if (json) io.err(JSON.stringify({ error: { code: "usage", message: usageSentence(error) } }));
      return exitCode.usage;
    }
    const known = error instanceof LodeError ? error : explainSystemError(error);
    const { code = "failed", exitCode: exit } = known ?? (error as { code?: unknown; exitCode?: number });
    const isKnown = known !== undefined || exit !== undefined;
    const { message } = known ?? (error instanceof Error ? error : new Error(String(error)));
    const text = isKnown ? message : ((error as Partial<Error>).stack ?? message);
    io.err(json ? JSON.stringify({ error: { code, message: text } }) : text);
    return exit ?? exitCode.failed;
  }
}

function usageSentence({ code, message }: CommanderError): string {
  return code === "commander.help" ? "Name a command; see --help." : oneLine(message.replace(/^error: /, ""));
}

/** Commander puts what was perhaps meant on a line of its own. */
const oneLine = (text: string): string => text.trim().replaceAll("\n", " ");
