import type { Machine } from "../machine.ts";
import { numberIn } from "../reading.ts";

const folder = "/sys/class/powercap";

/** One of the processor's energy counters. It begins anew at its range. */
export interface EnergyCounter {
  name: string;
  microjoules: number;
  rangeMicrojoules: number;
}

/**
 * Counters of packages and, where they are apart, of memory; AMD's have Intel's name too. None where there are no counters or only root may
 * read them, which is usual since 2020.
 */
export async function readRapl(machine: Machine): Promise<EnergyCounter[]> {
  if (machine.platform !== "linux") return [];
  const zones = (await machine.list(folder)).filter((name) => /^intel-rapl(:\d+){1,2}$/.test(name));
  const counters = await Promise.all(
    zones.map(async (zone) => {
      const read = (file: string): Promise<string | undefined> => machine.read(`${folder}/${zone}/${file}`);
      const [name = "", energy, range] = await Promise.all(["name", "energy_uj", "max_energy_range_uj"].map(read));
      const [microjoules, rangeMicrojoules] = [numberIn(energy), numberIn(range)];
      // Cores and the graphics part are within their package, and psys counts what the packages count.
      const isCounted = /^(package|dram)/.test(name.trim());
      if (!isCounted || microjoules === undefined || rangeMicrojoules === undefined) return [];
      return [{ name: zone, microjoules, rangeMicrojoules }];
    }),
  );
  return counters.flat();
}

/** Joules between two looks at the same counters. A counter that is in one look only counts nothing. */
export function joulesBetween(before: readonly EnergyCounter[], after: readonly EnergyCounter[]): number {
  let sum = 0;
  for (const { name, microjoules, rangeMicrojoules } of after) {
    const earlier = before.find((one) => one.name === name);
    if (earlier === undefined) continue;
    const moved = microjoules - earlier.microjoules;
    sum += moved >= 0 ? moved : moved + rangeMicrojoules;
  }
  return sum / 1e6;
}
