import { BigInt, Bytes } from "@graphprotocol/graph-ts";
import { FeeEpoch, PayeeFee } from "../../generated/schema";
import { ZERO } from "./record";

/** Length of a fee epoch, as the escrow has it in code. */
const EPOCH_SECONDS = BigInt.fromI32(604_800);

/** The fee epoch that a time lies in. */
export function epochAt(timestamp: BigInt): BigInt {
  return timestamp.div(EPOCH_SECONDS);
}

/** A fee epoch, empty at first. */
export function loadFeeEpoch(number: BigInt): FeeEpoch {
  const id = number.toString();
  const known = FeeEpoch.load(id);
  if (known) return known;
  const epoch = new FeeEpoch(id);
  epoch.number = number;
  epoch.startsAt = number.times(EPOCH_SECONDS);
  epoch.accruedWei = ZERO;
  epoch.burnedWei = ZERO;
  epoch.rewardsWei = ZERO;
  return epoch;
}

/** What a payee's collections brought in an epoch, nothing at first. */
export function loadPayeeFee(number: BigInt, payee: Bytes): PayeeFee {
  const id = number.toString() + "-" + payee.toHexString();
  const known = PayeeFee.load(id);
  if (known) return known;
  const fee = new PayeeFee(id);
  fee.epoch = number.toString();
  fee.payee = payee;
  fee.feesWei = ZERO;
  fee.rewardWei = ZERO;
  return fee;
}
