import { keccakBytes, type Hex } from "@lode/sdk/hash";

/**
 * The public random numbers of a job: for a position the first 53 bits of keccak(seed || u32be position), in [0, 1).
 * A position counts output tokens from 0 and goes on over failover, so that any engine draws the same.
 */
export function createDraw(seed: Hex): (position: number) => number {
  if (!/^0x[0-9a-fA-F]{64}$/.test(seed)) throw new RangeError("The seed must be 32 bytes in hex.");
  const input = Buffer.alloc(36);
  input.write(seed.slice(2), "hex");
  return (position) => {
    input.writeUInt32BE(position, 32);
    const digest = keccakBytes(input);
    const bits = Buffer.from(digest.buffer, digest.byteOffset, 8).readBigUInt64BE() >> 11n;
    return Number(bits) / 2 ** 53;
  };
}
