import { createKeccak } from "hash-wasm";

const hasher = await createKeccak(256);

/** keccak256 of `data` as 32 bytes. */
export function keccakBytes(data: Uint8Array): Uint8Array {
  return hasher.init().update(data).digest("binary");
}

/** keccak256 of `data` as hex digits without a prefix. */
export function keccakDigits(data: Uint8Array): string {
  return hasher.init().update(data).digest("hex");
}

/** Hex digits of bytes, lower case, without a prefix. */
export function toDigits(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Writes the bytes of valid hex digits from an offset on. */
export function writeDigits(target: Uint8Array, offset: number, digits: string): void {
  Buffer.from(target.buffer, target.byteOffset, target.byteLength).write(digits, offset, "hex");
}
