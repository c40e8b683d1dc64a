/** Subtrees and offers still to be looked at, the most promising first. Filled and emptied by every search without new memory. */
export class Frontier {
  #bounds = new Float64Array(256);
  /** Group, level (-1 for an offer) and block or leaf of each, side by side. */
  #what = new Int32Array(256 * 3);
  #size = 0;
  group = 0;
  level = 0;
  index = 0;

  get size(): number {
    return this.#size;
  }

  /** The least bound; Infinity when nothing is left. */
  get bound(): number {
    return this.#size === 0 ? Infinity : (this.#bounds[0] ?? Infinity);
  }

  clear(): void {
    this.#size = 0;
  }

  push(bound: number, group: number, level: number, index: number): void {
    if (this.#size === this.#bounds.length) this.#grow();
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#bounds[parent] ?? 0) <= bound) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, bound, group, level, index);
  }

  /** Takes the best one out; `group`, `level` and `index` say what it is. */
  pop(): void {
    const [what, bounds] = [this.#what, this.#bounds];
    this.group = what[0] ?? 0;
    this.level = what[1] ?? 0;
    this.index = what[2] ?? 0;
    const last = --this.#size;
    if (last <= 0) return;
    const bound = bounds[last] ?? Infinity;
    const [group, level, index] = [what[last * 3] ?? 0, what[last * 3 + 1] ?? 0, what[last * 3 + 2] ?? 0];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && (bounds[child + 1] ?? 0) < (bounds[child] ?? 0)) child++;
      if ((bounds[child] ?? 0) >= bound) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, bound, group, level, index);
  }

  #put(at: number, bound: number, group: number, level: number, index: number): void {
    this.#bounds[at] = bound;
    this.#what[at * 3] = group;
    this.#what[at * 3 + 1] = level;
    this.#what[at * 3 + 2] = index;
  }

  #move(from: number, to: number): void {
    this.#put(
      to,
      this.#bounds[from] ?? Infinity,
      this.#what[from * 3] ?? 0,
      this.#what[from * 3 + 1] ?? 0,
      this.#what[from * 3 + 2] ?? 0,
    );
  }

  #grow(): void {
    const [bounds, what] = [new Float64Array(this.#bounds.length * 2), new Int32Array(this.#what.length * 2)];
    bounds.set(this.#bounds);
    what.set(this.#what);
    this.#bounds = bounds;
    this.#what = what;
  }
}
