import type { Adjust } from "./adjust.ts";
import type { TokenMask } from "./sampler.ts";

/** A token that may come next. */
export interface Candidate {
  id: number;
  logit: number;
}

/** A candidate with its share of the probability mass, which is not normalised. */
export interface Weighted {
  id: number;
  weight: number;
}

/**
 * The `count` best candidates: allowed, finite, adjusted; higher value first, ties by lower id. The order is the
 * protocol's, not the engine's.
 */
export function bestCandidates(
  logits: Iterable<readonly [id: number, logit: number]>,
  count: number,
  adjust?: Adjust,
  mask?: TokenMask,
): Candidate[] {
  const finite: Candidate[] = [];
  for (const [id, raw] of logits) {
    if (!Number.isFinite(raw) || mask?.has(id) === false) continue;
    finite.push({ id, logit: adjust === undefined ? raw : adjust(id, raw) });
  }
  finite.sort((a, b) => b.logit - a.logit || a.id - b.id);
  return finite.slice(0, count);
}

/** Softmax weights in float64 at a temperature above 0, in the order given. The largest is 1. */
export function weigh(candidates: readonly Candidate[], temperature: number): Weighted[] {
  const largest = candidates[0]?.logit ?? 0;
  return candidates.map(({ id, logit }) => ({ id, weight: Math.exp((logit - largest) / temperature) }));
}

/** The shortest run of the best candidates that holds at least `share` of the mass. */
export function nucleus(weighted: Weighted[], share: number): Weighted[] {
  if (share >= 1) return weighted;
  const wanted = share * weighted.reduce((sum, { weight }) => sum + weight, 0);
  let held = 0;
  const last = weighted.findIndex(({ weight }) => (held += weight) >= wanted);
  return last < 0 ? weighted : weighted.slice(0, last + 1);
}

/** The candidates with at least `least` of the likeliest one's probability. */
export function likelyEnough(weighted: Weighted[], least: number): Weighted[] {
  const largest = weighted[0]?.weight ?? 0;
  return least === 0 ? weighted : weighted.filter(({ weight }) => weight >= least * largest);
}
