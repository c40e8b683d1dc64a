import { lodeTokenAbi } from "./lode-token.ts";
import { stakingAbi } from "./staking.ts";
import { paymentEscrowAbi } from "./payment-escrow.ts";
import { receiptLedgerAbi } from "./receipt-ledger.ts";
import { recoveryAbi } from "./recovery.ts";
import { rewardsAbi } from "./rewards.ts";
import { faultProofsAbi } from "./fault-proofs.ts";
import { demandsAbi } from "./demands.ts";
import { courtAbi } from "./court.ts";
import { blockRandomnessAbi } from "./block-randomness.ts";
import { drandRandomnessAbi } from "./drand-randomness.ts";

export {
  lodeTokenAbi,
  stakingAbi,
  paymentEscrowAbi,
  receiptLedgerAbi,
  recoveryAbi,
  rewardsAbi,
  faultProofsAbi,
  demandsAbi,
  courtAbi,
  blockRandomnessAbi,
  drandRandomnessAbi,
};

/** Every contract's ABI. */
export const everyAbi = [
  lodeTokenAbi,
  stakingAbi,
  paymentEscrowAbi,
  receiptLedgerAbi,
  recoveryAbi,
  rewardsAbi,
  faultProofsAbi,
  demandsAbi,
  courtAbi,
  blockRandomnessAbi,
  drandRandomnessAbi,
] as const;
