import { keccak_256 } from "@noble/hashes/sha3";

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** keccak256 of `data` as 32 bytes. In script: a page with a strict policy may not compile WebAssembly. */
export function keccakBytes(data: Uint8Array): Uint8Array {
  return keccak_256(data);
}

/** keccak256 of `data` as hex digits without a prefix. */
export function keccakDigits(data: Uint8Array): string {
  return toDigits(keccak_256(data));
}

/** Hex digits of bytes, lower case, without a prefix. */
export function toDigits(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += pairs[byte] ?? "";
  return digits;
}

/** Writes the bytes of valid hex digits from an offset on. */
export function writeDigits(target: Uint8Array, offset: number, digits: string): void {
  for (let at = 0; at < digits.length; at += 2) {
    target[offset + at / 2] = Number.parseInt(digits.slice(at, at + 2), 16);
  }
}
