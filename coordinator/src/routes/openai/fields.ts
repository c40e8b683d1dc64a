import { limits, samplerLimits, samplerParams, type Constraint, type SamplerParams } from "@lode/protocol";
import Type, { type Static, type TObject, type TSchema } from "typebox";
import { ApiError } from "../../errors.ts";
import { usualTopK } from "../../plugins/app/relay/request.ts";

/** A field that may be left out; the public clients also send null for that. */
export const optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const penalty = Type.Number({ minimum: -samplerLimits.maxPenalty, maximum: samplerLimits.maxPenalty });

/** Most tokens of an answer as clients ask for them, who often name more than there is room for: see `roomOf`. */
export const askedTokens = (description?: string) =>
  Type.Integer({ minimum: 1, maximum: 10_000_000, ...(description !== undefined && { description }) });

/** Most tokens that an answer can have: what was asked for, as far as the model's context and one job hold it. */
export function roomOf(asked: number, { contextTokens }: { readonly contextTokens: number }): number {
  return Math.min(asked, contextTokens, limits.outputTokens);
}

/** How tokens are drawn and when the answer ends: the fields that chat and text completions share. */
export const samplingFields = {
  temperature: optional(Type.Number({ minimum: 0, maximum: samplerLimits.maxTemperature })),
  top_p: optional(Type.Number({ minimum: 0, maximum: 1 })),
  top_k: optional(Type.Integer({ minimum: 1, maximum: samplerLimits.maxTopK })),
  min_p: optional(Type.Number({ minimum: 0, maximum: 1 })),
  presence_penalty: optional(penalty),
  frequency_penalty: optional(penalty),
  repetition_penalty: optional(
    Type.Number({ minimum: samplerLimits.minRepetitionPenalty, maximum: samplerLimits.maxRepetitionPenalty }),
  ),
  logit_bias: optional(
    Type.Record(
      Type.String({ pattern: "^(0|[1-9][0-9]{0,9})$" }),
      Type.Number({ minimum: -samplerLimits.maxBias, maximum: samplerLimits.maxBias }),
      { additionalProperties: false, maxProperties: samplerLimits.biases, description: "By token id of the model" },
    ),
  ),
  // Clients draw 64 bits, or take nanoseconds: what JSON's numbers cannot tell apart gives the same draws.
  seed: optional(Type.Integer({ minimum: -(2 ** 63), maximum: 2 ** 63 })),
  stop: Type.Optional(
    Type.Union([
      Type.String({ minLength: 1, maxLength: limits.stopChars }),
      Type.Array(Type.String({ minLength: 1, maxLength: limits.stopChars }), { maxItems: limits.stops }),
      Type.Null(),
    ]),
  ),
} as const;
type Sampling = Static<TObject<typeof samplingFields>>;

/** Fields that every request for text can have. */
export const requestFields = {
  model: Type.String({ minLength: 1, maxLength: 128 }),
  stream: optional(Type.Boolean()),
  stream_options: optional(Type.Object({ include_usage: optional(Type.Boolean()) })),
  tier: Type.Optional(Type.String({ maxLength: 32 })),
  user: optional(Type.String({ maxLength: 512 })),
} as const;

/** The sampler that a request asks for. */
export function samplerOf(request: Sampling, constraint?: Constraint): SamplerParams {
  const topP = request.top_p ?? 1;
  return samplerParams({
    kind: "inverse-cdf-v1",
    temperature: request.temperature ?? 1,
    // A nucleus of nothing still holds the likeliest token.
    topK: topP === 0 ? 1 : (request.top_k ?? usualTopK),
    topP: topP === 0 ? 1 : topP,
    minP: request.min_p ?? 0,
    presencePenalty: request.presence_penalty ?? 0,
    frequencyPenalty: request.frequency_penalty ?? 0,
    repetitionPenalty: request.repetition_penalty ?? 1,
    logitBias: biasesOf(request.logit_bias ?? {}),
    ...(constraint !== undefined && { constraint }),
  });
}

function biasesOf(biases: Readonly<Record<string, number>>): [number, number][] {
  return Object.entries(biases).map(([name, bias]) => {
    const id = Number(name);
    if (id <= samplerLimits.maxTokenId) return [id, bias];
    throw new ApiError(400, "invalid_value", "'logit_bias' names what is no token.", { param: "logit_bias" });
  });
}

export function stopsOf({ stop }: Pick<Sampling, "stop">): string[] {
  return stop === undefined || stop === null ? [] : typeof stop === "string" ? [stop] : stop;
}

/** Choices of one request: a client's seed gives each draws of its own, and the first one those of a single answer. */
export function seedOf({ seed }: Pick<Sampling, "seed">, choice: number): number | string | undefined {
  return seed === undefined || seed === null || choice === 0 ? (seed ?? undefined) : `${seed}:${choice}`;
}

/** Answers to one prompt: each is a job that is paid for. */
export const maximumChoices = 8;

/** Fields whose effect would be missing from the answer: refused instead of ignored, unless they ask for the default. */
export type Unsupported = Readonly<Record<string, (value: unknown) => boolean>>;

/** Throws a 400 that names a field which cannot be honoured. */
export function refuseUnsupported(body: Readonly<Record<string, unknown>>, unsupported: Unsupported): void {
  for (const [param, isDefault] of Object.entries(unsupported)) {
    const value = body[param];
    if (value === undefined || value === null || isDefault(value)) continue;
    const message = `'${param}' is not supported here with this value; leave it out.`;
    throw new ApiError(400, "unsupported_parameter", message, { param });
  }
}
