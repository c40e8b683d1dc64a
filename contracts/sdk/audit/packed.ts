import { hexToBytes, type Hex } from "../hash/index.ts";
import { refundOf, type ReadEntry } from "./entry-rules.ts";
import type { Bill } from "./turns.ts";
import type { AuditEntry } from "./types.ts";

/**
 * A checked entry in 208 bytes: what the books need of it, and nothing of what was checked already. Workers hand entries
 * over in this form, and an auditor keeps its own copy of a log in it.
 *
 * | at  | what                    | at  | what                           |
 * | --- | ----------------------- | --- | ------------------------------ |
 * | 0   | receipt hash            | 112 | credit index                   |
 * | 32  | assignment digest       | 120 | attempt                        |
 * | 64  | amount, 128 bits        | 124 | fee, millionths                |
 * | 80  | counter                 | 128 | client                         |
 * | 88  | output offset, tokens   | 148 | miner                          |
 * | 96  | finished, ms            | 168 | polling miner, zero for nobody |
 * | 104 | debit index             | 188 | flags                          |
 * |     |                         | 189 | terms of the job, 24 bits      |
 * |     |                         | 192 | refund, 128 bits               |
 */
export const packedBytes = 208;

const flag = { readable: 1, hosted: 2, counted: 4, input: 8 } as const;

/** Stands for an index that is no whole number: it equals no index. */
const noIndex = 0xffffffffffffffffn;

function indexOf(value: unknown): bigint {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : noIndex;
}

/**
 * Writes an entry. One that cannot be read is all zeros, so that it still takes its place in the log.
 * @param isCounted whether it enters streams: entries beside an audit's focus do not
 */
export function packEntry(out: Buffer, place: number, entry: AuditEntry, read: ReadEntry, isCounted: boolean): void {
  const at = place * packedBytes;
  const { assignment, receipt, hosted } = read;
  out.set(hexToBytes(read.receiptHash), at);
  out.set(hexToBytes(read.digest), at + 32);
  writeWei(out, at + 64, receipt.amountWei);
  out.writeBigUInt64BE(assignment.counter, at + 80);
  out.writeUInt32BE(assignment.outputOffset, at + 88);
  out.writeUInt32BE(receipt.outputTokens, at + 92);
  out.writeBigUInt64BE(receipt.finishedAtMs, at + 96);
  out.writeBigUInt64BE(indexOf(entry.debitIndex), at + 104);
  out.writeBigUInt64BE(indexOf(entry.creditIndex), at + 112);
  out.writeUInt32BE(assignment.attempt, at + 120);
  out.writeUInt32BE(assignment.feePpm, at + 124);
  out.write(assignment.client.slice(2), at + 128, "hex");
  out.write(assignment.miner.slice(2), at + 148, "hex");
  if (hosted !== undefined) out.write(hosted.wallet.slice(2), at + 168, "hex");
  const hasInput = receipt.inputTokens > 0 && assignment.inputPriceWei > 0n;
  out[at + 188] =
    flag.readable |
    (hosted === undefined ? 0 : flag.hosted) |
    (isCounted ? flag.counted : 0) |
    (hasInput ? flag.input : 0);
  out.writeUIntBE(termsOf(read), at + 189, 3);
  // A price beyond any amount is no money, and must not end the audit of all else.
  const refundWei = refundOf(read);
  writeWei(out, at + 192, refundWei >> 128n === 0n ? refundWei : 0n);
}

/** 24 bits of a job's quote and of where its output ends at the latest, which every attempt says anew. */
function termsOf({ assignment: { quoteHash, outputOffset, maxOutputTokens } }: ReadEntry): number {
  return (parseInt(quoteHash.slice(2, 8), 16) ^ (outputOffset + maxOutputTokens)) & 0xffffff;
}

function writeWei(out: Buffer, at: number, wei: bigint): void {
  out.writeBigUInt64BE(wei >> 64n, at);
  out.writeBigUInt64BE(wei & 0xffffffffffffffffn, at + 8);
}

/** Entries side by side, read where they lie. */
export class PackedEntries {
  readonly bytes: Buffer;
  readonly count: number;

  /** @throws RangeError for bytes that are no whole number of entries */
  constructor(bytes: Uint8Array) {
    if (bytes.length % packedBytes !== 0) throw new RangeError(`${bytes.length} bytes are no whole entries`);
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.count = bytes.length / packedBytes;
  }

  isReadable(i: number): boolean {
    return ((this.bytes[i * packedBytes + 188] ?? 0) & flag.readable) !== 0;
  }

  isCounted(i: number): boolean {
    return ((this.bytes[i * packedBytes + 188] ?? 0) & flag.counted) !== 0;
  }

  receiptHash(i: number): Uint8Array {
    return this.bytes.subarray(i * packedBytes, i * packedBytes + 32);
  }

  digest(i: number): Hex {
    return `0x${this.bytes.toString("hex", i * packedBytes + 32, i * packedBytes + 64)}`;
  }

  amountWei(i: number): bigint {
    return this.#wei(i * packedBytes + 64);
  }

  /** What lateness took off the price. */
  refundWei(i: number): bigint {
    return this.#wei(i * packedBytes + 192);
  }

  /** The words that tell one turn of a job from another: counter (two), attempt; then two of the assignment's digest. */
  turn(i: number): readonly [number, number, number, number, number] {
    const at = i * packedBytes;
    const { bytes } = this;
    return [
      bytes.readUInt32BE(at + 80),
      bytes.readUInt32BE(at + 84),
      bytes.readUInt32BE(at + 120),
      bytes.readUInt32BE(at + 32),
      bytes.readUInt32BE(at + 36),
    ];
  }

  /** What the receipt bills of its job. */
  bill(i: number): Bill {
    const { bytes } = this;
    const at = i * packedBytes;
    return {
      offset: bytes.readUInt32BE(at + 88),
      tokens: bytes.readUInt32BE(at + 92),
      hasInput: ((bytes[at + 188] ?? 0) & flag.input) !== 0,
      // The client's own bits and the terms' lie over each other, so that neither can differ alone.
      terms: ((bytes.readUIntBE(at + 189, 3) << 7) ^ bytes.readUInt32BE(at + 128)) & 0x7fffffff,
    };
  }

  finishedAtMs(i: number): number {
    return Number(this.bytes.readBigUInt64BE(i * packedBytes + 96));
  }

  debitIndex(i: number): number {
    return Number(this.bytes.readBigUInt64BE(i * packedBytes + 104));
  }

  creditIndex(i: number): number {
    return Number(this.bytes.readBigUInt64BE(i * packedBytes + 112));
  }

  feePpm(i: number): number {
    return this.bytes.readUInt32BE(i * packedBytes + 124);
  }

  client(i: number): Hex {
    return this.#address(i * packedBytes + 128);
  }

  miner(i: number): Hex {
    return this.#address(i * packedBytes + 148);
  }

  /** The polling miner whose host signed; undefined where there is none. */
  wallet(i: number): Hex | undefined {
    if (((this.bytes[i * packedBytes + 188] ?? 0) & flag.hosted) === 0) return undefined;
    return this.#address(i * packedBytes + 168);
  }

  #wei(at: number): bigint {
    const high = this.bytes.readBigUInt64BE(at);
    const low = this.bytes.readBigUInt64BE(at + 8);
    return high === 0n ? low : (high << 64n) | low;
  }

  #address(at: number): Hex {
    return `0x${this.bytes.toString("hex", at, at + 20)}`;
  }
}
