import type { Hex } from "@lode/sdk/hash";
import type { Listed } from "./market.ts";
import { broken, fits, isFull, localCost, localTerms, wayCost, type Demand } from "./objective.ts";

/** Why one miner stands where it stands. */
export interface Candidate {
  readonly miner: Hex;
  /** The objective's value, and the terms that add up to it; absent when a constraint is broken. */
  readonly cost?: number;
  readonly terms?: Readonly<Record<string, number>>;
  /** Hard constraints that it breaks. */
  readonly broken: readonly string[];
}

/** A decision with its reasons. */
export interface Explanation {
  readonly chosen: readonly Hex[];
  readonly isExploring: boolean;
  /** Offers that were looked at for this; of many only some are. */
  readonly considered: number;
  readonly candidates: readonly Candidate[];
  /** Why those of them that are not named did not get it: how many break each rule, and under `cost` how many keep all and cost more. */
  readonly others: Readonly<Record<string, number>>;
}

/** Candidates that an explanation names beside those that were chosen: the best, and some of those that could not have it. */
export const mostNamed = 16;

/**
 * Explains a decision as the market stands now: call it in the turn in which the decision was made.
 * @param offers one that comes twice counts once
 * @param ineligibility why a miner gets no work with this model, whatever is asked for
 */
export function explain(
  offers: Iterable<Listed>,
  demand: Demand,
  chosen: readonly Hex[],
  isExploring: boolean,
  roundTripMs: (place: number) => number,
  ineligibility: (miner: Hex) => readonly string[] = () => [],
): Explanation {
  const able: (Listed & { readonly cost: number; readonly way: number })[] = [];
  const unable: Candidate[] = [];
  const seen = new Set<Hex>();
  for (const listed of offers) {
    const { offer, turn, isAsked } = listed;
    if (seen.has(offer.miner)) continue;
    seen.add(offer.miner);
    const trip = roundTripMs(offer.place);
    // Most are asked and could have it: nothing is put together for those that will not be named.
    if (isAsked && fits(offer, demand, trip)) {
      const way = wayCost(demand.latency, trip);
      able.push({ ...listed, way, cost: localCost(offer, demand.latency, turn) + way });
      continue;
    }
    const reasons = broken(offer, demand, trip);
    const against = ineligibility(offer.miner);
    if (against.length > 0) reasons.push(...against);
    else if (!isAsked && !isFull(offer)) reasons.push("status");
    unable.push({ miner: offer.miner, broken: reasons });
  }
  able.sort((a, b) => a.cost - b.cost || (a.offer.miner < b.offer.miner ? -1 : 1));
  // Whoever explores stands wherever it stands.
  const isNamed = (miner: Hex, place: number): boolean => place < mostNamed || chosen.includes(miner);
  const candidates: Candidate[] = [];
  const others: Record<string, number> = {};
  const count = (reason: string): void => void (others[reason] = (others[reason] ?? 0) + 1);
  able.forEach(({ offer, turn, way, cost }, place) => {
    if (!isNamed(offer.miner, place)) return count("cost");
    const terms = { ...localTerms(offer, demand.latency, turn), way };
    candidates.push({ miner: offer.miner, cost, terms, broken: [] });
  });
  unable.sort((a, b) => (a.miner < b.miner ? -1 : 1));
  unable.forEach((one, place) => {
    if (isNamed(one.miner, able.length + place)) candidates.push(one);
    else one.broken.forEach(count);
  });
  return { chosen, isExploring, considered: seen.size, candidates, others };
}
