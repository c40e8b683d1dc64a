import { keccakBytes, keccakDigits, toDigits, writeDigits } from "#hash/platform";

/** A `0x`-prefixed lower-case hex string. */
export type Hex = `0x${string}`;

export { keccakBytes };

/** keccak256 of `data` as hex. */
export function keccak(data: Uint8Array): Hex {
  return `0x${keccakDigits(data)}`;
}

export function hexToBytes(hex: Hex): Uint8Array {
  if (hex.length % 2 !== 0 || !/^0x[0-9a-fA-F]*$/.test(hex))
    throw new TypeError(`not a hex string of whole bytes: ${hex.slice(0, 20)}`);
  const bytes = new Uint8Array(hex.length / 2 - 1);
  writeDigits(bytes, 0, hex.slice(2));
  return bytes;
}

/** Writes the bytes of a hex string, which must be whole and fit, into a buffer. */
export function writeHex(target: Uint8Array, offset: number, hex: Hex): void {
  writeDigits(target, offset, hex.slice(2));
}

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${toDigits(bytes)}`;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
