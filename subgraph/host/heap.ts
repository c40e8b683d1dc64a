import { MappingError } from "./errors.ts";
import { typeIds, type TypeIdName } from "./type-ids.ts";
import type { ModuleMemory } from "./webassembly.ts";

/** What every module built by graph-cli exports beside its handlers. */
export interface MappingExports {
  readonly memory: ModuleMemory;
  readonly allocate: (size: number) => number;
  readonly id_of_type: (typeId: number) => number;
  readonly _start?: () => void;
}

/** mmInfo, gcInfo, gcInfo2, class id, size: five words before what a pointer points to. */
const HEADER_BYTES = 20;
const ALIGNMENT = 16;
/** Memory is taken in pieces of this size, because a call into the module costs more than what it gives. */
const ARENA_BYTES = 10_000;
/** `allocate` answers a block that is aligned for its own header of four bytes; objects of ours have twenty. */
const ARENA_SHIFT = 12;

/**
 * A module's memory as AssemblyScript lays it out (32-bit pointers, little-endian, stub runtime: nothing is ever freed).
 * Objects made here carry the header and class id that the module expects of its own.
 */
export class Heap {
  readonly #exports: MappingExports;
  readonly #classIds = new Map<TypeIdName, number>();
  #free = 0;
  #freeBytes = 0;

  constructor(exports: MappingExports) {
    this.#exports = exports;
  }

  /** Bytes that the module's memory has grown to. */
  get size(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Makes an object of these bytes and answers its pointer. */
  allocate(type: TypeIdName, content: Uint8Array): number {
    const length = HEADER_BYTES + content.length;
    const padded = Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    const header = this.#take(padded);
    const view = this.#view();
    view.setUint32(header, padded - 4, true);
    view.setUint32(header + 4, 0, true);
    view.setUint32(header + 8, 0, true);
    view.setUint32(header + 12, this.#classId(type), true);
    view.setUint32(header + 16, content.length, true);
    this.#bytes().set(content, header + HEADER_BYTES);
    return header + HEADER_BYTES;
  }

  /** Makes an object whose fields are all pointers; 0 is null. */
  record(type: TypeIdName, fields: readonly number[]): number {
    return this.allocate(type, words(fields));
  }

  string(text: string): number {
    return this.allocate("string", Buffer.from(text, "utf16le"));
  }

  /** Bytes, addresses and BigInts are all arrays of bytes. */
  bytes(content: Uint8Array): number {
    const buffer = this.allocate("arrayBuffer", content);
    return this.allocate("uint8Array", words([buffer, buffer, content.length]));
  }

  /** An array of pointers. */
  array(type: TypeIdName, pointers: readonly number[]): number {
    const content = words(pointers);
    const buffer = this.allocate("arrayBuffer", content);
    return this.allocate(type, words([buffer, buffer, content.length, pointers.length]));
  }

  /** A dynamically typed value: a kind, and a number or pointer of 64 bits. */
  tagged(type: "storeValue" | "ethereumValue", kind: number, payload: bigint): number {
    const content = new Uint8Array(16);
    const view = new DataView(content.buffer);
    view.setInt32(0, kind, true);
    view.setBigUint64(8, BigInt.asUintN(64, payload), true);
    return this.allocate(type, content);
  }

  /** The word at an offset of an object. */
  word(pointer: number, offset = 0): number {
    if (pointer === 0) throw new MappingError("mapping_null", "A mapping handed over a null pointer.");
    return this.#view().getUint32(pointer + offset, true);
  }

  readTagged(pointer: number): { kind: number; payload: bigint } {
    return { kind: this.word(pointer), payload: this.#view().getBigUint64(pointer + 8, true) };
  }

  readString(pointer: number): string {
    const size = this.word(pointer, -4);
    return Buffer.from(this.#exports.memory.buffer, pointer, size).toString("utf16le");
  }

  /** A copy of an array of bytes. */
  readBytes(pointer: number): Uint8Array {
    return this.#bytes().slice(this.word(pointer, 4), this.word(pointer, 4) + this.word(pointer, 8));
  }

  /** The pointers in an array. */
  readArray(pointer: number): number[] {
    const start = this.word(pointer, 4);
    return Array.from({ length: this.word(pointer, 12) }, (_, index) => this.word(start, 4 * index));
  }

  #take(size: number): number {
    if (size > this.#freeBytes) {
      const bytes = Math.max(ARENA_BYTES, size + ARENA_SHIFT);
      this.#free = this.#exports.allocate(bytes) + ARENA_SHIFT;
      this.#freeBytes = bytes - ARENA_SHIFT;
    }
    const start = this.#free;
    this.#free += size;
    this.#freeBytes -= size;
    return start;
  }

  #classId(type: TypeIdName): number {
    let id = this.#classIds.get(type);
    if (id === undefined) {
      id = this.#exports.id_of_type(typeIds[type]);
      this.#classIds.set(type, id);
    }
    return id;
  }

  /** Made anew each time: memory that grows has a new buffer. */
  #view(): DataView {
    return new DataView(this.#exports.memory.buffer);
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer);
  }
}

function words(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
