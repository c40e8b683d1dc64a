import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { exitCode, MinerError } from "../errors.ts";
import type { Io } from "./io.ts";
import { isSecret, likelyName, problemOf, settingNames } from "./settings.ts";

export interface ConfigFile {
  file: string;
  exists: boolean;
  values: Readonly<Record<string, string>>;
  /** What is wrong with it, one sentence for each bad line: the line's number, and what to do; or that it cannot be read. */
  problems: readonly string[];
  /** What works, but hardly as it was meant. */
  warnings: readonly string[];
}

/** Reads the `NAME=value` lines of `HOME/miner.env`; blank lines and those that begin with # say nothing. */
export function readConfigFile(home: string): ConfigFile {
  const file = join(home, "miner.env");
  if (!existsSync(file)) return { file, exists: false, values: {}, problems: [], warnings: [] };
  const whole = textOf(file);
  if (whole === undefined) {
    const problem = `${file} cannot be read: make it a file that you may read, or move it away.`;
    return { file, exists: true, values: {}, problems: [problem], warnings: [] };
  }
  const values: Record<string, string> = {};
  const setBy = new Map<string, number>();
  const problems: string[] = [];
  const warnings: string[] = [];
  // Some editors begin a file with a mark that is no part of its first name.
  const text = whole.replace(/^\uFEFF/, "");
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const where = `${file}, line ${index + 1}`;
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    const earlier = name === undefined ? undefined : setBy.get(name);
    // The line itself stays unsaid: it may be half of a password.
    if (name === undefined || value === undefined) {
      problems.push(`${where}: write NAME=value, without spaces before the = or "export".`);
    } else if (name !== name.toUpperCase()) {
      problems.push(`${where}: write the name in capitals, ${name.toUpperCase()}=value.`);
    } else if (earlier !== undefined) {
      problems.push(`${where}: ${name} is set in line ${earlier} already; keep one of the two.`);
    } else {
      const bare = value.trim().replace(/^(["'])(.*)\1$/, "$2");
      const problem = problemOf(name, bare);
      if (problem !== undefined) problems.push(`${where}: ${problem}.`);
      if (!settingNames.includes(name)) warnings.push(`${where}: nothing reads ${name}${hint(name)}.`);
      setBy.set(name, index + 1);
      values[name] = bare;
    }
  }
  if (Object.keys(values).some(isSecret) && isOpen(file)) {
    warnings.push(`${file} holds a secret that others on this machine may read: chmod 600 ${file}.`);
  }
  return { file, exists: true, values, problems, warnings };
}

/** Undefined for a folder, or where others alone may read it. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function hint(name: string): string {
  const likely = likelyName(name);
  return likely === undefined ? "" : `; did you mean ${likely}`;
}

const isOpen = (file: string): boolean => process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0;

/** What is set: a variable without a value, as units and containers pass them on, is none. */
export function withoutEmpty(env: Io["env"]): Io["env"] {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? "") !== ""));
}

/** The environment, and below it the file. Throws MinerError `config` that names the first bad line. */
export function withConfigFile(env: Io["env"], { values, problems }: ConfigFile): Io["env"] {
  const [problem] = problems;
  if (problem !== undefined) throw new MinerError("config", problem, { exitCode: exitCode.usage });
  return { ...withoutEmpty(values), ...withoutEmpty(env) };
}

/** Throws MinerError `config` for a value of the environment that no command could use. */
export function checkEnvironment(env: Io["env"]): void {
  for (const name of settingNames) {
    const problem = problemOf(name, env[name] ?? "");
    if (problem === undefined) continue;
    throw new MinerError("config", `${problem}; the environment says something else.`, { exitCode: exitCode.usage });
  }
}
