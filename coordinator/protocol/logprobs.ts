import { ProtocolError } from "./errors.ts";
import { limits } from "./limits.ts";

/** A token's bytes, in base64, and the natural logarithm of its probability over the whole vocabulary. */
export interface TokenChance {
  readonly bytes: string;
  readonly logprob: number;
}

/** A token of the output, as the model saw it before sampling parameters and masks, with the likeliest at its place. */
export interface TokenLogprob extends TokenChance {
  readonly top: readonly TokenChance[];
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function chanceOf(value: unknown): TokenChance {
  const [logprob, bytes] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof logprob !== "number" || !Number.isFinite(logprob)) throw new ProtocolError("bad_frame", "no probability");
  if (typeof bytes !== "string" || bytes.length > limits.tokenBase64Chars || !base64.test(bytes)) {
    throw new ProtocolError("bad_frame", "a probability of no token");
  }
  // Rounding may put a certainty a little above it.
  return { logprob: Math.min(0, logprob), bytes };
}

/** How a token frame carries them: `[logprob, bytes, [[logprob, bytes], ...]]` for each token, as JSON. */
export function writeLogprobs(logprobs: readonly TokenLogprob[]): string {
  return JSON.stringify(
    logprobs.map(({ logprob, bytes, top }) => [logprob, bytes, top.map((one) => [one.logprob, one.bytes])]),
  );
}

/** Reads what `writeLogprobs` wrote, one for each of `count` tokens. Throws ProtocolError. */
export function readLogprobs(json: string, count: number): TokenLogprob[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ProtocolError("bad_frame", "probabilities are not JSON", cause);
  }
  if (!Array.isArray(value) || value.length !== count) throw new ProtocolError("bad_frame", "not one for each token");
  return value.map((one: unknown) => {
    const top: unknown = Array.isArray(one) ? one[2] : undefined;
    if (!Array.isArray(top) || top.length > limits.topLogprobs) throw new ProtocolError("bad_frame", "too many others");
    return { ...chanceOf(one), top: top.map(chanceOf) };
  });
}
