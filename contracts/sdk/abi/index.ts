export { lodeTokenAbi } from "./lode-token.ts";
export { stakingAbi } from "./staking.ts";
export { paymentEscrowAbi } from "./payment-escrow.ts";
export { receiptLedgerAbi } from "./receipt-ledger.ts";
export { blockRandomnessAbi } from "./block-randomness.ts";
