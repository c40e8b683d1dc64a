import { createHash } from "node:crypto";
import { curves, type Curve } from "snarkjs";
import { readConstraints, type Constraints } from "./constraints.ts";
import { evaluate, rowsOf, type Evaluated } from "./evaluated.ts";
import { geometric, inverse, littleEndian, order, power } from "./field.ts";
import { lagrangeWithoutLast } from "./lagrange.ts";
import { Multiples } from "./multiples.ts";
import type { Group } from "./points.ts";
import { KeyStream, phase1Secrets, phase2Secret, type Beacon, type Phase1Secrets } from "./secrets.ts";
import { words, writeSections } from "./sections.ts";

/** Points of a key in the order of its header. */
interface Header {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
}

/**
 * Writes the key that snarkjs makes of a circuit, a first phase and a second one whose only contributions are the same
 * beacon: byte for byte, and without the hours that it takes. A beacon is public, so that what it is there to hide is known:
 * tau, alpha, beta and delta are computed, the circuit's polynomials are evaluated at tau as numbers, and each of the key's
 * points is a multiple of a generator.
 *
 * For development only: with the same computation anybody can prove anything with such a key.
 * @param file the circuit's constraints
 * @param phase1Power the first phase's; as small as the circuit allows
 * @param say is told what is being computed
 */
export async function writeBeaconKey(
  file: string,
  phase1Power: number,
  beacon: Beacon,
  zkey: string,
  say: (step: string) => void = () => undefined,
): Promise<void> {
  const system = readConstraints(file);
  if (Math.ceil(Math.log2(rowsOf(system))) !== phase1Power) {
    throw new RangeError(`${rowsOf(system)} rows have no phase 1 of 2^${phase1Power}`);
  }
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  const multiples = new Multiples(curve);
  try {
    await write({ curve, multiples, system, phase1Power, beacon, zkey, say });
  } finally {
    await multiples.end();
  }
}

interface Work {
  readonly curve: Curve;
  readonly multiples: Multiples;
  readonly system: Constraints;
  readonly phase1Power: number;
  readonly beacon: Beacon;
  readonly zkey: string;
  readonly say: (step: string) => void;
}

async function write(work: Work): Promise<void> {
  const { curve, multiples, system, phase1Power, beacon, say } = work;
  const secrets = phase1Secrets(curve, beacon);
  const contribution = phase2Secret(curve, beacon);
  const { alpha, beta, tau } = secrets;
  const count = 2 ** phase1Power;
  const rootOf = (exponent: number): bigint => curve.Fr.toObject(curve.Fr.w[exponent] ?? curve.Fr.one);

  say("the circuit's polynomials");
  const evaluated = evaluate(system, rootOf(phase1Power), count, tau);
  const { delta } = contribution;
  const one = async (group: Group, scalar: bigint): Promise<Uint8Array> => multiples.of(group, [scalar]);
  const [gamma1, gamma2] = [curve.G1.gAffine, curve.G2.gAffine];
  const header: Header = {
    ...{ alpha1: await one("G1", alpha), beta1: await one("G1", beta), beta2: await one("G2", beta), gamma2 },
    ...{ delta1: await one("G1", delta), delta2: await one("G2", delta) },
  };

  const points = async (group: Group, name: string, scalars: readonly bigint[]): Promise<Uint8Array> => {
    say(`${scalars.length} points of ${name}`);
    return multiples.of(group, scalars);
  };
  const { inputs, others } = combined(system, evaluated, secrets);
  const IC = await points("G1", "public signals", inputs);
  const a = await points("G1", "a", evaluated.a);
  const b1 = await points("G1", "b", evaluated.b);
  const b2 = await points("G2", "b", evaluated.b);
  const first = await points("G1", "the others, as they began", others);
  const away = inverse(delta);
  const divided = (values: readonly bigint[]): bigint[] => values.map((value) => (value * away) % order);
  const c = await points("G1", "the others", divided(others));
  const odd = lagrangeWithoutLast(rootOf(phase1Power + 1), 2 * count, tau).filter((_, i) => i % 2 === 1);
  const h = await points("G1", "the quotient", divided(odd));

  say("the circuit's hash");
  const begun = { ...header, delta1: gamma1, delta2: gamma2 };
  const circuitHash = await hashOf(work, begun, await quotientHashed(work, tau), [IC, first, a, b1, b2]);
  const transcript = blake2b(
    circuitHash,
    curve.G1.toUncompressed(contribution.base),
    curve.G1.toUncompressed(contribution.multiple),
  );
  const seed = curve.G2.fromRng(new KeyStream(transcript));
  const answer = curve.G2.toAffine(curve.G2.timesFr(seed, curve.Fr.fromObject(delta)));
  const parameters = Buffer.concat([
    Buffer.from([1, Buffer.byteLength(beacon.name)]),
    Buffer.from(beacon.name),
    Buffer.from([2, beacon.iterationsExponent, 3, beacon.hash.length / 2]),
    Buffer.from(beacon.hash, "hex"),
  ]);
  writeSections(work.zkey, "zkey", [
    { id: 1, pieces: [words(1)] },
    { id: 2, pieces: [...sizes(system, count, curve), ...inOrder(header)] },
    { id: 3, pieces: [IC] },
    { id: 4, pieces: [evaluated.factors] },
    { id: 5, pieces: [a] },
    { id: 6, pieces: [b1] },
    { id: 7, pieces: [b2] },
    { id: 8, pieces: [c] },
    { id: 9, pieces: [h] },
    {
      id: 10,
      pieces: [
        ...[circuitHash, words(1), header.delta1, contribution.base, contribution.multiple, answer, transcript],
        ...[words(1, parameters.length), parameters],
      ],
    },
  ]);
}

/** For each signal beta a + alpha b + c: the public ones, which a verifier adds up, and the others, which a prover does. */
function combined(
  { publicSignals }: Constraints,
  { a, b, c }: Evaluated,
  { alpha, beta }: Phase1Secrets,
): { inputs: bigint[]; others: bigint[] } {
  const all = a.map((value, i) => (value * beta + (b[i] ?? 0n) * alpha + (c[i] ?? 0n)) % order);
  return { inputs: all.slice(0, publicSignals + 1), others: all.slice(publicSignals + 1) };
}

/** What the key's header says before its points. */
function sizes({ signals, publicSignals }: Constraints, count: number, { q }: Curve): Uint8Array[] {
  return [words(32), littleEndian([q]), words(32), littleEndian([order]), words(signals, publicSignals, count)];
}

function inOrder({ alpha1, beta1, beta2, gamma2, delta1, delta2 }: Header): Uint8Array[] {
  return [alpha1, beta1, beta2, gamma2, delta1, delta2];
}

/**
 * The points that the circuit's hash takes for the quotient: tau^count - 1 times each power of tau. Of domains above 2^14
 * snarkjs reads in whole pieces and with them one point behind the last: its first half is what follows in a first phase's
 * file, the head of the next section and the beginning of its first point. The key's hash is part of what is compared byte for
 * byte, so that this is done too.
 */
async function quotientHashed({ curve, multiples, phase1Power }: Work, tau: bigint): Promise<Uint8Array> {
  const count = 2 ** phase1Power;
  const quotient = geometric((power(tau, count) - 1n + order) % order, tau, count - 1);
  const points = await curve.G1.batchLEMtoU(await multiples.of("G1", quotient));
  if (phase1Power <= 14) return points;
  const next = Buffer.alloc(12);
  next.writeUInt32LE(3);
  next.writeBigUInt64LE(BigInt(count * 128), 4);
  const read = new Uint8Array(Buffer.concat([next, curve.G2.gAffine.subarray(0, 52)]));
  const last = await multiples.of("G1", [power(tau, count - 1)]);
  const behind = await curve.G1.batchLEMtoU(await curve.G1.batchToAffine(curve.G1.sub(read, last)));
  return new Uint8Array(Buffer.concat([points, behind]));
}

/** What names a circuit and its first phase in a ceremony: over the key as it was before anybody contributed. */
async function hashOf(
  { curve: { G1, G2 }, phase1Power }: Work,
  header: Header,
  quotient: Uint8Array,
  [IC, first, a, b1, b2]: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array],
): Promise<Buffer> {
  const uncompressed = (point: Uint8Array): Uint8Array => (point.length === 64 ? G1 : G2).toUncompressed(point);
  const list = async (group: typeof G1, size: number, points: Uint8Array): Promise<Uint8Array[]> => [
    highestFirst(points.length / size),
    await group.batchLEMtoU(points),
  ];
  return blake2b(
    ...inOrder(header).map(uncompressed),
    ...(await list(G1, 64, IC)),
    ...[highestFirst(2 ** phase1Power - 1), quotient],
    ...(await list(G1, 64, first)),
    ...(await list(G1, 64, a)),
    ...(await list(G1, 64, b1)),
    ...(await list(G2, 128, b2)),
  );
}

function highestFirst(number: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function blake2b(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("blake2b512");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
