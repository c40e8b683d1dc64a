import { Market } from "../../../coordinator/src/domain/matching/market.ts";
import { publicPool, type Offer } from "../../../coordinator/src/domain/matching/objective.ts";
import { isExploring } from "../../../coordinator/src/domain/matching/explore.ts";
import { LatencyMap } from "../../../coordinator/src/domain/places/latency.ts";
import { afterAttempt, newcomer, type Standing } from "../../../coordinator/src/domain/reliability/trust.ts";
import { cities, type SimJob, type SimMiner } from "./world.ts";

/** A miner while the simulation runs. */
export interface Live {
  readonly miner: SimMiner;
  readonly index: number;
  running: number;
  isHere: boolean;
}

/** A way to choose miners: a list, the first of which gets the job, and the others when it fails. */
export interface Matcher {
  readonly name: string;
  choose(job: SimJob, count: number): Live[];
  /** Something about a miner changed: its load, or whether it is there. */
  changed(live: Live): void;
  /** An attempt ended, with the round trip that was seen. */
  ended(live: Live, job: SimJob, isGood: boolean, tripMs: number): void;
}

const digest = `0x${"11".repeat(32)}` as const;
const engineClass = `0x${"22".repeat(32)}` as const;
const queueFactor = 4;

/** The coordinator's own market. It knows what a coordinator knows: asks, loads, records and the map, not the true round trips. */
export function lode(lives: readonly Live[]): Matcher {
  const map = new LatencyMap(cities);
  const market = new Market(map);
  const standings = new Map<string, Standing>(lives.map(({ miner }) => [miner.id, afterManyJobs()]));
  const byId = new Map(lives.map((live) => [live.miner.id as string, live]));
  const offerOf = ({ miner, running }: Live): Offer => {
    const { trust, isTrusted } = standings.get(miner.id) ?? newcomer(0);
    return {
      miner: miner.id,
      modelDigest: digest,
      engineClass,
      place: miner.city,
      region: cities[miner.city]?.region ?? "",
      pool: publicPool,
      tiers: 3,
      abilities: 1,
      privacy: 0,
      contextTokens: 8192,
      inputAskWei: BigInt(Math.round(miner.ask * 1e6)),
      outputAskWei: BigInt(Math.round(miner.ask * 1e7)),
      priceRatio: miner.ask,
      running,
      concurrency: miner.concurrency,
      usualJobMs: (200 / miner.tokensPerSecond) * 1000,
      firstTokenMs: firstTokenMs(miner, 400),
      accessMs: miner.accessMs,
      loadMs: 0,
      trust: Math.round(trust * 10) / 10,
      isTrusted,
      capability: miner.capability,
      strain: 0,
      energy: Math.min(2, miner.joulesPerToken / 10),
    };
  };
  const changed = (live: Live): void => market.set(offerOf(live), live.isHere);
  for (const live of lives) changed(live);
  return {
    name: "lode",
    choose(job, count) {
      const demand = {
        modelDigest: digest,
        origin: job.city,
        latency: job.latency,
        inputCeilingWei: 1n << 100n,
        outputCeilingWei: 1n << 100n,
        budgetMs: Infinity,
        loadBudgetMs: 0,
        pools: new Set([publicPool]),
        verification: 1,
        abilities: 1,
        privacy: 0,
        contextTokens: 4096,
        leastTrust: 0,
      };
      const best = market.find(demand, count);
      const found = isExploring(job.draws[5] ?? 1) ? [market.findNewcomer(demand), ...best] : best;
      const names = new Set(found.flatMap((one) => one?.offer.miner ?? []));
      return [...names].flatMap((name) => byId.get(name) ?? []).slice(0, count);
    },
    changed,
    ended(live, job, isGood, tripMs) {
      const { id } = live.miner;
      standings.set(id, afterAttempt(standings.get(id) ?? newcomer(job.atMs), isGood, job.atMs));
      map.learn(job.city, live.miner.city, tripMs);
      changed(live);
    },
  };
}

/** The day begins in a market that has been there: three quarters of the way to trust. */
function afterManyJobs(): Standing {
  let standing = newcomer(0);
  for (let job = 0; job < 40; job++) standing = afterAttempt(standing, true, 0);
  return standing;
}

/** What others do: each orders those that have room, and sees only what its name says. */
export function baselines(lives: readonly Live[], geography: (from: number, to: number) => number): Matcher[] {
  let turn = 0;
  const room = ({ isHere, running, miner }: Live): boolean => isHere && running < queueFactor * miner.concurrency;
  const make = (name: string, choose: Matcher["choose"]): Matcher => ({
    name,
    choose,
    changed: () => undefined,
    ended: () => undefined,
  });
  const by = (name: string, cost: (live: Live, job: SimJob) => number): Matcher =>
    make(name, (job, count) => least(lives.filter(room), (live) => cost(live, job), count));
  /** Starts at a place and goes on in a circle until enough have room. */
  const from = (start: number, step: number, count: number): Live[] => {
    const chosen: Live[] = [];
    for (let tried = 0; tried < lives.length && chosen.length < count; tried++) {
      const live = lives[(start + tried * step) % lives.length];
      if (live !== undefined && room(live)) chosen.push(live);
    }
    return chosen;
  };
  return [
    make("random", (job, count) => from(Math.floor((job.draws[4] ?? 0) * lives.length), 797, count)),
    make("round-robin", (_job, count) => from(turn++, 1, count)),
    by("least-loaded", ({ running, miner, index }) => running / miner.concurrency + index * 1e-9),
    by("nearest", ({ miner }, job) => geography(job.city, miner.city)),
    by("cheapest", ({ miner }) => miner.ask),
  ];
}

/** The few least by a cost, without sorting all. */
function least(lives: readonly Live[], cost: (live: Live) => number, count: number): Live[] {
  const best: { live: Live; cost: number }[] = [];
  for (const live of lives) {
    const value = cost(live);
    if (best.length === count && value >= (best.at(-1)?.cost ?? Infinity)) continue;
    best.push({ live, cost: value });
    best.sort((a, b) => a.cost - b.cost);
    if (best.length > count) best.pop();
  }
  return best.map(({ live }) => live);
}

/** Reading a prompt is about twenty times as fast as writing. */
export function firstTokenMs({ tokensPerSecond }: SimMiner, inputTokens: number): number {
  return 20 + (inputTokens / (20 * tokensPerSecond)) * 1000;
}
