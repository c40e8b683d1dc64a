export { bytesToHex, concat, hexToBytes, keccak, keccakBytes, writeHex, type Hex } from "./keccak.ts";
export { canonicalJson } from "./canonical-json.ts";
