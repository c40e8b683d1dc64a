import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { packedBytes, PackedEntries } from "@lode/sdk/audit";
import { LeafTree } from "./leaf-tree.ts";

/** Entries that are read at a time. */
const pageEntries = 4096;

/** An auditor's own copy of the entries that it checked, 208 bytes each, in one file that only grows. */
export class EntryCopy {
  readonly tree = new LeafTree((start, count) => this.#leaves(start, count));
  readonly #file: number;
  #size = 0;
  #checksum = 0;

  /** Opens or makes the file. What it holds beyond `size` entries was never vouched for, and goes. */
  constructor(path: string, size: number) {
    this.#file = openSync(path, "a+", 0o600);
    // Opened for reading and appending; cutting it needs a descriptor of its own.
    const cut = openSync(path, "r+");
    try {
      if (fstatSync(cut).size > size * packedBytes) ftruncateSync(cut, size * packedBytes);
    } finally {
      closeSync(cut);
    }
  }

  /** Entries that were taken or read so far. */
  get size(): number {
    return this.#size;
  }

  /** CRC-32 of all bytes so far. */
  get checksum(): number {
    return this.#checksum;
  }

  append(packed: Uint8Array): void {
    this.#note(packed);
    for (let at = 0; at < packed.length;) at += writeSync(this.#file, packed, at);
  }

  /** Reads what the file holds, page after page, into the tree and to the caller; ends early where the file does. */
  *replay(size: number): Iterable<Uint8Array> {
    while (this.#size < size) {
      const page = this.#readBytes(this.#size, Math.min(pageEntries, size - this.#size));
      if (page.length === 0) return;
      this.#note(page);
      yield page;
    }
  }

  /** All entries so far, page after page; the tree stays as it is. */
  *pages(): Iterable<PackedEntries> {
    for (let start = 0; start < this.#size; start += pageEntries) {
      yield new PackedEntries(this.#readBytes(start, Math.min(pageEntries, this.#size - start)));
    }
  }

  entry(index: number): PackedEntries {
    return new PackedEntries(this.#readBytes(index, 1));
  }

  /** Whoever reads the state that is written after this finds the entries it speaks of. */
  flush(): void {
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #note(packed: Uint8Array): void {
    const entries = new PackedEntries(packed);
    for (let i = 0; i < entries.count; i++) this.tree.append(entries.receiptHash(i));
    this.#checksum = crc32(packed, this.#checksum);
    this.#size += entries.count;
  }

  #leaves(start: number, count: number): Uint8Array[] {
    const entries = new PackedEntries(this.#readBytes(start, count));
    return Array.from({ length: entries.count }, (_, i) => entries.receiptHash(i));
  }

  #readBytes(start: number, count: number): Buffer {
    const bytes = Buffer.alloc(count * packedBytes);
    const length = readSync(this.#file, bytes, 0, bytes.length, start * packedBytes);
    return bytes.subarray(0, length - (length % packedBytes));
  }
}
