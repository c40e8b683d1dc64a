import type { Moved } from "./adjust.ts";
import type { LogitsWanted, TokenMask } from "./sampler.ts";

/**
 * Candidates asked for beyond those that are kept. An engine's own top list may cut ties anywhere; with these to spare,
 * ties around the last place are settled by id here. Longer runs of equal logits do not occur in a trained model.
 */
const spare = 16;

/** Looking up single ids costs the engine a pass over the vocabulary for each; more than this and all logits are cheaper. */
const mostIds = 64;
/** A longer top list than this costs more than all logits do. */
const mostTop = 8192;

/**
 * The logits that hold the best `kept` candidates after the adjustments, whatever the values are: a lowered token may
 * leave the top and make room for one behind it, a raised one may come from anywhere, a refused one counts for nothing.
 */
export function planLogits(kept: number, { raised, lowered }: Moved, mask: TokenMask | undefined): LogitsWanted {
  if (mask !== undefined && mask.allowed <= mostIds) return { ids: mask.ids(), top: 0 };
  const top = kept + spare + lowered + (mask?.refused ?? 0);
  return raised.length > mostIds || top > mostTop ? "all" : { ids: raised, top };
}
