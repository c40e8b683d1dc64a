import { schemas, type FieldType, type Struct, type StructName } from "./schemas.ts";

type Wire<T> = T extends bigint ? string : T;
/** A struct as JSON carries it: 64 and 128 bit integers are decimal strings. */
export type WireStruct<N extends StructName> = { readonly [F in keyof Struct<N>]: Wire<Struct<N>[F]> };

type Value = string | number | bigint | boolean;

/** Reads a field's JSON; undefined for what is odd or out of range. */
type Reader = (value: unknown) => Value | undefined;

const hexReader =
  (pattern: RegExp): Reader =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? value.toLowerCase() : undefined;

const countReader =
  (bits: number): Reader =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** bits ? value : undefined;

const amountReader = (bits: number): Reader => {
  const limit = 1n << BigInt(bits);
  return (value) => {
    if (typeof value !== "string" || !/^(?:0|[1-9][0-9]{0,38})$/.test(value)) return undefined;
    const amount = BigInt(value);
    return amount < limit ? amount : undefined;
  };
};

const readers: Readonly<Record<FieldType, Reader>> = {
  address: hexReader(/^0x[0-9a-fA-F]{40}$/),
  bytes32: hexReader(/^0x[0-9a-fA-F]{64}$/),
  string: (value) => (typeof value === "string" && value.isWellFormed() ? value : undefined),
  bool: (value) => (typeof value === "boolean" ? value : undefined),
  uint8: countReader(8),
  uint32: countReader(32),
  uint64: amountReader(64),
  uint128: amountReader(128),
};

interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly read: Reader;
}

/** How each struct is read and written, worked out once. */
const plans = Object.fromEntries(
  Object.entries(schemas).map(([name, fields]) => [
    name,
    fields.map(([type, field]) => ({ name: field, type, read: readers[type] })),
  ]),
) as unknown as Readonly<Record<StructName, readonly Field[]>>;

/** The JSON form of a struct. Hex is lower case, so that equal values give equal text. */
export function toWire<N extends StructName>(name: N, message: Struct<N>): WireStruct<N> {
  const values = message as Readonly<Record<string, Value>>;
  const wire: Record<string, Wire<Value> | undefined> = {};
  for (const { name: field, type } of plans[name]) {
    const value = values[field];
    if (typeof value === "bigint") wire[field] = value.toString();
    else wire[field] = typeof value === "string" && type !== "string" ? value.toLowerCase() : value;
  }
  return wire as WireStruct<N>;
}

/** Reads a struct from JSON. Throws a TypeError that names the first field which is missing, odd or out of range. */
export function fromWire<N extends StructName>(name: N, wire: unknown): Struct<N> {
  const record = (typeof wire === "object" && wire !== null ? wire : {}) as Readonly<Record<string, unknown>>;
  const message: Record<string, Value> = {};
  for (const { name: field, type, read } of plans[name]) {
    const value = read(record[field]);
    if (value === undefined) throw new TypeError(`${name}.${field} is not a valid ${type}`);
    message[field] = value;
  }
  return message as Struct<N>;
}
