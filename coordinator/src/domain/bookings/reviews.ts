import type { Hex } from "@lode/sdk/hash";

/** What a client thought of a job that it paid for. */
export interface Review {
  readonly jobId: string;
  readonly client: Hex;
  readonly miner: Hex;
  /** 1 to 5. */
  readonly stars: number;
  /** What the job cost: who pays little weighs little. */
  readonly amountWei: bigint;
}

interface Sum {
  stars: number;
  weight: number;
  count: number;
}

/** Reviews summed up by miner. One a job; a client's many small ones weigh together no more than their money. */
export class Reviews {
  readonly #byJob = new Set<string>();
  readonly #sums = new Map<Hex, Sum>();

  has(jobId: string, miner: Hex): boolean {
    return this.#byJob.has(`${jobId} ${miner}`);
  }

  add({ jobId, miner, stars, amountWei }: Review): void {
    if (this.has(jobId, miner)) return;
    this.#byJob.add(`${jobId} ${miner}`);
    const sum = this.#sums.get(miner) ?? { stars: 0, weight: 0, count: 0 };
    const weight = Number(amountWei);
    sum.stars += stars * weight;
    sum.weight += weight;
    sum.count += 1;
    this.#sums.set(miner, sum);
  }

  /** Mean stars by what was paid, and how many reviews; undefined without any. */
  of(miner: Hex): { readonly stars: number; readonly count: number } | undefined {
    const sum = this.#sums.get(miner);
    return sum === undefined || sum.weight === 0 ? undefined : { stars: sum.stars / sum.weight, count: sum.count };
  }
}
