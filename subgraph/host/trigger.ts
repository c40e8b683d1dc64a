import { hexToBytes, type AbiEvent, type Hex } from "viem";
import { decodeValues, writeEthereumValue } from "./ethereum-values.ts";
import type { Heap } from "./heap.ts";
import { toLittleEndian } from "./numbers.ts";

export interface BlockFacts {
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly unclesHash: Hex;
  readonly author: Hex;
  readonly stateRoot: Hex;
  readonly transactionsRoot: Hex;
  readonly receiptsRoot: Hex;
  readonly number: bigint;
  readonly gasUsed: bigint;
  readonly gasLimit: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly difficulty: bigint;
  readonly totalDifficulty: bigint;
  readonly size: bigint;
  readonly baseFeePerGas: bigint | null;
}

export interface TransactionFacts {
  readonly hash: Hex;
  readonly index: bigint;
  readonly from: Hex;
  /** Null when it made a contract. */
  readonly to: Hex | null;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly gasPrice: bigint;
  readonly input: Hex;
  readonly nonce: bigint;
}

/** A log that a handler is run for, with all that a mapping can ask of it. */
export interface Trigger {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly logIndex: bigint;
  readonly block: BlockFacts;
  readonly transaction: TransactionFacts;
}

/** Writes an `ethereum.Event` into a module's memory; pointers stand in the order of the class's fields. */
export function writeEvent(heap: Heap, event: AbiEvent, trigger: Trigger): number {
  const { block, transaction } = trigger;
  const bytes = (hex: Hex): number => heap.bytes(hexToBytes(hex));
  const number = (value: bigint): number => heap.bytes(toLittleEndian(value));
  const blockPointer = heap.record("ethereumBlock", [
    ...[block.hash, block.parentHash, block.unclesHash, block.author].map(bytes),
    ...[block.stateRoot, block.transactionsRoot, block.receiptsRoot].map(bytes),
    ...[block.number, block.gasUsed, block.gasLimit, block.timestamp].map(number),
    ...[block.difficulty, block.totalDifficulty, block.size].map(number),
    block.baseFeePerGas === null ? 0 : number(block.baseFeePerGas),
  ]);
  const transactionPointer = heap.record("ethereumTransaction", [
    bytes(transaction.hash),
    number(transaction.index),
    bytes(transaction.from),
    transaction.to === null ? 0 : bytes(transaction.to),
    ...[transaction.value, transaction.gasLimit, transaction.gasPrice].map(number),
    bytes(transaction.input),
    number(transaction.nonce),
  ]);
  const values = decodeLog(event, trigger);
  const parameters = event.inputs.map((input, index) =>
    heap.record("eventParam", [heap.string(input.name ?? ""), writeEthereumValue(heap, input, values[index])]),
  );
  return heap.record("ethereumEvent", [
    bytes(trigger.address),
    number(trigger.logIndex),
    // No node tells a log's place in its transaction; graph-node gives its place in the block as well.
    number(trigger.logIndex),
    0,
    blockPointer,
    transactionPointer,
    heap.array("arrayEventParam", parameters),
    0,
  ]);
}

/** The parameters' values in the order of the event's declaration. */
function decodeLog(event: AbiEvent, { topics, data }: Trigger): unknown[] {
  const plain = decodeValues(
    event.inputs.filter(({ indexed }) => indexed !== true),
    data,
  );
  let [topic, next] = [1, 0];
  return event.inputs.map((input) =>
    input.indexed === true ? decodeValues([input], topics[topic++] ?? "0x")[0] : plain[next++],
  );
}
