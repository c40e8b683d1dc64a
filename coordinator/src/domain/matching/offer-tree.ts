import {
  blockLength,
  costAt,
  costCells,
  columns,
  exactCostAt,
  holds,
  isAtCeiling,
  mayHold,
  reduceRows,
  rowLength,
  width,
  type Limits,
} from "./columns.ts";
import { MinTree } from "./min-tree.ts";

/** Where a search stands in a tree: a child of a block of some level. */
export const offerLevel = -1;

/**
 * Offers as rows of numbers side by side, eight of them a block, and above the blocks a tree of their minima. A change writes one row and
 * reads its block; a search reads a block from one place of the memory, and looks at no offer that breaks a limit.
 */
export class OfferTree {
  #rows = new Float64Array(0);
  #size = 0;
  readonly #blocks = new MinTree();
  readonly #minima = new Float64Array(columns);
  /** What `next` found, and what is left behind it. */
  #cost = Infinity;
  #following = Infinity;

  get size(): number {
    return this.#size;
  }

  /** The least of each column. */
  get root(): Float64Array {
    return this.#blocks.root;
  }

  /** The level whose only block stands below the root. */
  get topLevel(): number {
    return this.#blocks.top;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#rows.byteLength + this.#blocks.bytes;
  }

  /** The cost of what `next` found last. */
  get cost(): number {
    return this.#cost;
  }

  /** What the children behind the one that `next` found cost at least, whatever limits they keep; Infinity when there are none. */
  get following(): number {
    return this.#following;
  }

  /** Appends an offer's row; returns its place. */
  push(row: Float64Array): number {
    const leaf = this.#size++;
    if (this.#rows.length < this.#size * rowLength) this.#grow();
    this.#rows.set(row, leaf * rowLength);
    if (leaf % width === 0) {
      reduceRows(this.#minima, this.#rows, leaf * rowLength, 1);
      this.#blocks.push(this.#minima);
    } else this.#reduce(Math.floor(leaf / width));
    return leaf;
  }

  /** Sets an offer's row; whether any minimum of the whole tree changed. */
  set(leaf: number, row: Float64Array): boolean {
    const [rows, at] = [this.#rows, leaf * rowLength];
    // So few numbers are copied sooner one by one than by a call.
    for (let i = 0; i < rowLength; i++) rows[at + i] = row[i] ?? 0;
    return this.#reduce(Math.floor(leaf / width));
  }

  /** Removes an offer by moving the last one into its place. */
  remove(leaf: number): void {
    const last = --this.#size;
    this.#rows.copyWithin(leaf * rowLength, last * rowLength, (last + 1) * rowLength);
    const block = Math.floor(last / width);
    if (last % width === 0) this.#blocks.remove(block);
    else this.#reduce(block);
    if (Math.floor(leaf / width) !== block) this.#reduce(Math.floor(leaf / width));
  }

  /** What an offer costs at its place, exactly. */
  exactCost(leaf: number, tier: number): number {
    return exactCostAt(this.#rows, leaf * rowLength, tier);
  }

  /** Whether only an offer's own amounts say that it is within the ceilings. */
  isAtCeiling(leaf: number, limits: Limits): boolean {
    return isAtCeiling(this.#rows, leaf * rowLength, limits);
  }

  /**
   * The cheapest child of a block that may keep within the limits and comes after `before`, by cost and then by place; -1 when there is none. `cost` tells what it
   * costs at least. @param level whose children: `offerLevel` for offers themselves
   */
  next(level: number, block: number, tier: number, before: number, roundTripMs: number, limits: Limits): number {
    return level === offerLevel
      ? this.#nextOffer(block, tier, before, roundTripMs, limits)
      : this.#nextBlock(level, block, tier, before, roundTripMs, limits);
  }

  #nextOffer(block: number, tier: number, before: number, roundTripMs: number, limits: Limits): number {
    const rows = this.#rows;
    const end = Math.min((block + 1) * width, this.#size);
    const past = before < 0 ? -Infinity : costAt(rows, before * rowLength, tier);
    let found = -1;
    let [least, following] = [Infinity, Infinity];
    for (let child = block * width; child < end; child++) {
      const cost = costAt(rows, child * rowLength, tier);
      if (cost >= following || cost < past || (cost === past && child <= before)) continue;
      if (!holds(rows, child * rowLength, roundTripMs, limits)) continue;
      if (cost >= least) {
        following = cost;
        continue;
      }
      found = child;
      following = least;
      least = cost;
    }
    this.#cost = least;
    this.#following = following;
    return found;
  }

  #nextBlock(level: number, block: number, tier: number, before: number, roundTripMs: number, limits: Limits): number {
    const cells = this.#blocks.level(level);
    const start = block * blockLength;
    const costs = start + tier * width;
    const passed = before - block * width;
    const past = before < 0 ? -Infinity : (cells[costs + passed] ?? Infinity);
    let found = -1;
    let [least, following] = [Infinity, Infinity];
    for (let child = 0; child < width; child++) {
      const cost = cells[costs + child] ?? Infinity;
      if (cost >= following || cost < past || (cost === past && child <= passed)) continue;
      // Its limits are looked at when its turn comes.
      if (cost >= least) {
        following = cost;
        continue;
      }
      if (!mayHold(cells, start + costCells + child * width, roundTripMs, limits)) continue;
      found = child;
      following = least;
      least = cost;
    }
    this.#cost = least;
    this.#following = following;
    return found < 0 ? -1 : block * width + found;
  }

  #reduce(block: number): boolean {
    const first = block * width;
    reduceRows(this.#minima, this.#rows, first * rowLength, Math.min(width, this.#size - first));
    return this.#blocks.set(block, this.#minima);
  }

  /** By half again: a large tree must not hold twice what it needs. */
  #grow(): void {
    const wider = new Float64Array(Math.ceil(this.#size * 1.5) * rowLength);
    wider.set(this.#rows);
    this.#rows = wider;
  }
}
