import type { Hex } from "../hash/index.ts";
import { CompactRange } from "../merkle/index.ts";

export interface Checkpoint {
  readonly root: Hex;
  readonly cumulativeWei: bigint;
  /** The log's entry that the stream took next, and when its work ended; undefined as long as there is none. */
  readonly next?: Place | undefined;
}

/** Where an entry stands in the log, and when its work ended by its receipt, ms. */
export interface Place {
  readonly index: number;
  readonly atMs: number;
}

/** One side's stream, rebuilt from the log; it remembers its state at the counts that somebody asks about. */
export class AuditedStream {
  readonly #range = new CompactRange();
  #wanted: ReadonlySet<number>;
  readonly #checkpoints = new Map<number, Checkpoint>();
  cumulativeWei = 0n;

  constructor(wanted: ReadonlySet<number>) {
    this.#wanted = wanted;
    this.#remember();
  }

  get count(): number {
    return this.#range.size;
  }

  /** Appends by the leaf's hash, which several streams share. */
  append(leafHash: Uint8Array, amountWei: bigint, place: Place): void {
    const passed = this.#checkpoints.get(this.count);
    if (passed !== undefined) this.#checkpoints.set(this.count, { ...passed, next: place });
    this.#range.appendHash(leafHash);
    this.cumulativeWei += amountWei;
    this.#remember();
  }

  /** The state at a count that was asked for; undefined when the stream never got there. */
  at(count: number): Checkpoint | undefined {
    return this.#checkpoints.get(count);
  }

  /** Asks for other counts from now on and forgets the rest; what was passed already can only be told with `remember`. */
  want(wanted: ReadonlySet<number>): void {
    this.#wanted = wanted;
    for (const count of this.#checkpoints.keys()) if (!wanted.has(count)) this.#checkpoints.delete(count);
    this.#remember();
  }

  /** Counts that are wanted, were passed and are not known. */
  get forgotten(): number[] {
    return [...this.#wanted].filter((count) => count < this.count && !this.#checkpoints.has(count));
  }

  /** Tells the state at a count that was passed before anybody asked for it. */
  remember(count: number, checkpoint: Checkpoint): void {
    this.#checkpoints.set(count, checkpoint);
  }

  #remember(): void {
    if (!this.#wanted.has(this.count)) return;
    this.#checkpoints.set(this.count, { root: this.#range.root(), cumulativeWei: this.cumulativeWei });
  }
}
