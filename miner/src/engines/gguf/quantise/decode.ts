import { fromHalf } from "../encode/half.ts";

/** Reads little-endian weights of one format. */
export interface Decoder {
  /** Of one weight. */
  bytes: number;
  read(raw: Buffer): Float32Array;
}

let halves: Float32Array | undefined;

/** All half-precision numbers, by their 16 bits. */
function halfTable(): Float32Array {
  return (halves ??= Float32Array.from({ length: 0x10000 }, (_, bits) => fromHalf(bits)));
}

const decoders: Readonly<Record<string, Decoder>> = {
  F32: { bytes: 4, read: (raw) => collect(raw, 4, (at) => raw.readFloatLE(at)) },
  F16: {
    bytes: 2,
    read: (raw) => {
      const table = halfTable();
      return collect(raw, 2, (at) => table[raw.readUInt16LE(at)] ?? 0);
    },
  },
  // The upper half of a single-precision number.
  BF16: {
    bytes: 2,
    read: (raw) => {
      const wide = Buffer.alloc(2 * raw.length);
      for (let at = 0; at < raw.length; at += 2) raw.copy(wide, 2 * at + 2, at, at + 2);
      return collect(wide, 4, (at) => wide.readFloatLE(at));
    },
  },
};

function collect(raw: Buffer, bytes: number, weightAt: (at: number) => number): Float32Array {
  const weights = new Float32Array(raw.length / bytes);
  for (let index = 0; index < weights.length; index += 1) weights[index] = weightAt(index * bytes);
  return weights;
}

/** The decoder of a format whose weights are kept one by one, or undefined. */
export const decoderOf = (format: string): Decoder | undefined => decoders[format];
