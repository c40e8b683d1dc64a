import { EngineError } from "../engines/errors.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Answered {
  response: Response;
  /** sha256 of the whole file in hex, where the hub states it on the way. */
  statedSha256: string | undefined;
}

const mostRedirects = 5;

/**
 * Asks for a file from byte `from` on, following redirects by hand: a secure address must not lead to an open one, and the hub
 * states the digest in the answer that redirects. `validator` is what told the beginning's version.
 */
export async function requestFile(
  fetchFile: Fetch,
  url: string,
  { from, validator, signal }: { from: number; validator: string | undefined; signal: AbortSignal },
): Promise<Answered> {
  // A compressed answer would count other bytes than the file's.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) {
    headers["range"] = `bytes=${from}-`;
    if (validator !== undefined) headers["if-range"] = validator;
  }
  let at = url;
  let statedSha256: string | undefined;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const response = await fetchFile(at, { headers, redirect: "manual", signal });
    statedSha256 ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get("x-linked-etag") ?? "")?.[1];
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return { response, statedSha256 };
    await response.body?.cancel();
    const next = new URL(location, at);
    if (new URL(at).protocol === "https:" && next.protocol !== "https:") {
      throw new EngineError("model-not-found", `${url} leads to an address that is not secure.`);
    }
    if (next.protocol !== "https:" && next.protocol !== "http:") {
      throw new EngineError("model-not-found", `${url} leads to an address that is no web address.`);
    }
    at = next.href;
  }
  throw new EngineError("model-not-found", `${url} leads to more than ${mostRedirects} other addresses.`);
}

/** What tells one version of a file from another; a weak tag does not promise the same bytes. */
export function validatorOf({ headers }: Response): string | undefined {
  const tag = headers.get("etag");
  if (tag !== null && !tag.startsWith("W/")) return tag;
  return headers.get("last-modified") ?? undefined;
}

/** Bytes of the whole file, where the answer says so, and the byte that it begins with. */
export function extentOf(response: Response): { from: number; totalBytes: number | undefined } {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  if (response.status !== 206) return { from: 0, totalBytes: Number.isSafeInteger(length) ? length : undefined };
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "") ?? [];
  const totalBytes = Number(total);
  return { from: Number(first), totalBytes: Number.isSafeInteger(totalBytes) ? totalBytes : undefined };
}
