export { bytesToHex, concat, hexToBytes, keccak, keccakBytes, type Hex } from "./keccak.ts";
export { canonicalJson } from "./canonical-json.ts";
