import { figures } from "../figures.ts";

/** How soon a client wants its first token; the price follows. */
export const latencyTiers = ["realtime", "fast", "standard", "economy"] as const;
export type LatencyTier = (typeof latencyTiers)[number];

const { price } = figures;

/** Factor of the price, and the time to the first token that it buys. */
export const tierTerms: Readonly<Record<LatencyTier, { readonly factor: number; readonly budgetMs: number }>> = {
  realtime: { factor: price.realtime.value, budgetMs: price.realtimeMs.value },
  fast: { factor: price.fast.value, budgetMs: price.fastMs.value },
  standard: { factor: price.standard.value, budgetMs: price.standardMs.value },
  economy: { factor: price.economy.value, budgetMs: price.economyMs.value },
};
