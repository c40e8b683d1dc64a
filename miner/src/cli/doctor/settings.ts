import { exitCode } from "../../errors.ts";
import { settingNames, type ConfigFile } from "../config-file.ts";
import type { Io } from "../io.ts";
import type { Finding } from "./finding.ts";

interface Rule {
  isGood: (value: string) => boolean;
  /** Behind "must be". */
  form: string;
}

const isWhole = (value: string, least: number, most: number): boolean =>
  /^[0-9]{1,15}$/.test(value) && Number(value) >= least && Number(value) <= most;

export const isWebUrl = (value: string): boolean => /^https?:\/\/[^/]/.test(value) && URL.canParse(value);

const webUrl: Rule = { isGood: isWebUrl, form: "a URL like http://127.0.0.1:8402" };
const seconds: Rule = { isGood: (value) => isWhole(value, 1, 1e6), form: "a whole number of seconds" };
const rules: Readonly<Record<string, Rule>> = {
  CHAIN_ID: { isGood: (value) => isWhole(value, 1, 1e15), form: "a chain's number, like 31337" },
  COORD_URL: webUrl,
  MAX_CONCURRENCY: { isGood: (value) => isWhole(value, 1, 48), form: "a whole number from 1 to 48" },
  MAX_JOB_CPU_SECS: seconds,
  MAX_JOB_SECS: seconds,
  MAX_MEMORY_MB: { isGood: (value) => isWhole(value, 1, 1e9), form: "a whole number of MB" },
  MODEL_STORE_GB: { isGood: (value) => isWhole(value, 1, 1e6), form: "a whole number of GB" },
  RPC_URL: { ...webUrl, form: "a URL like http://127.0.0.1:8545" },
  WALLET_ADDR: { isGood: (value) => /^0x[0-9a-fA-F]{40}$/.test(value), form: "0x and 40 hexadecimal digits" },
};

/** The configuration file's lines, and the values that it and the environment give. Values of secrets are not shown. */
export function checkSettings(config: ConfigFile, env: Io["env"]): Finding {
  const name = "settings";
  const { file, exists, values, problems } = config;
  const given = settingNames.filter((setting) => (env[setting] ?? values[setting] ?? "") !== "");
  const unread = Object.keys(values).filter((setting) => !settingNames.includes(setting));
  const figures = { file, exists, given, unread, problems };
  const problem = (says: string, next: string): Finding => {
    return { name, state: "problem", says, next, exitCode: exitCode.usage, figures };
  };
  const [line, ...lines] = problems;
  if (line !== undefined) {
    const more = lines.length === 0 ? "" : ` ${lines.length} more lines are wrong as well.`;
    return problem(`${line}${more}`, "correct it; until then every command that reads this file ends there");
  }
  for (const setting of given) {
    const rule = rules[setting];
    const value = env[setting] ?? values[setting] ?? "";
    if (rule === undefined || rule.isGood(value)) continue;
    const where = env[setting] === undefined ? file : "the environment";
    return problem(`${setting} is ${JSON.stringify(value)}; it must be ${rule.form}.`, `correct it in ${where}`);
  }
  if (unread.length > 0) {
    const says = `${file} sets ${unread.join(", ")}, which nothing reads.`;
    return { name, state: "warning", says, next: `names that are read: ${settingNames.join(", ")}`, figures };
  }
  const source = exists ? `${file} is in order` : `There is no ${file}, and none is needed`;
  const set = given.length === 0 ? "nothing is set" : `set: ${given.join(", ")}`;
  return { name, state: "ok", says: `${source}; ${set}.`, figures };
}
