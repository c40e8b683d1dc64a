import { latePayWei, type ServiceStep, type ServiceTerms } from "@lode/sdk/typed-data";
import { figures } from "../figures.ts";
import { latencyTiers, tierTerms, type LatencyTier } from "../pricing/tier.ts";

/**
 * What buying a latency tier promises: a first token that is later than its budget costs what the tier costs that it still kept. One later
 * than every tier is treated as economy, so that the text still costs what economy costs; the last tier promises nothing.
 */
export function serviceSteps(bought: LatencyTier): ServiceStep[] {
  const tiers = latencyTiers.slice(latencyTiers.indexOf(bought));
  return tiers.slice(1).map((kept, place) => ({
    afterMs: tierTerms[tiers[place] ?? bought].budgetMs,
    payPpm: Math.floor((1_000_000 * tierTerms[kept].factor) / tierTerms[bought].factor),
  }));
}

/** A first token as both sides tell of it. */
export interface TimedDelivery {
  /** What the miner signed for, and what it left to the client, wei. */
  readonly amountWei: bigint;
  readonly refundWei: bigint;
  /** From when the job was sent until its first token came, as seen here, milliseconds. */
  readonly seenMs: number;
  /** Of its line: the usual round trip, and how far others are from that. */
  readonly roundTripMs: number;
  readonly swingMs: number;
}

/**
 * Whether a miner signed for less lateness than was seen here, all doubt being its own. Its clock decides what is paid, because it is
 * the one that both sides signed for; whoever bends it loses trust instead.
 */
export function understatesLateness(terms: ServiceTerms, delivery: TimedDelivery): boolean {
  const { amountWei, refundWei, seenMs, roundTripMs, swingMs } = delivery;
  const surelyMs = Math.max(0, seenMs - roundTripMs - 2 * swingMs - figures.qos.claimSlackMs.value);
  return amountWei > latePayWei(amountWei + refundWei, terms, surelyMs);
}
