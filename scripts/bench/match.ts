/**
 * The matcher under churn: miners of 40 cities in markets of three sizes. Each match is followed by the update that it brings, one in
 * ten by a heartbeat that changes somebody's load, one in a hundred by a miner that leaves and one that joins. A sample of the
 * answers is compared with a full scan's, which is timed in the same run.
 */
import type { Hex } from "@lode/sdk/hash";
import { LatencyMap } from "../../coordinator/src/domain/places/latency.ts";
import { places } from "../../coordinator/src/domain/places/places.ts";
import { Market } from "../../coordinator/src/domain/matching/market.ts";
import {
  fits,
  localCost,
  publicPool,
  wayCost,
  type Demand,
  type Offer,
} from "../../coordinator/src/domain/matching/objective.ts";
import { latencyTiers } from "../../coordinator/src/domain/pricing/tier.ts";
import { Dice } from "./market/dice.ts";
import { collectGarbage } from "./market/gc.ts";
import { median, round } from "./statistics.ts";

const CITIES = places.slice(0, 40);
const SIZES = [10_000, 100_000, 1_000_000];
const MODELS = 10;
const FALLBACKS = 4;
/** Parts of a run are timed apart, so that one pause of the machine does not decide. */
const PARTS = 9;
const MATCHES_PER_PART = 20_000;
const CHECKED_PER_PART = 5;

const hex = (n: number, bytes: number): Hex => `0x${n.toString(16).padStart(bytes * 2, "0")}`;

function makeOffer(dice: Dice, number: number): Offer {
  const place = dice.below(CITIES.length);
  const trust = dice.next() < 0.1 ? 0.2 + 0.5 * dice.next() : 0.8 + 0.2 * dice.next();
  const priceRatio = 0.6 + 0.8 * dice.next();
  return {
    miner: hex(number + 1, 20),
    modelDigest: hex(1 + dice.below(MODELS), 32),
    engineClass: hex(1 + dice.below(2), 32),
    place,
    region: CITIES[place]?.region ?? "",
    pool: dice.below(50) === 0 ? "acme" : publicPool,
    tiers: 3,
    abilities: 1,
    privacy: 0,
    contextTokens: dice.pick([4096, 8192, 32_768]),
    inputAskWei: BigInt(Math.round(50e9 * priceRatio)),
    outputAskWei: BigInt(Math.round(500e9 * priceRatio)),
    priceRatio,
    running: dice.below(4),
    concurrency: 1 + dice.below(4),
    usualJobMs: 2000 + 4000 * dice.next(),
    firstTokenMs: 20 + 200 * dice.next(),
    accessMs: 5 + 40 * dice.next(),
    loadMs: dice.below(20) === 0 ? 4000 : 0,
    trust,
    isTrusted: trust >= 0.8,
    capability: dice.next(),
    strain: dice.below(20) === 0 ? 0.25 : 0,
    energy: dice.next(),
  };
}

/** Half of all jobs have a limit that many miners do not keep: a ceiling, a budget, a region, a record, a pool. */
function makeDemand(dice: Dice): Demand {
  const limit = dice.below(10);
  const ceiling = limit === 0 ? 0.7 : 2;
  return {
    modelDigest: hex(1 + dice.below(MODELS), 32),
    origin: dice.below(CITIES.length),
    latency: dice.pick(latencyTiers),
    inputCeilingWei: BigInt(Math.round(50e9 * ceiling)),
    outputCeilingWei: BigInt(Math.round(500e9 * ceiling)),
    budgetMs: limit === 1 ? 150 : 10_000,
    loadBudgetMs: limit === 2 ? 0 : 5000,
    regions: limit === 3 ? new Set(["eu"]) : undefined,
    pools: limit === 4 ? new Set([publicPool, "acme"]) : new Set([publicPool]),
    verification: 1,
    abilities: 1,
    privacy: 0,
    contextTokens: limit === 5 ? 8192 : 2000,
    leastTrust: limit === 6 ? 0.95 : 0,
  };
}

interface Round {
  readonly miners: number;
  readonly matchesPerS: number;
  readonly withFallbacksPerS: number;
  readonly updatesPerS: number;
  readonly scanMs: number;
  readonly checked: number;
  readonly mismatches: number;
  readonly bytesPerMiner: number;
}

/**
 * @returns `matchesPerS1M` best matches a second among a million miners, each with its update and its share of churn;
 * `withFallbacksPerS1M` the same with a list of four instead of one; `updatesPerS1M` updates alone; `vsScan1M` times a full scan for the
 * best one; `mismatches` lists of four that differ from the scan's; `bytesPerMiner` memory of a miner with one model
 */
export async function match(): Promise<Record<string, unknown>> {
  const rounds: Round[] = [];
  for (const miners of SIZES) {
    const one = runSize(miners);
    console.error(
      `${miners} miners: ${Math.round(one.matchesPerS)} matches/s, a scan ${one.scanMs.toFixed(2)} ms, ${one.mismatches} of ${one.checked} differ`,
    );
    rounds.push(one);
  }
  const largest = rounds.at(-1);
  if (largest === undefined) throw new Error("nothing was measured");
  const { matchesPerS, withFallbacksPerS, updatesPerS, scanMs, bytesPerMiner } = largest;
  return {
    bench: "match",
    ...Object.fromEntries(
      rounds.slice(0, -1).map((one) => [`matchesPerS${one.miners / 1000}k`, Math.round(one.matchesPerS)]),
    ),
    matchesPerS1M: Math.round(matchesPerS),
    withFallbacksPerS1M: Math.round(withFallbacksPerS),
    updatesPerS1M: Math.round(updatesPerS),
    vsScan1M: Math.round((matchesPerS * scanMs) / 1000),
    scanMs1M: round(scanMs, 2),
    checked: rounds.reduce((sum, { checked }) => sum + checked, 0),
    mismatches: rounds.reduce((sum, { mismatches }) => sum + mismatches, 0),
    bytesPerMiner,
  };
}

type Name = Pick<Offer, "miner" | "modelDigest">;

function runSize(miners: number): Round {
  const dice = new Dice(20261121);
  const ways = new LatencyMap(CITIES);
  const before = memory();
  const market = new Market(ways);
  const names: Name[] = [];
  for (let number = 0; number < miners; number++) {
    const offer = makeOffer(dice, number);
    market.set(offer);
    names.push({ miner: offer.miner, modelDigest: offer.modelDigest });
  }
  const bytesPerMiner = Math.round((memory() - before) / miners);
  const demands = Array.from({ length: 4096 }, () => makeDemand(dice));
  const [rates, listRates, updateRates, scans]: [number[], number[], number[], number[]] = [[], [], [], []];
  let [mismatches, checked, next] = [0, 0, miners];
  const timed = (work: (number: number, joining: readonly Offer[]) => void): number => {
    const joining = Array.from({ length: MATCHES_PER_PART / 100 }, () => makeOffer(dice, next++));
    const started = performance.now();
    for (let number = 0; number < MATCHES_PER_PART; number++) work(number, joining);
    return (MATCHES_PER_PART / (performance.now() - started)) * 1000;
  };
  for (let part = 0; part < PARTS; part++) {
    for (const [count, into] of [
      [1, rates],
      [FALLBACKS, listRates],
    ] as const) {
      const rate = timed((number, joining) => {
        const [best] = market.find(demands[number % demands.length] ?? makeDemand(dice), count);
        // Four loads in turn, so that the market is as busy at the end as at the beginning.
        if (best !== undefined) market.setServed({ ...best.offer, running: (best.offer.running + 1) % 4 });
        if (number % 10 === 0) heartbeat(market, names, dice);
        if (number % 100 === 0) churn(market, names, joining[number / 100], dice);
      });
      into.push(rate);
    }
    updateRates.push(timed(() => heartbeat(market, names, dice)));
    for (let check = 0; check < CHECKED_PER_PART; check++) {
      const demand = makeDemand(dice);
      const at = performance.now();
      scanForBest(market, ways, demand);
      scans.push(performance.now() - at);
      if (!isSame(market.find(demand, FALLBACKS), scanAll(market, ways, demand))) mismatches += 1;
      checked += 1;
    }
  }
  const [matchesPerS, withFallbacksPerS, updatesPerS] = [median(rates), median(listRates), median(updateRates)];
  return {
    miners,
    matchesPerS,
    withFallbacksPerS,
    updatesPerS,
    scanMs: median(scans),
    checked,
    mismatches,
    bytesPerMiner,
  };
}

function heartbeat(market: Market, names: readonly Name[], dice: Dice): void {
  const { miner, modelDigest } = dice.pick(names);
  const offer = market.get(miner, modelDigest);
  if (offer !== undefined) market.set({ ...offer, running: dice.below(4) });
}

function churn(market: Market, names: Name[], joining: Offer | undefined, dice: Dice): void {
  const at = dice.below(names.length);
  const leaving = names[at];
  if (leaving === undefined || joining === undefined) return;
  market.delete(leaving.miner, leaving.modelDigest);
  market.set(joining);
  names[at] = { miner: joining.miner, modelDigest: joining.modelDigest };
}

/** What there is to beat: one look at every offer of the model, keeping the best. */
function scanForBest(market: Market, ways: LatencyMap, demand: Demand): number {
  let best = Infinity;
  for (const { offer, turn } of market.offersOf(demand.modelDigest)) {
    const roundTripMs = ways.roundTripMs(demand.origin, offer.place);
    if (!fits(offer, demand, roundTripMs)) continue;
    const cost = localCost(offer, demand.latency, turn) + wayCost(demand.latency, roundTripMs);
    if (cost < best) best = cost;
  }
  return best;
}

/** Everybody that fits, best first. */
function scanAll(market: Market, ways: LatencyMap, demand: Demand): { offer: Offer; cost: number; turn: number }[] {
  const all: { offer: Offer; cost: number; turn: number }[] = [];
  for (const { offer, turn } of market.offersOf(demand.modelDigest)) {
    const roundTripMs = ways.roundTripMs(demand.origin, offer.place);
    if (!fits(offer, demand, roundTripMs)) continue;
    all.push({ offer, turn, cost: localCost(offer, demand.latency, turn) + wayCost(demand.latency, roundTripMs) });
  }
  return all.sort((a, b) => a.cost - b.cost || a.turn - b.turn);
}

/** The best of all, then its engine class, then the rest. */
function isSame(found: ReturnType<Market["find"]>, all: ReturnType<typeof scanAll>): boolean {
  const engineClass = all[0]?.offer.engineClass;
  const expected = [
    ...all.filter(({ offer }) => offer.engineClass === engineClass),
    ...all.filter(({ offer }) => offer.engineClass !== engineClass),
  ].slice(0, FALLBACKS);
  return (
    found.length === expected.length &&
    found.every(({ offer, cost }, i) => offer.miner === expected[i]?.offer.miner && cost === expected[i].cost)
  );
}

function memory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
