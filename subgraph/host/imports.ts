import { keccak } from "@lode/sdk/hash";
import {
  bytesToHex,
  bytesToString,
  encodeAbiParameters,
  hexToBytes,
  parseAbiItem,
  parseAbiParameters,
  encodeFunctionData,
  type AbiFunction,
  type AbiParameter,
  type Hex,
} from "viem";
import { base58 } from "./base58.ts";
import { MappingError } from "./errors.ts";
import { decodeValues, readEthereumValue, writeEthereumValue } from "./ethereum-values.ts";
import type { Heap } from "./heap.ts";
import * as decimals from "./numbers.ts";
import { fromLittleEndian, toLittleEndian } from "./numbers.ts";
import {
  readDecimal,
  readEntity,
  writeDecimal,
  writeEntity,
  type EntityData,
  type StoreValue,
} from "./store-values.ts";

/** What a running handler may ask of the indexer. Everything answers at once or throws. */
export interface Surroundings {
  /** Name of the chain, as the manifest has it. */
  readonly network: string;
  /** The data source's contract. */
  readonly address: Hex;
  get(entity: string, id: string): EntityData | undefined;
  set(entity: string, id: string, data: ReadonlyMap<string, StoreValue>): void;
  remove(entity: string, id: string): void;
  /** What a call answers at the event's block; undefined when it reverts. */
  call(to: Hex, data: Hex): Hex | undefined;
  log(level: number, text: string): void;
}

/** What gives nothing back answers undefined, which the module does not see. */
type Import = (...args: number[]) => number | undefined;

/**
 * The host's side of graph-ts, by the module and name of each import. Pointers in and out are the module's.
 * @param heap of the instance; it exists only after the imports
 */
export function makeImports(heap: () => Heap, around: () => Surroundings): Record<string, Record<string, Import>> {
  const big = (pointer: number): bigint => fromLittleEndian(heap().readBytes(pointer));
  const giveBig = (value: bigint): number => heap().bytes(toLittleEndian(value));
  const binary =
    (operate: (x: bigint, y: bigint) => bigint): Import =>
    (x = 0, y = 0) =>
      giveBig(operate(big(x), big(y)));
  const shift =
    (operate: (x: bigint, bits: bigint) => bigint): Import =>
    (x = 0, bits = 0) =>
      giveBig(operate(big(x), BigInt(bits & 0xff)));
  const decimal = (pointer: number): decimals.Decimal => decimals.decimalFromString(readDecimal(heap(), pointer));
  const giveDecimal = (value: decimals.Decimal): number => writeDecimal(heap(), decimals.decimalToString(value));
  const decimalBinary =
    (operate: (x: decimals.Decimal, y: decimals.Decimal) => decimals.Decimal): Import =>
    (x = 0, y = 0) =>
      giveDecimal(operate(decimal(x), decimal(y)));
  const text = (pointer = 0): string => heap().readString(pointer);
  const bytes = (pointer = 0): Uint8Array => heap().readBytes(pointer);

  return {
    env: {
      abort: (message = 0, file = 0, line = 0, column = 0) => {
        const what = message === 0 ? "no reason given" : text(message);
        const where = file === 0 ? "" : ` (${text(file)}:${line}:${column})`;
        throw new MappingError("mapping_aborted", `A mapping gave up: ${what}${where}.`);
      },
    },
    index: {
      "store.get": (entity, id) => {
        const data = around().get(text(entity), text(id));
        return data === undefined ? 0 : writeEntity(heap(), data);
      },
      "store.set": (entity, id, data = 0) => {
        around().set(text(entity), text(id), readEntity(heap(), data));
        return undefined;
      },
      "store.remove": (entity, id) => {
        around().remove(text(entity), text(id));
        return undefined;
      },
      "crypto.keccak256": (input) => heap().bytes(hexToBytes(keccak(bytes(input)))),
      "log.log": (level = 0, message) => {
        around().log(level, text(message));
        return undefined;
      },
    },
    conversion: {
      // A string of the chain may end in zeros.
      "typeConversion.bytesToString": (input) => heap().string(bytesToString(bytes(input)).replace(/\0+$/, "")),
      "typeConversion.bytesToHex": (input) => heap().string(bytesToHex(bytes(input))),
      "typeConversion.bigIntToString": (input = 0) => heap().string(big(input).toString()),
      "typeConversion.bigIntToHex": (input = 0) => {
        const value = big(input);
        return heap().string(value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);
      },
      "typeConversion.stringToH160": (input) => heap().bytes(hexToBytes(addressIn(text(input)))),
      "typeConversion.bytesToBase58": (input) => heap().string(base58(bytes(input))),
    },
    numbers: {
      "bigInt.plus": binary((x, y) => x + y),
      "bigInt.minus": binary((x, y) => x - y),
      "bigInt.times": binary((x, y) => x * y),
      "bigInt.dividedBy": binary((x, y) => x / notZero(y)),
      "bigInt.mod": binary((x, y) => x % notZero(y)),
      "bigInt.bitOr": binary((x, y) => x | y),
      "bigInt.bitAnd": binary((x, y) => x & y),
      "bigInt.pow": shift((x, exponent) => x ** exponent),
      "bigInt.leftShift": shift((x, bits) => x << bits),
      "bigInt.rightShift": shift((x, bits) => x >> bits),
      "bigInt.fromString": (input) => giveBig(integerIn(text(input))),
      "bigInt.dividedByDecimal": (x = 0, y = 0) =>
        giveDecimal(decimals.dividedBy({ digits: big(x), exponent: 0 }, decimal(y))),
      "bigDecimal.plus": decimalBinary(decimals.plus),
      "bigDecimal.minus": decimalBinary(decimals.minus),
      "bigDecimal.times": decimalBinary(decimals.times),
      "bigDecimal.dividedBy": decimalBinary(decimals.dividedBy),
      "bigDecimal.equals": (x = 0, y = 0) => (decimals.minus(decimal(x), decimal(y)).digits === 0n ? 1 : 0),
      "bigDecimal.toString": (input = 0) => heap().string(readDecimal(heap(), input)),
      "bigDecimal.fromString": (input) => writeDecimal(heap(), text(input)),
    },
    ethereum: {
      "ethereum.call": (call = 0) => callContract(heap(), around(), call),
      "ethereum.decode": (types, data) => decode(heap(), text(types), bytes(data)),
      "ethereum.encode": (value = 0) => {
        const { parameter, decoded } = describe(heap(), value);
        return heap().bytes(hexToBytes(encodeAbiParameters([parameter], [decoded])));
      },
    },
    datasource: {
      "dataSource.address": () => heap().bytes(hexToBytes(around().address)),
      "dataSource.network": () => heap().string(around().network),
    },
  };
}

/** `SmartContractCall`: contract's name, address, function's name, signature `name(inputs):(outputs)`, parameters. */
function callContract(heap: Heap, around: Surroundings, call: number): number {
  const signature = heap.readString(heap.word(call, 12));
  const match = /^(\w+)\((.*)\):\((.*)\)$/.exec(signature);
  if (match === null) throw new MappingError("mapping_call", `A mapping calls "${signature}", which is no signature.`);
  const [, name = "", inputs = "", outputs = ""] = match;
  const item = parseAbiItem(`function ${name}(${inputs}) view returns (${outputs})`) as AbiFunction;
  const args = heap.readArray(heap.word(call, 16)).map((each) => readEthereumValue(heap, each));
  const data = encodeFunctionData({ abi: [item], functionName: name, args });
  const answer = around.call(bytesToHex(heap.readBytes(heap.word(call, 4))), data);
  if (answer === undefined) return 0;
  const values = decodeValues(item.outputs, answer);
  const pointers = item.outputs.map((output, index) => writeEthereumValue(heap, output, values[index]));
  return heap.array("arrayEthereumValue", pointers);
}

/** Null when the bytes are not of these types. */
function decode(heap: Heap, types: string, data: Uint8Array): number {
  // A tuple in parentheses is one parameter here.
  const [parameter]: readonly AbiParameter[] = parseAbiParameters(types);
  if (parameter === undefined) return 0;
  try {
    const [value] = decodeValues([parameter], data);
    return writeEthereumValue(heap, parameter, value);
  } catch {
    return 0;
  }
}

/** The widest ABI type of a mapping's value, which carries no narrower one. */
function describe(heap: Heap, pointer: number): { parameter: AbiParameter; decoded: unknown } {
  const { kind, payload } = heap.readTagged(pointer);
  const decoded = readEthereumValue(heap, pointer);
  const scalar = ["address", "bytes32", "bytes", "int256", "uint256", "bool", "string"][kind];
  if (scalar !== undefined) {
    const size = kind === 1 ? heap.readBytes(Number(payload)).length : 0;
    return { parameter: { type: kind === 1 ? `bytes${size}` : scalar }, decoded };
  }
  const items = heap.readArray(Number(payload)).map((each) => describe(heap, each).parameter);
  if (kind === 9) return { parameter: { type: "tuple", components: items }, decoded };
  const [first = { type: "uint256" }] = items;
  return { parameter: { ...first, type: `${first.type}[${kind === 7 ? items.length : ""}]` }, decoded };
}

function addressIn(text: string): Hex {
  const hex = text.replace(/^0x/, "").toLowerCase();
  if (!/^[0-9a-f]{40}$/.test(hex)) throw new MappingError("mapping_address", `A mapping read "${text}" as an address.`);
  return `0x${hex}`;
}

function integerIn(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new MappingError("mapping_number", `A mapping read "${text}" as a whole number.`);
  return BigInt(text.replace("+", ""));
}

function notZero(value: bigint): bigint {
  if (value === 0n) throw new MappingError("mapping_division", "A mapping divided by zero.");
  return value;
}
