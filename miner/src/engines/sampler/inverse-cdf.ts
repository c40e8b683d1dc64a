import { bestCandidates, nucleus, weigh } from "./candidates.ts";
import type { SamplerParams } from "./params.ts";
import type { Sampler } from "./sampler.ts";

/**
 * Candidates asked for beyond topK. An engine's own top list may cut ties anywhere; with these to spare, ties around
 * the last place are settled by id here. Longer runs of equal logits do not occur in a trained model.
 */
const spare = 16;

/**
 * Draws from the softmax over the best candidates by inverting the cumulative distribution in token-id order, so that
 * near ties in logit cannot swap intervals. `Math.exp` is V8's own code, the same on every processor.
 */
export function inverseCdf(params: SamplerParams, draw: (position: number) => number): Sampler {
  const kept = params.temperature === 0 ? 1 : params.topK;
  return {
    candidatesWanted: kept + spare,
    pick(logits, position) {
      const best = bestCandidates(logits, kept);
      const first = best[0];
      if (first === undefined || kept === 1) return first?.id;
      const weighted = nucleus(weigh(best, params.temperature), params.topP).sort((a, b) => a.id - b.id);
      const mass = weighted.reduce((sum, { weight }) => sum + weight, 0);
      const target = draw(position) * mass;
      let passed = 0;
      for (const { id, weight } of weighted) {
        passed += weight;
        if (target < passed) return id;
      }
      // Rounding can leave the target at the very end of the last interval.
      return weighted.at(-1)?.id;
    },
  };
}
