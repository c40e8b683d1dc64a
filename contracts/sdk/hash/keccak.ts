import { createKeccak } from "hash-wasm";

/** A `0x`-prefixed lower-case hex string. */
export type Hex = `0x${string}`;

const hasher = await createKeccak(256);

/** keccak256 of `data` as 32 bytes. */
export function keccakBytes(data: Uint8Array): Uint8Array {
  return hasher.init().update(data).digest("binary");
}

/** keccak256 of `data` as hex. */
export function keccak(data: Uint8Array): Hex {
  return `0x${hasher.init().update(data).digest("hex")}`;
}

export function hexToBytes(hex: Hex): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) throw new TypeError(`not a hex string of whole bytes: ${hex.slice(0, 20)}`);
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
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
