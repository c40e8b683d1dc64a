import { readFileSync } from "node:fs";

/** No chain of starters is longer. */
const mostSteps = 32;

/**
 * Whether a process is this one or was started by it, directly or not: the engine's process has the sandbox between. Where the system
 * does not tell who started whom every one counts as ours, so that a miner never gives way to itself.
 */
export function isDescendant(pid: number, parentOf: (pid: number) => number | undefined = readParent): boolean {
  for (let [at, steps] = [pid, 0]; steps < mostSteps; steps += 1) {
    if (at === process.pid) return true;
    const parent = parentOf(at);
    if (parent === undefined) return process.platform !== "linux";
    if (parent <= 1) return parent === process.pid;
    at = parent;
  }
  return false;
}

/** From Linux' own files; undefined where there is none. */
function readParent(pid: number): number | undefined {
  try {
    // The name may hold anything, brackets too, and ends with the last one.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1)?.trim().split(" ");
    const parent = Number(fields?.[1]);
    return Number.isInteger(parent) ? parent : undefined;
  } catch {
    return undefined;
  }
}
