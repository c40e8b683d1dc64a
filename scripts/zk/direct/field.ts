import { slabField } from "@lode/sdk/slab";

/** Order of the curve's groups: what scalars are reduced by. */
export const order: bigint = slabField;

const limb = 2n ** 64n - 1n;

/** `base` to a whole exponent of at least 0, modulo the order. */
export function power(base: bigint, exponent: number): bigint {
  let [result, square, left] = [1n, base, exponent];
  while (left > 0) {
    if (left % 2 === 1) result = (result * square) % order;
    square = (square * square) % order;
    left = Math.floor(left / 2);
  }
  return result;
}

/** `first`, `first ratio`, `first ratio^2`, ... */
export function geometric(first: bigint, ratio: bigint, count: number): bigint[] {
  const row: bigint[] = [];
  for (let value = first; row.length < count; value = (value * ratio) % order) row.push(value);
  return row;
}

/** The inverse of a number that is not a multiple of the order. */
export function inverse(value: bigint): bigint {
  let [r, next, t, after] = [order, value % order, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, after] = [after, t - quotient * after];
  }
  if (r !== 1n) throw new RangeError("zero has no inverse");
  return t < 0n ? t + order : t;
}

/** The inverses of many numbers with one inversion. Throws RangeError when one of them is zero. */
export function inverses(values: readonly bigint[]): bigint[] {
  const products: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    products.push(product);
    product = (product * value) % order;
  }
  let rest = inverse(product);
  const found = Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    found[i] = (rest * (products[i] ?? 0n)) % order;
    rest = (rest * (values[i] ?? 0n)) % order;
  }
  return found;
}

/** Numbers of 32 bytes each, the lowest byte first. */
export function littleEndian(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 32);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    for (let at = 0, left = value; at < 32; at += 8, left >>= 64n) view.setBigUint64(i * 32 + at, left & limb, true);
  });
  return bytes;
}

/** One such number. */
export function readLittleEndian(view: DataView, offset: number): bigint {
  const word = (i: number): bigint => view.getBigUint64(offset + 8 * i, true);
  return word(0) + (word(1) << 64n) + (word(2) << 128n) + (word(3) << 192n);
}
