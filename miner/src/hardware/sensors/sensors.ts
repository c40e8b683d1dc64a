import type { Machine } from "../machine.ts";
import { probeDrm } from "../probes/drm-sysfs.ts";
import { probeNvidia } from "../probes/nvidia-smi.ts";
import type { GpuReading } from "../reading.ts";
import { isCardWanted } from "./card-users.ts";
import { readProcessorHeat } from "./heat.ts";
import { parseNetworkCounters, type NetworkCounters } from "./network.ts";
import { readPower } from "./power.ts";
import { readRapl, type EnergyCounter } from "./rapl.ts";

/** The machine's state of one moment. What cannot be read is absent. */
export interface Sample {
  atMs: number;
  processorC?: number;
  /** Cards with their load, memory, heat and power, one reading for each. */
  gpus: GpuReading[];
  counters: EnergyCounter[];
  /** Since the system's start. */
  network?: NetworkCounters;
  onBattery?: boolean;
  batteryPct?: number;
  isCardWanted: boolean;
}

export interface SensorOptions {
  machine: Machine;
  /** Cards' vendors as detection found them: nobody's tool is asked in vain every few seconds. */
  vendors: readonly string[];
  /** Whether the engine computes on a card itself. */
  usesCard: boolean;
  /** Whether a process is the miner's own. */
  isOurs: (pid: number) => boolean;
  nowMs: () => number;
}

/** A card that nobody uses is below; one that only shows a desktop too. */
const usedPct = 20;

/** Reads everything at once; each reading may fail and then is absent. */
export async function sample({ machine, vendors, usesCard, isOurs, nowMs }: SensorOptions): Promise<Sample> {
  const hasNvidia = vendors.includes("NVIDIA");
  const [nvidia, drm, processorC, counters, power, devices, isSeen] = await Promise.all([
    hasNvidia ? probeNvidia(machine) : undefined,
    vendors.some((vendor) => vendor !== "NVIDIA") ? probeDrm(machine) : undefined,
    readProcessorHeat(machine),
    readRapl(machine),
    readPower(machine),
    machine.platform === "linux" ? machine.read("/proc/net/dev") : undefined,
    hasNvidia && usesCard ? isCardWanted(machine, isOurs) : false,
  ]);
  const others = (drm?.gpus ?? []).filter(({ vendor }) => vendor !== "NVIDIA" || !hasNvidia);
  const gpus = [...(nvidia?.gpus ?? []), ...others];
  const isBusy = gpus.some(({ utilizationPct = 0 }) => utilizationPct >= usedPct);
  return {
    atMs: nowMs(),
    ...(processorC !== undefined && { processorC }),
    gpus,
    counters,
    ...(devices !== undefined && { network: parseNetworkCounters(devices) }),
    ...power,
    // An engine that leaves the card alone is not whoever works it.
    isCardWanted: isSeen || (!usesCard && isBusy),
  };
}

/** Of the hottest part. */
export function hottestC({ processorC, gpus }: Sample): number | undefined {
  const all = [processorC, ...gpus.map(({ temperatureC }) => temperatureC)].filter((value) => value !== undefined);
  return all.length === 0 ? undefined : Math.max(...all);
}

/** What all cards draw together, in watts; undefined where none tells. */
export function cardWatts({ gpus }: Sample): number | undefined {
  const known = gpus.flatMap(({ powerW }) => powerW ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, watts) => sum + watts, 0);
}
