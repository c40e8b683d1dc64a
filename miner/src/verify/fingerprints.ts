import { concat, hexToBytes, keccakBytes, type Hex } from "@lode/sdk/hash";
import { MerkleTree } from "@lode/sdk/merkle";
import type { RecheckedToken } from "../engines/index.ts";

/** The best eight tokens before one was drawn, each with its logprob rounded to a float32, by falling logprob and rising id. */
export type Fingerprint = readonly (readonly [id: number, logprob: number])[];

/** Candidates in a fingerprint. */
export const fingerprintSize = 8;

/** A receipt's commitment when it holds no fingerprints. */
export const noFingerprints: Hex = `0x${"00".repeat(32)}`;

/** The fingerprint of a position as an engine computes it. */
export function fingerprintOf({ top, logSum }: Pick<RecheckedToken, "top" | "logSum">): Fingerprint {
  return top.slice(0, fingerprintSize).map(([id, logit]) => [id, Math.fround(logit - logSum)] as const);
}

/**
 * Root over fingerprints. A leaf is keccak256(jobSalt, 2, position) followed by id and logprob (u32, f32, big endian) of each
 * candidate: sides 0 and 1 are the tokens', and an opened position says nothing about its neighbours.
 */
export function commitFingerprints(jobSalt: Hex, fingerprints: readonly Fingerprint[], firstPosition = 0): Hex {
  const tree = new MerkleTree();
  fingerprints.forEach((fingerprint, index) => {
    const place = Buffer.alloc(5);
    place.writeUInt8(2, 0);
    place.writeUInt32BE(firstPosition + index, 1);
    tree.append(concat(keccakBytes(concat(hexToBytes(jobSalt), place)), encodeCandidates(fingerprint)));
  });
  return tree.root();
}

/** Ids and values as bytes: 8 for each. */
export function encodeCandidates(candidates: Iterable<readonly [id: number, value: number]>): Buffer {
  const all = [...candidates];
  const bytes = Buffer.alloc(8 * all.length);
  all.forEach(([id, value], index) => {
    bytes.writeUInt32BE(id, 8 * index);
    bytes.writeFloatBE(value, 8 * index + 4);
  });
  return bytes;
}
