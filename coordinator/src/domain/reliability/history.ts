import type { Hex } from "@lode/sdk/hash";
import type { Attempts } from "../capability/eligibility.ts";
import { figures } from "../figures.ts";
import { afterAttempt, newcomer, standingAt, type Standing } from "./trust.ts";

export type MinerEventKind = "registered" | "went_offline" | "completed_request" | "failed_request";

/** What happened to a miner, as the registry keeps it. */
export interface MinerEvent {
  readonly event: MinerEventKind;
  /** A failure of its machine, not of its line. */
  readonly isInference?: boolean;
  readonly atMs: number;
}

/** Attempts that were computed, and those that the machine failed; both fade, so that what was mended is forgotten. */
interface Computed extends Attempts {
  readonly atMs: number;
}

/** A miner's history in short. */
export interface MinerHistory {
  readonly standing: Standing;
  readonly computed: Computed;
  readonly firstSeenMs: number;
  readonly onlineSinceMs: number | undefined;
  /** Time online in sessions that ended, milliseconds. */
  readonly onlineMs: number;
  readonly sessions: number;
}

/** Every miner's history, summed up from the same events in the same order: a restart changes nothing. */
export class Registry {
  readonly #histories = new Map<Hex, MinerHistory>();
  /** Share of promised first tokens that each signed to have missed, the latest weighing most. */
  readonly #lateness = new Map<Hex, number>();

  apply(miner: Hex, event: MinerEvent): void {
    const now = this.#histories.get(miner) ?? unseen(event.atMs);
    this.#histories.set(miner, changed(now, event));
  }

  /** A receipt came under a quote that promises a first token in time: its own amount says whether it was. */
  addDeadline(miner: Hex, isMissed: boolean): void {
    const before = this.lateness(miner);
    const now = before + ((isMissed ? 1 : 0) - before) * figures.price.latenessWeight.value;
    if (now > 0) this.#lateness.set(miner, now);
  }

  /** Share of deadlines that both sides signed and the miner missed, 0..1. */
  lateness(miner: Hex): number {
    return this.#lateness.get(miner) ?? 0;
  }

  /** Everybody of whom anything is known. */
  get miners(): Iterable<Hex> {
    return this.#histories.keys();
  }

  of(miner: Hex, nowMs: number): MinerHistory {
    return this.#histories.get(miner) ?? unseen(nowMs);
  }

  /** What its machine computed and failed lately, as eligibility counts it. */
  computed(miner: Hex, nowMs: number): Attempts {
    return computedAt(this.of(miner, nowMs).computed, nowMs);
  }

  standing(miner: Hex, nowMs: number): Standing {
    return standingAt(this.of(miner, nowMs).standing, nowMs);
  }
}

/** Share of its time since it was first seen that a miner was online, 0..1. */
export function uptime({ firstSeenMs, onlineSinceMs, onlineMs }: MinerHistory, nowMs: number): number {
  const wholeMs = nowMs - firstSeenMs;
  const seenMs = onlineMs + (onlineSinceMs === undefined ? 0 : nowMs - onlineSinceMs);
  return wholeMs <= 0 ? 1 : Math.min(1, Math.max(0, seenMs / wholeMs));
}

function unseen(atMs: number): MinerHistory {
  const computed = { completed: 0, failed: 0, atMs };
  return { standing: newcomer(atMs), computed, firstSeenMs: atMs, onlineSinceMs: undefined, onlineMs: 0, sessions: 0 };
}

/** A clock that went back changes nothing. */
function computedAt(computed: Computed, nowMs: number): Computed {
  const hours = Math.max(0, nowMs - computed.atMs) / 3_600_000;
  const kept = 0.5 ** (hours / figures.eligibility.errorHalfLifeHours.value);
  const { completed, failed, atMs } = computed;
  // Failures fade twice as fast: else their share stays what it was while nothing new comes, and a busy miner is shut out for weeks.
  return { completed: completed * kept, failed: failed * kept ** 2, atMs: Math.max(nowMs, atMs) };
}

function changed(history: MinerHistory, { event, isInference, atMs }: MinerEvent): MinerHistory {
  const { onlineSinceMs, onlineMs, sessions, standing } = history;
  const computed = computedAt(history.computed, atMs);
  switch (event) {
    case "registered":
      // A session whose end was never written ended unseen: only what is known counts.
      return { ...history, onlineSinceMs: atMs, sessions: sessions + 1 };
    case "went_offline":
      if (onlineSinceMs === undefined) return history;
      return { ...history, onlineSinceMs: undefined, onlineMs: onlineMs + Math.max(0, atMs - onlineSinceMs) };
    case "completed_request":
      return {
        ...history,
        standing: afterAttempt(standing, true, atMs),
        computed: { ...computed, completed: computed.completed + 1 },
      };
    case "failed_request":
      return {
        ...history,
        standing: afterAttempt(standing, false, atMs),
        // A line that broke says nothing of the machine; trust counts it.
        computed: isInference === true ? { ...computed, failed: computed.failed + 1 } : computed,
      };
  }
}
