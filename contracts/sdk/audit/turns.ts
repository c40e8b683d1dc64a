/** Positions of a job's output that one receipt bills. */
export interface Span {
  readonly offset: number;
  readonly tokens: number;
}

/** What has this turn already. */
export interface Taken {
  readonly index: number;
  /** Whether it is the same assignment, as far as 64 bits of its digest tell. */
  readonly isSameAssignment: boolean;
}

/** Words of one slot: counter (two), attempt, index + 1 (zero: empty), the beginning of the digest (two), the span billed (two). */
const width = 8;

/** Earlier attempts of a job that a later one is compared with; a job has no more. */
const mostAttempts = 16;

/**
 * Which turn of which job has a receipt, where, and for which tokens: 32 bytes a slot in one array, at most three quarters of them taken,
 * because a set of strings would take ten times as much.
 */
export class TurnTable {
  readonly #seed: number;
  #slots = new Uint32Array(1024 * width);
  #count = 0;

  /** @param seed not known to who writes the log, so that nobody can choose counters that fall on one slot */
  constructor(seed = 0) {
    this.#seed = seed | 0;
  }

  /** Notes that the entry at `index` has a turn; says what had it before, and then notes nothing. */
  claim(turn: readonly [number, number, number, number, number], index: number, span: Span): Taken | undefined {
    if ((this.#count + 1) * 4 > (this.#slots.length / width) * 3) this.#grow();
    const [high, low, attempt, first, second] = turn;
    const slots = this.#slots;
    const at = this.#find(high, low, attempt);
    const held = slots[at + 3] ?? 0;
    if (held !== 0) {
      return { index: held - 1, isSameAssignment: slots[at + 4] === first && slots[at + 5] === second };
    }
    slots.set([high, low, attempt, index + 1, first, second, span.offset, span.tokens], at);
    this.#count += 1;
    return undefined;
  }

  /** Where another attempt of the job stands whose receipt bills some of the same tokens; undefined when none does. */
  overlap([high, low, attempt]: readonly [number, number, number, number, number], span: Span): number | undefined {
    if (span.tokens === 0) return undefined;
    // Receipts of a job may come in any order: the next attempt's can be here already.
    const others = [...Array(Math.min(attempt, mostAttempts)).keys(), attempt + 1];
    for (const other of others) {
      const at = this.#find(high, low, other);
      const held = this.#slots[at + 3] ?? 0;
      if (held === 0) continue;
      const [offset, tokens] = [this.#slots[at + 6] ?? 0, this.#slots[at + 7] ?? 0];
      if (tokens > 0 && offset < span.offset + span.tokens && span.offset < offset + tokens) return held - 1;
    }
    return undefined;
  }

  /** Where a turn is, or belongs. */
  #find(high: number, low: number, attempt: number): number {
    const slots = this.#slots;
    const mask = slots.length / width - 1;
    let place = mix(mix(mix(this.#seed ^ high) ^ low) ^ attempt) & mask;
    for (;;) {
      const at = place * width;
      if (slots[at + 3] === 0) return at;
      if (slots[at] === high && slots[at + 1] === low && slots[at + 2] === attempt) return at;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += width) {
      if (old[at + 3] === 0) continue;
      const to = this.#find(old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0);
      this.#slots.set(old.subarray(at, at + width), to);
    }
  }
}

/** Spreads 32 bits over 32 bits: multiply, shift, fold, twice. */
function mix(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
