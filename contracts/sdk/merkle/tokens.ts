import { hexToBytes, keccakBytes, type Hex } from "../hash/index.ts";
import { CompactRange } from "./compact-range.ts";

/** Whose tokens a commitment holds. */
export const tokenSide = { input: 0, output: 1 } as const;
export type TokenSide = (typeof tokenSide)[keyof typeof tokenSide];

/**
 * Leaf data of one token: keccak256(jobSalt, side, position) followed by the token id. Opening a token shows its own
 * salt only, so that the tokens beside it cannot be guessed from their hashes.
 */
export function tokenLeaf(jobSalt: Hex, side: TokenSide, position: number, tokenId: number): Uint8Array {
  const seed = new Uint8Array(37);
  seed.set(hexToBytes(jobSalt), 0);
  seed[32] = side;
  writeUint32(seed, 33, position);
  const leaf = new Uint8Array(36);
  leaf.set(keccakBytes(seed), 0);
  writeUint32(leaf, 32, tokenId);
  return leaf;
}

/** Throws a RangeError for what is no 32-bit count: wrapping would commit to another token. */
function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`not a uint32: ${value}`);
  new DataView(bytes.buffer).setUint32(offset, value);
}

/** Root over token ids whose first one stands at `firstPosition`. */
export function commitTokens(jobSalt: Hex, side: TokenSide, ids: Iterable<number>, firstPosition = 0): Hex {
  const range = new CompactRange();
  let position = firstPosition;
  for (const id of ids) range.append(tokenLeaf(jobSalt, side, position++, id));
  return range.root();
}
