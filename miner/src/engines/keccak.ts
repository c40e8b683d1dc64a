import { createKeccak } from "hash-wasm";

const hasher = await createKeccak(256);

/** keccak256 of the bytes. */
export function keccakBytes(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}

/** keccak256 of the bytes, as `0x` hex. */
export function keccak(bytes: Uint8Array): `0x${string}` {
  return `0x${hasher.init().update(bytes).digest("hex")}`;
}
