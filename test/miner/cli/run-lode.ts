import type { Io } from "../../../miner/src/cli/io.ts";
import { run } from "../../../miner/src/cli/program.ts";
import type { Person } from "../../../scripts/dev/people.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The environment in which somebody runs `lode` against a devnet. */
export function environmentOf(
  { home, passwordFile }: Person,
  devnet: { readonly rpcUrl: string; readonly addressesFile: string },
): Record<string, string> {
  return {
    LODE_HOME: home,
    KEYSTORE_PASSWORD_FILE: passwordFile,
    RPC_URL: devnet.rpcUrl,
    ADDRESSES_FILE: devnet.addressesFile,
  };
}

/** Runs a command line in this process and keeps what it printed. `answers` makes it a terminal with a person at it. */
export async function runLode(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  answers?: string[],
): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const io: Io = {
    env,
    isTerminal: answers !== undefined,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    askHidden: undefined,
    ask: answers === undefined ? undefined : async () => answers.shift() ?? "",
    readInput: async () => `0x${"01".repeat(32)}`,
    signal: new AbortController().signal,
  };
  const code = await run(args, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** One sentence for a person, and perhaps a hint: no stack, no trailing dump. */
export function isSentence(text: string): boolean {
  const lines = text.trim().split("\n").length;
  return lines <= 2 && !/\bat .*:\d+:\d+/.test(text) && /[.)]$/.test(text.trim());
}
