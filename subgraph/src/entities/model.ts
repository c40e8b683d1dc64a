import { Bytes, ethereum } from "@graphprotocol/graph-ts";
import { Model } from "../../generated/schema";

/** What comes first in the data of `file` and `fileDrawn`: the assignment, whose fields all have a word of their own. */
const ASSIGNMENT =
  "(address,uint64,uint32,address,address,bytes32,bytes32,bytes32,bytes32,uint32,uint32,uint32,bytes32,bytes32,bytes32," +
  "uint128,uint128,uint32,uint128,uint64,uint8)";
const SELECTOR_BYTES: i32 = 4;
const ASSIGNMENT_BYTES: i32 = 21 * 32;
const MINER: i32 = 4;
const MODEL_DIGEST: i32 = 5;
const ENGINE_CLASS: i32 = 6;

/**
 * The model of the assignment that a transaction showed to the court, for the accused that the event names. Null when the
 * court was called by another contract: the event does not carry it, and the transaction's data is that contract's.
 */
export function shownModel(event: ethereum.Event): Model | null {
  const to = event.transaction.to;
  const input = event.transaction.input;
  if (to === null || to != event.address || input.length < SELECTOR_BYTES + ASSIGNMENT_BYTES) return null;
  const words = Bytes.fromUint8Array(input.subarray(SELECTOR_BYTES, SELECTOR_BYTES + ASSIGNMENT_BYTES));
  const decoded = ethereum.decode(ASSIGNMENT, words);
  if (!decoded) return null;
  const assignment = decoded.toTuple();
  if (assignment[MINER].toAddress() != event.parameters[1].value.toAddress()) return null;
  const digest = assignment[MODEL_DIGEST].toBytes();
  let model = Model.load(digest);
  if (!model) {
    model = new Model(digest);
    model.digest = digest.toHexString();
    model.cases = 0;
    model.wrongOutputs = 0;
    model.since = event.block.timestamp;
  }
  model.engineClass = assignment[ENGINE_CLASS].toBytes().toHexString();
  return model;
}
