import type { Peer } from "../../../domain/regions/federation.ts";

/** Where other coordinators are, and what they serve: asked for again and again, and forgotten when they do not answer. */
export class Federation {
  readonly #urls: readonly string[];
  readonly #peers = new Map<string, Peer>();

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  get peers(): Peer[] {
    return [...this.#peers.values()];
  }

  /** Asks every peer once. One that does not answer in time is no place to hand a job to. */
  async refresh(timeoutMs = 3000): Promise<void> {
    await Promise.all(
      this.#urls.map(async (url) => {
        const peer = await ask(url, timeoutMs).catch(() => undefined);
        if (peer === undefined) this.#peers.delete(url);
        else this.#peers.set(url, peer);
      }),
    );
  }
}

/** Models that one peer may list here, and what it may answer at all: it must not fill this process's memory. */
const mostModels = 10_000;
const mostBytes = 4_000_000;

async function ask(url: string, timeoutMs: number): Promise<Peer | undefined> {
  const answer = await fetch(new URL("/v1/regions", url), {
    signal: AbortSignal.timeout(timeoutMs),
    redirect: "error",
  });
  if (!answer.ok) return undefined;
  const { here } = JSON.parse(await textOf(answer)) as { here?: { place?: unknown; models?: unknown } };
  if (typeof here?.place !== "string" || !Array.isArray(here.models)) return undefined;
  const models = here.models.filter((id): id is string => typeof id === "string").slice(0, mostModels);
  return { url, place: here.place, models };
}

/** An answer's text. Throws when it does not end within what a peer may answer. */
async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error("the answer is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
