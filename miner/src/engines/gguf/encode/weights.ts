import { toHalf } from "./half.ts";

export type Format = "F32" | "F16" | "Q8_0" | "Q4_0";

/** Weights that share a scale in Q8_0 and Q4_0. */
export const blockSize = 32;

/**
 * Encodes weights in llama.cpp's block layouts, byte for byte as its own quantiser does.
 * Every intermediate is rounded to single precision because the C code computes in `float`.
 * Throws RangeError when blocks cannot be filled, or when half precision holds no finite number for a weight or a scale.
 */
export function encodeWeights(weights: Float32Array, format: Format): Buffer {
  switch (format) {
    case "F32":
      return Buffer.from(Float32Array.from(weights).buffer);
    case "F16":
      return Buffer.from(Uint16Array.from(weights, finiteHalf).buffer);
    case "Q8_0":
      return encodeBlocks(weights, 34, writeQ8);
    case "Q4_0":
      return encodeBlocks(weights, 18, writeQ4);
  }
}

/** Writes the block of weights at `from` to `out` at `to`. */
type WriteBlock = (weights: Float32Array, from: number, out: Uint8Array, to: number) => void;

function encodeBlocks(weights: Float32Array, bytes: number, write: WriteBlock): Buffer {
  if (weights.length % blockSize !== 0)
    throw new RangeError(`${weights.length} weights do not fill blocks of ${blockSize}`);
  const encoded = Buffer.alloc((weights.length / blockSize) * bytes);
  for (let at = 0, to = 0; at < weights.length; at += blockSize, to += bytes) write(weights, at, encoded, to);
  return encoded;
}

/** A half-precision scale, then 32 signed bytes. */
function writeQ8(weights: Float32Array, from: number, out: Uint8Array, to: number): void {
  let largest = 0;
  for (let index = 0; index < blockSize; index += 1) {
    const size = Math.abs(weights[from + index] ?? 0);
    // The negation catches what is not a number, which no comparison holds for.
    if (!(size <= largest)) largest = size;
  }
  const scale = Math.fround(largest / 127);
  const inverse = writeScale(scale, out, to);
  for (let index = 0; index < blockSize; index += 1) {
    const scaled = Math.fround((weights[from + index] ?? 0) * inverse);
    // C's roundf: halves go away from zero, where Math.round would take them upwards.
    out[to + 2 + index] = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(scaled + 0.5);
  }
}

/** A half-precision scale, then 16 bytes: the first half block in the low nibbles, the second in the high ones. */
function writeQ4(weights: Float32Array, from: number, out: Uint8Array, to: number): void {
  let [extreme, largest] = [0, 0];
  for (let index = 0; index < blockSize; index += 1) {
    const weight = weights[from + index] ?? 0;
    if (!(Math.abs(weight) <= largest)) [extreme, largest] = [weight, Math.abs(weight)];
  }
  const inverse = writeScale(Math.fround(extreme / -8), out, to);
  const half = blockSize / 2;
  for (let index = 0; index < half; index += 1) {
    const low = nibble(weights[from + index] ?? 0, inverse);
    const high = nibble(weights[from + index + half] ?? 0, inverse);
    out[to + 2 + index] = low | (high << 4);
  }
}

function nibble(weight: number, inverse: number): number {
  return Math.min(15, Math.trunc(Math.fround(Math.fround(weight * inverse) + 8.5)));
}

/** Writes a block's scale and returns what its weights are multiplied with. */
function writeScale(scale: number, out: Uint8Array, to: number): number {
  const half = finiteHalf(scale);
  out[to] = half & 0xff;
  out[to + 1] = half >>> 8;
  return scale === 0 ? 0 : Math.fround(1 / scale);
}

function finiteHalf(value: number): number {
  const half = toHalf(value);
  if ((half & 0x7c00) === 0x7c00) throw new RangeError("a weight is too large, or is not a number");
  return half;
}
