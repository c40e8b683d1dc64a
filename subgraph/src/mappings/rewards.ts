import { RewardPaid } from "../../generated/Rewards/Rewards";
import { Miner } from "../../generated/schema";
import { loadFeeEpoch, loadPayeeFee } from "../entities/fees";
import { loadProtocol } from "../entities/protocol";
import { recordRewardPaid } from "../records/rewards";

export function handleRewardPaid(event: RewardPaid): void {
  recordRewardPaid(event);
  const amountWei = event.params.amountWei;
  const epoch = loadFeeEpoch(event.params.epoch);
  epoch.rewardsWei = epoch.rewardsWei.plus(amountWei);
  epoch.save();
  const fee = loadPayeeFee(event.params.epoch, event.params.payee);
  fee.rewardWei = amountWei;
  fee.save();
  const miner = Miner.load(event.params.payee);
  if (miner) {
    miner.rewardsWei = miner.rewardsWei.plus(amountWei);
    miner.save();
  }
  const protocol = loadProtocol();
  protocol.rewardsWei = protocol.rewardsWei.plus(amountWei);
  protocol.save();
}
