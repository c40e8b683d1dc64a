import { Address, BigInt, Bytes, ethereum } from "@graphprotocol/graph-ts";
import { Model } from "../../generated/schema";
import { smaller, ZERO } from "./record";

/** What comes first in the data of every call that shows a job: the assignment, whose fields all have a word of their own. */
const ASSIGNMENT =
  "(address,uint64,uint32,address,address,bytes32,bytes32,bytes32,bytes32,uint32,uint32,uint32,bytes32,bytes32,bytes32," +
  "uint128,uint128,uint32,uint128,uint64,uint8)";
const SELECTOR_BYTES: i32 = 4;
const ASSIGNMENT_BYTES: i32 = 21 * 32;
const COORDINATOR: i32 = 0;
const MINER: i32 = 4;
const MODEL_DIGEST: i32 = 5;
const ENGINE_CLASS: i32 = 6;
const OUTPUT_OFFSET: i32 = 9;
const MAX_INPUT_TOKENS: i32 = 10;
const MAX_OUTPUT_TOKENS: i32 = 11;
const INPUT_PRICE_WEI: i32 = 15;
const OUTPUT_PRICE_WEI: i32 = 16;

/**
 * The model of the assignment that a transaction showed to the contract, for the accused that the event names. Null when the
 * contract was called by another one: the event does not carry it, and the transaction's data is that contract's.
 */
export function shownModel(event: ethereum.Event, accused: Address): Model | null {
  const to = event.transaction.to;
  const input = event.transaction.input;
  if (to === null || to != event.address || input.length < SELECTOR_BYTES + ASSIGNMENT_BYTES) return null;
  const words = Bytes.fromUint8Array(input.subarray(SELECTOR_BYTES, SELECTOR_BYTES + ASSIGNMENT_BYTES));
  const decoded = ethereum.decode(ASSIGNMENT, words);
  if (!decoded) return null;
  const assignment = decoded.toTuple();
  const isAccused = assignment[MINER].toAddress() == accused || assignment[COORDINATOR].toAddress() == accused;
  if (!isAccused) return null;
  const digest = assignment[MODEL_DIGEST].toBytes();
  let model = Model.load(digest);
  if (!model) {
    model = new Model(digest);
    model.digest = digest.toHexString();
    model.engineClasses = [];
    model.jobs = 0;
    model.cases = 0;
    model.wrongOutputs = 0;
    model.maxInputTokens = ZERO;
    model.maxOutputTokens = ZERO;
    model.outputPriceWei = ZERO;
    model.lowestOutputPriceWei = assignment[OUTPUT_PRICE_WEI].toBigInt();
    model.since = event.block.timestamp;
  }
  note(model, assignment);
  model.lastShownAt = event.block.timestamp;
  return model;
}

/** What the assignment says of the model: its price now, and the most that anybody asked of it. */
function note(model: Model, assignment: ethereum.Tuple): void {
  const engineClass = assignment[ENGINE_CLASS].toBytes().toHexString();
  const classes = model.engineClasses;
  if (!classes.includes(engineClass)) classes.push(engineClass);
  model.engineClasses = classes;
  model.engineClass = engineClass;
  // An attempt that goes on with somebody's answer does not pay for the input: its price says nothing.
  if (assignment[OUTPUT_OFFSET].toBigInt().isZero()) model.inputPriceWei = assignment[INPUT_PRICE_WEI].toBigInt();
  const outputPriceWei = assignment[OUTPUT_PRICE_WEI].toBigInt();
  model.outputPriceWei = outputPriceWei;
  model.lowestOutputPriceWei = smaller(model.lowestOutputPriceWei, outputPriceWei);
  model.maxInputTokens = larger(model.maxInputTokens, assignment[MAX_INPUT_TOKENS].toBigInt());
  model.maxOutputTokens = larger(model.maxOutputTokens, assignment[MAX_OUTPUT_TOKENS].toBigInt());
  model.jobs += 1;
}

function larger(a: BigInt, b: BigInt): BigInt {
  return a.gt(b) ? a : b;
}
