/** Prices of an assignment: wei per token, the coordinator's margin in parts per million. */
export interface Prices {
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
  readonly feePpm: number;
}

/** What the client is debited for an attempt. */
export function debitWei(prices: Prices, inputTokens: number, outputTokens: number): bigint {
  return BigInt(inputTokens) * prices.inputPriceWei + BigInt(outputTokens) * prices.outputPriceWei;
}

/** The coordinator's margin of a debit, rounded down in the miner's favour. */
export function feeWei(amountWei: bigint, feePpm: number): bigint {
  return (amountWei * BigInt(feePpm)) / 1_000_000n;
}

/** What the miner is credited for a debit. */
export function creditWei(amountWei: bigint, feePpm: number): bigint {
  return amountWei - feeWei(amountWei, feePpm);
}
