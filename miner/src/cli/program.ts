import { LodeError } from "@lode/sdk/errors";
import { Command, CommanderError } from "commander";
import { exitCode } from "../errors.ts";
import { familiesFor } from "./families.ts";
import type { Io } from "./io.ts";

/** The `lode` command with what a command line needs of it: everything, unless it names its command. */
export async function buildProgram(args: readonly string[], io: Io): Promise<Command> {
  const program = new Command("lode")
    .description("Lode: stake, serve models, get paid, check everything.")
    .version("0.1.0")
    .option("--home <folder>", "wallet and records (LODE_HOME, ~/.lode)")
    .option("--wallet <file>", "keystore (HOME/wallet.json)")
    .option("--password-file <file>", "file with the wallet's password (KEYSTORE_PASSWORD_FILE, or LODE_PASSWORD)")
    .option("--rpc <url>", "the chain's JSON-RPC (RPC_URL, http://127.0.0.1:8545)")
    .option("--addresses <file>", "the contracts' addresses (ADDRESSES_FILE, or those of CHAIN_ID)")
    .option("--json", "print one JSON object; `miner start` prints one for each event")
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wallet or password, 4 chain, coordinator or download unreachable,
5 refused by a contract, 6 the audit found something, 7 the audit could not check, 9 bad model file.

Examples:
  lode doctor
  lode wallet create
  lode stake 500
  lode miner start --coordinator http://127.0.0.1:8402
  lode collect
  lode audit --rpc http://127.0.0.1:8545 --log http://127.0.0.1:8402`,
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) });
  const valued = program.options.flatMap(({ required, long }) => (required ? (long ?? []) : []));
  for (const { load } of familiesFor(args, new Set(valued))) (await load())(program, io);
  inherit(program);
  return program;
}

/** Global options work behind a command too, and every command throws instead of ending the process. */
function inherit(program: Command): void {
  const visit = (command: Command): void => {
    for (const child of command.commands) {
      child.exitOverride();
      child.configureOutput(program.configureOutput());
      for (const option of program.options) {
        if (option.long !== "--version" && !child.options.some(({ long }) => long === option.long))
          child.addOption(option);
      }
      visit(child);
    }
  };
  visit(program);
}

/** Runs one command line and returns its exit code. Every failure is one sentence on standard error. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const program = await buildProgram(args, io);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.usage;
    const json = args.includes("--json");
    const { code = "failed", exitCode: exit } = error as { code?: unknown; exitCode?: number };
    const isKnown = error instanceof LodeError || exit !== undefined;
    const message = error instanceof Error ? (isKnown ? error.message : (error.stack ?? error.message)) : String(error);
    io.err(json ? JSON.stringify({ error: { code, message } }) : message);
    return exit ?? exitCode.failed;
  }
}
