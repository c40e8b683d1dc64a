import { inCurve, mulPointEscalar, r, subOrder } from "@zk-kit/baby-jubjub";
import { verifySignature } from "./eddsa.ts";

/** A point of Baby Jubjub, affine. */
export type SlabPoint = readonly [bigint, bigint];

/** An EdDSA-Poseidon signature: the point R8 and the scalar S, below the subgroup's order. */
export interface SlabSignature {
  readonly r8: SlabPoint;
  readonly s: bigint;
}

/** The scalar field of BN254, in which the circuits compute and the curve's coordinates are. */
export const slabField: bigint = r;

/** Whether a key is on the curve, of prime order and not the identity, as the contract demands of it. */
export function isSlabKey([x, y]: SlabPoint): boolean {
  if (x <= 0n || x >= slabField || y < 0n || y >= slabField || !inCurve([x, y])) return false;
  const end = mulPointEscalar([x, y], subOrder);
  return end[0] === 0n && end[1] === 1n;
}

/** Whether `signature` is the key's over `message`. Anything that is not a canonical signature is not. */
export function isSlabSignature(key: SlabPoint, message: bigint, { r8, s }: SlabSignature): boolean {
  if (s < 0n || s >= subOrder || r8.some((each) => each < 0n || each >= slabField)) return false;
  return verifySignature(message, { R8: [r8[0], r8[1]], S: s }, [key[0], key[1]]);
}
