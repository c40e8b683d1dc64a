/**
 * A day of a market, half a minute of each hour: 2,000 miners in 40 cities with the hardware and habits of people's machines, and the same requests for our matcher and for
 * five simple ones. What a miner would do in reality is a formula here; who gets a job is the coordinator's own code.
 */
import { Dice } from "./market/dice.ts";
import { baselines, lode, type Live, type Matcher } from "./market/matchers.ts";
import { simulate, type Outcome } from "./market/simulate.ts";
import { cities, isHere, makeDemand, makeMiners, trueTrips } from "./market/world.ts";
import { priorMs } from "../../coordinator/src/domain/places/latency.ts";
import { round } from "./statistics.ts";

const MINERS = 2000;
/** 333 a second while they come, which keeps about a fifth of all slots at work, and all of them in the busiest cities' evenings. */
const JOBS = Number(process.env["MARKET_JOBS"] ?? "240000");
const SEED = 20261121;
/** Output tokens at a large cloud's list price for a model of this size, against which "70 % cheaper" is read: US dollars for a million. */
const CLOUD_USD_PER_MILLION = 2;
const LIST_USD_PER_MILLION = 0.5;

/**
 * @returns `dominatedBy`: matchers that are better on both mean cost and 99th percentile; `ttftP50VsBlind`: our median time to the first token
 * over that of least-loaded, which does not know regions; `slaMissRate`; D9's and E20's figures of the same run
 */
export async function market(): Promise<Record<string, unknown>> {
  const names = ["lode", "random", "round-robin", "least-loaded", "nearest", "cheapest"];
  const outcomes = names.map((name) => {
    const outcome = play(name);
    console.error(
      `${name.padEnd(13)} cost ${outcome.cost.toFixed(3)}  first token p50 ${Math.round(outcome.ttftP50Ms)} p99 ${Math.round(outcome.ttftP99Ms)} ms  missed ${(100 * outcome.slaMissRate).toFixed(2)} %  gini ${outcome.gini.toFixed(2)}  earning ${(100 * outcome.earning).toFixed(0)} %`,
    );
    return outcome;
  });
  const [ours, ...others] = outcomes;
  const blind = others.find(({ name }) => name === "least-loaded");
  if (ours === undefined || blind === undefined) throw new Error("nothing was played");
  const dominatedBy = others.filter(({ cost, ttftP99Ms }) => cost < ours.cost && ttftP99Ms < ours.ttftP99Ms);
  return {
    bench: "market",
    miners: MINERS,
    cities: cities.length,
    jobs: JOBS,
    dominatedBy: dominatedBy.map(({ name }) => name),
    ttftP50VsBlind: round(ours.ttftP50Ms / blind.ttftP50Ms, 3),
    slaMissRate: round(ours.slaMissRate, 4),
    d9: {
      nodes: MINERS,
      tokensPerSecond: Math.round(ours.tokensPerSecond),
      regionalP50Ms: Math.round(ours.regionalP50Ms),
      globalP99Ms: Math.round(ours.ttftP99Ms),
      served: round(1 - ours.unserved, 5),
      usdPer1kTokens: round((ours.cost * LIST_USD_PER_MILLION) / 1000, 6),
    },
    e20: {
      latencyVsBlind: round(1 - ours.ttftP50Ms / blind.ttftP50Ms, 3),
      costVsCloud: round(1 - (ours.cost * LIST_USD_PER_MILLION) / CLOUD_USD_PER_MILLION, 3),
      fleetUptime: round(1 - ours.unserved, 5),
    },
    matchers: Object.fromEntries(outcomes.map((one) => [one.name, shown(one)])),
  };
}

/** Every matcher meets the same world, made anew from the same seed. */
function play(name: string): Outcome {
  const miners = makeMiners(new Dice(SEED), MINERS);
  const lives = miners.map((miner, index): Live => ({ miner, index, running: 0, isHere: isHere(miner, 0) }));
  const trips = trueTrips(new Dice(SEED + 1));
  const geography = (from: number, to: number): number => {
    const [a, b] = [cities[from], cities[to]];
    return a === undefined || b === undefined ? Infinity : priorMs(a, b);
  };
  const all: Matcher[] = name === "lode" ? [lode(lives)] : baselines(lives, table(geography));
  const matcher = all.find((one) => one.name === name);
  if (matcher === undefined) throw new Error(`there is no matcher ${name}`);
  return simulate(matcher, lives, makeDemand(new Dice(SEED + 2), JOBS), trips);
}

function table(of: (from: number, to: number) => number): (from: number, to: number) => number {
  const size = cities.length;
  const values = Float64Array.from({ length: size * size }, (_, i) => of(Math.floor(i / size), i % size));
  return (from, to) => values[from * size + to] ?? Infinity;
}

function shown({ name: _name, jobs: _jobs, ...figures }: Outcome): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value, value < 10 ? 4 : 1)]));
}
