import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { CompactRange, emptyRoot, leafHashBytes, nodeHash } from "@lode/sdk/merkle";

/** Leaves under one remembered node: 32 bytes of memory for so many entries. */
const chunk = 1024;

/** Reads receipt hashes `start` to `start + count` of the log. */
export type ReadLeaves = (start: number, count: number) => readonly Uint8Array[];

/**
 * The log's tree over leaves that lie in a file: it keeps the root of every full chunk, and reads the leaves of a chunk
 * again when a path goes through it. Any root or path costs about a thousand hashes and one read for each million entries.
 */
export class LeafTree {
  readonly #read: ReadLeaves;
  readonly #chunks: Uint8Array[] = [];
  #open = new CompactRange();
  #size = 0;

  constructor(read: ReadLeaves) {
    this.#read = read;
  }

  get size(): number {
    return this.#size;
  }

  append(receiptHash: Uint8Array): void {
    this.#open.append(receiptHash);
    this.#size += 1;
    if (this.#size % chunk !== 0) return;
    this.#chunks.push(Buffer.from(this.#open.root().slice(2), "hex"));
    this.#open = new CompactRange();
  }

  /** Root of the first `size` entries. @throws RangeError */
  root(size: number): Hex {
    this.#check(size);
    return size === 0 ? emptyRoot : bytesToHex(this.#range(0, size));
  }

  /** Path of entry `index` in the tree of the first `size`, lowest level first. @throws RangeError */
  path(index: number, size: number): Hex[] {
    this.#check(size);
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`no entry ${index}`);
    return this.#path(index, 0, size).map(bytesToHex);
  }

  #check(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.#size) {
      throw new RangeError(`there are ${this.#size} entries, not ${size}`);
    }
  }

  #range(start: number, size: number): Uint8Array {
    if (size === chunk && start % chunk === 0) {
      const known = this.#chunks[start / chunk];
      if (known !== undefined) return known;
    }
    if (size <= chunk) return rangeOf(this.#read(start, size));
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
}

function rangeOf(leaves: readonly Uint8Array[]): Uint8Array {
  const range = new CompactRange();
  for (const leaf of leaves) range.appendHash(leafHashBytes(leaf));
  return Buffer.from(range.root().slice(2), "hex");
}

/** Largest power of two below `size`: where RFC 6962 splits a tree. */
function split(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}
