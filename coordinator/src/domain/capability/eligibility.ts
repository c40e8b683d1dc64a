import { figures } from "../figures.ts";

/** A card as its miner reports it. What it does not report is undefined and holds nothing against it. */
export interface Gpu {
  readonly vendor: "nvidia" | "amd" | "apple" | "intel" | "other";
  readonly vramMb: number;
  readonly computeCapability?: number | undefined;
  readonly driver?: string | undefined;
  /** Unix milliseconds of each thermal throttle. */
  readonly throttledAtMs?: readonly number[] | undefined;
}

/** Attempts that the coordinator saw itself, as far as they say how well a machine computes: older ones count less. */
export interface Attempts {
  readonly completed: number;
  readonly failed: number;
}

export type Ineligible = "vram" | "compute_capability" | "driver" | "throttled" | "errors";

const { reserveMb, leastComputeCapability, throttles, throttleWindowHours, errorRate, errorSample } =
  figures.eligibility;

/**
 * Why a card gets no work with a model; empty when it may. The boundary of each rule is eligible: exactly 512 MB to spare, compute
 * capability 7.0, an error rate of exactly 5 %.
 *
 * @param gpu undefined where no card does the work: then its record alone decides
 * @param modelMb the least memory that the model runs in, MB
 * @param badDrivers versions that are known to compute wrongly
 */
export function ineligibility(
  gpu: Gpu | undefined,
  modelMb: number,
  attempts: Attempts,
  badDrivers: ReadonlySet<string>,
  nowMs: number,
): Ineligible[] {
  const reasons: Ineligible[] = [];
  if (gpu !== undefined) {
    if (gpu.vramMb < modelMb + reserveMb.value) reasons.push("vram");
    if (gpu.vendor === "nvidia" && (gpu.computeCapability ?? Infinity) < leastComputeCapability.value) {
      reasons.push("compute_capability");
    }
    if (gpu.driver !== undefined && badDrivers.has(gpu.driver)) reasons.push("driver");
    const sinceMs = nowMs - throttleWindowHours.value * 3_600_000;
    const recent = (gpu.throttledAtMs ?? []).filter((atMs) => atMs > sinceMs).length;
    if (recent >= throttles.value) reasons.push("throttled");
  }
  const total = attempts.completed + attempts.failed;
  // Below the sample one bad evening would look like a bad card.
  if (total >= errorSample.value && attempts.failed / total > errorRate.value) reasons.push("errors");
  return reasons;
}
