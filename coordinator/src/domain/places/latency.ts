import { figures } from "../figures.ts";
import type { Place } from "./places.ts";

const { earthKm, fibreKmPerMs, detour, fixedMs, correctionWeight, endWeight, correctionMost, impossible } =
  figures.latency;

type Point = Pick<Place, "latitude" | "longitude">;

/** Great-circle distance, kilometres. */
export function distanceKm(from: Point, to: Point): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const across =
    half(to.latitude - from.latitude) +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * half(to.longitude - from.longitude);
  return 2 * earthKm.value * Math.asin(Math.min(1, Math.sqrt(across)));
}

/** The round trip that geography suggests, milliseconds: nothing was measured for it. */
export function priorMs(from: Point, to: Point): number {
  return fixedMs.value + (2 * distanceKm(from, to) * detour.value) / fibreKmPerMs.value;
}

/** Whether a machine can be where it says it is: no signal outruns light in glass on the straight way. */
export function isPossible(from: Point, claimed: Point, measuredMs: number): boolean {
  return measuredMs >= (impossible.value * 2 * distanceKm(from, claimed)) / fibreKmPerMs.value;
}

/**
 * Round trips between places: the prior, times a correction that measured round trips move slowly. A pair that was never measured
 * takes the corrections of its two ends, so that a place behind a slow cable is known to be slow from everywhere.
 */
export class LatencyMap {
  readonly places: readonly Place[];
  readonly #prior: Float64Array;
  /** By what a pair's prior is corrected; 0 where it was never measured. */
  readonly #pair: Float64Array;
  readonly #end: Float64Array;
  /** What all that comes to: asked for much more often than it changes. */
  readonly #now: Float64Array;

  /** @param places each is known by its index */
  constructor(places: readonly Place[]) {
    this.places = places;
    this.#prior = new Float64Array(places.length ** 2);
    this.#pair = new Float64Array(places.length ** 2);
    this.#end = new Float64Array(places.length).fill(1);
    for (const [i, from] of places.entries()) {
      for (const [j, to] of places.entries()) this.#prior[i * places.length + j] = priorMs(from, to);
    }
    this.#now = this.#prior.slice();
  }

  /** Expected round trip between two places by index, milliseconds. */
  roundTripMs(from: number, to: number): number {
    return this.#now[from * this.places.length + to] ?? Infinity;
  }

  /** Learns from a round trip between two places, milliseconds. Odd values are cut, so that one line cannot move the map far. */
  learn(from: number, to: number, measuredMs: number): void {
    const size = this.places.length;
    const prior = this.#prior[from * size + to];
    if (prior === undefined || !(measuredMs > 0)) return;
    const most = correctionMost.value;
    const ratio = Math.min(most, Math.max(1 / most, measuredMs / prior));
    const before = this.roundTripMs(from, to) / prior;
    const now = before + (ratio - before) * correctionWeight.value;
    this.#pair[from * size + to] = now;
    this.#pair[to * size + from] = now;
    for (const end of from === to ? [from] : [from, to]) {
      const old = this.#end[end] ?? 1;
      this.#end[end] = old + (ratio - old) * endWeight.value;
      for (let other = 0; other < size; other++) this.#update(end, other);
    }
  }

  #update(from: number, to: number): void {
    const size = this.places.length;
    const measured = this.#pair[from * size + to] ?? 0;
    const factor = measured > 0 ? measured : Math.sqrt((this.#end[from] ?? 1) * (this.#end[to] ?? 1));
    const ms = (this.#prior[from * size + to] ?? 0) * factor;
    this.#now[from * size + to] = ms;
    this.#now[to * size + from] = ms;
  }
}
