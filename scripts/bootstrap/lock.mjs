import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const BEAT_MS = 2_000;
/** Past this silence the process ids in the file prove nothing: after a restart they may belong to other programs. */
const SILENT_MS = 600_000;

/**
 * Runs `work` while no other process of this checkout holds the same lock file. A lock left by a killed process is
 * taken over, once the commands it had started (told by calling `hold`) have ended too: they outlive it.
 * @template T
 * @param {string} file
 * @param {string} what shown once while waiting
 * @param {(hold: (pid: number) => void) => Promise<T>} work
 */
export async function withLock(file, what, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waited = false; !take(file); waited = true) {
    if (!waited) console.error(`lode: waiting for another process that is ${what} ...`);
    await pause(200);
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_MS);
  try {
    return await work((pid) => appendFileSync(file, ` ${pid}`));
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  if (create(file)) return true;
  if (!isStale(file)) return false;
  // Two waiters may both see a stale lock. Only the one that gets this second file may remove it, and it looks again
  // first: by then the other may have taken the lock anew.
  const breaking = `${file}.break`;
  if (!create(breaking)) {
    if (isStale(breaking)) rmSync(breaking, { force: true });
    return false;
  }
  try {
    if (isStale(file)) rmSync(file, { force: true });
    return create(file);
  } finally {
    rmSync(breaking, { force: true });
  }
}

/** @param {string} file */
function create(file) {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} file */
function isStale(file) {
  try {
    const pids = readFileSync(file, "utf8").split(" ").map(Number);
    const silentMs = Date.now() - statSync(file).mtimeMs;
    return silentMs > SILENT_MS || pids.every((pid) => pid > 0 && !isAlive(pid));
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
