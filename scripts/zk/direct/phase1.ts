import { curves, type Curve } from "snarkjs";
import { order } from "./field.ts";
import { lagrangeAt, lagrangeWithoutLast } from "./lagrange.ts";
import { Multiples } from "./multiples.ts";
import type { Group } from "./points.ts";
import { phase1Secrets, type Beacon } from "./secrets.ts";
import { readSections, writeSections, type Section } from "./sections.ts";

/**
 * Writes what `snarkjs powersoftau prepare phase2` makes of a first phase whose only contribution is a beacon: byte for byte,
 * in minutes where that takes hours. It transforms points; here tau is known, and each point is a multiple of a generator.
 * @param from the file with the beacon's contribution. Throws RangeError when it is not this beacon's.
 * @param say is told what is being computed
 */
export async function preparePhase1(
  from: string,
  power: number,
  beacon: Beacon,
  to: string,
  say: (step: string) => void = () => undefined,
): Promise<void> {
  const sections = readSections(from, "ptau");
  const kept = [...sections].map(([id, bytes]): Section => ({ id, pieces: [bytes] }));
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  const multiples = new Multiples(curve);
  try {
    const { tau, alpha, beta } = phase1Secrets(curve, beacon);
    const expected = await multiples.of("G1", [1n, tau, alpha, beta]);
    const shown = [sections.get(2)?.subarray(0, 128), ...[4, 5].map((id) => sections.get(id)?.subarray(0, 64))];
    if (Buffer.compare(Buffer.concat(shown.map((bytes) => bytes ?? new Uint8Array())), expected) !== 0) {
      throw new RangeError(`${from} has another contribution than the beacon ${beacon.name}`);
    }
    const domains = Array.from({ length: power + 1 }, (_, exponent) =>
      lagrangeAt(root(curve, exponent), 2 ** exponent, tau),
    );
    const largest = lagrangeWithoutLast(root(curve, power + 1), 2 ** (power + 1), tau);
    const section = async (id: number, group: Group, scalars: readonly bigint[]): Promise<Section> => {
      say(`${scalars.length} points of section ${id}`);
      return { id, pieces: [await multiples.of(group, scalars)] };
    };
    const all = domains.flat();
    const times = (factor: bigint): bigint[] => all.map((value) => (value * factor) % order);
    writeSections(to, "ptau", [
      ...kept,
      await section(12, "G1", [...all, ...largest]),
      await section(13, "G2", all),
      await section(14, "G1", times(alpha)),
      await section(15, "G1", times(beta)),
    ]);
  } finally {
    await multiples.end();
  }
}

function root({ Fr }: Curve, exponent: number): bigint {
  return Fr.toObject(Fr.w[exponent] ?? Fr.one);
}
