import { readFile } from "node:fs/promises";

/** A process's id and, where the system tells, when it began: after a restart of the machine, or in a container, another one may have the same id. */
export async function nameOfProcess(pid: number): Promise<string> {
  const begun = await beginningOf(pid);
  return begun === undefined ? `${pid}` : `${pid} ${begun}`;
}

/** Whether the process that has this name, or only this id, is running now. */
export async function isRunning(name: string): Promise<boolean> {
  const [id, begun] = name.split(" ");
  const pid = Number(id);
  if (!isAlive(pid)) return false;
  const found = begun === undefined ? undefined : await beginningOf(pid);
  return found === undefined || found === begun;
}

/** In ticks since the machine began; Linux only. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is a name in brackets, with whatever in it; this is the 20th behind that.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
