import { setTimeout as wait } from "node:timers/promises";
import { hottestC, type Sample } from "../../hardware/index.ts";
import type { Station } from "../station.ts";
import { drained, firstState, observe, policyOf, type ConditionLimits } from "./conditions.ts";

export interface WatchOptions {
  readonly station: Station;
  readonly limits: ConditionLimits;
  readonly sample: () => Promise<Sample>;
  /** Whether a user who works the card gets it. */
  readonly yieldsCard: boolean;
  readonly onSample: (sample: Sample) => void;
  /** Told once for every change of what is in the way; undefined when nothing is any more. */
  readonly onReason: (reason: string | undefined) => void;
  readonly signal: AbortSignal;
}

/** Looks at the machine every few seconds and tells the station what follows, until the signal aborts; then it drains. */
export async function watchConditions(options: WatchOptions): Promise<void> {
  const { station, limits, yieldsCard, onSample, onReason, signal } = options;
  let state = firstState;
  let said: string | undefined;
  while (!signal.aborted) {
    // A look that fails is one without readings: the machine goes on.
    const seen = await options.sample().catch(() => undefined);
    if (seen !== undefined) {
      onSample(seen);
      station.gpuState = gpuStateOf(seen);
      const { atMs, onBattery, batteryPct } = seen;
      const observation = { atMs, temperatureC: hottestC(seen), onBattery, batteryPct };
      const step = observe(state, { ...observation, isCardWanted: yieldsCard && seen.isCardWanted }, limits);
      state = step.state;
      station.apply(step.policy);
      if (step.policy.reason !== said) onReason(step.policy.reason);
      said = step.policy.reason;
    }
    await wait(limits.stepMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
  station.apply({ ...policyOf(drained(state), limits), relinks: false });
}

/** Of the card that is told most about: heartbeats have room for one. */
export function gpuStateOf({ gpus }: Sample): Station["gpuState"] {
  for (const { temperatureC, vramMb, vramFreeMb, utilizationPct } of gpus) {
    if (temperatureC === undefined || vramMb === undefined) continue;
    return {
      temperature_c: temperatureC,
      vram_used_mb: Math.max(0, vramMb - (vramFreeMb ?? vramMb)),
      vram_total_mb: vramMb,
      utilization_pct: Math.min(100, Math.max(0, utilizationPct ?? 0)),
    };
  }
  return undefined;
}
