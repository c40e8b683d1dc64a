import type { Hex } from "@lode/sdk/hash";
import { latencyTiers } from "../../../coordinator/src/domain/pricing/tier.ts";
import { publicPool, type Demand, type Offer } from "../../../coordinator/src/domain/matching/objective.ts";
import type { Dice } from "../../../scripts/bench/market/dice.ts";

export const hex = (n: number, bytes: number): Hex => `0x${n.toString(16).padStart(bytes * 2, "0")}`;
export const digest = (n: number): Hex => hex(n + 1, 32);

/** An offer in good standing; a test changes what it is about. */
export function offer(number: number, change: Partial<Offer> = {}): Offer {
  return {
    miner: hex(number + 1, 20),
    modelDigest: digest(0),
    engineClass: digest(100),
    place: 0,
    region: "eu",
    pool: publicPool,
    tiers: 3,
    abilities: 1,
    privacy: 0,
    contextTokens: 8192,
    inputAskWei: 10n,
    outputAskWei: 100n,
    priceRatio: 1,
    running: 0,
    concurrency: 2,
    usualJobMs: 4000,
    firstTokenMs: 50,
    accessMs: 10,
    loadMs: 0,
    trust: 0.9,
    isTrusted: true,
    capability: 0.5,
    strain: 0,
    energy: 0,
    ...change,
  };
}

/** A job that every offer above can have. */
export function demand(change: Partial<Demand> = {}): Demand {
  return {
    modelDigest: digest(0),
    origin: 0,
    latency: "standard",
    inputCeilingWei: 10n,
    outputCeilingWei: 100n,
    budgetMs: Infinity,
    loadBudgetMs: 60_000,
    pools: new Set([publicPool]),
    verification: 1,
    abilities: 1,
    privacy: 0,
    contextTokens: 100,
    leastTrust: 0,
    ...change,
  };
}

const regions = ["eu", "na", "as"];

/** Few different values, so that equals and exact boundaries are common. */
export function randomOffer(dice: Dice, number: number): Offer {
  const place = dice.below(6);
  const trust = dice.pick([0.1, 0.2, 0.5, 0.8, dice.next()]);
  const ask = dice.below(5);
  return offer(number, {
    modelDigest: digest(dice.below(2)),
    engineClass: digest(100 + dice.below(3)),
    place,
    region: regions[place % 3]!,
    pool: dice.pick([publicPool, publicPool, publicPool, "acme"]),
    tiers: dice.pick([3, 3, 1, 7]),
    abilities: dice.pick([9, 9, 9, 9, 9, 9, 9, 1]),
    privacy: dice.pick([0, 0, 1]),
    contextTokens: dice.pick([2048, 4096, 8192]),
    inputAskWei: BigInt(ask) * (1n + (1n << BigInt(dice.pick([0, 60])))),
    outputAskWei: BigInt(dice.below(8)) * 10n,
    priceRatio: ask / 2,
    running: dice.below(10),
    concurrency: 1 + dice.below(3),
    usualJobMs: dice.pick([1000, 4000, 9000]),
    firstTokenMs: dice.pick([20, 50, 200]),
    accessMs: dice.pick([0, 10, 40, dice.next() * 100]),
    loadMs: dice.pick([0, 0, 0, 3000]),
    trust,
    isTrusted: trust > 0.5,
    capability: dice.pick([0.2, 0.5, dice.next()]),
    strain: dice.pick([0, 0, 0.25]),
    energy: dice.pick([0, dice.next()]),
  });
}

export function randomDemand(dice: Dice, miners: number): Demand {
  /** Few jobs ask for everything at once: with all limits on, nobody would ever be left. */
  const sometimes = <T>(usual: T, others: readonly T[]): T => (dice.below(4) === 0 ? dice.pick(others) : usual);
  return demand({
    modelDigest: digest(dice.below(2)),
    origin: dice.below(6),
    latency: dice.pick(latencyTiers),
    inputCeilingWei: sometimes(1n << 64n, [0n, 2n, 3n << 60n, 3n * (1n + (1n << 60n)), 2n * (1n + (1n << 60n))]),
    outputCeilingWei: BigInt(sometimes(100, [0, 20, 29, 30])),
    budgetMs: sometimes(Infinity, [100, 500, 2000, 10_000]),
    loadBudgetMs: sometimes(60_000, [0, 3000]),
    regions: sometimes<ReadonlySet<string> | undefined>(undefined, [new Set(["eu"]), new Set(["na", "as"])]),
    pools: sometimes(new Set([publicPool]), [new Set(["acme", publicPool]), new Set(["acme"])]),
    verification: sometimes(0, [1, 2]),
    abilities: dice.below(12) === 0 ? 9 : 1,
    privacy: sometimes(0, [1]),
    contextTokens: sometimes(1, [2048, 2049, 4096]),
    leastTrust: sometimes(0, [0.2, 0.8]),
    without: sometimes<ReadonlySet<Hex> | undefined>(undefined, [new Set([hex(1 + dice.below(miners), 20)])]),
  });
}
