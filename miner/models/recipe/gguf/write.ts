import type { Format } from "../../../src/engines/gguf/encode/weights.ts";

/** A metadata entry and its wire type. */
export type MetadataValue =
  | { type: "uint32" | "float32" | "uint64"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "strings"; value: readonly string[] }
  | { type: "int32s" | "float32s"; value: readonly number[] };

/** A tensor; `dimensions` begin with the one that lies contiguous in memory, as GGUF has them. */
export interface EncodedTensor {
  name: string;
  dimensions: readonly number[];
  format: Format;
  data: Buffer;
}

const alignment = 32;
const formatIds: Record<Format, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 };

/** Lays out a GGUF version 3 file. The same input gives the same bytes. */
export function writeGguf(metadata: Record<string, MetadataValue>, tensors: readonly EncodedTensor[]): Buffer {
  const entries = Object.entries(metadata);
  const header: Buffer[] = [Buffer.from("GGUF"), uint32(3), uint64(tensors.length), uint64(entries.length)];
  for (const [key, entry] of entries) header.push(text(key), metadataEntry(entry));
  let offset = 0;
  for (const { name, dimensions, format, data } of tensors) {
    header.push(
      text(name),
      uint32(dimensions.length),
      ...dimensions.map(uint64),
      uint32(formatIds[format]),
      uint64(offset),
    );
    offset += padded(data.length);
  }
  const head = Buffer.concat(header);
  const body = tensors.flatMap(({ data }) => [data, Buffer.alloc(padded(data.length) - data.length)]);
  return Buffer.concat([head, Buffer.alloc(padded(head.length) - head.length), ...body]);
}

const padded = (length: number): number => Math.ceil(length / alignment) * alignment;

function metadataEntry(entry: MetadataValue): Buffer {
  switch (entry.type) {
    case "uint32":
      return Buffer.concat([uint32(4), uint32(entry.value)]);
    case "float32":
      return Buffer.concat([uint32(6), float32(entry.value)]);
    case "uint64":
      return Buffer.concat([uint32(10), uint64(entry.value)]);
    case "bool":
      return Buffer.concat([uint32(7), Buffer.from([entry.value ? 1 : 0])]);
    case "string":
      return Buffer.concat([uint32(8), text(entry.value)]);
    case "strings":
      return list(8, entry.value.map(text));
    case "int32s":
      return list(5, entry.value.map(int32));
    case "float32s":
      return list(6, entry.value.map(float32));
  }
}

const list = (type: number, items: readonly Buffer[]): Buffer =>
  Buffer.concat([uint32(9), uint32(type), uint64(items.length), ...items]);

const fixed = (bytes: number, write: (buffer: Buffer) => void): Buffer => {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer;
};
const uint32 = (value: number): Buffer => fixed(4, (buffer) => void buffer.writeUInt32LE(value));
const int32 = (value: number): Buffer => fixed(4, (buffer) => void buffer.writeInt32LE(value));
const uint64 = (value: number): Buffer => fixed(8, (buffer) => void buffer.writeBigUInt64LE(BigInt(value)));
const float32 = (value: number): Buffer => fixed(4, (buffer) => void buffer.writeFloatLE(value));
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
};
