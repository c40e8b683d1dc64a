import { randomBytes } from "node:crypto";
import { bytesToHex } from "@lode/sdk/hash";
import { schemas, type Struct, type StructName } from "@lode/sdk/typed-data";

/** A struct with a random value in every field; `bytes` gives the randomness. */
export function randomStruct<N extends StructName>(name: N, bytes: (length: number) => Uint8Array = randomBytes): Struct<N> {
  const value = (type: string): unknown => {
    const number = (length: number): bigint => BigInt(bytesToHex(bytes(length)));
    switch (type) {
      case "address":
        return bytesToHex(bytes(20));
      case "bytes32":
        return bytesToHex(bytes(32));
      case "string":
        return `Ünïcode ${bytesToHex(bytes(8))}`;
      case "bool":
        return number(1) % 2n === 1n;
      case "uint8":
        return Number(number(1));
      case "uint32":
        return Number(number(4));
      default:
        return number(type === "uint64" ? 8 : 16);
    }
  };
  return Object.fromEntries(schemas[name].map(([type, field]) => [field, value(type)])) as Struct<N>;
}
