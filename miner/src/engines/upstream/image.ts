import type { Image, ImageRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { ask, broken, readJson, type Upstream } from "./request.ts";

const mostSide = 4096;
const mostPromptChars = 32_768;

/** One picture from a server. What it sends is looked at no further than its first bytes: nobody decodes it here. */
export async function imageUpstream(
  upstream: Upstream,
  model: string,
  { prompt, width, height }: ImageRequest,
  signal: AbortSignal,
): Promise<Image> {
  const isSide = (side: number): boolean => Number.isInteger(side) && side >= 16 && side <= mostSide;
  if (!isSide(width) || !isSide(height)) {
    throw new EngineError("bad-request", `A picture's sides have 16 to ${mostSide} pixels.`);
  }
  if (prompt === "" || prompt.length > mostPromptChars) {
    throw new EngineError("bad-request", `A picture's prompt has 1 to ${mostPromptChars} characters.`);
  }
  const body = { model, prompt, n: 1, size: `${width}x${height}`, response_format: "b64_json" };
  const { imageBytes } = upstream.limits;
  const parts = await ask(upstream, { path: "/images/generations", body, signal });
  const answer = await readJson(parts, Math.ceil((imageBytes * 4) / 3) + 65_536);
  const data = (answer as { data?: unknown } | null)?.data;
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  // An address instead of the picture is not followed: it would make this machine fetch what a server likes.
  const text = (first as { b64_json?: unknown } | null | undefined)?.b64_json;
  if (typeof text !== "string" || text === "") throw broken("it sends no picture");
  const bytes = Buffer.from(text, "base64");
  if (bytes.length > imageBytes) throw broken(`its picture has more than ${imageBytes} bytes`);
  const mediaType = mediaTypeOf(bytes);
  if (mediaType === undefined) throw broken("what it sends is neither PNG nor JPEG nor WebP");
  return { bytes, mediaType };
}

function mediaTypeOf(bytes: Buffer): Image["mediaType"] | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from("89504e470d0a1a0a", "hex"))) return "image/png";
  if (bytes.subarray(0, 3).equals(Buffer.from("ffd8ff", "hex"))) return "image/jpeg";
  const isRiff = bytes.subarray(0, 4).toString("latin1") === "RIFF";
  return isRiff && bytes.subarray(8, 12).toString("latin1") === "WEBP" ? "image/webp" : undefined;
}
