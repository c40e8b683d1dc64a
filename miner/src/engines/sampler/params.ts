/**
 * The sampler's parameters as the signed assignment fixes them.
 * Bounds are the protocol's: every candidate costs a verifier as much as a miner.
 */
export interface SamplerParams {
  kind: "inverse-cdf-v1";
  /** 0 picks the most likely token; else 0 < temperature <= 2. */
  temperature: number;
  /** Candidates by logit, 1..256. */
  topK: number;
  /** Candidates until their probability reaches this, 0 < topP <= 1; applied after topK and temperature. */
  topP: number;
}

export const samplerLimits = { maxTemperature: 2, maxTopK: 256 } as const;

export const defaultSampler: SamplerParams = { kind: "inverse-cdf-v1", temperature: 1, topK: 40, topP: 1 };

/** Throws RangeError with one sentence when a parameter is outside the protocol's bounds. */
export function checkSamplerParams({ kind, temperature, topK, topP }: SamplerParams): void {
  const { maxTemperature, maxTopK } = samplerLimits;
  // The type says so already, but requests come from outside.
  if ((kind as string) !== "inverse-cdf-v1")
    throw new RangeError(`The sampler kind ${JSON.stringify(kind)} is unknown.`);
  if (!(temperature >= 0 && temperature <= maxTemperature)) {
    throw new RangeError(`The temperature must be between 0 and ${maxTemperature}.`);
  }
  if (!Number.isInteger(topK) || topK < 1 || topK > maxTopK) {
    throw new RangeError(`topK must be a whole number between 1 and ${maxTopK}.`);
  }
  if (!(topP > 0 && topP <= 1)) throw new RangeError("topP must be above 0 and at most 1.");
}
