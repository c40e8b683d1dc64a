import type { Hex } from "@lode/sdk/hash";
import { figures } from "../figures.ts";

/** A model that the market lacks. */
export interface WantedModel {
  readonly id: string;
  /** The weights that were offered under the id last. */
  readonly digest: Hex;
  /** Requests that nobody could serve within the window. */
  readonly refused: number;
}

/** Names that are remembered: anybody can ask for any name. */
const maximumNames = 1000;

/** Requests that met no miner, by model: what miners should warm next. */
export class Shortage {
  readonly #refused = new Map<string, { digest: Hex; times: number[] }>();

  refuse(id: string, digest: Hex, nowMs: number): void {
    const times = this.#refused.get(id)?.times ?? [];
    times.push(nowMs);
    // Newest last: the name that was asked for least recently goes first.
    this.#refused.delete(id);
    this.#refused.set(id, { digest, times: times.slice(-figures.scheduling.wantedQueue.value * 10) });
    if (this.#refused.size <= maximumNames) return;
    const [oldest] = this.#refused.keys();
    if (oldest !== undefined) this.#refused.delete(oldest);
  }

  /** What is wanted now, most wanted first. */
  wanted(nowMs: number): WantedModel[] {
    const sinceMs = nowMs - figures.scheduling.wantedWindowMinutes.value * 60_000;
    return [...this.#refused]
      .map(([id, { digest, times }]) => ({
        id,
        digest,
        refused: times.filter((atMs) => atMs > sinceMs && atMs <= nowMs).length,
      }))
      .filter(({ refused }) => refused >= figures.scheduling.wantedQueue.value)
      .sort((a, b) => b.refused - a.refused || (a.id < b.id ? -1 : 1));
  }
}
