/** Every tensor begins on this boundary in a CPU buffer. */
const alignment = 64;

interface Block {
  offset: number;
  size: number;
}

/** A piece of the arena that a tensor lives in until it is given back. */
export type Place = Readonly<Block>;

/**
 * ggml's allocator for what a graph computes, in numbers only: the smallest hole that fits, else the open end. How high it
 * ever reaches is the size of the compute buffer.
 */
export class Arena {
  readonly #holes: Block[] = [];
  /** Everything from here on is free. */
  #end = 0;
  #highest = 0;

  get highest(): number {
    return this.#highest;
  }

  take(bytes: number): Place {
    const size = Math.ceil(bytes / alignment) * alignment;
    let best: Block | undefined;
    for (const hole of this.#holes) {
      if (hole.size >= size && (best === undefined || hole.size <= best.size)) best = hole;
    }
    if (best === undefined) {
      const place = { offset: this.#end, size };
      this.#end += size;
      this.#highest = Math.max(this.#highest, this.#end);
      return place;
    }
    const place = { offset: best.offset, size };
    best.offset += size;
    best.size -= size;
    if (best.size === 0) this.#holes.splice(this.#holes.indexOf(best), 1);
    return place;
  }

  /** Joins what is given back with the free places beside it. */
  give({ offset, size }: Place): void {
    const freed = { offset, size };
    for (const side of ["before", "after"] as const) {
      const index = this.#holes.findIndex((hole) =>
        side === "before" ? hole.offset + hole.size === freed.offset : freed.offset + freed.size === hole.offset,
      );
      const [beside] = index < 0 ? [] : this.#holes.splice(index, 1);
      if (beside === undefined) continue;
      freed.offset = Math.min(freed.offset, beside.offset);
      freed.size += beside.size;
    }
    if (freed.offset + freed.size === this.#end) this.#end = freed.offset;
    else this.#holes.push(freed);
    this.#holes.sort((a, b) => a.offset - b.offset);
  }
}
