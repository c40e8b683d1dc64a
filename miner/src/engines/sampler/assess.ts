import type { Adjustment } from "./adjust.ts";
import { bestCandidates, likelyEnough, nucleus, weigh, type Candidate, type Weighted } from "./candidates.ts";
import type { SamplerParams } from "./params.ts";
import { noContext, type DrawContext } from "./sampler.ts";

/**
 * How a claimed token fits a draw that was made from slightly other logits.
 *
 * `margin`: by how much logits have to differ (standard deviations of independent noise on each, in logits) for the draw's number to fall into the claimed
 * token's interval; 0 when it falls there already, at most `farthest`.
 *
 * `sensitivity`: how many draws come out differently for one unit of such noise, from the reference's logits alone, so that it is known before
 * the draw's number is. A number falls between the two places of a border F_i with the probability of their distance, whose mean is at most
 * sqrt(2/pi) times the noise times sd_i, the length of F_i's gradient; so the mean number of differences is at most noise * sum of sd_i. Borders of topK, topP
 * and minP move whole candidates: each adds the share of those that stand within `reach` of it, falling off exponentially with the distance.
 */
export interface Assessment {
  readonly margin: number;
  readonly sensitivity: number;
}

export type Assess = (
  logits: Iterable<readonly [id: number, logit: number]>,
  position: number,
  claimed: number,
  context?: DrawContext,
) => Assessment;

/** More than any honest machine differs by, and than any table of margins tells apart. */
export const farthest = 64;
/** Distance in logits within which an honest machine may see a border the other way round; its noise is a tenth of that. */
const reach = 0.02;
/** No draw is beyond all doubt: a border that nothing here sees may move. */
const least = 1e-4;

export function createAssess(
  params: SamplerParams,
  adjustment: Adjustment,
  kept: number,
  draw: (position: number) => number,
): Assess {
  const { temperature, topP, minP = 0 } = params;
  return (logits, position, claimed, context = noContext) => {
    const all = bestCandidates(logits, Infinity, adjustment.adjust(context), context.mask);
    const best = all.slice(0, kept);
    if (kept === 1) return assessBest(all, claimed);
    const cut = weigh(best, temperature);
    const inside = likelyEnough(nucleus(cut, topP), minP);
    const sorted = [...inside].sort((a, b) => a.id - b.id);
    const edges = edgeShare(all, best, cut, inside.length, params);
    return assessDraw(sorted, draw(position), claimed, temperature, edges, gapInto(all, best, claimed));
  };
}

/** Without a number to draw: another token can come only from one whose logit is nearly the best. */
function assessBest(all: readonly Candidate[], claimed: number): Assessment {
  const [first, ...others] = all;
  if (first === undefined) return { margin: farthest, sensitivity: least };
  const near = others.reduce((sum, { logit }) => sum + Math.exp((logit - first.logit) / reach), 0);
  const own = all.find(({ id }) => id === claimed);
  const gap = own === undefined ? farthest : (first.logit - own.logit) / Math.SQRT2;
  return { margin: Math.min(gap, farthest), sensitivity: least + near / reach };
}

function assessDraw(
  sorted: readonly Weighted[],
  number: number,
  claimed: number,
  temperature: number,
  edges: number,
  outside: number,
): Assessment {
  const mass = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const squares = sorted.reduce((sum, { weight }) => sum + (weight / mass) ** 2, 0);
  let [passed, passedSquares, total, margin] = [0, 0, 0, Math.max(outside, reach)];
  /** Length of a border's gradient by the logits: p_j (1 - F) for those below, p_j F for those above. */
  const spread = (): number => {
    const below = passedSquares * (1 - passed) ** 2;
    return Math.sqrt(Math.max(0, below + Math.max(0, squares - passedSquares) * passed ** 2)) / temperature;
  };
  for (const [index, { id, weight }] of sorted.entries()) {
    const [low, lowSpread] = [passed, spread()];
    const share = weight / mass;
    passed += share;
    passedSquares += share ** 2;
    const isLast = index === sorted.length - 1;
    const highSpread = isLast ? 0 : spread();
    total += highSpread;
    if (id !== claimed) continue;
    if (number < low) margin = (low - number) / lowSpread;
    else if (number >= passed && !isLast) margin = (number - passed) / highSpread;
    else margin = 0;
  }
  return {
    margin: Math.min(Number.isFinite(margin) ? margin : farthest, farthest),
    sensitivity: least + total + edges,
  };
}

/** How far outside of the best a token stands that is claimed all the same, in logits. */
function gapInto(all: readonly Candidate[], best: readonly Candidate[], claimed: number): number {
  const own = all.find(({ id }) => id === claimed);
  const last = best.at(-1);
  return own === undefined || last === undefined ? farthest : Math.max(0, last.logit - own.logit) / Math.SQRT2;
}

/** Share of the mass that changes hands when a border of topK, topP or minP falls the other way, for a unit of noise. */
function edgeShare(
  all: readonly Candidate[],
  best: readonly Candidate[],
  cut: readonly Weighted[],
  inside: number,
  { topP, minP = 0, temperature }: SamplerParams,
): number {
  const mass = cut.reduce((sum, { weight }) => sum + weight, 0);
  const nearness = (distance: number): number => Math.exp(-Math.abs(distance) / reach) / reach;
  let share = 0;
  const [last, next] = [best.at(-1), all[best.length]];
  if (last !== undefined && next !== undefined) {
    share += ((cut.at(-1)?.weight ?? 0) / mass) * nearness(last.logit - next.logit);
  }
  const largest = cut[0]?.weight ?? 1;
  let held = 0;
  for (const [index, { weight }] of cut.entries()) {
    held += weight / mass;
    // Borders far behind the last candidate that is in have nothing to move.
    if (index > inside + 1) break;
    if (topP < 1) share += (weight / mass) * nearness((held - topP) * temperature);
    if (minP > 0) share += (weight / mass) * nearness(Math.log(weight / largest / minP) * temperature);
  }
  return share;
}
