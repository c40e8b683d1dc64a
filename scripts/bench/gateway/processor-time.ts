/** Processor time as Linux counts it, which others on the machine change less than they change rates. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux tells times in hundredths of a second, whatever its own tick is. */
const tickMs = 10;

/** Processor time of a process and all that it started, so far, milliseconds. */
export function processorMs(pid: number): number {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const family = new Set([pid]);
  let size: number;
  do {
    size = family.size;
    for (const { id, parent } of all) if (family.has(parent)) family.add(id);
  } while (family.size > size);
  return all.reduce((sum, { id, ticks }) => sum + (family.has(id) ? ticks * tickMs : 0), 0);
}

/** User and system time, with those of children that ended and were waited for. */
function statOf(id: number): { id: number; parent: number; ticks: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${id}/stat`, "utf8");
  } catch {
    // It ended since the folder was read.
    return undefined;
  }
  // The name is in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [parent, ...ticks] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
  return { id, parent: parent ?? 0, ticks: ticks.reduce((sum, tick) => sum + tick, 0) };
}
