import { figures } from "../figures.ts";
import { mustAbort } from "../reliability/status.ts";

/** What a miner reports of itself now. Self-reported figures move routing and nothing else: they never cost stake. */
export interface Live {
  readonly temperatureC?: number | undefined;
  readonly bandwidthMbs?: number | undefined;
  /** Measured here: usual time to the first token, milliseconds. */
  readonly firstTokenMs?: number | undefined;
}

export type Breach = "warm" | "hot" | "critical" | "bandwidth" | "slow" | "very_slow";

const t = figures.thresholds;

/** Thresholds that a miner is beyond. */
export function breaches({ temperatureC, bandwidthMbs, firstTokenMs }: Live): Breach[] {
  const found: Breach[] = [];
  if (temperatureC !== undefined) {
    if (mustAbort(temperatureC)) found.push("critical");
    else if (temperatureC > t.hotC.value) found.push("hot");
    else if (temperatureC > t.warmC.value) found.push("warm");
  }
  if (bandwidthMbs !== undefined && bandwidthMbs < t.bandwidthMbs.value) found.push("bandwidth");
  if (firstTokenMs !== undefined) {
    if (firstTokenMs > t.latencyPenaltyMs.value) found.push("very_slow");
    else if (firstTokenMs > t.latencyTargetMs.value) found.push("slow");
  }
  return found;
}

/** Load that these breaches count as in the objective. How slow a miner is counts there by itself already. */
export function strainOf(found: readonly Breach[]): number {
  if (found.includes("hot") || found.includes("critical")) return t.hotLoad.value;
  return found.includes("warm") || found.includes("bandwidth") ? t.warmLoad.value : 0;
}
