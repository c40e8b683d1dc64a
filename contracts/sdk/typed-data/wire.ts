import { schemas, type Struct, type StructName } from "./schemas.ts";

type Wire<T> = T extends bigint ? string : T;
/** A struct as JSON carries it: 64 and 128 bit integers are decimal strings. */
export type WireStruct<N extends StructName> = { readonly [F in keyof Struct<N>]: Wire<Struct<N>[F]> };

/** The JSON form of a struct. Hex is lower case, so that equal values give equal text. */
export function toWire<N extends StructName>(name: N, message: Struct<N>): WireStruct<N> {
  const values = message as Readonly<Record<string, string | number | boolean | bigint>>;
  return Object.fromEntries(
    schemas[name].map(([type, field]) => {
      const value = values[field];
      if (typeof value === "bigint") return [field, value.toString()];
      return [field, typeof value === "string" && type !== "string" ? value.toLowerCase() : value];
    }),
  ) as WireStruct<N>;
}

const patterns = { address: /^0x[0-9a-fA-F]{40}$/, bytes32: /^0x[0-9a-fA-F]{64}$/ } as const;
const bits = { uint8: 8, uint32: 32, uint64: 64, uint128: 128 } as const;

/** Reads a struct from JSON. Throws a TypeError that names the first field which is missing, odd or out of range. */
export function fromWire<N extends StructName>(name: N, wire: unknown): Struct<N> {
  const record = (typeof wire === "object" && wire !== null ? wire : {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    schemas[name].map(([type, field]) => [field, readField(type, record[field], `${name}.${field}`)]),
  ) as Struct<N>;
}

function readField(type: string, value: unknown, field: string): string | number | bigint | boolean {
  const wrong = (): never => {
    throw new TypeError(`${field} is not a valid ${type}`);
  };
  if (type === "address" || type === "bytes32") {
    return typeof value === "string" && patterns[type].test(value) ? value.toLowerCase() : wrong();
  }
  if (type === "string") return typeof value === "string" && value.isWellFormed() ? value : wrong();
  if (type === "bool") return typeof value === "boolean" ? value : wrong();
  if (type === "uint8" || type === "uint32") {
    const ok = typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** bits[type];
    return ok ? value : wrong();
  }
  if (type !== "uint64" && type !== "uint128") return wrong();
  if (typeof value !== "string" || !/^(0|[1-9][0-9]{0,38})$/.test(value)) return wrong();
  const amount = BigInt(value);
  return amount < 1n << BigInt(bits[type]) ? amount : wrong();
}
