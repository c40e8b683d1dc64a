import { EngineError, type EngineErrorCode } from "../errors.ts";
import type { UpstreamLimits } from "./limits.ts";

export interface Upstream {
  /** Base URL, with or without `/v1`. */
  url: string;
  apiKey: string | undefined;
  limits: UpstreamLimits;
}

export interface Asked {
  path: string;
  /** A GET unless given. */
  body?: object;
  signal: AbortSignal;
}

/** An answer's body, part by part; each within its time. */
export type Body = AsyncIterable<Uint8Array>;

/** `http://h:1/v1/` and `http://h:1` both lead to `/v1/...`. */
export function endpoint(url: string, path: string): URL {
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1${path}`;
  return base;
}

/** Sends a request. Throws EngineError for every answer but a success; nothing is followed to another address. */
export async function ask({ url, apiKey, limits }: Upstream, { path, body, signal }: Asked): Promise<Body> {
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), limits.firstByteMs);
  const stop = AbortSignal.any([signal, slow.signal]);
  let answer: Response;
  try {
    answer = await fetch(endpoint(url, path), {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: "application/json, text/event-stream",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // The key is for this server alone.
      redirect: "error",
      signal: AbortSignal.any([signal, slow.signal]),
    });
  } catch (cause) {
    throw failure(cause, signal, stop.aborted ? "The server behind the engine does not answer in time." : undefined);
  } finally {
    clearTimeout(timer);
  }
  const parts = partsOf(answer, signal, limits.idleMs);
  if (answer.ok) return parts;
  const text = await readAll(parts, 64 * 1024).catch(() => "");
  throw new EngineError(codeOf(answer.status, text), sentenceOf(answer.status, text));
}

/** Reads a whole body as text. Throws EngineError when it is larger than it may be. */
export async function readAll(body: Body, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostBytes) throw broken(`it sends more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads a body that is one JSON value. */
export async function readJson(body: Body, mostBytes: number): Promise<unknown> {
  const text = await readAll(body, mostBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw broken("what it sends is not JSON");
  }
}

export function broken(what: string): EngineError {
  return new EngineError("engine-crashed", `The server behind the engine is broken: ${what}.`);
}

/** Leaving the loop early hangs up. */
async function* partsOf(answer: Response, signal: AbortSignal, idleMs: number): AsyncGenerator<Uint8Array> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(broken("it fell silent in the middle of an answer")), idleMs);
      try {
        const part = await Promise.race([reader.read(), late]);
        if (part.done) return;
        yield part.value as Uint8Array;
      } catch (cause) {
        throw failure(cause, signal);
      } finally {
        clearTimeout(timer);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function failure(cause: unknown, signal: AbortSignal, sentence?: string): EngineError {
  if (cause instanceof EngineError) return cause;
  if (signal.aborted) return new EngineError("aborted", "The job was aborted.", { cause: signal.reason });
  return new EngineError("engine-crashed", sentence ?? "The server behind the engine cannot be reached.", { cause });
}

const tooLong = /context|too long|maximum.{0,20}(length|tokens)|exceed/i;

function codeOf(status: number, text: string): EngineErrorCode {
  if (status === 429 || status === 503) return "busy";
  if (status === 404) return "model-not-found";
  if (status === 413) return "input-too-long";
  if (status === 400 || status === 422) return tooLong.test(text) ? "input-too-long" : "bad-request";
  return "engine-crashed";
}

/** Its own words stay here: they may quote the prompt, and go to a coordinator. */
function sentenceOf(status: number, text: string): string {
  switch (codeOf(status, text)) {
    case "busy":
      return "The server behind the engine is full.";
    case "model-not-found":
      return "The server behind the engine does not have the model.";
    case "input-too-long":
      return "The prompt is longer than the server behind the engine takes.";
    case "bad-request":
      return "The server behind the engine cannot do this request.";
    default:
      return `The server behind the engine answers with status ${status}${status === 401 || status === 403 ? ": check UPSTREAM_API_KEY" : ""}.`;
  }
}
