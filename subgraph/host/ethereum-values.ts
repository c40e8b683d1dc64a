import { bytesToHex, decodeAbiParameters, hexToBytes, type AbiParameter, type Hex } from "viem";
import { MappingError } from "./errors.ts";
import type { Heap } from "./heap.ts";
import { fromLittleEndian, toLittleEndian } from "./numbers.ts";

/** In the order of graph-ts' enumeration. */
const kinds = ["ADDRESS", "FIXED_BYTES", "BYTES", "INT", "UINT", "BOOL", "STRING", "FIXED_ARRAY", "ARRAY", "TUPLE"];

type Typed = AbiParameter & { readonly components?: readonly AbiParameter[] };

/**
 * ABI-encoded values, one for each parameter.
 * @throws {Error} when the data are not of these types
 */
export function decodeValues(parameters: readonly AbiParameter[], data: Hex | Uint8Array): readonly unknown[] {
  return decodeAbiParameters(parameters, data);
}

/**
 * Writes a decoded ABI value as a mapping's `ethereum.Value`.
 * @param value as viem decodes it
 */
export function writeEthereumValue(heap: Heap, parameter: Typed, value: unknown): number {
  const tag = (kind: string, payload: number): number =>
    heap.tagged("ethereumValue", kinds.indexOf(kind), BigInt(payload));
  const { type } = parameter;
  const list = /^(.*)\[(\d*)\]$/.exec(type);
  if (list !== null) {
    const element = { ...parameter, type: list[1] ?? "" };
    const items = (value as readonly unknown[]).map((each) => writeEthereumValue(heap, element, each));
    return tag(list[2] === "" ? "ARRAY" : "FIXED_ARRAY", heap.array("arrayEthereumValue", items));
  }
  if (type === "tuple") {
    const items = (parameter.components ?? []).map((component, index) =>
      writeEthereumValue(heap, component, memberOf(value, component, index)),
    );
    return tag("TUPLE", heap.array("arrayEthereumValue", items));
  }
  if (type === "bool") return tag("BOOL", value === true ? 1 : 0);
  if (type === "string") return tag("STRING", heap.string(value as string));
  if (type === "address") return tag("ADDRESS", heap.bytes(hexToBytes(value as `0x${string}`)));
  if (type.startsWith("bytes")) {
    return tag(type === "bytes" ? "BYTES" : "FIXED_BYTES", heap.bytes(hexToBytes(value as `0x${string}`)));
  }
  // viem gives small integers as numbers.
  const number = heap.bytes(toLittleEndian(BigInt(value as number | bigint)));
  return tag(type.startsWith("uint") ? "UINT" : "INT", number);
}

/** The members of a tuple come as an object when all of them have names. */
function memberOf(value: unknown, { name }: AbiParameter, index: number): unknown {
  return Array.isArray(value) ? (value as unknown[])[index] : (value as Record<string, unknown>)[name ?? ""];
}

/** A mapping's `ethereum.Value` as viem encodes it. */
export function readEthereumValue(heap: Heap, pointer: number): unknown {
  const { kind: number, payload } = heap.readTagged(pointer);
  const target = Number(payload);
  switch (kinds[number]) {
    case "BOOL":
      return payload !== 0n;
    case "STRING":
      return heap.readString(target);
    case "ADDRESS":
    case "BYTES":
    case "FIXED_BYTES":
      return bytesToHex(heap.readBytes(target));
    case "INT":
    case "UINT":
      return fromLittleEndian(heap.readBytes(target));
    case "ARRAY":
    case "FIXED_ARRAY":
    case "TUPLE":
      return heap.readArray(target).map((each) => readEthereumValue(heap, each));
    default:
      throw new MappingError("mapping_value", `A mapping made an Ethereum value of the unknown kind ${number}.`);
  }
}
