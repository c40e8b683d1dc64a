import { hexToBytes, keccakBytes, type Hex } from "../hash/index.ts";
import { CompactRange } from "./compact-range.ts";

/** Whose tokens a commitment holds. */
export const tokenSide = { input: 0, output: 1 } as const;
export type TokenSide = (typeof tokenSide)[keyof typeof tokenSide];

/**
 * Leaf data of the tokens of one job and side: keccak256(jobSalt, side, position) followed by the token id. Opening a token
 * shows its own salt only, so that the tokens beside it cannot be guessed from their hashes.
 */
export class TokenLeaves {
  // Bytes without a view over them stay with their object: a buffer of their own would cost more than a hash.
  readonly #seed = new Uint8Array(37);
  /** A leaf behind its prefix, as a tree hashes it; every hash writes it anew. */
  readonly #prefixed = new Uint8Array(37);

  constructor(jobSalt: Hex, side: TokenSide) {
    this.#seed.set(hexToBytes(jobSalt), 0);
    this.#seed[32] = side;
  }

  /** Throws a RangeError for what is no 32-bit count: wrapping would commit to another token. */
  leaf(position: number, tokenId: number): Uint8Array {
    this.#write(position, tokenId);
    return this.#prefixed.slice(1);
  }

  /** The hash that a leaf has in a tree. Throws what `leaf` throws. */
  hash(position: number, tokenId: number): Uint8Array {
    this.#write(position, tokenId);
    return keccakBytes(this.#prefixed);
  }

  #write(position: number, tokenId: number): void {
    writeUint32(this.#seed, 33, position);
    this.#prefixed.set(keccakBytes(this.#seed), 1);
    writeUint32(this.#prefixed, 33, tokenId);
  }
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`not a uint32: ${value}`);
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Leaf data of one token alone; see TokenLeaves. */
export function tokenLeaf(jobSalt: Hex, side: TokenSide, position: number, tokenId: number): Uint8Array {
  return new TokenLeaves(jobSalt, side).leaf(position, tokenId);
}

/** Root over token ids whose first one stands at `firstPosition`. */
export function commitTokens(jobSalt: Hex, side: TokenSide, ids: Iterable<number>, firstPosition = 0): Hex {
  const range = new CompactRange();
  let leaves: TokenLeaves | undefined;
  let position = firstPosition;
  for (const id of ids) range.appendHash((leaves ??= new TokenLeaves(jobSalt, side)).hash(position++, id));
  return range.root();
}
