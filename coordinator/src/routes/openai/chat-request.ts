import type { Prompt, SamplerParams } from "@lode/protocol";
import { limits } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";

const TextPart = Type.Object({ type: Type.Literal("text"), text: Type.String() });
const Message = Type.Object({
  role: Type.String({ maxLength: 32 }),
  content: Type.Union([Type.String(), Type.Array(TextPart, { maxItems: 256 }), Type.Null()]),
  name: Type.Optional(Type.String({ maxLength: 64 })),
});

/** The part of OpenAI's request that is served. Fields that are not here are ignored, unless refused below. */
export const ChatRequest = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 128 }),
    messages: Type.Array(Message, { minItems: 1, maxItems: limits.messages }),
    stream: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    stream_options: Type.Optional(
      Type.Union([Type.Object({ include_usage: Type.Optional(Type.Boolean()) }), Type.Null()]),
    ),
    max_tokens: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: limits.outputTokens }), Type.Null()])),
    max_completion_tokens: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: limits.outputTokens }), Type.Null()]),
    ),
    temperature: Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 2 }), Type.Null()])),
    top_p: Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()])),
    top_k: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 256 }), Type.Null()])),
    seed: Type.Optional(
      Type.Union([Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]),
    ),
    stop: Type.Optional(
      Type.Union([
        Type.String({ minLength: 1, maxLength: limits.stopChars }),
        Type.Array(Type.String({ minLength: 1, maxLength: limits.stopChars }), { maxItems: limits.stops }),
        Type.Null(),
      ]),
    ),
    tier: Type.Optional(Type.String({ maxLength: 32 })),
    user: Type.Optional(Type.String({ maxLength: 512 })),
  },
  { title: "ChatCompletionRequest" },
);
export type ChatRequest = Static<typeof ChatRequest>;

/** Fields whose effect would be missing from the answer: refused instead of ignored, unless they ask for the default. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  tools: (value) => Array.isArray(value) && value.length === 0,
  functions: (value) => Array.isArray(value) && value.length === 0,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  response_format: (value) => typeof value === "object" && value !== null && "type" in value && value.type === "text",
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  logit_bias: (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0,
  modalities: (value) => Array.isArray(value) && value.every((item) => item === "text"),
  audio: () => false,
  function_call: (value) => value === "none",
  tool_choice: (value) => value === "none" || value === "auto",
  prediction: () => false,
  web_search_options: () => false,
};

/** Throws a 400 that names a field which cannot be honoured. */
export function refuseUnsupported(body: Readonly<Record<string, unknown>>): void {
  for (const [param, isDefault] of Object.entries(unsupported)) {
    const value = body[param];
    if (value === undefined || value === null || isDefault(value)) continue;
    throw new ApiError(
      400,
      "unsupported_parameter",
      `'${param}' is not supported here with this value; leave it out.`,
      { param },
    );
  }
}

const roles: Readonly<Record<string, "system" | "user" | "assistant">> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
};

/** The conversation as a chat template takes it. */
export function promptOf(request: ChatRequest): Prompt {
  return {
    messages: request.messages.map((message, i) => {
      const { role, content } = message;
      const known = Object.hasOwn(roles, role) ? roles[role] : undefined;
      if (known === undefined) {
        const text = `'messages[${i}].role' must be system, developer, user or assistant; tools are not supported.`;
        throw new ApiError(400, "invalid_value", text, { param: `messages[${i}].role` });
      }
      refuseCalls(message, i);
      const text = typeof content === "string" ? content : (content ?? []).map((part) => part.text).join("");
      return { role: known, content: text };
    }),
  };
}

/** Calls in a conversation would be lost on the way to the template, so that the answer would not be to this conversation. */
function refuseCalls(message: Readonly<Record<string, unknown>>, i: number): void {
  for (const field of ["tool_calls", "function_call", "audio"]) {
    const value = message[field];
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    const param = `messages[${i}].${field}`;
    throw new ApiError(400, "unsupported_parameter", `'${param}' is not supported.`, { param });
  }
}

/** Candidates by logit that a draw considers when the client does not say. */
const defaultTopK = 40;

export function samplerOf(request: ChatRequest): SamplerParams {
  const topP = request.top_p ?? 1;
  return {
    kind: "inverse-cdf-v1",
    temperature: request.temperature ?? 1,
    // A nucleus of nothing still holds the likeliest token.
    topK: topP === 0 ? 1 : (request.top_k ?? defaultTopK),
    topP: topP === 0 ? 1 : topP,
  };
}

export function stopsOf({ stop }: ChatRequest): string[] {
  return stop === undefined || stop === null ? [] : typeof stop === "string" ? [stop] : stop;
}

const tiers: Readonly<Record<string, number>> = { hash: 0, sampled: 1 };

/** The verification tier asked for; one that does not exist yet is refused, never mapped to another. */
export function tierOf(request: ChatRequest): number {
  const tier = tiers[request.tier ?? "sampled"];
  if (tier === undefined) {
    throw new ApiError(400, "unsupported_tier", `The tier '${request.tier}' is not offered; use hash or sampled.`, {
      param: "tier",
    });
  }
  return tier;
}
