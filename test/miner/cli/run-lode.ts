import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptKeystoreJson, Wallet } from "ethers";
import type { Hex } from "viem";
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

/** Somebody whose keystore opens at once: its password is stretched as little as can be. */
export async function quickPerson(home: string, key?: Hex): Promise<Person> {
  const [keystoreFile, passwordFile] = [join(home, "wallet.json"), join(home, "password")];
  const password = randomBytes(8).toString("hex");
  const { address, privateKey } = key === undefined ? Wallet.createRandom() : new Wallet(key);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const json = await encryptKeystoreJson({ address, privateKey }, password, { scrypt: { N: 1024, r: 8, p: 1 } });
  writeFileSync(keystoreFile, json, { mode: 0o600 });
  return { home, keystoreFile, passwordFile, address: address.toLowerCase() as Hex };
}
