import OpenAI from "openai";
import type { Edge } from "../edge/edge.ts";
import type { Piece } from "../edge/scripted-miner.ts";

/** OpenAI's own client library, pointed at an edge. */
export const clientOf = ({ url, key }: Pick<Edge, "url" | "key">, maxRetries = 0): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries });

/** A text as tokens of a few characters each. */
export const pieces = (text: string, length = 3): Piece[] =>
  (text.match(new RegExp(`[^]{1,${length}}`, "g")) ?? []).map((piece, i): Piece => [100 + i, piece]);

/** A usage as it is told, whole. */
export const usageOf = (prompt: number, completion: number): OpenAI.CompletionUsage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});
