import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCode, MinerError } from "../errors.ts";
import type { Io } from "./io.ts";

/** Names that a configuration file may set. Every one is read from the environment too, which goes before the file. */
export const settingNames: readonly string[] = [
  "ADDRESSES_FILE",
  "API_KEY",
  "CHAIN_ID",
  "COORD_URL",
  "KEYSTORE_PASSWORD_FILE",
  "LODE_PASSWORD",
  "MAX_CONCURRENCY",
  "MAX_JOB_CPU_SECS",
  "MAX_JOB_SECS",
  "MAX_MEMORY_MB",
  "MINER_CERT_FILE",
  "MINER_CERT_KEY_FILE",
  "MODEL",
  "MODEL_STORE_GB",
  "RPC_URL",
  "WALLET_ADDR",
];

export interface ConfigFile {
  file: string;
  exists: boolean;
  values: Readonly<Record<string, string>>;
  /** What is wrong with it, one sentence for each bad line. */
  problems: readonly string[];
}

/** Reads the `NAME=value` lines of `HOME/miner.env`; blank lines and those that begin with # say nothing. */
export function readConfigFile(home: string): ConfigFile {
  const file = join(home, "miner.env");
  if (!existsSync(file)) return { file, exists: false, values: {}, problems: [] };
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [index, raw] of readFileSync(file, "utf8").split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    // The line itself stays unsaid: it may be half of a password.
    if (name === undefined || value === undefined) problems.push(`${file}, line ${index + 1}: write NAME=value.`);
    else values[name] = value.trim().replace(/^(["'])(.*)\1$/, "$2");
  }
  return { file, exists: true, values, problems };
}

/** The environment, and below it the file. Throws MinerError `config` that names the first bad line. */
export function withConfigFile(env: Io["env"], { values, problems }: ConfigFile): Io["env"] {
  const [problem] = problems;
  if (problem !== undefined) throw new MinerError("config", problem, { exitCode: exitCode.usage });
  return { ...values, ...env };
}
