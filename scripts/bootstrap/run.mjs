import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Signals that ask a program to end or to reload; passed on instead of ending only this process. */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"];

/**
 * Runs the script in place of this process and ends as it ends. The script gets one end of a socket as descriptor 3
 * (`LODE_LIFELINE_FD`): it closes when this process is gone, however that came about. TypeScript is made into JavaScript once in this
 * checkout, not by every start of every program: that halves a start's work, and the stripper stays out of a daemon's memory.
 * @param {string} root @param {{ path: string }} node @param {string} file @param {string[]} args
 */
export async function runScript(root, node, file, args) {
  const folders = [dirname(node.path), join(root, "node_modules", ".bin")];
  const env = {
    NODE_COMPILE_CACHE: join(root, ".cache", "code"),
    ...process.env,
    PATH: [...folders, process.env.PATH ?? ""].join(delimiter),
    LODE_LIFELINE_FD: "3",
    LODE_LAUNCHER_PID: `${launcher()}`,
  };
  if (node.path === process.execPath) env.NODE_OPTIONS = quietened(process.env.NODE_OPTIONS);
  const child = spawn(node.path, [file, ...args], { env, stdio: ["inherit", "inherit", "inherit", "pipe"] });
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((done, fail) => {
    child.on("error", fail).on("exit", (...end) => done(end));
  });
  if (signal === null) return process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** The program that started this one: npm's shell outlives a killed npm, so behind such a shell it is npm itself. */
function launcher() {
  const stat = `/proc/${process.ppid}/stat`;
  if (process.env.npm_lifecycle_event === undefined || !existsSync(stat)) return process.ppid;
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(stat, "utf8")) ?? [];
  return /^(ba|da|z|k)?sh$/.test(name ?? "") && Number(parent) > 1 ? Number(parent) : process.ppid;
}

/** A system's Node may still announce type stripping as an experiment, on every start of every child. */
function quietened(/** @type {string | undefined} */ options = "") {
  const flag = "--disable-warning=ExperimentalWarning";
  return options.includes(flag) ? options : `${options} ${flag}`.trim();
}
