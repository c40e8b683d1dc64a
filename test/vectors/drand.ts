/**
 * drand's scheme bls-bn254-unchained-on-g1 in TypeScript, for tests: hashing to G1 as RFC 9380 writes it (map of Shallue and
 * van de Woestijne, expand_message_xmd with keccak256), signing and verifying. Field and curve come from @noble/curves.
 */
import { bn254 } from "@noble/curves/bn254";
import { bytesToHex, concat, keccakBytes, type Hex } from "@lode/sdk/hash";

const { Fp } = bn254.fields;
const order = bn254.fields.Fr.ORDER;
const G1 = bn254.G1.ProjectivePoint;
const G2 = bn254.G2.ProjectivePoint;
type G1Point = InstanceType<typeof G1>;
type G2Point = InstanceType<typeof G2>;

export const modulus = Fp.ORDER;
export const dst = "BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_";
/** Bytes that keccak256 absorbs at once. */
const blockBytes = 136;

/** A number as 32 bytes in hex, without 0x. */
export const word = (value: bigint): string => value.toString(16).padStart(64, "0");
const g = (x: bigint): bigint => Fp.add(Fp.mul(Fp.sqr(x), x), 3n);
const isSquare = (value: bigint): boolean => Fp.is0(value) || Fp.eql(Fp.pow(value, (modulus - 1n) / 2n), 1n);
const numberOf = (bytes: Uint8Array): bigint => BigInt(bytesToHex(bytes));

/** expand_message_xmd of RFC 9380, 5.3.1. */
export function expandMessage(message: Uint8Array, tag: Uint8Array, length: number): Uint8Array {
  const tagged = concat(tag, Uint8Array.of(tag.length));
  const size = Uint8Array.of(length >> 8, length & 255, 0);
  const first = keccakBytes(concat(new Uint8Array(blockBytes), message, size, tagged));
  const blocks: Uint8Array[] = [];
  for (let i = 1; i <= Math.ceil(length / 32); i++) {
    const previous = blocks.at(-1) ?? new Uint8Array(32);
    const mixed = first.map((byte, at) => byte ^ (previous[at] ?? 0));
    blocks.push(keccakBytes(concat(mixed, Uint8Array.of(i), tagged)));
  }
  return concat(...blocks).subarray(0, length);
}

/** hash_to_field of RFC 9380, 5.2, for two elements. */
export function hashToField(message: Uint8Array): readonly [bigint, bigint] {
  const bytes = expandMessage(message, new TextEncoder().encode(dst), 96);
  return [Fp.create(numberOf(bytes.subarray(0, 48))), Fp.create(numberOf(bytes.subarray(48)))];
}

/** map_to_curve of RFC 9380, 6.6.1, from its formulas and not from its straight-line program, with Z = 1. */
export function mapToCurve(u: bigint): G1Point {
  const z = 1n;
  const inv0 = (value: bigint): bigint => (Fp.is0(value) ? 0n : Fp.inv(value));
  let c3 = Fp.sqrt(Fp.mul(Fp.neg(g(z)), 3n));
  if (c3 % 2n === 1n) c3 = Fp.neg(c3);
  const scaled = Fp.mul(Fp.sqr(u), g(z));
  const [minus, plus] = [Fp.sub(1n, scaled), Fp.add(1n, scaled)];
  const inverse = inv0(Fp.mul(minus, plus));
  const offset = Fp.mul(Fp.mul(Fp.mul(u, minus), inverse), c3);
  const half = Fp.neg(Fp.div(z, 2n));
  const last = Fp.sqr(Fp.mul(Fp.sqr(plus), inverse));
  const x3 = Fp.add(z, Fp.mul(last, Fp.neg(Fp.div(Fp.mul(4n, g(z)), 3n))));
  const x = [Fp.sub(half, offset), Fp.add(half, offset)].find((candidate) => isSquare(g(candidate))) ?? x3;
  const y = Fp.sqrt(g(x));
  return G1.fromAffine({ x, y: y % 2n === u % 2n ? y : Fp.neg(y) });
}

/** hash_to_curve of RFC 9380. */
export function hashToG1(message: Uint8Array): G1Point {
  const [u0, u1] = hashToField(message);
  return mapToCurve(u0).add(mapToCurve(u1));
}

/** What a network signs for `round`. */
export function messageOf(round: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, round);
  return keccakBytes(bytes);
}

/** A point of G1 as drand publishes it: x and y in 64 bytes. */
export function encode(point: G1Point): Hex {
  const { x, y } = point.toAffine();
  return `0x${word(x)}${word(y)}`;
}

export const sign = (key: bigint, round: bigint): Hex => encode(hashToG1(messageOf(round)).multiply(key % order));

/** A public key as drand publishes it: imaginary parts first. */
export function publicKeyOf(key: bigint): readonly bigint[] {
  const { x, y } = G2.BASE.multiply(key % order).toAffine();
  return [x.c1, x.c0, y.c1, y.c0];
}

/** A point on the curve of G2 that is not in its subgroup, in the order of a public key. */
export function outsider(): readonly bigint[] {
  const { Fp2 } = bn254.fields;
  for (let c0 = 1n; ; c0++) {
    const x = { c0, c1: 0n };
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.CURVE.b));
      if (!G2.fromAffine({ x, y }).isTorsionFree()) return [x.c1, x.c0, y.c1, y.c0];
    } catch {
      continue; // No point has this x.
    }
  }
}

/** Whether `signature` is that of `round`, by noble's pairing. */
export function verify(publicKey: readonly bigint[], round: bigint, signature: Hex): boolean {
  const [xi = 0n, xr = 0n, yi = 0n, yr = 0n] = publicKey;
  const key: G2Point = G2.fromAffine({ x: { c0: xr, c1: xi }, y: { c0: yr, c1: yi } });
  key.assertValidity();
  const x = BigInt(signature.slice(0, 66));
  const point = G1.fromAffine({ x, y: BigInt(`0x${signature.slice(66)}`) });
  point.assertValidity();
  const product = bn254.pairingBatch([
    { g1: point, g2: G2.BASE.negate() },
    { g1: hashToG1(messageOf(round)), g2: key },
  ]);
  return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE);
}
