import { canonicalJson, concat, hexToBytes, keccak, type Hex } from "@lode/sdk/hash";
import Type, { type Static, type TSchema } from "typebox";
import { limits } from "./limits.ts";

/** Bounds on how a token is drawn. Every one costs a verifier as much as a miner. */
export const samplerLimits = {
  maxTemperature: 2,
  maxTopK: 256,
  /** A factor of 1 changes nothing. */
  minRepetitionPenalty: 0.5,
  maxRepetitionPenalty: 2,
  /** Both ways, for the frequency's and the presence's penalty. */
  maxPenalty: 2,
  maxBias: 100,
  biases: 300,
  /** Text of a JSON schema. */
  schemaChars: 65_536,
  /** Tool calls in one answer. */
  toolCalls: 16,
  /** Token ids are 32 bits on the wire. */
  maxTokenId: 4_294_967_295,
} as const;

const penalty = Type.Number({ minimum: -samplerLimits.maxPenalty, maximum: samplerLimits.maxPenalty });

const constraintOf = <T extends string, F extends Record<string, TSchema>>(type: T, fields: F) =>
  Type.Object({ type: Type.Literal(type), ...fields }, { additionalProperties: false });

/**
 * What the answer must be, as a mask over the tokens: any JSON object, a value that fits a schema, or calls of the
 * prompt's tools, each `{"name": ..., "arguments": ...}`. A schema travels as its text, because the order of its properties
 * is the order of the answer's, and hashed JSON does not keep one.
 */
export const Constraint = Type.Union([
  constraintOf("json_object", {}),
  constraintOf("json_schema", { schema: Type.String({ minLength: 2, maxLength: samplerLimits.schemaChars }) }),
  constraintOf("tool_calls", {
    /** The tools to choose from; absent: all of the prompt. */
    names: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: limits.tools, uniqueItems: true }),
    ),
    /** 1: one call, as an object; more: a list of 1 to so many. */
    most: Type.Integer({ minimum: 1, maximum: samplerLimits.toolCalls }),
  }),
]);
export type Constraint = Static<typeof Constraint>;

/**
 * How the next token is drawn, as the signed assignment fixes it. An absent field changes nothing, and a field at that
 * same value is left out by `samplerParams`, so that one meaning has one hash.
 */
export const SamplerParams = Type.Object(
  {
    kind: Type.Literal("inverse-cdf-v1"),
    /** 0 picks the most likely token. */
    temperature: Type.Number({ minimum: 0, maximum: samplerLimits.maxTemperature }),
    /** Candidates by logit. */
    topK: Type.Integer({ minimum: 1, maximum: samplerLimits.maxTopK }),
    /** Candidates until their probability reaches this. */
    topP: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    /** Least probability of a candidate, as a share of the likeliest one's; absent: 0. */
    minP: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Divides the positive and multiplies the negative logits of tokens that the answer holds already; absent: 1. */
    repetitionPenalty: Type.Optional(
      Type.Number({ minimum: samplerLimits.minRepetitionPenalty, maximum: samplerLimits.maxRepetitionPenalty }),
    ),
    /** Taken from a token's logit for each time that the answer holds it; absent: 0. */
    frequencyPenalty: Type.Optional(penalty),
    /** Taken once from the logit of each token that the answer holds; absent: 0. */
    presencePenalty: Type.Optional(penalty),
    /** Added to the logits of single tokens: pairs of token id and bias, by rising id. */
    logitBias: Type.Optional(
      Type.Array(
        Type.Tuple([
          Type.Integer({ minimum: 0, maximum: samplerLimits.maxTokenId }),
          Type.Number({ minimum: -samplerLimits.maxBias, maximum: samplerLimits.maxBias }),
        ]),
        { minItems: 1, maxItems: samplerLimits.biases },
      ),
    ),
    /** Absent: every token may come. */
    constraint: Type.Optional(Constraint),
  },
  { additionalProperties: false },
);
export type SamplerParams = Static<typeof SamplerParams>;

/** The values at which a field is the same as none. */
const neutral: Readonly<Partial<Record<keyof SamplerParams, number>>> = {
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
};

/** The one form of these parameters: without fields that change nothing, biases by rising token id. */
export function samplerParams(params: SamplerParams): SamplerParams {
  const { logitBias, ...numbers } = params;
  const fields = Object.entries(numbers).filter(([name, value]) => neutral[name as keyof SamplerParams] !== value);
  const biases = (logitBias ?? []).filter(([, bias]) => bias !== 0).sort(([a], [b]) => a - b);
  return {
    ...(Object.fromEntries(fields) as unknown as SamplerParams),
    ...(biases.length === 0 ? {} : { logitBias: biases }),
  };
}

/** What ends an answer beside the model itself, as far as it is agreed. */
export interface AnswerEnd {
  /** The client's stop texts. */
  readonly stop: readonly string[];
  /** Tokens that the miner's context holds, prompt and output together; left out where nobody told. */
  readonly contextTokens?: number | undefined;
  /** Salts the stop texts: an assignment is public, and they can be guessed. */
  readonly jobSalt: Hex;
}

const stopDomain = new TextEncoder().encode("Lode stop texts");

/** Hashes that were asked for lately, by the JSON of what they are of: most jobs of a model are drawn alike, and both sides hash each. */
const recent = new Map<string, Hex>();
const mostRecent = 256;
/** A longer text, such as a schema's, is hashed again. */
const longestRecent = 1024;

/**
 * How the tokens of an answer are drawn and where it ends, as an assignment fixes it in one hash. Without stop texts and context it is
 * the hash of the parameters alone, so that one meaning has one hash.
 */
export function samplerHash(params: SamplerParams, { stop, contextTokens, jobSalt }: AnswerEnd): Hex {
  const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(canonicalJson(value));
  if (stop.length > 0) {
    const stopHash = keccak(concat(stopDomain, hexToBytes(jobSalt), encoded(stop)));
    return keccak(encoded({ ...params, contextTokens, stop: stopHash }));
  }
  const key = JSON.stringify([params, contextTokens]);
  const known = recent.get(key);
  if (known !== undefined) return known;
  const hash = keccak(encoded({ ...params, contextTokens }));
  if (key.length > longestRecent) return hash;
  const [oldest] = recent.keys();
  if (recent.size >= mostRecent && oldest !== undefined) recent.delete(oldest);
  recent.set(key, hash);
  return hash;
}
