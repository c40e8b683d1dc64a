import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks process groups to end (SIGTERM), and kills those still there after `patienceMs`. Resolves when all are gone.
 * @param leaders process ids of the group leaders
 */
export async function stopGroups(leaders: readonly number[], { patienceMs }: { patienceMs: number }): Promise<void> {
  const left = (): number[] => leaders.filter((pid) => signalGroup(pid, 0));
  for (const pid of left()) signalGroup(pid, "SIGTERM");
  const deadline = Date.now() + patienceMs;
  while (left().length > 0 && Date.now() < deadline) await pause(20);
  for (const pid of left()) signalGroup(pid, "SIGKILL");
  // Not endless: a killed process whose parent never reads its exit stays listed.
  const killed = Date.now() + 1_000;
  while (left().length > 0 && Date.now() < killed) await pause(20);
}

/** @returns whether there was a process to signal */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}
