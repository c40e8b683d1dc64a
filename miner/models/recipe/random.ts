/** A seeded source of randomness, so that a corpus is the same on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  unit: () => number;
  /** Uniform integer, both ends included. */
  integer: (low: number, high: number) => number;
  pick: <T>(items: readonly T[]) => T;
  /** `count` different items in random order. */
  sample: <T>(items: readonly T[], count: number) => T[];
}

/** Creates a generator (xorshift-multiply on 32-bit words) from an integer seed. */
export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const unit = (): number => word() / 2 ** 32;
  const integer = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError("cannot pick from an empty list");
    return item;
  };
  const sample = <T>(items: readonly T[], count: number): T[] => {
    const rest = [...items];
    return Array.from({ length: Math.min(count, rest.length) }, () => {
      const index = integer(0, rest.length - 1);
      return rest.splice(index, 1)[0] as T;
    });
  };
  return { unit, integer, pick, sample };
}
