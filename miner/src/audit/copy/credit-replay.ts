import type { PackedEntries } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";

/** What miners had been credited at some sizes of the log, by its entries: no tree is built for it. */
export class CreditReplay {
  readonly #sizes: ReadonlySet<number>;
  readonly #atSize: (size: number, credits: ReadonlyMap<Hex, { cumulativeWei: bigint }>) => void;
  readonly #credits = new Map<Hex, { cumulativeWei: bigint }>();
  #size = 0;

  constructor(
    sizes: readonly number[],
    atSize: (size: number, credits: ReadonlyMap<Hex, { cumulativeWei: bigint }>) => void,
  ) {
    this.#sizes = new Set(sizes);
    this.#atSize = atSize;
    if (this.#sizes.has(0)) atSize(0, this.#credits);
  }

  take(entries: PackedEntries): void {
    for (let i = 0; i < entries.count; i++) {
      this.#size += 1;
      if (entries.isReadable(i)) {
        const amountWei = entries.amountWei(i);
        const creditWei = amountWei - (amountWei * BigInt(entries.feePpm(i))) / 1_000_000n;
        const miner = entries.miner(i);
        const sum = this.#credits.get(miner);
        if (sum === undefined) this.#credits.set(miner, { cumulativeWei: creditWei });
        else sum.cumulativeWei += creditWei;
      }
      if (this.#sizes.has(this.#size)) this.#atSize(this.#size, this.#credits);
    }
  }
}
