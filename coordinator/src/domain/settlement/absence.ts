import type { Hex } from "@lode/sdk/hash";

/** Away for longer, a coordinator anchors what is from before by itself: an anchor over work of days apart is overdue to every audit. */
const longAbsenceMs = 12 * 3_600_000;

/** How the log stands when time goes on. */
export interface Standing {
  readonly size: number;
  readonly anchoredSize: number;
  readonly open: readonly Hex[];
}

/**
 * What a long absence left to do. It is known from the facts alone, so that every start knows the same of it, whatever the one
 * before it did: a receipt of before that was settled, and not anchored, is as much from before as one that is awaited.
 */
export class Absence {
  readonly #awaited = new Set<Hex>();
  /** The log's size with every receipt of before; undefined where nothing is left to do. */
  #size: number | undefined;

  get isPending(): boolean {
    return this.#size !== undefined;
  }

  /** Whether receipts of before may still come. */
  get isAwaiting(): boolean {
    return this.#awaited.size > 0;
  }

  /** Nothing happened between two moments, unix milliseconds. */
  pass(fromMs: number, toMs: number, standing: () => Standing): void {
    if (toMs - fromMs <= longAbsenceMs) return;
    const { size, anchoredSize, open } = standing();
    for (const digest of open) this.#awaited.add(digest);
    this.#size = size;
    this.#look(anchoredSize);
  }

  /** @param size of the log with its receipt; undefined where none came */
  closed(digest: Hex, size: number | undefined, anchoredSize: number): void {
    if (!this.#awaited.delete(digest)) return;
    if (size !== undefined) this.#size = size;
    this.#look(anchoredSize);
  }

  anchored(size: number): void {
    if (this.isPending) this.#look(size);
  }

  #look(anchoredSize: number): void {
    if (!this.isAwaiting && anchoredSize >= (this.#size ?? 0)) this.#size = undefined;
  }
}
