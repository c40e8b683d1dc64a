import type { Hex } from "@lode/sdk/hash";
import { Arrivals } from "../../../domain/scheduling/arrivals.ts";

/** Jobs of one model at one miner. */
interface Visitors {
  onTheirWay: number;
  readonly arrivals: Arrivals;
}

/** Which jobs of a model come to one miner about together: those that were given to it and are being signed, and how often one comes. */
export class Company {
  readonly #models = new Map<Hex, Visitors>();

  /** A job was given to the miner. Returns what is to be called once: when it is sent, or never will be. */
  expect(modelDigest: Hex, nowMs: number): () => void {
    const visitors = this.#models.get(modelDigest) ?? { onTheirWay: 0, arrivals: new Arrivals() };
    this.#models.set(modelDigest, visitors);
    visitors.onTheirWay += 1;
    visitors.arrivals.add(nowMs);
    return () => void (visitors.onTheirWay -= 1);
  }

  /** Jobs of whatever model that were given to the miner and are not sent yet: it will hold them next. */
  get onTheirWay(): number {
    let sum = 0;
    for (const { onTheirWay } of this.#models.values()) sum += onTheirWay;
    return sum;
  }

  of(modelDigest: Hex, nowMs: number): { readonly onTheirWay: number; readonly arrivalsPerSecond: number } {
    const { onTheirWay = 0, arrivals } = this.#models.get(modelDigest) ?? {};
    return { onTheirWay, arrivalsPerSecond: arrivals?.perSecond(nowMs) ?? 0 };
  }
}
