import { order, readLittleEndian } from "./field.ts";
import { readSections } from "./sections.ts";

/** One factor of one signal in one of a constraint's three sums. */
export interface Term {
  readonly sum: "a" | "b" | "c";
  readonly constraint: number;
  readonly signal: number;
  readonly factor: bigint;
}

/** A constraint system: each constraint says that the product of its sums a and b is its sum c. */
export interface Constraints {
  readonly constraints: number;
  /** With the constant one, which is signal 0; the public ones come after it. */
  readonly signals: number;
  /** Without the constant. */
  readonly publicSignals: number;
  /** Every factor, constraint by constraint. */
  readonly terms: Iterable<Term>;
}

/** Reads a compiled circuit. Throws RangeError when it is none over this curve's field. */
export function readConstraints(file: string): Constraints {
  const sections = readSections(file, "r1cs");
  const [head, body] = [sections.get(1), sections.get(2)];
  if (head === undefined || body === undefined) throw new RangeError(`${file} has no constraints`);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [size, prime] = [view.getUint32(0, true), readLittleEndian(view, 4)];
  if (size !== 32 || prime !== order) throw new RangeError(`${file} is over another field: ${prime}`);
  const [signals, outputs, inputs] = [36, 40, 44].map((at) => view.getUint32(at, true)) as [number, number, number];
  const constraints = view.getUint32(60, true);
  const read = (): Generator<Term> => readTerms(file, body, { constraints, signals });
  return { constraints, signals, publicSignals: outputs + inputs, terms: { [Symbol.iterator]: read } };
}

/** Throws RangeError where the body is not what the head says: what has no row or no signal would be left out of a key unseen. */
function* readTerms(
  file: string,
  body: Uint8Array,
  { constraints, signals }: Pick<Constraints, "constraints" | "signals">,
): Generator<Term> {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let [at, constraint] = [0, 0];
  for (; at < body.length; constraint++) {
    for (const sum of ["a", "b", "c"] as const) {
      let left = view.getUint32(at, true);
      for (at += 4; left > 0; left--, at += 36) {
        const signal = view.getUint32(at, true);
        if (signal >= signals) throw new RangeError(`${file} names signal ${signal} of ${signals}`);
        yield { sum, constraint, signal, factor: readLittleEndian(view, at + 4) };
      }
    }
  }
  if (constraint !== constraints) throw new RangeError(`${file} says ${constraints} constraints and has ${constraint}`);
}
