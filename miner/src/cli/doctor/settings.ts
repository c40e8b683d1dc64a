import { exitCode } from "../../errors.ts";
import type { ConfigFile } from "../config-file.ts";
import type { Io } from "../io.ts";
import { isSecret, problemOf, settingNames } from "../settings.ts";
import type { Finding } from "./finding.ts";

/** The configuration file's lines, and the values that it and the environment give. Values of secrets are not shown. */
export function checkSettings(config: ConfigFile, env: Io["env"]): Finding {
  const name = "settings";
  const { file, exists, values, problems, warnings } = config;
  const given = settingNames.filter((setting) => (env[setting] ?? values[setting] ?? "") !== "");
  const unread = Object.keys(values).filter((setting) => !settingNames.includes(setting));
  const figures = { file, exists, given, unread, problems, warnings };
  const problem = (says: string, next: string): Finding => {
    return { name, state: "problem", says, next, exitCode: exitCode.usage, figures };
  };
  const [line, ...lines] = problems;
  if (line !== undefined) {
    const more = lines.length === 0 ? "" : ` ${lines.length} more lines are wrong as well.`;
    return problem(`${line}${more}`, "correct it; until then every command that reads this file ends there");
  }
  for (const setting of given) {
    const value = env[setting] ?? values[setting] ?? "";
    const wrong = problemOf(setting, value);
    if (wrong === undefined) continue;
    const where = env[setting] === undefined ? file : "the environment";
    const shown = isSecret(setting) ? "" : `, not ${JSON.stringify(value)}`;
    return problem(`${wrong}${shown}.`, `correct it in ${where}`);
  }
  const [warned] = warnings;
  if (warned !== undefined) {
    return { name, state: "warning", says: warned, next: `names that are read: ${settingNames.join(", ")}`, figures };
  }
  const source = exists ? `${file} is in order` : `There is no ${file}, and none is needed`;
  const set = given.length === 0 ? "nothing is set" : `set: ${given.join(", ")}`;
  return { name, state: "ok", says: `${source}; ${set}.`, figures };
}
