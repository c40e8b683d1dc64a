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
import { zkJobsAbi } from "./zk-jobs.ts";
import { zkSettlementAbi } from "./zk-settlement.ts";
import { eddsaPoseidonAbi } from "./eddsa-poseidon.ts";
import { groth16VerifierAbi } from "./groth16verifier.ts";
import { accessManagerAbi } from "./access-manager.ts";
import { timelockControllerAbi } from "./timelock-controller.ts";

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
  zkJobsAbi,
  zkSettlementAbi,
  eddsaPoseidonAbi,
  groth16VerifierAbi,
  accessManagerAbi,
  timelockControllerAbi,
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
  zkJobsAbi,
  zkSettlementAbi,
  eddsaPoseidonAbi,
  groth16VerifierAbi,
  accessManagerAbi,
  timelockControllerAbi,
] as const;
