import { lodeTokenAbi } from "./lode-token.ts";
import { stakingAbi } from "./staking.ts";
import { paymentEscrowAbi } from "./payment-escrow.ts";
import { receiptLedgerAbi } from "./receipt-ledger.ts";
import { recoveryAbi } from "./recovery.ts";
import { rewardsAbi } from "./rewards.ts";
import { blockRandomnessAbi } from "./block-randomness.ts";

export { lodeTokenAbi, stakingAbi, paymentEscrowAbi, receiptLedgerAbi, recoveryAbi, rewardsAbi, blockRandomnessAbi };

/** Every contract's ABI. */
export const everyAbi = [
  lodeTokenAbi,
  stakingAbi,
  paymentEscrowAbi,
  receiptLedgerAbi,
  recoveryAbi,
  rewardsAbi,
  blockRandomnessAbi,
] as const;
