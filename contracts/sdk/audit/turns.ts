/** What one receipt bills of its job. */
export interface Bill {
  /** Positions of the job's output. */
  readonly offset: number;
  readonly tokens: number;
  /** Whether the input is part of it. */
  readonly hasInput: boolean;
  /** 31 bits of what all attempts of a job have in common: client, quote, and where its output ends at the latest. */
  readonly terms: number;
}

/** Another attempt of the same job that does not go together with this one, and by what. */
export interface Clash {
  readonly index: number;
  readonly by: "input" | "output" | "terms";
}

/** What has this turn already. */
export interface Taken {
  readonly index: number;
  /** Whether it is the same assignment, as far as 64 bits of its digest tell. */
  readonly isSameAssignment: boolean;
}

/**
 * Words of one slot: counter (two), attempt, index + 1 (zero: empty), the beginning of the digest (two), the output billed (two), the
 * terms with a last bit for the input.
 */
const width = 9;

/** The highest number of an attempt: all below are compared with each other, and a job has no more. */
export const lastAttempt = 15;

/**
 * Which turn of which job has a receipt, where, and for which tokens: 36 bytes a slot in one array, at most three quarters of them taken,
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
  claim(turn: readonly [number, number, number, number, number], index: number, bill: Bill): Taken | undefined {
    if ((this.#count + 1) * 4 > (this.#slots.length / width) * 3) this.#grow();
    const [high, low, attempt, first, second] = turn;
    const slots = this.#slots;
    const at = this.#find(high, low, attempt);
    const held = slots[at + 3] ?? 0;
    if (held !== 0) {
      return { index: held - 1, isSameAssignment: slots[at + 4] === first && slots[at + 5] === second };
    }
    const { offset, tokens, terms, hasInput } = bill;
    slots.set([high, low, attempt, index + 1, first, second, offset, tokens, (terms << 1) | Number(hasInput)], at);
    this.#count += 1;
    return undefined;
  }

  /** The other attempts of a job whose receipts cannot be beside this one, whichever of them came first; none in almost every job. */
  *clashes([high, low, attempt]: readonly [number, number, number, number, number], bill: Bill): Iterable<Clash> {
    const slots = this.#slots;
    for (let other = 0; other <= lastAttempt; other++) {
      if (other === attempt) continue;
      const at = this.#find(high, low, other);
      const held = slots[at + 3] ?? 0;
      if (held === 0) continue;
      const [index, offset, tokens, last] = [held - 1, slots[at + 6] ?? 0, slots[at + 7] ?? 0, slots[at + 8] ?? 0];
      if (last >>> 1 !== bill.terms) yield { index, by: "terms" };
      const isShared = tokens > 0 && bill.tokens > 0;
      if (isShared && offset < bill.offset + bill.tokens && bill.offset < offset + tokens)
        yield { index, by: "output" };
      else if (bill.hasInput && (last & 1) === 1) yield { index, by: "input" };
    }
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
