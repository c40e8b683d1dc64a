import { bytesToHex, keccakBytes, type Hex } from "@lode/sdk/hash";
import {
  commitTokens,
  CompactRange,
  emptyRoot,
  leafHash,
  MerkleTree,
  sumTree,
  tokenLeaf,
  tokenSide,
  verifyConsistency,
  verifyInclusion,
} from "@lode/sdk/merkle";
import { describe, expect, it } from "vitest";
import vectors from "../vectors/merkle.json" with { type: "json" };

const largest = 40;
const leaves = Array.from({ length: largest }, (_, i) => bytesToHex(keccakBytes(Uint8Array.of(i))));
const tree = new MerkleTree();
for (const leaf of leaves) tree.append(leaf);

/** The definition of RFC 6962, section 2.1, word for word: slow, and independent of the code under test. */
function definedRoot(data: readonly Hex[]): Hex {
  if (data.length === 0) return bytesToHex(keccakBytes(new Uint8Array(0)));
  const [only] = data;
  if (data.length === 1 && only !== undefined) return bytesToHex(keccakBytes(Buffer.from(`00${only.slice(2)}`, "hex")));
  let k = 1;
  while (2 * k < data.length) k *= 2;
  const inner = `01${definedRoot(data.slice(0, k)).slice(2)}${definedRoot(data.slice(k)).slice(2)}`;
  return bytesToHex(keccakBytes(Buffer.from(inner, "hex")));
}

function flip(hex: Hex): Hex {
  return `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}` as Hex;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

describe("roots", () => {
  it("follow the definition at every size, in both trees", () => {
    const range = new CompactRange();
    for (let size = 0; size <= largest; size++) {
      const root = definedRoot(leaves.slice(0, size));
      expect(tree.root(size)).toBe(root);
      expect(range.root()).toBe(root);
      expect(range.size).toBe(size);
      if (size < largest) range.append(at(leaves, size));
    }
    expect(tree.root(0)).toBe(emptyRoot);
  });

  it("a compact range's copy grows alone", () => {
    const range = new CompactRange();
    range.append(at(leaves, 0));
    const copy = range.clone();
    copy.append(at(leaves, 1));
    expect(range.root()).toBe(tree.root(1));
    expect(copy.root()).toBe(tree.root(2));
  });

  it("sizes outside of the tree are refused", () => {
    for (const size of [-1, 1.5, largest + 1, Number.NaN]) expect(() => tree.root(size)).toThrow(RangeError);
    expect(() => tree.inclusionProof(5, 5)).toThrow(RangeError);
    expect(() => tree.consistencyProof(6, 5)).toThrow(RangeError);
  });
});

describe("inclusion", () => {
  it("holds for every index of every size, and for no changed proof", () => {
    for (let size = 1; size <= largest; size++) {
      const root = tree.root(size);
      for (let index = 0; index < size; index++) {
        const proof = {
          leafHash: leafHash(at(leaves, index)),
          index,
          size,
          path: tree.inclusionProof(index, size),
          root,
        };
        expect(verifyInclusion(proof)).toBe(true);
        expect(verifyInclusion({ ...proof, leafHash: flip(proof.leafHash) })).toBe(false);
        expect(verifyInclusion({ ...proof, root: flip(root) })).toBe(false);
        expect(verifyInclusion({ ...proof, path: [...proof.path, root] })).toBe(false);
        expect(verifyInclusion({ ...proof, index: size })).toBe(false);
        proof.path.forEach((step, i) => {
          expect(verifyInclusion({ ...proof, path: proof.path.with(i, flip(step)) })).toBe(false);
          expect(verifyInclusion({ ...proof, path: proof.path.toSpliced(i, 1) })).toBe(false);
        });
        for (let other = 0; other < size; other++) {
          if (other !== index) expect(verifyInclusion({ ...proof, index: other })).toBe(false);
        }
      }
    }
  });

  it("is the same for all leaves at once", () => {
    for (let size = 0; size <= largest; size++) {
      const small = new MerkleTree();
      for (const leaf of leaves.slice(0, size)) small.append(leaf);
      expect(small.inclusionProofs()).toEqual(Array.from({ length: size }, (_, index) => small.inclusionProof(index)));
    }
  });

  it("an inner node is no leaf", () => {
    const path = [leafHash(at(leaves, 2))];
    const inner: Hex = `0x${tree.root(2).slice(2)}`;
    expect(verifyInclusion({ leafHash: leafHash(inner), index: 0, size: 2, path, root: tree.root(3) })).toBe(false);
  });
});

describe("consistency", () => {
  it("holds for every pair of sizes, and for no changed proof", () => {
    for (let toSize = 0; toSize <= largest; toSize++) {
      for (let fromSize = 0; fromSize <= toSize; fromSize++) {
        const path = tree.consistencyProof(fromSize, toSize);
        const proof = { fromSize, toSize, fromRoot: tree.root(fromSize), toRoot: tree.root(toSize), path };
        expect(verifyConsistency(proof)).toBe(true);
        expect(verifyConsistency({ ...proof, fromRoot: flip(proof.fromRoot) })).toBe(false);
        if (fromSize > 0) expect(verifyConsistency({ ...proof, toRoot: flip(proof.toRoot) })).toBe(false);
        expect(verifyConsistency({ ...proof, path: [...path, proof.toRoot] })).toBe(false);
        expect(verifyConsistency({ ...proof, fromSize: toSize + 1 })).toBe(false);
        path.forEach((step, i) => {
          expect(verifyConsistency({ ...proof, path: path.with(i, flip(step)) })).toBe(false);
          expect(verifyConsistency({ ...proof, path: path.toSpliced(i, 1) })).toBe(false);
        });
      }
    }
  });
});

describe("tokens", () => {
  const salt = at(leaves, 7);
  it("bind side, position and id", () => {
    const leaf = bytesToHex(tokenLeaf(salt, tokenSide.output, 3, 9));
    expect(leaf).toHaveLength(2 + 72);
    for (const other of [
      tokenLeaf(salt, tokenSide.input, 3, 9),
      tokenLeaf(salt, tokenSide.output, 4, 9),
      tokenLeaf(salt, tokenSide.output, 3, 10),
      tokenLeaf(at(leaves, 8), tokenSide.output, 3, 9),
    ]) {
      expect(bytesToHex(other)).not.toBe(leaf);
    }
  });

  it("commit from their first position on", () => {
    const range = new CompactRange();
    [5, 6].forEach((id, i) => {
      range.append(tokenLeaf(salt, tokenSide.output, 4 + i, id));
    });
    expect(commitTokens(salt, tokenSide.output, [5, 6], 4)).toBe(range.root());
    expect(commitTokens(salt, tokenSide.output, [])).toBe(emptyRoot);
  });
});

describe("sum tree", () => {
  const address: Hex = `0x${"11".repeat(20)}`;
  const other: Hex = `0x${"22".repeat(20)}`;
  const line = { payer: address, payee: address, epoch: 0n, cumulativeWei: 9n, outstandingWei: 4n };
  it("tells the total and binds every field", () => {
    const { root, totalWei } = sumTree([line, line, line]);
    expect(totalWei).toBe(12n);
    for (const change of [{ epoch: 1n }, { cumulativeWei: 8n }, { outstandingWei: 5n }, { payee: other }]) {
      expect(sumTree([line, { ...line, ...change }, line]).root).not.toBe(root);
    }
    expect(sumTree([])).toEqual({ root: emptyRoot, totalWei: 0n });
  });

  it("refuses a total above 128 bits", () => {
    const huge = { ...line, outstandingWei: (1n << 128n) - 1n };
    expect(() => sumTree([huge, huge])).toThrow(RangeError);
  });
});

describe("vectors shared with Solidity", () => {
  it("are this tree", () => {
    expect(vectors.leaves).toEqual(leaves.slice(0, vectors.leaves.length));
    expect(vectors.roots).toEqual(vectors.roots.map((_, size) => tree.root(size)));
  });
});
