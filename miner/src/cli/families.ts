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

/** The first word that is no option; undefined where help is asked for before it. @param valued options that take the next word */
function commandOf(args: readonly string[], valued: ReadonlySet<string>): string | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (arg === "-h" || arg === "--help") return undefined;
    if (!arg.startsWith("-")) return arg;
    if (valued.has(arg)) at += 1;
  }
  return undefined;
}
