import type { Hex } from "@lode/sdk/hash";
import { Arrivals } from "../../../domain/scheduling/arrivals.ts";
import type { Expected } from "../../../domain/scheduling/batching.ts";

/** Jobs of one model at one miner. */
interface Visitors {
  onTheirWay: number;
  /** Those on their way included. */
  here: number;
  readonly arrivals: Arrivals;
}

/** A job that a miner was given. Each is called once. */
export interface Visit {
  /** It is sent, or never will be. */
  readonly arrive: () => void;
  /** It is over there. */
  readonly leave: () => void;
}

/**
 * Which jobs of a model come to one miner about together: those that were given to it and are being signed, those that it works on, and how
 * often one comes.
 */
export class Company {
  readonly #models = new Map<Hex, Visitors>();

  /** A job was given to the miner. */
  expect(modelDigest: Hex, nowMs: number): Visit {
    const visitors = this.#models.get(modelDigest) ?? { onTheirWay: 0, here: 0, arrivals: new Arrivals() };
    this.#models.set(modelDigest, visitors);
    visitors.onTheirWay += 1;
    visitors.here += 1;
    visitors.arrivals.add(nowMs);
    return { arrive: () => void (visitors.onTheirWay -= 1), leave: () => void (visitors.here -= 1) };
  }

  /** Jobs of whatever model that were given to the miner and are not sent yet: it will hold them next. */
  get onTheirWay(): number {
    let sum = 0;
    for (const { onTheirWay } of this.#models.values()) sum += onTheirWay;
    return sum;
  }

  /** What one of its jobs may expect that has arrived. */
  of(modelDigest: Hex, nowMs: number): Pick<Expected, "onTheirWay" | "arrivalsPerSecond" | "others"> {
    const { onTheirWay = 0, here = 1, arrivals } = this.#models.get(modelDigest) ?? {};
    return { onTheirWay, others: here - 1, arrivalsPerSecond: arrivals?.perSecond(nowMs) ?? 0 };
  }
}
