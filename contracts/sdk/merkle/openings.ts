import { bytesToHex, concat, hexToBytes, type Hex } from "../hash/index.ts";
import { leafHash } from "./node.ts";
import { tokenLeaf, type TokenSide } from "./tokens.ts";
import { MerkleTree } from "./tree.ts";
import { verifyInclusion } from "./verify.ts";

/** One token with what shows that a commitment holds it: its own salt, which says nothing about its neighbours. */
export interface OpenedToken {
  readonly salt: Hex;
  readonly tokenId: number;
  readonly path: readonly Hex[];
}

const saltBytes = 32;

/**
 * Opens tokens `first` to `first + count - 1` of a committed text; no other token can be guessed from it.
 * @param firstPosition position of the text's first token: that of an output which went on behind another's
 * Throws RangeError when the text has no such tokens.
 */
export function openTokens(
  {
    jobSalt,
    side,
    ids,
    firstPosition = 0,
  }: { jobSalt: Hex; side: TokenSide; ids: readonly number[]; firstPosition?: number },
  first: number,
  count: number,
): OpenedToken[] {
  if (!Number.isInteger(first) || !Number.isInteger(count) || first < 0 || count < 0 || first + count > ids.length) {
    throw new RangeError(`tokens ${first} to ${first + count - 1} are not in a text of ${ids.length}`);
  }
  const tree = new MerkleTree();
  const leaves = ids.map((id, index) => tokenLeaf(jobSalt, side, firstPosition + index, id));
  for (const leaf of leaves) tree.append(leaf);
  return ids.slice(first, first + count).map((tokenId, offset) => ({
    salt: bytesToHex((leaves[first + offset] ?? new Uint8Array(0)).subarray(0, saltBytes)),
    tokenId,
    path: tree.inclusionProof(first + offset),
  }));
}

/** Whether opened tokens are those from `first` on of the text of `size` tokens that a root commits to. */
export function verifyOpenedTokens(
  { root, size }: { root: Hex; size: number },
  first: number,
  opened: readonly OpenedToken[],
): boolean {
  return opened.every(({ salt, tokenId, path }, offset) => {
    const id = new Uint8Array(4);
    new DataView(id.buffer).setUint32(0, tokenId);
    const leaf = leafHash(bytesToHex(concat(hexToBytes(salt), id)));
    return verifyInclusion({ leafHash: leaf, index: first + offset, size, path, root });
  });
}
