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
  const seed = Buffer.alloc(37);
  seed.set(hexToBytes(jobSalt), 0);
  seed.writeUInt8(side, 32);
  seed.writeUInt32BE(position, 33);
  const leaf = Buffer.alloc(36);
  leaf.set(keccakBytes(seed), 0);
  leaf.writeUInt32BE(tokenId, 32);
  return leaf;
}

/** Root over token ids whose first one stands at `firstPosition`. */
export function commitTokens(jobSalt: Hex, side: TokenSide, ids: Iterable<number>, firstPosition = 0): Hex {
  const range = new CompactRange();
  let position = firstPosition;
  for (const id of ids) range.append(tokenLeaf(jobSalt, side, position++, id));
  return range.root();
}
