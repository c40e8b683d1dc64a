// Written by `npm run generate` from the contract's events.
import { RewardPaid } from "../../generated/Rewards/Rewards";
import { RewardPaid as RewardPaidRecord } from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordRewardPaid(event: RewardPaid): void {
  const record = new RewardPaidRecord(recordId(event));
  stamp(record, event);
  record.epoch = event.params.epoch;
  record.payee = event.params.payee;
  record.to = event.params.to;
  record.feesWei = event.params.feesWei;
  record.amountWei = event.params.amountWei;
  record.save();
}
