import { toHalf } from "./half.ts";

/** Tensor formats that the recipe writes. */
export type Format = "F32" | "F16" | "Q8_0" | "Q4_0";

/** Weights in one block of the Q formats, which share one scale. */
const blockSize = 32;

/**
 * Encodes weights in llama.cpp's block layouts, byte for byte as its own quantiser does.
 * Every intermediate is rounded to single precision because the C code computes in `float`.
 */
export function encodeWeights(weights: Float32Array, format: Format): Buffer {
  switch (format) {
    case "F32":
      return Buffer.from(Float32Array.from(weights).buffer);
    case "F16":
      return Buffer.from(Uint16Array.from(weights, toHalf).buffer);
    case "Q8_0":
      return encodeBlocks(weights, 34, writeQ8);
    case "Q4_0":
      return encodeBlocks(weights, 18, writeQ4);
  }
}

function encodeBlocks(weights: Float32Array, bytes: number, write: (block: Float32Array, out: Buffer) => void): Buffer {
  if (weights.length % blockSize !== 0)
    throw new RangeError(`${weights.length} weights do not fill blocks of ${blockSize}`);
  const encoded = Buffer.alloc((weights.length / blockSize) * bytes);
  for (let at = 0, to = 0; at < weights.length; at += blockSize, to += bytes) {
    write(weights.subarray(at, at + blockSize), encoded.subarray(to, to + bytes));
  }
  return encoded;
}

/** A half-precision scale, then 32 signed bytes. */
function writeQ8(block: Float32Array, out: Buffer): void {
  let largest = 0;
  for (const weight of block) largest = Math.max(largest, Math.abs(weight));
  const scale = Math.fround(largest / 127);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  out.writeUInt16LE(toHalf(scale), 0);
  block.forEach((weight, index) => {
    const scaled = Math.fround(weight * inverse);
    // C's roundf: halves go away from zero, where Math.round would take them upwards.
    out.writeInt8(Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5), 2 + index);
  });
}

/** A half-precision scale, then 16 bytes: the first half block in the low nibbles, the second in the high ones. */
function writeQ4(block: Float32Array, out: Buffer): void {
  let extreme = 0;
  for (const weight of block) if (Math.abs(weight) > Math.abs(extreme)) extreme = weight;
  const scale = Math.fround(extreme / -8);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  out.writeUInt16LE(toHalf(scale), 0);
  const nibble = (weight: number): number => Math.min(15, Math.trunc(Math.fround(Math.fround(weight * inverse) + 8.5)));
  for (let index = 0; index < 16; index += 1) {
    out[2 + index] = nibble(block[index] ?? 0) | (nibble(block[index + 16] ?? 0) << 4);
  }
}
