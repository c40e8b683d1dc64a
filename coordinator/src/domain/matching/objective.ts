import type { Hex } from "@lode/sdk/hash";
import { figures } from "../figures.ts";
import { latencyTiers, type LatencyTier } from "../pricing/tier.ts";
import { hasAbilities } from "./abilities.ts";

/** One model of one miner, as matching sees it. */
export interface Offer {
  readonly miner: Hex;
  readonly modelDigest: Hex;
  readonly engineClass: Hex;
  /** Index of its place in the latency map. */
  readonly place: number;
  readonly region: string;
  /** Whom it serves: "public", or the names of the pools that it is kept for, as `poolText` writes them. */
  readonly pool: string;
  /** Verification tiers that it serves, one bit each. */
  readonly tiers: number;
  /** What its model is offered with: see abilities.ts. */
  readonly abilities: number;
  /** How private its work is; a job may ask for at least so much. */
  readonly privacy: number;
  readonly contextTokens: number;
  readonly inputAskWei: bigint;
  readonly outputAskWei: bigint;
  /** What a job's tokens cost here, relative to the list price. */
  readonly priceRatio: number;
  readonly running: number;
  readonly concurrency: number;
  /** How long its jobs usually hold a slot, milliseconds. */
  readonly usualJobMs: number;
  /** From a job to its first token when a slot is free, milliseconds. */
  readonly firstTokenMs: number;
  /** Its own line beyond what its place explains, swings included, milliseconds. */
  readonly accessMs: number;
  /** 0 where the model is loaded. */
  readonly loadMs: number;
  /** 0..1, its line's swings already taken off. */
  readonly trust: number;
  readonly isTrusted: boolean;
  /** Capability score, 0..1. */
  readonly capability: number;
  /** Extra load that its temperature or battery counts as, 0 when it is well. */
  readonly strain: number;
  /** Energy cost of a token relative to the reference, 0 when unknown. */
  readonly energy: number;
}

/** What a job needs. Everything but the objective's own terms is a hard constraint. */
export interface Demand {
  readonly modelDigest: Hex;
  /** Index of the place that its data comes from and goes to. */
  readonly origin: number;
  readonly latency: LatencyTier;
  readonly inputCeilingWei: bigint;
  readonly outputCeilingWei: bigint;
  /** Most that the first token may take, milliseconds; Infinity where any time will do. */
  readonly budgetMs: number;
  /** Most of it that loading the model may take. */
  readonly loadBudgetMs: number;
  /** Areas that it may run in; everywhere when undefined. */
  readonly regions?: ReadonlySet<string> | undefined;
  readonly pools: ReadonlySet<string>;
  /** Bit of the verification tier. */
  readonly verification: number;
  /** What its model must be offered with: see abilities.ts. */
  readonly abilities: number;
  readonly privacy: number;
  readonly contextTokens: number;
  readonly leastTrust: number;
  /** Miners that must not be asked again. */
  readonly without?: ReadonlySet<Hex> | undefined;
}

export const publicPool = "public";

/** In no name of a pool. */
const betweenPools = "+";

/** Pools as one text, the same for the same ones: offers of a kind are told by it. */
export const poolText = (pools: Iterable<string>): string => [...pools].sort().join(betweenPools);

const isOfAny = (pool: string, pools: ReadonlySet<string>): boolean =>
  pools.has(pool) || (pool.includes(betweenPools) && pool.split(betweenPools).some((one) => pools.has(one)));

const terms = figures.objective;

/** What a second, and the list price, weigh for each latency tier. */
export const weights: Readonly<Record<LatencyTier, { readonly second: number; readonly price: number }>> = {
  realtime: { second: terms.secondsRealtime.value, price: terms.priceRealtime.value },
  fast: { second: terms.secondsFast.value, price: terms.priceFast.value },
  standard: { second: terms.secondsStandard.value, price: terms.priceStandard.value },
  economy: { second: terms.secondsEconomy.value, price: terms.priceEconomy.value },
};

const [reliabilityWeight, loadWeight] = [terms.reliability.value, terms.load.value];
const [fitWeight, energyWeight] = [terms.fit.value, terms.energy.value];

const turnWeight = terms.turn.value;

/** Expected time at the miner until the first token, milliseconds: everything but the way to its place. */
export function localMs(offer: Offer): number {
  const { running, concurrency, usualJobMs } = offer;
  const waitMs = running < concurrency ? 0 : ((running - concurrency + 1) * usualJobMs) / concurrency;
  return offer.accessMs + offer.firstTokenMs + offer.loadMs + waitMs;
}

/** The objective's terms at a miner, wherever the job comes from. Smaller is better; one is a job at the list price. */
export function localTerms(offer: Offer, tier: LatencyTier, turn: number) {
  const weight = weights[tier];
  return {
    price: weight.price * offer.priceRatio,
    time: (weight.second * localMs(offer)) / 1000,
    reliability: reliabilityWeight * (1 - offer.trust),
    load: loadWeight * (offer.running / offer.concurrency + offer.strain),
    fit: fitWeight * (1 - offer.capability),
    energy: energyWeight * offer.energy,
    turn: turnWeight * turn,
  };
}

/** Their sum. */
export function localCost(offer: Offer, tier: LatencyTier, turn: number): number {
  const { price, second } = weights[tier];
  return price * offer.priceRatio + (second * localMs(offer)) / 1000 + localRest(offer, turn);
}

/** The terms that weigh the same for every latency tier, added up. */
export function localRest({ trust, running, concurrency, strain, capability, energy }: Offer, turn: number): number {
  return (
    reliabilityWeight * (1 - trust) +
    loadWeight * (running / concurrency + strain) +
    fitWeight * (1 - capability) +
    energyWeight * energy +
    turnWeight * turn
  );
}

/** In the order of `latencyTiers`. */
export const tierWeights = latencyTiers.map((tier) => weights[tier]);

/** The term that belongs to a pair of places. */
export function wayCost(tier: LatencyTier, roundTripMs: number): number {
  return (weights[tier].second * roundTripMs) / 1000;
}

/** Whether a miner holds as many jobs as it may. */
export function isFull({ running, concurrency }: Pick<Offer, "running" | "concurrency">): boolean {
  return running >= terms.queueFactor.value * concurrency;
}

type Rule = (offer: Offer, demand: Demand, roundTripMs: number) => boolean;

/** The hard constraints, by name: the one place where they are decided. */
const rules: readonly (readonly [name: string, holds: Rule])[] = [
  ["model", (offer, demand) => offer.modelDigest === demand.modelDigest],
  ["full", (offer) => !isFull(offer)],
  [
    "price",
    ({ inputAskWei: input, outputAskWei: output }, demand) =>
      input <= demand.inputCeilingWei && output <= demand.outputCeilingWei,
  ],
  ["latency", (offer, demand, roundTripMs) => roundTripMs + localMs(offer) <= demand.budgetMs],
  ["load_time", (offer, demand) => offer.loadMs <= demand.loadBudgetMs],
  ["region", (offer, demand) => demand.regions === undefined || demand.regions.has(offer.region)],
  ["pool", (offer, demand) => isOfAny(offer.pool, demand.pools)],
  ["tier", (offer, demand) => (offer.tiers & (1 << demand.verification)) !== 0],
  ["abilities", (offer, demand) => hasAbilities(offer.abilities, demand.abilities)],
  ["privacy", (offer, demand) => offer.privacy >= demand.privacy],
  ["context", (offer, demand) => offer.contextTokens >= demand.contextTokens],
  ["trust", (offer, demand) => offer.trust >= demand.leastTrust],
  ["excluded", (offer, demand) => demand.without === undefined || !demand.without.has(offer.miner)],
];

const checks = rules.map(([, holds]) => holds);

/** The rules that groups and rows of the market's index leave open: amounts are told there as doubles. */
const openRules = rules.flatMap(([name, holds]) => (name === "price" || name === "excluded" ? [holds] : []));

/** Whether an offer keeps those constraints that neither its group nor its row decides. */
export function fitsBesides(offer: Offer, demand: Demand, roundTripMs: number): boolean {
  for (const holds of openRules) if (!holds(offer, demand, roundTripMs)) return false;
  return true;
}

/** Whether offers of a kind keep the constraints that the kind decides. */
export function isWanted(
  { pool, tiers, abilities, privacy, region }: Pick<Offer, "pool" | "tiers" | "abilities" | "privacy" | "region">,
  demand: Demand,
): boolean {
  const { pools, verification, regions } = demand;
  const isServed = isOfAny(pool, pools) && (tiers & (1 << verification)) !== 0 && privacy >= demand.privacy;
  return isServed && hasAbilities(abilities, demand.abilities) && (regions === undefined || regions.has(region));
}

/** Whether an offer keeps every hard constraint of a job. */
export function fits(offer: Offer, demand: Demand, roundTripMs: number): boolean {
  return checks.every((holds) => holds(offer, demand, roundTripMs));
}

/** The hard constraints that an offer breaks for a job; empty when it may have it. */
export function broken(offer: Offer, demand: Demand, roundTripMs: number): string[] {
  return rules.flatMap(([name, holds]) => (holds(offer, demand, roundTripMs) ? [] : [name]));
}
