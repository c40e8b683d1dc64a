import { setTimeout as wait } from "node:timers/promises";
import { canonicalJson, keccak, type Hex } from "@lode/sdk/hash";
import type { Engine, EngineInfo, ImageRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { embedUpstream } from "./embed.ts";
import { createGate } from "./gate.ts";
import { generateUpstream } from "./generate.ts";
import { imageUpstream } from "./image.ts";
import { upstreamLimits, type UpstreamLimits } from "./limits.ts";
import { ask, readJson, type Upstream } from "./request.ts";

export interface UpstreamOptions {
  /** A server that speaks OpenAI's API: vLLM, SGLang, Ollama, llama.cpp, an image server. */
  url: string;
  model: string;
  apiKey?: string | undefined;
  /** What it is asked for: texts and vectors unless pictures. A server's list of models does not tell. */
  kind?: "text" | "image" | undefined;
  /** Jobs at the same time; 1 unless given. */
  sequences?: number | undefined;
  /** What the server's model takes, prompt and output together; 4,096 unless given. */
  contextTokens?: number | undefined;
  limits?: Partial<UpstreamLimits> | undefined;
  /** Told in a sentence when the server is gone, and when it is back: `hasRoom` of the engine says which. */
  onAway?: ((sentence: string) => void) | undefined;
}

const listMs = 15_000;
/** Looks in vain until a server counts as gone. */
const mostLooks = 3;

/**
 * An engine that passes its jobs to a server. Weights cannot be seen from here: the model's digest is that of its name, and nothing that it writes can be checked.
 * Throws EngineError when the server does not answer or has no such model.
 */
export async function openUpstream(options: UpstreamOptions): Promise<Engine> {
  const { url, model, apiKey, kind = "text", sequences = 1, contextTokens = 4096 } = options;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new EngineError("bad-request", `${JSON.stringify(url)} is not the URL of a server.`);
  }
  const upstream: Upstream = { url, apiKey, limits: { ...upstreamLimits, ...options.limits } };
  await requireModel(upstream, model);
  const info: EngineInfo = {
    modelDigest: digestOf(model),
    engineId: `openai-upstream model=${model}`,
    engineClass: keccak(Buffer.from(canonicalJson({ engine: "openai-upstream", model, verification: "none" }), "utf8")),
    verification: "none",
    contextTokens,
    modelName: model,
    sequences,
    sizeBytes: 0,
    ...(kind === "image" && { images: true as const }),
  };
  const refuseOtherKind = (): void => {
    if (kind === "image") throw new EngineError("bad-request", "The server behind the engine makes pictures only.");
  };
  const gate = createGate(sequences);
  const closing = new AbortController();
  const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();
  const closed = (): EngineError => new EngineError("engine-closed", "The engine was closed.");

  /** Runs work in a slot; an abort and a close end it in their own words. */
  async function inSlot<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = AbortSignal.any([signal, closing.signal]);
    try {
      const leave = await gate.enter(both);
      try {
        return await work(both);
      } finally {
        leave();
      }
    } catch (error) {
      throw explained(error, signal);
    }
  }

  let looking: Promise<void> | undefined;
  let isAway = false;
  /**
   * A job that failed may be the request's doing. A server that does not even list its models is gone: there is no work for it until it does. It
   * may only be starting anew, so that it is looked for as long as the engine is open.
   */
  async function look(): Promise<void> {
    for (let looks = 1; !closing.signal.aborted; looks += 1) {
      await wait(upstream.limits.checkMs, undefined, { signal: closing.signal, ref: false });
      try {
        await requireModel(upstream, model);
        if (isAway) {
          isAway = false;
          options.onAway?.(`The server at ${url} is back.`);
        }
        return;
      } catch (error) {
        if (isAway || looks < mostLooks) continue;
        isAway = true;
        const why = error instanceof Error ? error.message : String(error);
        options.onAway?.(`There is no work for the server at ${url} until it is back: ${why}`);
      }
    }
  }

  function explained(error: unknown, signal: AbortSignal): unknown {
    if (closing.signal.aborted) return closed();
    if (!signal.aborted) {
      if (error instanceof EngineError && error.code === "engine-crashed") {
        looking ??= look()
          .catch(() => undefined)
          .finally(() => (looking = undefined));
      }
      return error;
    }
    return new EngineError("aborted", "The job was aborted.", { cause: signal.reason });
  }

  return {
    info,
    stopped,
    get isLoaded() {
      return !isAway;
    },
    get hasRoom() {
      return !isAway;
    },
    async *start(request, signal) {
      refuseOtherKind();
      const left = new AbortController();
      const both = AbortSignal.any([signal, closing.signal, left.signal]);
      let leave: (() => void) | undefined;
      try {
        leave = await gate.enter(both);
        yield* generateUpstream(upstream, info, request, both);
      } catch (error) {
        throw explained(error, signal);
      } finally {
        // A consumer that goes hangs up on the server, which then has a free slot too.
        left.abort();
        leave?.();
      }
    },
    embed: (request, signal) =>
      inSlot(signal, async (both) => {
        refuseOtherKind();
        return embedUpstream(upstream, model, request, both);
      }),
    ...(kind === "image" && {
      image: (request: ImageRequest, signal: AbortSignal) =>
        inSlot(signal, (both) => imageUpstream(upstream, model, request, both)),
    }),
    close() {
      closing.abort();
      stop(undefined);
      return Promise.resolve();
    },
  };
}

function digestOf(model: string): Hex {
  return keccak(Buffer.from(`lode-upstream-v1:${model}`, "utf8"));
}

/** Some servers have no list of models; one that has must name this one. */
async function requireModel(upstream: Upstream, model: string): Promise<void> {
  let list: unknown;
  try {
    const body = await ask(upstream, { path: "/models", signal: AbortSignal.timeout(listMs) });
    list = await readJson(body, upstream.limits.bodyBytes);
  } catch (error) {
    if (error instanceof EngineError && error.code === "model-not-found") return;
    throw error;
  }
  const data = (list as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return;
  const names = data.map((entry) => (entry as { id?: unknown } | null)?.id);
  // Ollama lists what is asked for without a tag by its usual one.
  if (names.includes(model) || names.includes(`${model}:latest`)) return;
  const known = names.filter((name) => typeof name === "string").slice(0, 5);
  const has = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  throw new EngineError("model-not-found", `The server at ${upstream.url} has no model "${model}"; ${has}.`);
}
