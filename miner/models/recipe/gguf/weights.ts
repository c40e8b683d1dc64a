import { readFileSync } from "node:fs";
import { readGguf } from "../../../src/engines/gguf/read.ts";
import { fromHalf } from "../../../src/engines/gguf/encode/half.ts";

/** Reads all weights of an F16 or F32 file that the recipe wrote, in file order, which is the trainer's. */
export function readWeights(path: string): Float32Array {
  const { tensors } = readGguf(path);
  const file = readFileSync(path);
  const parts = tensors.map(({ name, type, offset, bytes }) => {
    const data = file.subarray(offset, offset + (bytes ?? 0));
    if (type === "F16")
      return Float32Array.from({ length: data.length / 2 }, (_, at) => fromHalf(data.readUInt16LE(2 * at)));
    if (type === "F32") return Float32Array.from({ length: data.length / 4 }, (_, at) => data.readFloatLE(4 * at));
    throw new TypeError(`${name} is ${type}; weights are kept as F16`);
  });
  const weights = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    weights.set(part, at);
    at += part.length;
  }
  return weights;
}
