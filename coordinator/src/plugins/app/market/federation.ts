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

/** Models that one peer may list here. */
const mostModels = 10_000;

async function ask(url: string, timeoutMs: number): Promise<Peer | undefined> {
  const answer = await fetch(new URL("/v1/regions", url), {
    signal: AbortSignal.timeout(timeoutMs),
    redirect: "error",
  });
  if (!answer.ok) return undefined;
  const { here } = (await answer.json()) as { here?: { place?: unknown; models?: unknown } };
  if (typeof here?.place !== "string" || !Array.isArray(here.models)) return undefined;
  const models = here.models.filter((id): id is string => typeof id === "string").slice(0, mostModels);
  return { url, place: here.place, models };
}
