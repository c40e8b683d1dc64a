import { width } from "./columns.ts";

/**
 * Leaves of several numbers each, and for every column the minimum of each subtree. Setting a leaf touches one node a level, so it
 * takes O(log n); a search walks down from the root, past whole subtrees whose minima say that nothing in them will do.
 */
export class MinTree {
  readonly columns: number;
  /** By level, leaves first; a block holds `width` values of each column, side by side. */
  readonly #levels: Float64Array[] = [];
  /** The least of each column in the whole tree. */
  readonly root: Float64Array;
  #size = 0;
  /** Columns that a change has reached on its way up, and their values before and after. */
  readonly #column: Uint8Array;
  readonly #before: Float64Array;
  readonly #now: Float64Array;

  constructor(columns: number) {
    this.columns = columns;
    this.root = new Float64Array(columns).fill(Infinity);
    this.#column = new Uint8Array(columns);
    this.#before = new Float64Array(columns);
    this.#now = new Float64Array(columns);
    this.#levels.push(new Float64Array(0));
  }

  get size(): number {
    return this.#size;
  }

  /** The level whose only block is the root. */
  get top(): number {
    return this.#levels.length - 1;
  }

  /** Bytes that the tree holds. */
  get bytes(): number {
    return this.#levels.reduce((sum, level) => sum + level.byteLength, 0);
  }

  /** The value of a child in a block; Infinity where there is none. Level 0 holds the leaves themselves. */
  value(level: number, block: number, child: number, column: number): number {
    return this.#levels[level]?.[(block * this.columns + column) * width + child] ?? Infinity;
  }

  /** The values of a level, for loops that cannot afford a call each: child `j` of block `b` is at `(b * columns + column) * 8 + j`. */
  level(level: number): Float64Array {
    return this.#levels[level] ?? new Float64Array(0);
  }

  /** Appends a leaf; returns its index. */
  push(values: ArrayLike<number>): number {
    const leaf = this.#size++;
    this.#makeRoom();
    this.set(leaf, values);
    return leaf;
  }

  /** Sets a leaf's values; whether any minimum of the whole tree changed. */
  set(leaf: number, values: ArrayLike<number>): boolean {
    let block = leaf >> 3;
    let changed = this.#write(block, leaf & 7, values);
    for (let level = 0; level < this.top && changed > 0; level++) {
      const above = this.level(level + 1);
      const parent = (block >> 3) * this.columns * width + (block & 7);
      changed = this.#lift(this.level(level), block * this.columns * width, above, parent, width, changed);
      block >>= 3;
    }
    return this.#lift(this.level(this.top), 0, this.root, 0, 1, changed) > 0;
  }

  /** Removes a leaf by moving the last one into its place; returns the index that moved, or undefined when none had to. */
  remove(leaf: number): number | undefined {
    const last = this.#size - 1;
    const empty = new Float64Array(this.columns).fill(Infinity);
    if (leaf !== last) {
      const moved = new Float64Array(this.columns);
      for (let column = 0; column < this.columns; column++) {
        moved[column] = this.value(0, Math.floor(last / width), last % width, column);
      }
      this.set(leaf, moved);
    }
    this.set(last, empty);
    this.#size = last;
    return leaf === last ? undefined : last;
  }

  /** Writes a leaf; returns how many of its columns changed, and notes which, from what and to what. */
  #write(block: number, child: number, values: ArrayLike<number>): number {
    const cells = this.level(0);
    let changed = 0;
    for (let column = 0; column < this.columns; column++) {
      const at = (block * this.columns + column) * width + child;
      const before = cells[at] ?? Infinity;
      const now = values[column] ?? Infinity;
      if (before === now) continue;
      cells[at] = now;
      this.#note(changed++, column, before, now);
    }
    return changed;
  }

  #note(place: number, column: number, before: number, now: number): void {
    this.#column[place] = column;
    this.#before[place] = before;
    this.#now[place] = now;
  }

  /**
   * Brings a block's minima up to date where they are kept, at `kept + column * step` of `minima`, after one child changed in the noted columns.
   * Only where the child was the least and is no more are the others looked at. Notes what changed there; returns how many.
   */
  #lift(below: Float64Array, block: number, minima: Float64Array, kept: number, step: number, changed: number): number {
    let next = 0;
    for (let place = 0; place < changed; place++) {
      const column = this.#column[place] ?? 0;
      const now = this.#now[place] ?? Infinity;
      const at = kept + column * step;
      const least = minima[at] ?? Infinity;
      let lowest = now < least ? now : least;
      if (now > least && this.#before[place] === least) lowest = leastOf(below, block + column * width);
      if (lowest === least) continue;
      minima[at] = lowest;
      this.#note(next++, column, least, lowest);
    }
    return next;
  }

  #makeRoom(): void {
    let blocks = Math.ceil(this.#size / width);
    for (let level = 0; ; level++) {
      this.#grow(level, blocks);
      if (blocks <= 1) return;
      blocks = Math.ceil(blocks / width);
    }
  }

  /** By half again: a large tree must not hold twice what it needs. */
  #grow(level: number, blocks: number): void {
    const old = this.#levels[level];
    const needed = blocks * this.columns * width;
    if (old !== undefined && old.length >= needed) return;
    const roomy = Math.max(1, Math.ceil(blocks * 1.5)) * this.columns * width;
    const wider = new Float64Array(old === undefined || old.length === 0 ? needed : roomy).fill(Infinity);
    if (old !== undefined) wider.set(old);
    this.#levels[level] = wider;
    if (level === 0) return;
    // A new level begins with what is below it.
    if (old === undefined) this.#fill(level);
  }

  #fill(level: number): void {
    const below = this.level(level - 1);
    const count = Math.floor(below.length / (this.columns * width));
    for (let block = 0; block < count; block++) {
      const parent = Math.floor(block / width);
      if ((parent + 1) * this.columns * width > this.level(level).length) return;
      for (let column = 0; column < this.columns; column++) {
        const place = (parent * this.columns + column) * width + (block % width);
        this.level(level)[place] = leastOf(below, (block * this.columns + column) * width);
      }
    }
  }
}

/** The least of the eight values from `at` on. */
function leastOf(cells: Float64Array, at: number): number {
  let least = Infinity;
  for (let i = at; i < at + width; i++) {
    const value = cells[i] ?? Infinity;
    if (value < least) least = value;
  }
  return least;
}
