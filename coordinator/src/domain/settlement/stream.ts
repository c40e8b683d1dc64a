import type { Hex } from "@lode/sdk/hash";
import { CompactRange } from "@lode/sdk/merkle";

/** One side's account of receipts: a client's debits or a miner's credits, as its next voucher promises them. */
export class Stream {
  readonly #receipts = new CompactRange();
  cumulativeWei = 0n;
  /** Receipts that the latest signed voucher covers. */
  signedCount = 0;

  get count(): number {
    return this.#receipts.size;
  }

  /** Appends a receipt by the leaf hash of its struct hash; returns its index in the stream. */
  append(leaf: Uint8Array, amountWei: bigint): number {
    this.#receipts.appendHash(leaf);
    this.cumulativeWei += amountWei;
    return this.#receipts.size - 1;
  }

  root(): Hex {
    return this.#receipts.root();
  }
}
