import { concat, hexToBytes, keccakBytes, type Hex } from "@lode/sdk/hash";
import { MerkleTree } from "@lode/sdk/merkle";

type Candidates = readonly (readonly [id: number, value: number])[];

/** The best eight tokens before one was drawn, each with its logprob rounded to a float32, by falling logprob and rising id. */
export type Fingerprint = readonly (readonly [id: number, logprob: number])[];

/** Candidates in a fingerprint. */
export const fingerprintSize = 8;

/** A receipt's commitment when it holds no fingerprints. */
export const noFingerprints: Hex = `0x${"00".repeat(32)}`;

/**
 * A position's fingerprint.
 * @param top at least the best eight with their raw logits, by falling logit and rising id
 * @param logSum ln of the sum of exp(logit) over the vocabulary
 */
export function fingerprintOf({ top, logSum }: { readonly top: Candidates; readonly logSum: number }): Fingerprint {
  return top.slice(0, fingerprintSize).map(([id, logit]) => [id, Math.fround(logit - logSum)] as const);
}

/**
 * Root over fingerprints. A leaf is keccak256(jobSalt, 2, position) followed by id and logprob (u32, f32, big endian) of each
 * candidate: sides 0 and 1 are the tokens', and an opened position says nothing about its neighbours.
 */
export function commitFingerprints(jobSalt: Hex, fingerprints: readonly Fingerprint[], firstPosition = 0): Hex {
  const tree = new MerkleTree();
  fingerprints.forEach((fingerprint, index) => {
    const place = new DataView(new ArrayBuffer(5));
    place.setUint8(0, 2);
    place.setUint32(1, firstPosition + index);
    const salt = keccakBytes(concat(hexToBytes(jobSalt), new Uint8Array(place.buffer)));
    tree.append(concat(salt, encodeCandidates(fingerprint)));
  });
  return tree.root();
}

/** Ids and values as bytes: 8 for each. */
export function encodeCandidates(candidates: Candidates): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * candidates.length));
  candidates.forEach(([id, value], index) => {
    bytes.setUint32(8 * index, id);
    bytes.setFloat32(8 * index + 4, value);
  });
  return new Uint8Array(bytes.buffer);
}
