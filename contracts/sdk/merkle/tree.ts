import { bytesToHex, hexToBytes, type Hex } from "../hash/index.ts";
import { emptyRoot, leafHashBytes, nodeHash } from "./node.ts";

/** Largest power of two below `size` (size >= 2): where RFC 6962 splits a tree. */
function split(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}

const hashBytes = 32;
/** Room that a level begins with, in nodes: a batch needs no more. */
const firstRoom = 16;

/** Nodes of one height behind each other in one buffer: an object for each would take several times as much memory. */
class Level {
  #bytes = new Uint8Array(firstRoom * hashBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(node: Uint8Array): void {
    const at = this.#length * hashBytes;
    if (at === this.#bytes.length) {
      const wider = new Uint8Array(2 * at);
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    this.#bytes.set(node, at);
    this.#length += 1;
  }

  at(index: number): Uint8Array {
    if (index >= this.#length) throw new Error("a Merkle tree lost a node");
    return this.#bytes.subarray(index * hashBytes, (index + 1) * hashBytes);
  }
}

/** An RFC 6962 tree with keccak256 that keeps every full node, so that proofs cost O(log n). At most 2^31 leaves. */
export class MerkleTree {
  /** levels[h] holds at i the root of the full subtree of 2^h leaves that starts at leaf i * 2^h. */
  readonly #levels: Level[] = [];

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  append(data: Uint8Array | Hex): void {
    this.appendHash(leafHashBytes(typeof data === "string" ? hexToBytes(data) : data));
  }

  appendHash(hash: Uint8Array): void {
    let node = hash;
    for (let height = 0; ; height++) {
      const level = (this.#levels[height] ??= new Level());
      level.push(node);
      if (level.length % 2 === 1) return;
      node = nodeHash(this.#full(height, level.length - 2), node);
    }
  }

  /** Root over the first `size` leaves. */
  root(size = this.size): Hex {
    this.#checkSize(size);
    return size === 0 ? emptyRoot : bytesToHex(this.#range(0, size));
  }

  /** Audit path of leaf `index` in the tree of the first `size` leaves, lowest level first. */
  inclusionProof(index: number, size = this.size): Hex[] {
    this.#checkSize(size);
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
    }
    return this.#path(index, 0, size).map(bytesToHex);
  }

  /** The audit paths of all leaves, in their order: each inner node is hashed and written once, not for every path that names it. */
  inclusionProofs(): Hex[][] {
    const paths: Hex[][] = Array.from({ length: this.size }, () => []);
    const climb = (start: number, size: number): Uint8Array => {
      if (size === 1) return this.#full(0, start);
      const middle = start + split(size);
      const [left, right] = [climb(start, middle - start), climb(middle, start + size - middle)];
      const [leftHex, rightHex] = [bytesToHex(left), bytesToHex(right)];
      for (let leaf = start; leaf < start + size; leaf++) paths[leaf]?.push(leaf < middle ? rightHex : leftHex);
      return size === 2 ** (31 - Math.clz32(size)) ? this.#range(start, size) : nodeHash(left, right);
    };
    if (this.size > 0) climb(0, this.size);
    return paths;
  }

  /** Proof that the tree of the first `from` leaves begins the tree of the first `to`. Empty when from is 0 or to. */
  consistencyProof(from: number, to = this.size): Hex[] {
    this.#checkSize(to);
    if (!Number.isInteger(from) || from < 0 || from > to)
      throw new RangeError(`no tree of ${from} begins one of ${to}`);
    return from === 0 || from === to ? [] : this.#subproof(from, 0, to, true).map(bytesToHex);
  }

  #checkSize(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > this.size) {
      throw new RangeError(`the tree has ${this.size} leaves, not ${size}`);
    }
  }

  #full(height: number, index: number): Uint8Array {
    const level = this.#levels[height];
    if (level === undefined) throw new Error("a Merkle tree lost a level");
    return level.at(index);
  }

  #range(start: number, size: number): Uint8Array {
    const height = 31 - Math.clz32(size);
    if (size === 2 ** height) return this.#full(height, start / size);
    const left = split(size);
    return nodeHash(this.#range(start, left), this.#range(start + left, size - left));
  }

  #path(index: number, start: number, size: number): Uint8Array[] {
    if (size === 1) return [];
    const left = split(size);
    return index < left
      ? [...this.#path(index, start, left), this.#range(start + left, size - left)]
      : [...this.#path(index - left, start + left, size - left), this.#range(start, left)];
  }

  #subproof(from: number, start: number, size: number, whole: boolean): Uint8Array[] {
    if (from === size) return whole ? [] : [this.#range(start, size)];
    const left = split(size);
    return from <= left
      ? [...this.#subproof(from, start, left, whole), this.#range(start + left, size - left)]
      : [...this.#subproof(from - left, start + left, size - left, false), this.#range(start, left)];
  }
}
