import { BigInt, Bytes, Entity, ethereum } from "@graphprotocol/graph-ts";

export const ZERO = BigInt.zero();

/** One log of a chain has one place in one transaction, so that every indexer gives its record the same id. */
export function recordId(event: ethereum.Event): Bytes {
  return event.transaction.hash.concatI32(event.logIndex.toI32());
}

/** What every record of an event carries. */
export function stamp(record: Entity, event: ethereum.Event): void {
  record.setBytes("contract", event.address);
  record.setBigInt("blockNumber", event.block.number);
  record.setBigInt("blockTimestamp", event.block.timestamp);
  record.setBytes("transactionHash", event.transaction.hash);
  record.setBigInt("logIndex", event.logIndex);
}

/** The smaller of two amounts. */
export function smaller(a: BigInt, b: BigInt): BigInt {
  return a.lt(b) ? a : b;
}
