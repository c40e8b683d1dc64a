import { BigInt, Bytes, store } from "@graphprotocol/graph-ts";
import { Flow } from "../../generated/schema";

/** A data point of money that came into a contract, left it for its owner, or was taken. */
export function flow(contract: Bytes, inWei: BigInt, outWei: BigInt, takenWei: BigInt): void {
  const point = new Flow(0);
  point.contract = contract;
  point.inWei = inWei;
  point.outWei = outWei;
  point.takenWei = takenWei;
  // "auto" has the indexer give the next id; the time is the block's.
  store.set("Flow", "auto", point);
}
