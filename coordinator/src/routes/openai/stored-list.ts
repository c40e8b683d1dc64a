import type { FastifyInstance, FastifyRequest } from "fastify";

/** How long what a client stores is kept. */
export const keptMs = 30 * 24 * 3_600_000;

/** Answers of one API key that are listed, at most: the list is written anew with each. Older ones are still found by their ids. */
export const mostListed = 1000;

/** What they may take as JSON: metadata of control characters alone makes an entry of 55 KB. The latest that fit are listed. */
export const mostListedMiB = 1;

/** What is known of a stored answer without opening it. JSON values only. */
export interface Listed {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** As `Kept.expiresMs`. */
  readonly expiresMs: number;
}

/** The one list of an API key, sealed like what it lists: files alone do not tell whose they are. */
const name = "completions";

/** The stored answers of a request's API key, the oldest first. */
export async function listed(app: FastifyInstance, request: FastifyRequest): Promise<readonly Listed[]> {
  const kept = await app.answers.read(request.keySecret(), name);
  return current(kept?.value, app.answers.nowMs);
}

/** Changes the list of a request's API key. It is on the disk when this resolves. */
export async function changeList(
  app: FastifyInstance,
  request: FastifyRequest,
  change: (entries: readonly Listed[]) => readonly Listed[],
): Promise<void> {
  await app.answers.update(request.keySecret(), name, (kept) => {
    const { nowMs } = app.answers;
    return { value: latest(change(current(kept?.value, nowMs))), expiresMs: nowMs + keptMs };
  });
}

function current(value: unknown, nowMs: number): readonly Listed[] {
  return ((value ?? []) as readonly Listed[]).filter(({ expiresMs }) => expiresMs > nowMs);
}

function latest(entries: readonly Listed[]): readonly Listed[] {
  let bytes = 0;
  const beyond = entries.findLastIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry));
    return bytes > mostListedMiB * 1024 * 1024;
  });
  return entries.slice(beyond + 1).slice(-mostListed);
}
