import type { SamplerParams } from "./params.ts";
import { createAdjustment } from "./adjust.ts";
import { createAssess } from "./assess.ts";
import { bestCandidates, likelyEnough, nucleus, weigh } from "./candidates.ts";
import { noContext, type Sampler } from "./sampler.ts";
import { planLogits } from "./wanted.ts";

/**
 * Draws from the softmax over the best candidates by inverting the cumulative distribution in token-id order, so that
 * near ties in logit cannot swap intervals. `Math.exp` is V8's own code, the same on every processor.
 *
 * Order: mask, bias, penalties, topK (temperature 0 ends here with the best), temperature, topP, minP, draw.
 */
export function inverseCdf(params: SamplerParams, draw: (position: number) => number): Sampler {
  const kept = params.temperature === 0 ? 1 : params.topK;
  const adjustment = createAdjustment(params);
  return {
    wanted: (context) => planLogits(kept, adjustment.moved(context), context.mask),
    pick(logits, position, context = noContext) {
      const best = bestCandidates(logits, kept, adjustment.adjust(context), context.mask);
      const first = best[0];
      if (first === undefined || kept === 1) return first?.id;
      const likely = likelyEnough(nucleus(weigh(best, params.temperature), params.topP), params.minP ?? 0);
      const weighted = likely.sort((a, b) => a.id - b.id);
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
    assess: createAssess(params, adjustment, kept, draw),
  };
}
