import type { Hex } from "@lode/sdk/hash";
import { priorMs } from "../../../coordinator/src/domain/places/latency.ts";
import { places, type Place } from "../../../coordinator/src/domain/places/places.ts";
import type { Dice } from "./dice.ts";

/** Kinds of machines and how common they are; tokens a second of an 8B model in 4 bits, watts while it writes. */
const machines = [
  { share: 0.3, name: "8 GB card", tokensPerSecond: 40, concurrency: 1, watts: 170, capability: 0.3 },
  { share: 0.3, name: "12 GB card", tokensPerSecond: 55, concurrency: 2, watts: 200, capability: 0.45 },
  { share: 0.2, name: "16 GB card", tokensPerSecond: 80, concurrency: 2, watts: 260, capability: 0.65 },
  { share: 0.15, name: "24 GB card", tokensPerSecond: 120, concurrency: 4, watts: 380, capability: 1 },
  { share: 0.05, name: "server", tokensPerSecond: 160, concurrency: 8, watts: 700, capability: 1 },
] as const;

/** 40 cities with the share of the world's clients that each stands for. Miners live where clients do, unevenly. */
export const cities: readonly Place[] = places.slice(0, 40);

export interface SimMiner {
  readonly id: Hex;
  readonly city: number;
  readonly tokensPerSecond: number;
  readonly concurrency: number;
  readonly capability: number;
  readonly joulesPerToken: number;
  /** Ask relative to the list. */
  readonly ask: number;
  readonly accessMs: number;
  /** Chance that a job fails here. */
  readonly failure: number;
  /** Hours of the day, UTC, between which its owner plays and it is away; equal when never. */
  readonly awayFrom: number;
  readonly awayTo: number;
}

export interface SimJob {
  readonly atMs: number;
  readonly city: number;
  readonly latency: "realtime" | "fast" | "standard" | "economy";
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Even draws of the job's own, the same for every matcher. */
  readonly draws: readonly number[];
}

export const hourMs = 3_600_000;

/** Local hour of a city, by its longitude. */
const localHour = (city: number, atMs: number): number =>
  (((atMs / hourMs + (cities[city]?.longitude ?? 0) / 15) % 24) + 24) % 24;

export function makeMiners(dice: Dice, count: number): SimMiner[] {
  const weights = cities.map(() => dice.lognormal(0.6));
  return Array.from({ length: count }, (_, number) => {
    const kind = draw(dice, machines, ({ share }) => share);
    const city = draw(dice, [...cities.keys()], (index) => weights[index] ?? 0);
    const tokensPerSecond = kind.tokensPerSecond * (0.8 + 0.4 * dice.next());
    const plays = dice.next() < 0.4;
    const offset = (cities[city]?.longitude ?? 0) / 15;
    const awayFrom = (((19 + 2 * dice.next() - offset) % 24) + 24) % 24;
    return {
      id: `0x${(number + 1).toString(16).padStart(40, "0")}`,
      city,
      tokensPerSecond,
      concurrency: kind.concurrency,
      capability: kind.capability,
      joulesPerToken: kind.watts / tokensPerSecond,
      ask: 0.6 + 0.5 * dice.next(),
      accessMs: 5 + 20 * dice.exponential(1),
      failure: dice.next() < 0.05 ? 0.15 : 0.003,
      awayFrom,
      awayTo: plays ? (awayFrom + 3) % 24 : awayFrom,
    };
  });
}

/** Whether a machine is there at a time of the day. */
export function isHere({ awayFrom, awayTo }: SimMiner, atMs: number): boolean {
  const hour = (atMs / hourMs) % 24;
  return awayFrom <= awayTo ? hour < awayFrom || hour >= awayTo : hour < awayFrom && hour >= awayTo;
}

/** Of each hour this much is played, at the rate of the whole: a day is long, and half a minute is several jobs long. */
export const sliceMs = 30_000;

/** A day of requests: more in the evening of each city, more in some cities than in others. */
export function* makeDemand(dice: Dice, jobs: number): Generator<SimJob> {
  const weights = cities.map(() => dice.lognormal(0.8));
  for (let number = 0; number < jobs; number++) {
    const slice = Math.floor((number / jobs) * 24);
    const atMs = slice * hourMs + ((number / jobs) * 24 - slice) * sliceMs;
    const city = draw(dice, [...cities.keys()], (index) => (weights[index] ?? 0) * busy(localHour(index, atMs)));
    const roll = dice.next();
    yield {
      atMs,
      city,
      latency: roll < 0.1 ? "realtime" : roll < 0.35 ? "fast" : roll < 0.85 ? "standard" : "economy",
      inputTokens: Math.ceil(300 * dice.lognormal(0.8)),
      outputTokens: Math.min(2000, Math.ceil(150 * dice.lognormal(0.7))),
      draws: Array.from({ length: 6 }, () => dice.next()),
    };
  }
}

/** From a quarter at night to all of it in the evening. */
const busy = (hour: number): number => 0.25 + 0.75 * Math.max(0, Math.sin(((hour - 7) / 24) * Math.PI * 1.3));

/** True round trips, which no matcher knows: the prior, off by what cables really do. */
export function trueTrips(dice: Dice): (from: number, to: number) => number {
  const size = cities.length;
  const trips = new Float64Array(size * size);
  for (const [i, from] of cities.entries()) {
    for (const [j, to] of cities.entries()) {
      if (j > i) continue;
      const ms = priorMs(from, to) * (i === j ? 1 : 0.85 * dice.lognormal(0.2));
      trips[i * size + j] = ms;
      trips[j * size + i] = ms;
    }
  }
  return (from, to) => trips[from * size + to] ?? Infinity;
}

function draw<T>(dice: Dice, from: readonly T[], weight: (one: T) => number): T {
  let left = dice.next() * from.reduce((sum, one) => sum + weight(one), 0);
  for (const one of from) {
    left -= weight(one);
    if (left < 0) return one;
  }
  const last = from.at(-1);
  if (last === undefined) throw new Error("nothing to draw from");
  return last;
}
