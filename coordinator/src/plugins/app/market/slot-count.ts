import type { Hex } from "@lode/sdk/hash";

interface Load {
  readonly running: number;
  readonly concurrency: number;
}

interface Sum {
  total: number;
  used: number;
  queued: number;
  readonly loads: Map<Hex, Load>;
}

/** Slots by model, added up as miners change: a price must not cost a look at all of them. */
export class SlotCount {
  readonly #sums = new Map<Hex, Sum>();

  /** @param load undefined when the miner cannot be asked */
  set(miner: Hex, modelDigest: Hex, load: Load | undefined): void {
    let sum = this.#sums.get(modelDigest);
    if (sum === undefined) {
      if (load === undefined) return;
      sum = { total: 0, used: 0, queued: 0, loads: new Map() };
      this.#sums.set(modelDigest, sum);
    }
    const before = sum.loads.get(miner);
    if (before !== undefined) add(sum, before, -1);
    if (load === undefined) {
      sum.loads.delete(miner);
      if (sum.loads.size === 0) this.#sums.delete(modelDigest);
      return;
    }
    const { running, concurrency } = load;
    add(sum, load, 1);
    sum.loads.set(miner, { running, concurrency });
  }

  of(modelDigest: Hex): { readonly total: number; readonly used: number; readonly queued: number } {
    return this.#sums.get(modelDigest) ?? { total: 0, used: 0, queued: 0 };
  }

  /** Whether a miner can be asked for a model. */
  has(miner: Hex, modelDigest: Hex): boolean {
    return this.#sums.get(modelDigest)?.loads.has(miner) === true;
  }

  /** Miners that offer a model and can be asked. */
  offers(modelDigest: Hex): number {
    return this.#sums.get(modelDigest)?.loads.size ?? 0;
  }
}

function add(sum: Sum, { running, concurrency }: Load, sign: 1 | -1): void {
  sum.total += sign * concurrency;
  sum.used += sign * Math.min(running, concurrency);
  sum.queued += sign * Math.max(0, running - concurrency);
}
