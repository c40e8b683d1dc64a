import { limits as protocolLimits } from "@lode/protocol";
import type { Embedding, EmbedRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { normalise } from "../text/normalise.ts";
import { piecesOf } from "./pieces.ts";
import { ask, broken, readJson, type Upstream } from "./request.ts";

/** One text's vector from a server, made to length 1. */
export async function embedUpstream(
  upstream: Upstream,
  model: string,
  { text, maxInputTokens }: EmbedRequest,
  signal: AbortSignal,
): Promise<Embedding> {
  if (typeof text !== "string") {
    throw new EngineError("bad-request", "This engine takes texts: which tokens its server has is not known here.");
  }
  if (text === "") throw new EngineError("bad-request", "The text is empty.");
  const tokenIds = piecesOf(text);
  if (tokenIds.length > maxInputTokens) {
    const sentence = `The text has ${tokenIds.length} pieces, but at most ${maxInputTokens} are taken.`;
    throw new EngineError("input-too-long", sentence);
  }
  const body = { model, input: text, encoding_format: "float" };
  const answer = await readJson(await ask(upstream, { path: "/embeddings", body, signal }), upstream.limits.bodyBytes);
  const data = (answer as { data?: unknown } | null)?.data;
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  const vector = (first as { embedding?: unknown } | null | undefined)?.embedding;
  const isVector =
    Array.isArray(vector) &&
    vector.length > 0 &&
    vector.length <= protocolLimits.embeddingLength &&
    vector.every((value) => typeof value === "number");
  if (!isVector) throw broken("it sends no vector");
  const normal = normalise(vector);
  if (normal === undefined) throw broken("its vector has no direction");
  return { tokenIds, vector: normal };
}
