import type { Constraints } from "./constraints.ts";
import { littleEndian, order } from "./field.ts";
import { lagrangeAt } from "./lagrange.ts";

/** A circuit's polynomials at one point: one number a signal for each of a constraint's sums. */
export interface Evaluated {
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  readonly c: readonly bigint[];
  /** The factors of a and b as a proving key lists them. */
  readonly factors: Uint8Array;
}

/** 2^512: by which the prover wants factors multiplied. */
const shifted = 2n ** 512n % order;

/** Constraints that a prover sees: the circuit's, and one for the constant and each public signal that keeps them apart. */
export function rowsOf({ constraints, publicSignals }: Constraints): number {
  return constraints + publicSignals + 1;
}

/**
 * @param root of unity of order `count`, which is at least the number of rows
 * @param tau where the polynomials are evaluated
 */
export function evaluate(system: Constraints, root: bigint, count: number, tau: bigint): Evaluated {
  const lagrange = lagrangeAt(root, count, tau);
  const zeros = (): bigint[] => Array<bigint>(system.signals).fill(0n);
  const sums = { a: zeros(), b: zeros(), c: zeros() };
  const places: number[] = [];
  const factors: bigint[] = [];
  const add = (sum: keyof typeof sums, row: number, signal: number, factor: bigint): void => {
    const column = sums[sum];
    column[signal] = ((column[signal] ?? 0n) + factor * (lagrange[row] ?? 0n)) % order;
    if (sum === "c") return;
    places.push(sum === "a" ? 0 : 1, row, signal);
    factors.push((factor * shifted) % order);
  };
  for (const { sum, constraint, signal, factor } of system.terms) add(sum, constraint, signal, factor);
  for (let signal = 0; signal <= system.publicSignals; signal++) add("a", system.constraints + signal, signal, 1n);
  return { ...sums, factors: listed(places, littleEndian(factors)) };
}

/** How many there are; then each with its sum, its row, its signal and 32 bytes of the factor. */
function listed(places: readonly number[], factors: Uint8Array): Uint8Array {
  const count = places.length / 3;
  const list = Buffer.alloc(4 + count * 44);
  list.writeUInt32LE(count);
  for (let i = 0; i < count; i++) {
    const at = 4 + i * 44;
    for (let j = 0; j < 3; j++) list.writeUInt32LE(places[3 * i + j] ?? 0, at + 4 * j);
    list.set(factors.subarray(i * 32, i * 32 + 32), at + 12);
  }
  return list;
}
