import { bytesToHex, hexToBytes } from "viem";
import { MappingError } from "./errors.ts";
import type { Heap } from "./heap.ts";
import { decimalFromString, decimalToString, fromLittleEndian, toLittleEndian } from "./numbers.ts";

/** A field of an entity as a mapping sees it. Bytes are lower-case hex, decimals plain text. */
export type StoreValue =
  | { readonly kind: "String" | "BigDecimal"; readonly value: string }
  | { readonly kind: "Bytes"; readonly value: `0x${string}` }
  | { readonly kind: "Int"; readonly value: number }
  | { readonly kind: "BigInt" | "Int8" | "Timestamp"; readonly value: bigint }
  | { readonly kind: "Boolean"; readonly value: boolean }
  | { readonly kind: "Array"; readonly value: readonly StoreValue[] }
  | { readonly kind: "Null"; readonly value: null };

/** An entity: its fields by name. */
export type EntityData = ReadonlyMap<string, StoreValue>;

/** In the order of graph-ts' enumeration. */
const kinds = [
  "String",
  "Int",
  "BigDecimal",
  "Boolean",
  "Array",
  "Null",
  "Bytes",
  "BigInt",
  "Int8",
  "Timestamp",
] as const satisfies readonly StoreValue["kind"][];

export function writeEntity(heap: Heap, entity: EntityData): number {
  const entries = [...entity].map(([name, value]) =>
    heap.record("typedMapEntryStringStoreValue", [heap.string(name), writeStoreValue(heap, value)]),
  );
  return heap.record("typedMapStringStoreValue", [heap.array("arrayTypedMapEntryStringStoreValue", entries)]);
}

export function readEntity(heap: Heap, pointer: number): Map<string, StoreValue> {
  const entries = heap.readArray(heap.word(pointer));
  return new Map(
    entries.map((entry) => [heap.readString(heap.word(entry)), readStoreValue(heap, heap.word(entry, 4))]),
  );
}

function writeStoreValue(heap: Heap, value: StoreValue): number {
  return heap.tagged("storeValue", kinds.indexOf(value.kind), payloadOf(heap, value));
}

/** The number itself, or a pointer to what does not fit. */
function payloadOf(heap: Heap, { kind, value }: StoreValue): bigint {
  switch (kind) {
    case "Null":
      return 0n;
    case "Int":
      return BigInt(value);
    case "Int8":
    case "Timestamp":
      return value;
    case "Boolean":
      return value ? 1n : 0n;
    case "String":
      return BigInt(heap.string(value));
    case "Bytes":
      return BigInt(heap.bytes(hexToBytes(value)));
    case "BigInt":
      return BigInt(heap.bytes(toLittleEndian(value)));
    case "BigDecimal":
      return BigInt(writeDecimal(heap, value));
    case "Array":
      return BigInt(
        heap.array(
          "arrayStoreValue",
          value.map((each) => writeStoreValue(heap, each)),
        ),
      );
  }
}

function readStoreValue(heap: Heap, pointer: number): StoreValue {
  const { kind: number, payload } = heap.readTagged(pointer);
  const kind = kinds[number];
  const target = Number(payload & 0xffffffffn);
  switch (kind) {
    case "Null":
      return { kind, value: null };
    case "Int":
      return { kind, value: Number(BigInt.asIntN(32, payload)) };
    case "Int8":
    case "Timestamp":
      return { kind, value: BigInt.asIntN(64, payload) };
    case "Boolean":
      return { kind, value: payload !== 0n };
    case "String":
      return { kind, value: heap.readString(target) };
    case "Bytes":
      return { kind, value: bytesToHex(heap.readBytes(target)) };
    case "BigInt":
      return { kind, value: fromLittleEndian(heap.readBytes(target)) };
    case "BigDecimal":
      return { kind, value: readDecimal(heap, target) };
    case "Array":
      return { kind, value: heap.readArray(target).map((each) => readStoreValue(heap, each)) };
    default:
      throw new MappingError("mapping_value", `A mapping stored a value of the unknown kind ${number}.`);
  }
}

/** A BigDecimal is two BigInts: digits and exponent. */
export function writeDecimal(heap: Heap, text: string): number {
  const { digits, exponent } = decimalFromString(text);
  return heap.record("bigDecimal", [heap.bytes(toLittleEndian(digits)), heap.bytes(toLittleEndian(BigInt(exponent)))]);
}

export function readDecimal(heap: Heap, pointer: number): string {
  const digits = fromLittleEndian(heap.readBytes(heap.word(pointer)));
  const exponent = Number(fromLittleEndian(heap.readBytes(heap.word(pointer, 4))));
  return decimalToString({ digits, exponent });
}
