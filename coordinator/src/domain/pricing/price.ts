import { figures } from "../figures.ts";
import { tierTerms, type LatencyTier } from "./tier.ts";

/** Wei for a token, read and made. */
export interface TokenPrices {
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
}

/** What the price of a job depends on. */
export interface PriceContext {
  /** What the miner asks where it asks for something, else the coordinator's list price. */
  readonly base: TokenPrices;
  /** The miner's ask: the price is never below it. */
  readonly ask: TokenPrices;
  readonly latency: LatencyTier;
  /** Capability score of the miner, 0..1. */
  readonly capability: number;
  /** Expected time to its first token, milliseconds. */
  readonly expectedMs: number;
  /** Jobs that wait for this model. */
  readonly queued: number;
  /** Share of the model's slots in use, 0..1. */
  readonly utilisation: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Share of the model's context that the job may fill, 0..1. */
  readonly contextShare: number;
  readonly isConstrained: boolean;
  /** Share of the miner's deadlines that both sides signed and it missed, 0..1. */
  readonly lateness: number;
}

/** Each factor as it was applied, in parts per million, for whoever asks why. */
export interface PriceBreakdown extends TokenPrices {
  readonly factorsPpm: Readonly<Record<FactorName, number>>;
  /** Their product after the floor. */
  readonly totalPpm: number;
  /** What decided in the end: the factors, the floor, or the miner's ask. */
  readonly bound: "factors" | "floor" | "ask";
}

export type FactorName =
  | "latencyTier"
  | "capability"
  | "latencyPerformance"
  | "queue"
  | "utilisation"
  | "timeOfDay"
  | "complexity"
  | "lateness";

const p = figures.price;
const million = 1_000_000;
const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The factors of a price, each a plain number. */
export function priceFactors(context: PriceContext): Record<FactorName, number> {
  const { capability, queued, utilisation, contextShare, isConstrained, lateness } = context;
  const complexity = p.complexityLong.value * clamp(contextShare, 0, 1);
  return {
    latencyTier: tierTerms[context.latency].factor,
    capability: 1 + p.capability.value * (2 * clamp(capability, 0, 1) - 1),
    latencyPerformance: performanceFactor(context.expectedMs, tierTerms[context.latency].budgetMs),
    queue: 1 + p.queueSurcharge.value * clamp(queued / p.queueStep.value, 0, 1),
    utilisation: 1 + p.utilisation.value * (2 * clamp(utilisation, 0, 1) - 1),
    timeOfDay: timeFactor(context.nowMs),
    complexity: 1 + complexity + (isConstrained ? p.complexityConstrained.value : 0),
    // What was missed and signed costs price, never stake.
    lateness: 1 - p.lateness.value * clamp(lateness, 0, 1),
  };
}

/** 1 where a miner takes exactly the tier's budget; more the less it needs, less the more. */
export function performanceFactor(expectedMs: number, budgetMs: number): number {
  const share = Math.max(0, expectedMs) / budgetMs;
  const { performanceLow: low, performanceHigh: high } = p;
  return share <= 1 ? high.value - (high.value - 1) * share : clamp(1 - (1 - low.value) * (share - 1), low.value, 1);
}

/** From the hour in UTC: 18 until before 23 is dear, 2 until before 6 is cheap. */
export function timeFactor(nowMs: number): number {
  const hour = Math.floor(nowMs / 3_600_000) % 24;
  if (hour >= 18 && hour < 23) return p.peak.value;
  return hour >= 2 && hour < 6 ? p.night.value : 1;
}

/** The price of a job, with how it came about. Whole wei, rounded down: the client never pays for a fraction. */
export function priceOf(context: PriceContext): PriceBreakdown {
  const factors = Object.entries(priceFactors(context)) as [FactorName, number][];
  const factorsPpm = Object.fromEntries(factors.map(([name, value]) => [name, Math.round(value * million)]));
  const product = factors.reduce((all, [, value]) => all * value, 1);
  const totalPpm = Math.round(Math.max(p.floor.value, product) * million);
  const { base, ask } = context;
  const scale = (wei: bigint): bigint => (wei * BigInt(totalPpm)) / BigInt(million);
  const atLeast = (wei: bigint, least: bigint): bigint => (wei < least ? least : wei);
  const inputPriceWei = atLeast(scale(base.inputPriceWei), ask.inputPriceWei);
  const outputPriceWei = atLeast(scale(base.outputPriceWei), ask.outputPriceWei);
  const isAsk = inputPriceWei > scale(base.inputPriceWei) || outputPriceWei > scale(base.outputPriceWei);
  return {
    inputPriceWei,
    outputPriceWei,
    factorsPpm: factorsPpm as Record<FactorName, number>,
    totalPpm,
    bound: isAsk ? "ask" : product < p.floor.value ? "floor" : "factors",
  };
}

/** What a miner's tokens cost where `input` of all tokens are read ones, relative to the list. 1 where the list says nothing. */
export function priceRatio(price: TokenPrices, list: TokenPrices): number {
  const share = figures.objective.inputShare.value;
  const blend = ({ inputPriceWei, outputPriceWei }: TokenPrices): number =>
    share * Number(inputPriceWei) + (1 - share) * Number(outputPriceWei);
  const usual = blend(list);
  return usual === 0 ? 1 : blend(price) / usual;
}

/** What a job's price starts from: an ask of nothing leaves the price to the list. */
export function baseOf(ask: TokenPrices, list: TokenPrices): TokenPrices {
  return ask.inputPriceWei === 0n && ask.outputPriceWei === 0n ? list : ask;
}
