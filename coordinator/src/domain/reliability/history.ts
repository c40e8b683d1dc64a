import type { Hex } from "@lode/sdk/hash";
import { figures } from "../figures.ts";
import { afterAttempt, newcomer, standingAt, type Standing } from "./trust.ts";

export type MinerEventKind = "registered" | "went_offline" | "completed_request" | "failed_request";

/** What happened to a miner, as the registry keeps it. */
export interface MinerEvent {
  readonly event: MinerEventKind;
  readonly atMs: number;
}

/** A miner's history in short. */
export interface MinerHistory {
  readonly standing: Standing;
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

  apply(miner: Hex, { event, atMs }: MinerEvent): void {
    const now = this.#histories.get(miner) ?? unseen(atMs);
    this.#histories.set(miner, changed(now, event, atMs));
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
  return { standing: newcomer(atMs), firstSeenMs: atMs, onlineSinceMs: undefined, onlineMs: 0, sessions: 0 };
}

function changed(history: MinerHistory, event: MinerEventKind, atMs: number): MinerHistory {
  const { onlineSinceMs, onlineMs, sessions, standing } = history;
  switch (event) {
    case "registered":
      // A session whose end was never written ended unseen: only what is known counts.
      return { ...history, onlineSinceMs: atMs, sessions: sessions + 1 };
    case "went_offline":
      if (onlineSinceMs === undefined) return history;
      return { ...history, onlineSinceMs: undefined, onlineMs: onlineMs + Math.max(0, atMs - onlineSinceMs) };
    case "completed_request":
      return { ...history, standing: afterAttempt(standing, true, atMs) };
    case "failed_request":
      return { ...history, standing: afterAttempt(standing, false, atMs) };
  }
}
