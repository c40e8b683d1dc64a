import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/** A set-up step that failed, with the one sentence to show and the exit code to end with. */
export class SetupError extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const noNetwork =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Runs a command with its output in a log file, and one progress line on standard error.
 * @param {{ what: string, command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv, log: string,
 *   onStart: (pid: number) => void }} step
 * @throws {SetupError} with the end of the log, or a hint when it looks like a missing network
 */
export async function runQuietly({ what, command, args, cwd, env, log, onStart }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "w");
  const started = Date.now();
  const line = (/** @type {string} */ end) => `lode: ${what} (${Math.round((Date.now() - started) / 1000)} s)${end}`;
  const live = process.stderr.isTTY ? setInterval(() => process.stderr.write(`\r${line(" ...")}`), 250) : undefined;
  if (live === undefined) console.error(`lode: ${what} ...`);
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", output, output] });
  if (child.pid !== undefined) onStart(child.pid);
  const stop = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const code = await new Promise((done) => child.on("close", done).on("error", done));
    if (code !== 0) throw new SetupError(explain(what, code, log));
    console.error(live === undefined ? line(": done") : `\r${line(": done")}   `);
  } finally {
    clearInterval(live);
    closeSync(output);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** @param {string} what @param {unknown} code @param {string} log */
function explain(what, code, log) {
  const text = readFileSync(log, "utf8");
  if (noNetwork.test(text)) {
    return (
      `\nlode: ${what} needs the npm registry, which cannot be reached. ` +
      `Check the network or npm's proxy and registry settings, then run the same command again (details: ${log}).`
    );
  }
  const end = text.trimEnd().split("\n").slice(-30).join("\n");
  return `\n${end}\nlode: ${what} failed (${code}); the whole output is in ${log}.`;
}
