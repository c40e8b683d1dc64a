import type { Hex } from "@lode/sdk/hash";
import type { Listed } from "./market.ts";
import { broken, isFull, localTerms, wayCost, type Demand } from "./objective.ts";

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
  readonly considered: number;
  readonly candidates: readonly Candidate[];
}

/** Candidates that an explanation names: the best, and some of those that could not have it. */
const mostNamed = 16;

/**
 * Explains a decision as the market stands now: call it in the turn in which the decision was made.
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
  const all: Candidate[] = [];
  for (const { offer, turn, isAsked } of offers) {
    const way = roundTripMs(offer.place);
    const reasons = broken(offer, demand, way);
    const against = ineligibility(offer.miner);
    if (against.length > 0) reasons.push(...against);
    else if (!isAsked && !isFull(offer)) reasons.push("status");
    if (reasons.length > 0) {
      all.push({ miner: offer.miner, broken: reasons });
      continue;
    }
    const terms = { ...localTerms(offer, demand.latency, turn), way: wayCost(demand.latency, way) };
    const cost = Object.values(terms).reduce((sum, term) => sum + term, 0);
    all.push({ miner: offer.miner, cost, terms, broken: [] });
  }
  all.sort((a, b) => (a.cost ?? Infinity) - (b.cost ?? Infinity) || (a.miner < b.miner ? -1 : 1));
  return {
    chosen,
    isExploring,
    considered: all.length,
    candidates: all.slice(0, mostNamed),
  };
}
