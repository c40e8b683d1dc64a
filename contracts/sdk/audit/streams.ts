import type { Hex } from "../hash/index.ts";
import { CompactRange } from "../merkle/index.ts";

export interface Checkpoint {
  readonly root: Hex;
  readonly cumulativeWei: bigint;
}

/** One side's stream, rebuilt from the log; it remembers its state at the counts that somebody asks about. */
export class AuditedStream {
  readonly #range = new CompactRange();
  readonly #wanted: ReadonlySet<number>;
  readonly #checkpoints = new Map<number, Checkpoint>();
  cumulativeWei = 0n;

  constructor(wanted: ReadonlySet<number>) {
    this.#wanted = wanted;
    this.#remember();
  }

  get count(): number {
    return this.#range.size;
  }

  append(receiptHash: Hex, amountWei: bigint): void {
    this.#range.append(receiptHash);
    this.cumulativeWei += amountWei;
    this.#remember();
  }

  /** The state at a count that was asked for in the beginning; undefined when the stream never got there. */
  at(count: number): Checkpoint | undefined {
    return this.#checkpoints.get(count);
  }

  #remember(): void {
    if (!this.#wanted.has(this.count)) return;
    this.#checkpoints.set(this.count, { root: this.#range.root(), cumulativeWei: this.cumulativeWei });
  }
}
