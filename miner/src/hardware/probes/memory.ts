import type { Machine } from "../machine.ts";
import { numberIn } from "../reading.ts";

export interface MemoryReading {
  totalMb: number;
  availableMb: number;
  /** What the control group allows, where that is less than the machine has. */
  limitMb?: number;
}

/** Reads /proc/meminfo. */
export function parseMemInfo(text: string): MemoryReading | undefined {
  const kib = (name: string): number | undefined => numberIn(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(text)?.[1]);
  const total = kib("MemTotal");
  const available = kib("MemAvailable") ?? kib("MemFree");
  if (total === undefined || available === undefined) return undefined;
  return { totalMb: Math.round(total / 1024), availableMb: Math.round(available / 1024) };
}

/** What a process may take beside what the machine has; the system knows its control group, however deep that lies. */
export interface GroupMemory {
  limitMb?: number;
  availableMb?: number;
}

/** A container, or a service with a limit, has the machine's /proc/meminfo but not its memory. */
export async function readMemory(
  machine: Machine,
  otherwise: MemoryReading,
  group: GroupMemory = {},
): Promise<MemoryReading> {
  const [info, root] = await Promise.all([machine.read("/proc/meminfo"), machine.read("/sys/fs/cgroup/memory.max")]);
  const memory = (info === undefined ? undefined : parseMemInfo(info)) ?? otherwise;
  const rootMb = Math.floor((numberIn(root) ?? Infinity) / 2 ** 20);
  const limitMb = Math.min(rootMb, group.limitMb ?? Infinity);
  const availableMb = Math.min(memory.availableMb, group.availableMb ?? Infinity);
  return limitMb < memory.totalMb ? { ...memory, availableMb, limitMb } : memory;
}
