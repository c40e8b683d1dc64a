import { keccakBytes, keccakHex, toHex } from "#hash/platform";

/** A `0x`-prefixed lower-case hex string. */
export type Hex = `0x${string}`;

export { keccakBytes };

/** keccak256 of `data` as hex. */
export function keccak(data: Uint8Array): Hex {
  return keccakHex(data);
}

export function hexToBytes(hex: Hex): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, (hex.length >> 1) - 1));
  if (hex.length % 2 !== 0 || !hex.startsWith("0x") || !writeHex(bytes, 0, hex))
    throw new TypeError(`not a hex string of whole bytes: ${hex.slice(0, 20)}`);
  return bytes;
}

const noDigit = 0x80;
/** What a digit is worth, by its code; `noDigit` for anything else. */
const worth = new Uint8Array(128).fill(noDigit);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  worth[digit.charCodeAt(0)] = worth[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Codes beyond the table are no digits either. */
const worthOf = (code: number): number => (worth[code & 0x7f] ?? 0) | (code & 0xff80);

/** Writes the bytes behind the `0x` of a text of even length, which must fit. Whether all of it were digits: else what is there means nothing. */
export function writeHex(target: Uint8Array, offset: number, hex: string): boolean {
  let seen = 0;
  for (let at = 2, to = offset; at < hex.length; at += 2, to++) {
    const high = worthOf(hex.charCodeAt(at));
    const low = worthOf(hex.charCodeAt(at + 1));
    seen |= high | low;
    target[to] = (high << 4) | low;
  }
  return seen < 16;
}

export function bytesToHex(bytes: Uint8Array): Hex {
  return toHex(bytes);
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
