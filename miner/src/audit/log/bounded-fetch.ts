import { exitCode, MinerError } from "../../errors.ts";

/** What is taken of a stranger's answer. */
export interface FetchLimits {
  readonly maximumBytes: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** How often a question is asked whose answer did not come, and what is waited before the second time; it doubles. */
const tries = 4;
const firstPauseMs = 500;

/**
 * GET of one address of a stranger, at most so many bytes of its answer. Asks again while nothing answers, or an
 * overloaded server says so; an answer that is too long or that refuses is final.
 * @throws MinerError `coordinator_unreachable`, `coordinator_refused`, `answer_too_long`
 */
export async function fetchBytes(url: URL, limits: FetchLimits): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url, limits);
    } catch (cause) {
      const mayTryAgain = cause instanceof MinerError && cause.retryable && attempt < tries;
      if (!mayTryAgain || limits.signal?.aborted === true) throw cause;
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** (attempt - 1)));
    }
  }
}

/** The same, as JSON. */
export async function fetchJson(url: URL, limits: FetchLimits): Promise<unknown> {
  const bytes = await fetchBytes(url, limits);
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch (cause) {
    throw new MinerError("coordinator_refused", `${url.origin} did not answer ${url.pathname} with JSON.`, { cause });
  }
}

async function fetchOnce(url: URL, { maximumBytes, timeoutMs = 60_000, signal }: FetchLimits): Promise<Buffer> {
  const unreachable = (cause: unknown): MinerError =>
    new MinerError("coordinator_unreachable", `Nothing answers at ${url.origin}; check its URL.`, {
      cause,
      exitCode: exitCode.unreachable,
      retryable: true,
    });
  const signals = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
  let answer: Response;
  try {
    answer = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any(signals),
    });
  } catch (cause) {
    throw unreachable(cause);
  }
  if (!answer.ok) {
    await answer.body?.cancel().catch(() => undefined);
    const message = `${url.origin} answered ${answer.status} to ${url.pathname}.`;
    const retryable = answer.status === 429 || answer.status >= 500;
    throw new MinerError("coordinator_refused", message, { retryable });
  }
  return readBody(answer, url, maximumBytes).catch((cause: unknown) => {
    throw cause instanceof MinerError ? cause : unreachable(cause);
  });
}

async function readBody(answer: Response, url: URL, maximumBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = answer.body ?? [];
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maximumBytes) {
      const message = `${url.origin} answered ${url.pathname} with more than ${maximumBytes} bytes.`;
      throw new MinerError("answer_too_long", message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
