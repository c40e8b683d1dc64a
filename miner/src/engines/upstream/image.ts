import { imageTurns, limits as protocolLimits, readImage } from "@lode/protocol";
import type { Image, ImageRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { piecesOf } from "./pieces.ts";
import { ask, broken, readJson, type Upstream } from "./request.ts";

/** One picture from a server. What it sends is looked at no further than its kind and size: nobody decodes it here. */
export async function imageUpstream(
  upstream: Upstream,
  model: string,
  { prompt, width, height, maxInputTokens }: ImageRequest,
  signal: AbortSignal,
): Promise<Image> {
  const { imageLeastSide: least, imageSide: most, imagePromptChars } = protocolLimits;
  const isSide = (side: number): boolean => Number.isInteger(side) && side >= least && side <= most;
  if (!isSide(width) || !isSide(height)) {
    throw new EngineError("bad-request", `A picture's sides have ${least} to ${most} pixels.`);
  }
  if (prompt === "" || prompt.length > imagePromptChars) {
    throw new EngineError("bad-request", `A picture's prompt has 1 to ${imagePromptChars} characters.`);
  }
  const tokenIds = piecesOf(prompt);
  if (tokenIds.length > maxInputTokens) {
    const sentence = `The prompt has ${tokenIds.length} pieces, but at most ${maxInputTokens} are taken.`;
    throw new EngineError("input-too-long", sentence);
  }
  const body = { model, prompt, n: 1, size: `${width}x${height}`, response_format: "b64_json" };
  const { imageBytes, firstByteMs } = upstream.limits;
  // A server paints the whole picture before it says anything, and a larger one takes longer.
  const limits = { ...upstream.limits, firstByteMs: firstByteMs * imageTurns({ width, height }) };
  const parts = await ask({ ...upstream, limits }, { path: "/images/generations", body, signal });
  const answer = await readJson(parts, Math.ceil((imageBytes * 4) / 3) + 65_536);
  const data = (answer as { data?: unknown } | null)?.data;
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  // An address instead of the picture is not followed: it would make this machine fetch what a server likes.
  const text = (first as { b64_json?: unknown } | null | undefined)?.b64_json;
  if (typeof text !== "string" || text === "") throw broken("it sends no picture");
  const bytes = Buffer.from(text, "base64");
  if (bytes.length > imageBytes) throw broken(`its picture has more than ${imageBytes} bytes`);
  const facts = readImage(bytes);
  if (facts === undefined) throw broken("what it sends is neither PNG nor JPEG nor WebP");
  // Its size is what is paid for.
  if (facts.width !== width || facts.height !== height) {
    throw new EngineError("bad-request", `The server behind the engine makes no pictures of ${width}x${height}.`);
  }
  return { bytes, mediaType: facts.mediaType, tokenIds };
}
