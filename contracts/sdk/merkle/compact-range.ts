import { bytesToHex, hexToBytes, type Hex } from "../hash/index.ts";
import { emptyRoot, leafHashBytes, nodeHash } from "./node.ts";

/** An RFC 6962 tree that can only grow and tell its root: it keeps one hash for each set bit of its size. */
export class CompactRange {
  #size = 0;
  /** Roots of the full subtrees, largest first. */
  readonly #peaks: Uint8Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf by its data. */
  append(data: Uint8Array | Hex): void {
    this.appendHash(leafHashBytes(typeof data === "string" ? hexToBytes(data) : data));
  }

  /** Appends a leaf by its leaf hash. */
  appendHash(hash: Uint8Array): void {
    let node = hash;
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new Error("a compact range lost a peak");
      node = nodeHash(left, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  root(): Hex {
    let node: Uint8Array | undefined;
    for (let i = this.#peaks.length - 1; i >= 0; i--) {
      const peak = this.#peaks[i];
      if (peak !== undefined) node = node === undefined ? peak : nodeHash(peak, node);
    }
    return node === undefined ? emptyRoot : bytesToHex(node);
  }

  clone(): CompactRange {
    const copy = new CompactRange();
    copy.#size = this.#size;
    copy.#peaks.push(...this.#peaks);
    return copy;
  }
}
