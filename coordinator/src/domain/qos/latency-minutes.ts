import type { Hex } from "@lode/sdk/hash";

const minuteMs = 60_000;

interface Bucket {
  minute: number;
  jobs: number;
  sumMs: number;
}

export interface LatencyCell {
  readonly meanMs: number;
  readonly jobs: number;
}

/** Times to the first token, by miner and minute, of the last hour or so: what an operator looks at, and nothing else. */
export class LatencyMinutes {
  readonly #minutes: number;
  readonly #mostMiners: number;
  readonly #rings = new Map<Hex, Bucket[]>();

  /** @param mostMiners beyond which whoever was heard of first is forgotten */
  constructor(minutes = 60, mostMiners = 1_000) {
    this.#minutes = minutes;
    this.#mostMiners = mostMiners;
  }

  add(miner: Hex, firstTokenMs: number, nowMs: number): void {
    const minute = Math.floor(nowMs / minuteMs);
    let ring = this.#rings.get(miner);
    if (ring === undefined) {
      this.#rings.set(miner, (ring = []));
      const [oldest] = this.#rings.keys();
      if (this.#rings.size > this.#mostMiners && oldest !== undefined) this.#rings.delete(oldest);
    }
    const last = ring.at(-1);
    // A clock that went back adds to the last minute.
    if (last !== undefined && last.minute >= minute) {
      last.jobs += 1;
      last.sumMs += firstTokenMs;
      return;
    }
    ring.push({ minute, jobs: 1, sumMs: firstTokenMs });
    if (ring.length > this.#minutes) ring.shift();
  }

  /** Rows of one cell a minute, oldest first, the last one being now's; miners without a job in that time are left out. */
  rows(nowMs: number): {
    readonly fromMs: number;
    readonly minuteCount: number;
    readonly rows: readonly { readonly miner: Hex; readonly cells: readonly (LatencyCell | null)[] }[];
  } {
    const first = Math.floor(nowMs / minuteMs) - this.#minutes + 1;
    const rows = [...this.#rings].flatMap(([miner, ring]) => {
      const cells = Array<LatencyCell | null>(this.#minutes).fill(null);
      for (const { minute, jobs, sumMs } of ring) {
        if (minute >= first && minute < first + this.#minutes) cells[minute - first] = { jobs, meanMs: sumMs / jobs };
      }
      return cells.some((cell) => cell !== null) ? [{ miner, cells }] : [];
    });
    return { fromMs: first * minuteMs, minuteCount: this.#minutes, rows };
  }
}
