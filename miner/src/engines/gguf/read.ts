import { GgufError, openByteSource, type ByteSource } from "./byte-source.ts";
import { tensorBytes, tensorTypeName } from "./tensor-types.ts";

export type GgufValue = number | bigint | boolean | string | GgufValue[];

export interface GgufTensor {
  name: string;
  /** Begins with the dimension that lies contiguous in memory. */
  dimensions: number[];
  /** `F32`, `Q8_0`, ...; `type 99` where the number is unknown. */
  type: string;
  /** From the beginning of the file. */
  offset: number;
  /** Undefined where the type is unknown. */
  bytes: number | undefined;
}

/** Bytes of a file from `from` up to, but without, `to`. */
export interface ByteRange {
  from: number;
  to: number;
}

/** The description at the front of a GGUF file. */
export interface Gguf {
  version: number;
  metadata: ReadonlyMap<string, GgufValue>;
  /** Where each entry of the metadata lies in the file, its key included. */
  entries: ReadonlyMap<string, ByteRange>;
  tensors: GgufTensor[];
  sizeBytes: number;
}

/** A file can claim any number; these are far above real ones. */
const most = { tensors: 1 << 20, entries: 1 << 16, dimensions: 8, nesting: 4 } as const;

/** Reads and checks the description: every tensor must lie inside the file. Throws GgufError, or the file system's error. */
export function readGguf(path: string): Gguf {
  const source = openByteSource(path);
  try {
    return readDescription(source);
  } finally {
    source.close();
  }
}

function readDescription(source: ByteSource): Gguf {
  if (source.size < 24 || source.take(4).toString("latin1") !== "GGUF") throw new GgufError("is not a GGUF file");
  const version = uint32(source);
  if (version < 2 || version > 3) throw new GgufError(`has GGUF version ${version}, which is not supported`);
  const tensorCount = count(source, most.tensors);
  const entryCount = count(source, most.entries);
  const metadata = new Map<string, GgufValue>();
  const entries = new Map<string, ByteRange>();
  for (let entry = 0; entry < entryCount; entry += 1) {
    const from = source.position;
    const key = text(source);
    metadata.set(key, value(source, uint32(source), 0));
    entries.set(key, { from, to: source.position });
  }
  const described = Array.from({ length: tensorCount }, () => tensor(source));
  const stated = metadata.get("general.alignment") ?? 32;
  if (typeof stated !== "number" || stated < 1) throw new GgufError("has a bad alignment");
  const start = Math.ceil(source.position / stated) * stated;
  const tensors = described.map(({ offset, ...rest }) => ({ ...rest, offset: start + offset }));
  const cut = tensors.find(({ offset, bytes }) => offset + (bytes ?? 0) > source.size);
  if (cut) throw new GgufError(`is truncated: the tensor ${JSON.stringify(cut.name)} reaches past the end of the file`);
  return { version, metadata, entries, tensors, sizeBytes: source.size };
}

function tensor(source: ByteSource): GgufTensor {
  const name = text(source);
  const rank = uint32(source);
  if (rank > most.dimensions) throw new GgufError(`has a tensor of ${rank} dimensions`);
  const dimensions = Array.from({ length: rank }, () => count(source, Number.MAX_SAFE_INTEGER));
  const type = uint32(source);
  const offset = count(source, Number.MAX_SAFE_INTEGER);
  return { name, dimensions, type: tensorTypeName(type), offset, bytes: tensorBytes(type, dimensions) };
}

function value(source: ByteSource, type: number, depth: number): GgufValue {
  switch (type) {
    case 0:
      return source.take(1).readUInt8();
    case 1:
      return source.take(1).readInt8();
    case 2:
      return source.take(2).readUInt16LE();
    case 3:
      return source.take(2).readInt16LE();
    case 4:
      return uint32(source);
    case 5:
      return source.take(4).readInt32LE();
    case 6:
      return source.take(4).readFloatLE();
    case 7:
      return source.take(1).readUInt8() !== 0;
    case 8:
      return text(source);
    case 9:
      return list(source, depth + 1);
    case 10:
      return source.take(8).readBigUInt64LE();
    case 11:
      return source.take(8).readBigInt64LE();
    case 12:
      return source.take(8).readDoubleLE();
    default:
      throw new GgufError(`has a metadata entry of unknown type ${type}`);
  }
}

function list(source: ByteSource, depth: number): GgufValue[] {
  if (depth > most.nesting) throw new GgufError("has metadata nested too deep");
  const type = uint32(source);
  // An item takes one byte at least, so that a claimed length cannot exceed the file.
  const length = count(source, source.size);
  const items: GgufValue[] = [];
  while (items.length < length) items.push(value(source, type, depth));
  return items;
}

const uint32 = (source: ByteSource): number => source.take(4).readUInt32LE();

function count(source: ByteSource, limit: number): number {
  const stated = source.take(8).readBigUInt64LE();
  if (stated > BigInt(limit)) throw new GgufError("is damaged: it states an impossible size");
  return Number(stated);
}

function text(source: ByteSource): string {
  return source.take(count(source, source.size)).toString("utf8");
}
