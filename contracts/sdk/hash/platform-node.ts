import { inputAt, keccakModule, rateBytes, roomBlocks, stateAt } from "./keccak-module.ts";

/** What is used of WebAssembly, whose types only browsers' libraries bring. */
interface Platform {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

interface Keccak {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly absorb: (blocks: number, goesOn: number) => void;
  readonly finish: (length: number, goesOn: number) => void;
}

const { Module, Instance } = (globalThis as unknown as Platform).WebAssembly;
const { memory, absorb, finish } = new Instance(new Module(keccakModule())).exports as Keccak;
const bytes = new Uint8Array(memory.buffer);
/** Whole blocks that fit with room for the padding behind them. */
const mostBlocks = roomBlocks - 1;
const mostBytes = mostBlocks * rateBytes;
const digestEnd = stateAt + 32;

/** Leaves the digest in the module's memory. */
function hash(data: Uint8Array): void {
  if (data.length <= mostBytes) {
    bytes.set(data, inputAt);
    return finish(data.length, 0);
  }
  let at = 0;
  for (; data.length - at > mostBytes; at += mostBytes) {
    bytes.set(data.subarray(at, at + mostBytes), inputAt);
    absorb(mostBlocks, at === 0 ? 0 : 1);
  }
  bytes.set(data.subarray(at), inputAt);
  finish(data.length - at, 1);
}

/** keccak256 of `data` as 32 bytes. */
export function keccakBytes(data: Uint8Array): Uint8Array {
  hash(data);
  return bytes.slice(stateAt, digestEnd);
}

/** keccak256 of `data` as hex. */
export function keccakHex(data: Uint8Array): `0x${string}` {
  hash(data);
  return hexOfHash(bytes);
}

/** Two digits of every byte, as they stand behind each other in memory. */
const pairs = Uint16Array.from({ length: 256 }, (_, byte) => pairOf(byte.toString(16).padStart(2, "0")));
/** A hash's hex: one text that is made at once, not of pieces that would have to be joined when somebody looks at them. */
const hashText = new Uint16Array(33);
const hashTextBytes = Buffer.from(hashText.buffer);
hashText[0] = pairOf("0x");

function pairOf(text: string): number {
  return new Uint16Array(Uint8Array.from(Buffer.from(text, "latin1")).buffer)[0] ?? 0;
}

function hexOfHash(from: Uint8Array): `0x${string}` {
  for (let at = 0; at < 32; at++) hashText[at + 1] = pairs[from[at] ?? 0] ?? 0;
  return hashTextBytes.toString("latin1") as `0x${string}`;
}

/** Bytes as hex, lower case. */
export function toHex(data: Uint8Array): `0x${string}` {
  if (data.length === 32) return hexOfHash(data);
  return `0x${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex")}`;
}
