import { keccak_256 } from "@noble/hashes/sha3";

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** keccak256 of `data` as 32 bytes. In script: a page with a strict policy may not compile WebAssembly. */
export function keccakBytes(data: Uint8Array): Uint8Array {
  return keccak_256(data);
}

/** keccak256 of `data` as hex. */
export function keccakHex(data: Uint8Array): `0x${string}` {
  return toHex(keccak_256(data));
}

/** Bytes as hex, lower case. */
export function toHex(data: Uint8Array): `0x${string}` {
  let digits = "";
  for (const byte of data) digits += pairs[byte] ?? "";
  return `0x${digits}`;
}
