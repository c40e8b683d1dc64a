import { blockLength, cellOf, columns, costCells, tiers, width } from "./columns.ts";

/**
 * Leaves of several numbers each, and for every column the minimum of each subtree. Setting a leaf touches one node a level, so it
 * takes O(log n); a search walks down from the root, past whole subtrees whose minima say that nothing in them will do.
 */
export class MinTree {
  /** By level, leaves first; blocks one after the other, arranged as `cellOf` says. */
  readonly #levels: Float64Array[] = [new Float64Array(0)];
  /** The least of each column in the whole tree. */
  readonly root = new Float64Array(columns).fill(Infinity);
  #size = 0;
  /** Columns that a change has reached on its way up, and their values before and after. */
  readonly #column = new Uint8Array(columns);
  readonly #before = new Float64Array(columns);
  readonly #now = new Float64Array(columns);

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

  /** The values of a level, for loops that cannot afford a call each. Level 0 holds the leaves themselves; where there is none, Infinity. */
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
    let changed = this.#write(block * blockLength, leaf & 7, values);
    for (let level = 0; level < this.top && changed > 0; level++) {
      const above = this.level(level + 1);
      changed = this.#lift(
        this.level(level),
        block * blockLength,
        above,
        (block >> 3) * blockLength,
        block & 7,
        changed,
      );
      block >>= 3;
    }
    return this.#crown(changed);
  }

  /** Removes a leaf by moving the last one into its place; returns the index that moved, or undefined when none had to. */
  remove(leaf: number): number | undefined {
    const last = this.#size - 1;
    if (leaf !== last) {
      const cells = this.level(0);
      const start = (last >> 3) * blockLength;
      this.set(
        leaf,
        Float64Array.from({ length: columns }, (_, column) => cells[start + cellOf(last & 7, column)] ?? 0),
      );
    }
    this.set(last, new Float64Array(columns).fill(Infinity));
    this.#size = last;
    return leaf === last ? undefined : last;
  }

  /** Writes a leaf; returns how many of its columns changed, and notes which, from what and to what. */
  #write(start: number, child: number, values: ArrayLike<number>): number {
    const cells = this.level(0);
    let changed = 0;
    for (let column = 0; column < columns; column++) {
      const at = start + cellOf(child, column);
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
   * Brings a block's minima up to date in the block above, whose child it is, after one of its own children changed in the noted columns.
   * Notes what changed there; returns how many.
   */
  #lift(
    below: Float64Array,
    start: number,
    above: Float64Array,
    upper: number,
    child: number,
    changed: number,
  ): number {
    let next = 0;
    for (let place = 0; place < changed; place++) {
      const at = upper + cellOf(child, this.#column[place] ?? 0);
      const least = above[at] ?? Infinity;
      const lowest = this.#lowest(below, start, place, least);
      if (lowest === least) continue;
      above[at] = lowest;
      this.#note(next++, this.#column[place] ?? 0, least, lowest);
    }
    return next;
  }

  /** As `#lift`, from the topmost block to the minima of the whole tree; whether any changed. */
  #crown(changed: number): boolean {
    const top = this.level(this.top);
    let hasChanged = false;
    for (let place = 0; place < changed; place++) {
      const column = this.#column[place] ?? 0;
      const least = this.root[column] ?? Infinity;
      const lowest = this.#lowest(top, 0, place, least);
      if (lowest === least) continue;
      this.root[column] = lowest;
      hasChanged = true;
    }
    return hasChanged;
  }

  /** The least of a noted column in a block. Only where the child was the least and is no more are the others looked at. */
  #lowest(cells: Float64Array, start: number, place: number, least: number): number {
    const now = this.#now[place] ?? Infinity;
    if (now <= least) return now;
    return this.#before[place] === least ? leastOf(cells, start, this.#column[place] ?? 0) : least;
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
    const needed = blocks * blockLength;
    if (old !== undefined && old.length >= needed) return;
    const roomy = Math.max(1, Math.ceil(blocks * 1.5)) * blockLength;
    const wider = new Float64Array(old === undefined || old.length === 0 ? needed : roomy).fill(Infinity);
    if (old !== undefined) wider.set(old);
    this.#levels[level] = wider;
    // A new level begins with what is below it.
    if (level > 0 && old === undefined) this.#fill(level);
  }

  #fill(level: number): void {
    const [below, above] = [this.level(level - 1), this.level(level)];
    const count = Math.min(below.length / blockLength, (above.length / blockLength) * width);
    for (let block = 0; block < count; block++) {
      const upper = (block >> 3) * blockLength;
      for (let column = 0; column < columns; column++)
        above[upper + cellOf(block & 7, column)] = leastOf(below, block * blockLength, column);
    }
  }
}

/** The least of a column in the block that begins at `start`. */
function leastOf(cells: Float64Array, start: number, column: number): number {
  const step = column < tiers ? 1 : width;
  const first = start + (column < tiers ? column * width : costCells + column - tiers);
  let least = Infinity;
  for (let at = first; at < first + width * step; at += step) {
    const value = cells[at] ?? Infinity;
    if (value < least) least = value;
  }
  return least;
}
