import { bytesToHex, hexToBytes, type Hex } from "../hash/index.ts";
import { emptyRoot, nodeHash } from "./node.ts";

export interface InclusionProof {
  readonly leafHash: Hex;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Hex[];
  readonly root: Hex;
}

/** Whether a leaf hash stands at `index` of the tree (size, root), as RFC 9162 section 2.1.3.2 verifies it. */
export function verifyInclusion(proof: InclusionProof): boolean {
  const { index, size, path, root } = proof;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let hash = hexToBytes(proof.leafHash);
  for (const step of path) {
    if (sn === 0) return false;
    const sibling = hexToBytes(step);
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      [fn, sn] = climb(fn, sn);
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && bytesToHex(hash) === root.toLowerCase();
}

export interface ConsistencyProof {
  readonly fromSize: number;
  readonly toSize: number;
  readonly fromRoot: Hex;
  readonly toRoot: Hex;
  readonly path: readonly Hex[];
}

/** Whether the tree (toSize, toRoot) begins with the tree (fromSize, fromRoot), as RFC 9162 section 2.1.4.2. */
export function verifyConsistency(proof: ConsistencyProof): boolean {
  const { fromSize, toSize, path } = proof;
  const fromRoot = proof.fromRoot.toLowerCase();
  const toRoot = proof.toRoot.toLowerCase();
  if (!isCount(fromSize) || !isCount(toSize) || fromSize > toSize) return false;
  if (fromSize === toSize) return path.length === 0 && fromRoot === toRoot;
  if (fromSize === 0) return path.length === 0 && fromRoot === emptyRoot;
  let fn = fromSize - 1;
  let sn = toSize - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  const isPowerOfTwo = Number.isInteger(Math.log2(fromSize));
  const steps = isPowerOfTwo ? [proof.fromRoot, ...path] : [...path];
  const [first, ...rest] = steps.map(hexToBytes);
  if (first === undefined) return false;
  let fr = first;
  let sr = first;
  for (const step of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(step, fr);
      sr = nodeHash(step, sr);
      [fn, sn] = climb(fn, sn);
    } else {
      sr = nodeHash(sr, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && bytesToHex(fr) === fromRoot && bytesToHex(sr) === toRoot;
}

/** A node at the right edge has no sibling on the levels where it is the last even one: skip them. */
function climb(fn: number, sn: number): [number, number] {
  let [f, s] = [fn, sn];
  while (f % 2 === 0 && f !== 0) {
    f = half(f);
    s = half(s);
  }
  return [f, s];
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}
