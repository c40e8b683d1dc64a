import { figures } from "../figures.ts";

/** What a machine can do. Undefined where nobody knows. */
export interface Capability {
  readonly vramGb?: number | undefined;
  readonly bandwidthGbs?: number | undefined;
  readonly fp16Tflops?: number | undefined;
  /** Formats that it computes in, fp16 among them. */
  readonly quantisations?: number | undefined;
  /** Measured here over its last jobs. */
  readonly tokensPerSecond?: number | undefined;
}

/** The score of a machine of which nothing is known: it neither earns nor costs anything. */
export const unknownCapability = 0.5;

const rules = figures.capability;
const parts = [
  ["vramGb", rules.vramWeight.value, rules.vramGb.value],
  ["bandwidthGbs", rules.bandwidthWeight.value, rules.bandwidthGbs.value],
  ["fp16Tflops", rules.computeWeight.value, rules.fp16Tflops.value],
  ["quantisations", rules.quantisationWeight.value, rules.quantisations.value],
  ["tokensPerSecond", rules.throughputWeight.value, rules.tokensPerSecond.value],
] as const;

/**
 * How capable a machine is, 0..1. Each part counts relative to a full one and never beyond it; parts that are not known leave their
 * weight to the others, so that silence is no advantage and no fault.
 */
export function capabilityScore(capability: Capability): number {
  let [sum, weights] = [0, 0];
  for (const [name, weight, full] of parts) {
    const value = capability[name];
    if (value === undefined || !Number.isFinite(value)) continue;
    sum += weight * Math.min(1, Math.max(0, value) / full);
    weights += weight;
  }
  return weights === 0 ? unknownCapability : sum / weights;
}
