import type { Gguf, GgufTensor } from "../read.ts";
import { properDimensions } from "./rules.ts";
import { tensorBytes, tensorTypeNumber } from "../tensor-types.ts";

/** A tensor of the file to be written. */
export interface PlannedTensor {
  source: GgufTensor;
  /** Its format in the new file. */
  format: string;
  bytes: number;
}

/** What the quantiser says itself, at the end of the metadata; and what is true of a file in several parts only. */
const restated = ["general.quantization_version", "general.file_type"];
const dropped = ["split.no", "split.count", "split.tensors.count"];

export const alignment = 32;
export const padded = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

export function planTensor(source: GgufTensor, format: string): PlannedTensor {
  const bytes = tensorBytes(tensorTypeNumber(format) ?? -1, source.dimensions) ?? source.bytes;
  if (bytes === undefined) throw new RangeError(`the format of ${source.name} is unknown`);
  return { source, format, bytes };
}

/**
 * The description of a quantised file, padded to where the first tensor begins.
 * @param entryBytes reads an entry of the source as it stands there, so that nothing is lost on the way
 */
export function quantisedHeader(
  gguf: Gguf,
  tensors: readonly PlannedTensor[],
  fileType: number,
  entryBytes: (key: string) => Buffer,
): Buffer {
  const keys = [...gguf.entries.keys()].filter((key) => !restated.includes(key) && !dropped.includes(key));
  const parts = [
    Buffer.from("GGUF"),
    ...[uint32(3), uint64(tensors.length), uint64(keys.length + restated.length)],
    ...keys.map(entryBytes),
    numberEntry("general.quantization_version", 2),
    numberEntry("general.file_type", fileType),
  ];
  let offset = 0;
  for (const { source, format, bytes } of tensors) {
    const { name } = source;
    const dimensions = properDimensions(source);
    parts.push(text(name), uint32(dimensions.length), ...dimensions.map(uint64));
    parts.push(uint32(tensorTypeNumber(format) ?? 0), uint64(offset));
    offset += padded(bytes);
  }
  const head = Buffer.concat(parts);
  return Buffer.concat([head, Buffer.alloc(padded(head.length) - head.length)]);
}

/** An entry of type 4, a 32-bit number. */
const numberEntry = (key: string, value: number): Buffer => Buffer.concat([text(key), uint32(4), uint32(value)]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
}
