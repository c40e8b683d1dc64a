import type { Hex } from "@lode/sdk/hash";
import { createDraw } from "./draw.ts";
import { inverseCdf } from "./inverse-cdf.ts";
import { checkSamplerParams, type SamplerParams } from "./params.ts";
import type { Sampler } from "./sampler.ts";

export { farthest, type Assessment } from "./assess.ts";
export { bestCandidates } from "./candidates.ts";
export { createChooser, replay, type Chooser, type Constraint } from "./chooser.ts";
export { createDraw } from "./draw.ts";
export { checkSamplerParams, defaultSampler, samplerLimits, type SamplerParams } from "./params.ts";
export type { DrawContext, LogitsWanted, Sampler, TokenMask } from "./sampler.ts";

/** Creates the sampler that the parameters name. Throws RangeError for parameters or a seed outside the bounds. */
export function createSampler(params: SamplerParams, seed: Hex): Sampler {
  checkSamplerParams(params);
  return inverseCdf(params, createDraw(seed));
}
