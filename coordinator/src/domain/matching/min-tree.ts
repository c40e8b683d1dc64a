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

  constructor(columns: number) {
    this.columns = columns;
    this.root = new Float64Array(columns).fill(Infinity);
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

  /** Sets a leaf's values; whether any minimum of the whole tree may have changed. */
  set(leaf: number, values: ArrayLike<number>): boolean {
    let block = Math.floor(leaf / width);
    let child = leaf % width;
    this.#write(0, block, child, values);
    for (let level = 0; level < this.top; level++) {
      child = block % width;
      const parent = Math.floor(block / width);
      if (!this.#lift(level, block, parent, child)) return false;
      block = parent;
    }
    this.#crown();
    return true;
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

  #write(level: number, block: number, child: number, values: ArrayLike<number>): void {
    const cells = this.level(level);
    for (let column = 0; column < this.columns; column++) {
      cells[(block * this.columns + column) * width + child] = values[column] ?? Infinity;
    }
  }

  /** Writes a block's minima into its parent; whether anything changed there. */
  #lift(level: number, block: number, parent: number, child: number): boolean {
    const below = this.level(level);
    const above = this.level(level + 1);
    let isChanged = false;
    for (let column = 0; column < this.columns; column++) {
      const at = (block * this.columns + column) * width;
      let least = Infinity;
      for (let i = at; i < at + width; i++) {
        const value = below[i] ?? Infinity;
        if (value < least) least = value;
      }
      const place = (parent * this.columns + column) * width + child;
      if (above[place] === least) continue;
      above[place] = least;
      isChanged = true;
    }
    return isChanged;
  }

  #crown(): void {
    const cells = this.level(this.top);
    for (let column = 0; column < this.columns; column++) {
      let least = Infinity;
      for (let i = column * width; i < (column + 1) * width; i++) {
        const value = cells[i] ?? Infinity;
        if (value < least) least = value;
      }
      this.root[column] = least;
    }
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
      this.#lift(level - 1, block, parent, block % width);
    }
  }
}
