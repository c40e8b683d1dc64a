/** A set of code points: rising, disjoint, inclusive ranges. */
export type Ranges = readonly (readonly [from: number, to: number])[];

export const lastCodePoint = 0x10ffff;

export function normalise(ranges: Ranges): Ranges {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function complement(ranges: Ranges): Ranges {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [from, to] of normalise(ranges)) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= lastCodePoint) gaps.push([next, lastCodePoint]);
  return gaps;
}

export function intersect(a: Ranges, b: Ranges): Ranges {
  return a.flatMap(([from, to]) =>
    b.flatMap(([low, high]) => (low <= to && high >= from ? [[Math.max(from, low), Math.min(to, high)] as const] : [])),
  );
}

export const overlaps = (ranges: Ranges, low: number, high: number): boolean =>
  ranges.some(([from, to]) => from <= high && to >= low);

/** What JavaScript's regular expressions mean by these letters. */
export const shorthands: Readonly<Record<string, Ranges>> = (() => {
  const digits: Ranges = [[0x30, 0x39]];
  const words = normalise([[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]); // prettier-ignore
  const single = [0x20, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff];
  const spaces = normalise([[0x09, 0x0d], [0x2000, 0x200a], ...single.map((at) => [at, at] as const)]);
  return {
    d: digits,
    w: words,
    s: spaces,
    D: complement(digits),
    W: complement(words),
    S: complement(spaces),
    // A dot without the flag that makes it match line ends.
    ".": complement([[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]]), // prettier-ignore
  };
})();

/**
 * What a constrained string can hold: no surrogates, and no control characters but those with an escape of their own.
 */
export const writable: Ranges = [
  [0x08, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0xd7ff],
  [0xe000, lastCodePoint],
];
