import { Address, BigInt, Bytes, ethereum } from "@graphprotocol/graph-ts";
import { Coordinator, Fault, Staker } from "../../generated/schema";
import { loadProtocol } from "./protocol";
import { recordId } from "./record";

/** In the order of the contracts' enumeration. */
const KINDS: string[] = [
  "EQUIVOCATION",
  "SPLIT_VIEW",
  "UNDERSTATED",
  "OMITTED",
  "UNDISCLOSED",
  "UNPAID",
  "WRONG_OUTPUT",
];
const SPLIT_VIEW: i32 = 1;

/** Keeps a punished fault. The stake that it cost is counted where the stake is taken. */
export function punish(
  event: ethereum.Event,
  kind: i32,
  accused: Address,
  challenger: Address,
  key: Bytes,
  takenWei: BigInt,
  refundWei: BigInt,
  rewardWei: BigInt,
  burnedWei: BigInt,
): void {
  const fault = new Fault(recordId(event));
  fault.kind = KINDS[kind];
  fault.accused = accused;
  fault.challenger = challenger;
  fault.key = key;
  fault.takenWei = takenWei;
  fault.refundWei = refundWei;
  fault.rewardWei = rewardWei;
  fault.burnedWei = burnedWei;
  fault.contract = event.address;
  fault.punishedAt = event.block.timestamp;
  fault.save();

  const staker = Staker.load(accused);
  if (staker) {
    staker.faults += 1;
    staker.save();
  }
  const coordinator = Coordinator.load(accused);
  if (coordinator && kind == SPLIT_VIEW) {
    coordinator.isForked = true;
    coordinator.save();
  }
  const protocol = loadProtocol();
  protocol.faults += 1;
  protocol.save();
}
