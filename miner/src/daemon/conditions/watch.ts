import { setTimeout as wait } from "node:timers/promises";
import { hottestC, type Sample } from "../../hardware/index.ts";
import type { Station } from "../station.ts";
import {
  drained,
  firstState,
  observe,
  policyOf,
  type ConditionLimits,
  type ConditionState,
  type Observation,
} from "./conditions.ts";

export interface WatchOptions {
  readonly station: Station;
  readonly limits: ConditionLimits;
  readonly sample: () => Promise<Sample>;
  readonly nowMs: () => number;
  /** Whether a user who works the card gets it. */
  readonly yieldsCard: boolean;
  /** Who made the cards that models are computed on. */
  readonly cardVendors: () => ReadonlySet<string>;
  readonly onSample: (sample: Sample) => void;
  /** Told in a sentence when a look has not ended for a minute, once for each such look. */
  readonly warn: (sentence: string) => void;
  /** Told once for every change of what is in the way; undefined when nothing is any more. */
  readonly onReason: (reason: string | undefined) => void;
  readonly signal: AbortSignal;
}

/**
 * Looks at the machine every few seconds and tells the station what follows, until the signal aborts; then it drains. A look that fails, or has
 * not ended when the next is due, is one without readings: what hangs in a broken driver stops neither the watch nor the end. While a look hangs
 * nothing has become cooler that nobody could see, nor has a card whose tool no longer answers.
 */
export async function watchConditions(options: WatchOptions): Promise<void> {
  const { station, limits, yieldsCard, cardVendors, onSample, warn, onReason, nowMs, signal } = options;
  let state = firstState;
  let said: string | undefined;
  /** Of cards that told their heat once: one tool tells of all that a vendor made. */
  const told = new Set<string>();
  const isCardUnseen = ({ gpus }: Sample): boolean => {
    const telling = gpus.flatMap(({ vendor, temperatureC }) => (temperatureC === undefined ? [] : vendor));
    for (const vendor of telling) told.add(vendor);
    const asleep = gpus.flatMap(({ vendor, isAsleep }) => (isAsleep === true ? vendor : []));
    const seen = new Set([...telling, ...asleep]);
    return [...cardVendors()].some((vendor) => told.has(vendor) && !seen.has(vendor));
  };
  /** The look that has not ended yet: no second one beside it. */
  let look: Look | undefined;
  const step = (): Promise<undefined> => wait(limits.stepMs, undefined, { signal, ref: false }).catch(() => undefined);
  const observationOf = (
    seen: Sample | undefined,
    { onBattery, batteryPct, unseenSinceMs }: ConditionState,
    atMs: number,
  ): Observation =>
    seen === undefined
      ? { atMs, onBattery, batteryPct, isCardUnseen: unseenSinceMs !== undefined }
      : {
          ...{ atMs: seen.atMs, temperatureC: hottestC(seen), onBattery: seen.onBattery, batteryPct: seen.batteryPct },
          isCardUnseen: isCardUnseen(seen),
          isCardWanted: yieldsCard && seen.isCardWanted,
        };
  while (!signal.aborted) {
    const due = step();
    look ??= beginLook(options);
    const ended = await Promise.race([look.ended, due]);
    if (isAborted(signal)) break;
    const atMs = nowMs();
    const seen = ended?.seen;
    if (ended !== undefined) look = undefined;
    else {
      // Only one that hangs: slow ones end, and what they did not see counts as not seen.
      if (atMs - look.begunMs > 2 * limits.stepMs) state = { ...state, heatSeenMs: atMs };
      if (!look.isTold && atMs - look.begunMs > longMs) {
        look.isTold = true;
        warn(
          "Looking at this machine hangs: its heat, battery and other users of its card are not seen until that ends.",
        );
      }
    }
    if (seen !== undefined) {
      onSample(seen);
      station.gpuState = gpuStateOf(seen);
    }
    const next = observe(state, observationOf(seen, state, atMs), limits);
    state = next.state;
    station.apply(next.policy);
    if (next.policy.reason !== said) onReason(next.policy.reason);
    said = next.policy.reason;
    await due;
  }
  station.apply({ ...policyOf(drained(state), limits), relinks: false });
}

interface Look {
  readonly ended: Promise<{ readonly seen: Sample | undefined }>;
  readonly begunMs: number;
  isTold: boolean;
}

/** What takes longer hangs. */
const longMs = 60_000;

function beginLook({ sample, nowMs }: Pick<WatchOptions, "sample" | "nowMs">): Look {
  const seen = sample().catch(() => undefined);
  return { ended: seen.then((found) => ({ seen: found })), begunMs: nowMs(), isTold: false };
}

/** A signal changes while something is awaited, which narrowing does not see. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

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
