import { limits, type OfferedModel, type TokenChance, type TokenLogprob } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import type { Reading } from "../inference/reader.ts";

const Chance = {
  token: Type.String({ description: "Its text; bytes that are no text by themselves show as U+FFFD" }),
  logprob: Type.Number({ description: "By the model, before sampling parameters and masks" }),
  bytes: Type.Array(Type.Integer()),
};

/** As chat completions show them. */
export const ChatLogprobs = Type.Object(
  {
    content: Type.Array(Type.Object({ ...Chance, top_logprobs: Type.Array(Type.Object(Chance)) })),
    refusal: Type.Null(),
  },
  { title: "ChatLogprobs" },
);

/** As text completions show them. */
export const CompletionLogprobs = Type.Object(
  {
    tokens: Type.Array(Type.String()),
    token_logprobs: Type.Array(Type.Number()),
    top_logprobs: Type.Union([Type.Array(Type.Record(Type.String(), Type.Number())), Type.Null()]),
    text_offset: Type.Array(Type.Integer({ description: "Where the token begins, as the tokens' texts add up" })),
  },
  { title: "CompletionLogprobs" },
);

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function shown({ bytes: base64, logprob }: TokenChance) {
  const bytes = Buffer.from(base64, "base64");
  return { token: textOf(bytes), logprob, bytes: [...bytes] };
}

export function chatLogprobs(logprobs: readonly TokenLogprob[]): Static<typeof ChatLogprobs> {
  return { content: logprobs.map((one) => ({ ...shown(one), top_logprobs: one.top.map(shown) })), refusal: null };
}

/** @param offset characters of the answer before these tokens */
export function completionLogprobs(
  logprobs: readonly TokenLogprob[],
  offset: number,
): Static<typeof CompletionLogprobs> {
  const all = logprobs.map((one) => ({ ...shown(one), top: one.top.map(shown) }));
  let end = offset;
  return {
    tokens: all.map(({ token }) => token),
    token_logprobs: all.map(({ logprob }) => logprob),
    top_logprobs: all.every(({ top }) => top.length === 0)
      ? null
      : all.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: all.map(({ token }) => (end += token.length) - token.length),
  };
}

/** Alternatives that a chat asks for with each token; undefined when it asks for no probabilities. Throws 400. */
export function wantedInChat({
  logprobs,
  top_logprobs,
}: {
  logprobs?: boolean | null;
  top_logprobs?: number | null;
}): number | undefined {
  if (logprobs === true) return top_logprobs ?? 0;
  if ((top_logprobs ?? 0) === 0) return undefined;
  throw new ApiError(400, "invalid_value", "'top_logprobs' needs 'logprobs' to be true.", { param: "top_logprobs" });
}

/** Whether a model's miners tell what is wanted, of an answer that is text and not too long. Throws 400. */
export function checkLogprobs(
  wanted: number | undefined,
  model: OfferedModel,
  reading: Reading,
  maxTokens: number,
): void {
  if (wanted === undefined) return;
  const refuse = (message: string): never => {
    throw new ApiError(400, "unsupported_parameter", message, { param: "logprobs" });
  };
  if (reading.kind !== "text") refuse("'logprobs' go with answers of text, not with tools.");
  if ((model.logprobs ?? -1) < wanted) refuse("The model's miners do not tell probabilities; leave 'logprobs' out.");
  if (maxTokens * (1 + wanted) > limits.logprobs) {
    refuse(`'logprobs' are told of up to ${limits.logprobs} tokens with their alternatives; ask for fewer tokens.`);
  }
}
