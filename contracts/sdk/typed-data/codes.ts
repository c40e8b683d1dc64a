/** Where a voucher's money comes from. */
export const voucherKind = { dedicated: 0, pooled: 1 } as const;

/** How a client wants its job verified. Tiers that do not exist yet are refused, never mapped to another. */
export const tier = { hash: 0, sampled: 1 } as const;

/** How long a quote holds at most, seconds. */
export const quoteSeconds = 300;

/** Why an attempt's output ended. `cancelled`: the client hung up. `cut`: the link was lost. */
export const finishReason = { stop: 0, length: 1, cancelled: 2, cut: 3 } as const;
