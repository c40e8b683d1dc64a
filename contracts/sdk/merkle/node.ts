import { bytesToHex, hexToBytes, keccak, keccakBytes, type Hex } from "../hash/index.ts";

/** Root of a tree without leaves: the hash of nothing (RFC 6962, section 2.1). */
export const emptyRoot: Hex = keccak(new Uint8Array(0));

/** A leaf that is a hash itself, as most are, behind its prefix. */
const hashLeaf = new Uint8Array(33);

/** Hash of a leaf's data. The prefix keeps a leaf from passing for an inner node. */
export function leafHashBytes(data: Uint8Array): Uint8Array {
  const bytes = data.length === 32 ? hashLeaf : new Uint8Array(1 + data.length);
  bytes.set(data, 1);
  return keccakBytes(bytes);
}

/** Hash of a leaf's data, hex in and out. */
export function leafHash(data: Hex): Hex {
  return bytesToHex(leafHashBytes(hexToBytes(data)));
}

const pair = new Uint8Array(65);
pair[0] = 1;

/** Hash of an inner node over two 32-byte hashes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 33);
  return keccakBytes(pair);
}
