import { samplerLimits, type SamplerParams } from "@lode/protocol";

export { samplerLimits, type SamplerParams } from "@lode/protocol";

export const defaultSampler: SamplerParams = { kind: "inverse-cdf-v1", temperature: 1, topK: 40, topP: 1 };

/** Throws RangeError with one sentence when a parameter is outside the protocol's bounds. */
export function checkSamplerParams(params: SamplerParams): void {
  const { kind, temperature, topK, topP, minP = 0, repetitionPenalty = 1 } = params;
  const { maxTemperature, maxTopK, maxPenalty, minRepetitionPenalty, maxRepetitionPenalty } = samplerLimits;
  // The type says so already, but requests come from outside.
  if ((kind as string) !== "inverse-cdf-v1")
    throw new RangeError(`The sampler kind ${JSON.stringify(kind)} is unknown.`);
  requireWithin("The temperature", temperature, 0, maxTemperature);
  if (!Number.isInteger(topK) || topK < 1 || topK > maxTopK) {
    throw new RangeError(`topK must be a whole number between 1 and ${maxTopK}.`);
  }
  if (!(topP > 0 && topP <= 1)) throw new RangeError("topP must be above 0 and at most 1.");
  requireWithin("minP", minP, 0, 1);
  requireWithin("repetitionPenalty", repetitionPenalty, minRepetitionPenalty, maxRepetitionPenalty);
  for (const name of ["frequencyPenalty", "presencePenalty"] as const) {
    requireWithin(name, params[name] ?? 0, -maxPenalty, maxPenalty);
  }
  checkBiases(params.logitBias ?? []);
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw new RangeError(`${name} must be between ${least} and ${most}.`);
}

function checkBiases(biases: NonNullable<SamplerParams["logitBias"]>): void {
  const { biases: mostBiases, maxBias, maxTokenId } = samplerLimits;
  if (biases.length > mostBiases) throw new RangeError(`logitBias holds at most ${mostBiases} tokens.`);
  let last = -1;
  for (const [id, bias] of biases) {
    if (!Number.isInteger(id) || id <= last || id > maxTokenId) {
      throw new RangeError("logitBias must name each token once, by rising id.");
    }
    requireWithin("A logit's bias", bias, -maxBias, maxBias);
    last = id;
  }
}
