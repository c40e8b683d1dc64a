import type { Command } from "commander";
import type { Io } from "./io.ts";

/** Adds commands to the program. */
type Add = (program: Command, io: Io) => void;

export interface Family {
  /** The first words of its commands. */
  readonly words: readonly [string, ...string[]];
  readonly load: () => Promise<Add>;
}

/** Every command, in the order of `lode --help`. Each family is loaded when it is called: a daemon should not hold the code of forty commands. */
export const families: readonly Family[] = [
  { words: ["wallet"], load: async () => (await import("./commands/wallet.ts")).addWallet },
  { words: ["stake", "unstake", "withdraw"], load: async () => (await import("./commands/stake.ts")).addStaking },
  { words: ["miner"], load: async () => (await import("./commands/miner.ts")).addMiner },
  { words: ["model"], load: async () => (await import("./commands/model.ts")).addModel },
  { words: ["engine"], load: async () => (await import("./commands/engine.ts")).addEngine },
  {
    words: ["earnings", "collect", "sweep", "sweep-many", "burn-fees"],
    load: async () => (await import("./commands/collect.ts")).addEarnings,
  },
  { words: ["audit"], load: async () => (await import("./commands/audit/index.ts")).addAudit },
  { words: ["client"], load: async () => (await import("./commands/client.ts")).addClient },
  { words: ["pool"], load: async () => (await import("./commands/pool.ts")).addPool },
  { words: ["token"], load: async () => (await import("./commands/token.ts")).addToken },
  { words: ["ledger"], load: async () => (await import("./commands/ledger.ts")).addLedger },
  { words: ["dispute"], load: async () => (await import("./commands/dispute.ts")).addDispute },
  { words: ["jury"], load: async () => (await import("./commands/jury.ts")).addJury },
  { words: ["verify"], load: async () => (await import("./commands/verify.ts")).addVerify },
  { words: ["verifier"], load: async () => (await import("./commands/verifier.ts")).addVerifier },
  { words: ["recovery", "rewards"], load: async () => (await import("./commands/recovery.ts")).addRecovery },
  { words: ["govern", "guardian"], load: async () => (await import("./commands/govern.ts")).addGovernance },
  { words: ["chain"], load: async () => (await import("./commands/chain.ts")).addChain },
  { words: ["faucet"], load: async () => (await import("./commands/faucet.ts")).addFaucet },
  { words: ["doctor"], load: async () => (await import("./commands/doctor.ts")).addDoctor },
  { words: ["bench"], load: async () => (await import("./commands/bench.ts")).addBench },
];

/** The families that a command line may mean: one where its command is known, else all, so that help and mistakes see everything. */
export function familiesFor(args: readonly string[], valued: ReadonlySet<string>): readonly Family[] {
  const word = commandOf(args, valued);
  const family = families.find(({ words }) => words.some((one) => one === word));
  return family === undefined ? families : [family];
}

/** The first word that is no option; undefined where help is asked for before it. */
function commandOf(args: readonly string[], valued: ReadonlySet<string>): string | undefined {
  const help = args.findIndex((arg) => arg === "-h" || arg === "--help");
  const [[at, word] = [Infinity, undefined]] = wordsIn(args, valued);
  return help !== -1 && help < at ? undefined : word;
}

/** The words that are no options, each with its place. @param valued options that take the next word */
function wordsIn(args: readonly string[], valued: ReadonlySet<string>): [at: number, word: string][] {
  return [...args.entries()].filter(([at, arg]) => !arg.startsWith("-") && !valued.has(args[at - 1] ?? ""));
}

/** What works until it is stopped, or would leave something undone when it just ended. */
const lasting: readonly (readonly string[])[] = [
  ["miner", "start"],
  ["verifier", "start"],
  ["audit", "serve"],
  ["client", "gateway"],
  ["client", "classify"],
];

/** Whether a command line's command ends by itself, in order, when it is asked to stop. */
export function endsInOrder(args: readonly string[], valued: ReadonlySet<string>): boolean {
  const words = wordsIn(args, valued).map(([, word]) => word);
  return lasting.some((command) => command.every((word, index) => words[index] === word));
}
