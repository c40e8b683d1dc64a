import { geometric, inverse, inverses, order, power } from "./field.ts";

/**
 * The Lagrange polynomials over the `count` powers of a root of unity, evaluated at `at`: polynomial i is 1 at root^i and 0 at
 * the root's other powers.
 * @param root of order `count`
 * @param at no power of the root
 */
export function lagrangeAt(root: bigint, count: number, at: bigint): bigint[] {
  const roots = geometric(1n, root, count);
  const distances = inverses(roots.map((each) => (at - each + order) % order));
  const factor = ((power(at, count) - 1n + order) * inverse(BigInt(count))) % order;
  return roots.map((each, i) => (((factor * each) % order) * (distances[i] ?? 0n)) % order);
}

/**
 * The same where a first phase ends one power too early: what it holds of its largest domain takes at^(count-1) for zero.
 * Polynomial i has root^i / count there.
 */
export function lagrangeWithoutLast(root: bigint, count: number, at: bigint): bigint[] {
  const missing = (power(at, count - 1) * inverse(BigInt(count))) % order;
  const roots = geometric(missing, root, count);
  return lagrangeAt(root, count, at).map((value, i) => (value - (roots[i] ?? 0n) + order) % order);
}
