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

/**
 * A file can claim any number, and a file of gigabytes can be all description, which the daemon reads too: these are several
 * times what the largest vocabularies need, and keep what is read below about half a gigabyte.
 */
const most = {
  ...{ tensors: 1 << 16, entries: 1 << 16, dimensions: 8, nesting: 4 },
  ...{ values: 1 << 22, bytes: 1 << 28 },
} as const;

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
  const reader = boundedSource(source);
  const metadata = new Map<string, GgufValue>();
  const entries = new Map<string, ByteRange>();
  for (let entry = 0; entry < entryCount; entry += 1) {
    const from = source.position;
    const key = text(reader);
    // Which of two would count differs from reader to reader.
    if (metadata.has(key)) throw new GgufError(`states ${JSON.stringify(key.slice(0, 100))} twice`);
    metadata.set(key, value(reader, uint32(reader), 0));
    entries.set(key, { from, to: source.position });
  }
  const described = Array.from({ length: tensorCount }, () => tensor(reader));
  const stated = metadata.get("general.alignment") ?? 32;
  if (typeof stated !== "number" || !(stated >= 1) || stated > 2 ** 30 || !Number.isInteger(Math.log2(stated)))
    throw new GgufError("has a bad alignment");
  const start = Math.ceil(source.position / stated) * stated;
  const tensors = described.map(({ offset, ...rest }) => ({ ...rest, offset: start + offset }));
  const cut = tensors.find(({ offset, bytes }) => offset + (bytes ?? 0) > source.size);
  if (cut) throw new GgufError(`is truncated: the tensor ${JSON.stringify(cut.name)} reaches past the end of the file`);
  requireApart(tensors);
  return { version, metadata, entries, tensors, sizeBytes: source.size };
}

/** A description's source, and the values that were read of its lists. */
type Bounded = ByteSource & { values: number };

/** A source that lets no more be read of a description than it may have. */
function boundedSource(source: ByteSource): Bounded {
  return {
    values: 0,
    size: source.size,
    get position() {
      return source.position;
    },
    take(length) {
      if (source.position + length > most.bytes) throw new GgufError("has a description that is too long");
      return source.take(length);
    },
    close: () => source.close(),
  };
}

/** No byte may belong to two tensors, and no name to two. */
function requireApart(tensors: readonly GgufTensor[]): void {
  if (new Set(tensors.map(({ name }) => name)).size < tensors.length)
    throw new GgufError("has two tensors of one name");
  const inOrder = tensors.filter(({ bytes = 0 }) => bytes > 0).sort((a, b) => a.offset - b.offset);
  inOrder.forEach(({ name, offset }, at) => {
    const before = inOrder[at - 1];
    if (before === undefined || before.offset + (before.bytes ?? 0) <= offset) return;
    throw new GgufError(`is damaged: the tensor ${JSON.stringify(name.slice(0, 100))} lies over another`);
  });
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

function value(source: Bounded, type: number, depth: number): GgufValue {
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

function list(source: Bounded, depth: number): GgufValue[] {
  if (depth > most.nesting) throw new GgufError("has metadata nested too deep");
  const type = uint32(source);
  // An item takes one byte at least, so that a claimed length cannot exceed the file.
  const length = count(source, source.size);
  source.values += length;
  if (source.values > most.values) throw new GgufError("has lists that are too long");
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
