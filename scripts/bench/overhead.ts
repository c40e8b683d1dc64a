/**
 * What the market adds to the engine: the same prompts, seeds and sampler through the bare engine and through chain,
 * coordinator, miner and HTTP stream, in interleaved rounds of one run.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { keccak } from "@lode/sdk/hash";
import { defaultSampler, openEngine, type Engine } from "@lode/miner/engines";
import { Display } from "../dev/display.ts";
import { streamJob } from "../dev/job.ts";
import { layoutOf } from "../dev/layout.ts";
import { openMarket, type Market } from "../dev/market.ts";
import { Processes } from "../processes/processes.ts";
import { root } from "../root.ts";
import { median, percentile, round } from "./statistics.ts";

const ROUNDS = 60;
const WARM_UP = 5;
const PROMPT = "Tell me a short story.";
const MAX_TOKENS = 200;

interface Run {
  readonly text: string;
  readonly tokens: number;
  readonly firstTextMs: number;
  /** From the first to the last text. */
  readonly tokensPerSecond: number;
  /** From the request to the last text. */
  readonly wholeMs: number;
}

/**
 * @returns `ttftAddedP50Ms`, `ttftAddedP99Ms`: time to first text through the market less the same round's on the bare
 * engine; `ratio`: tokens per second while text streams, market over bare, median of rounds; `wholeRatio`: the same with
 * the time to first text counted in
 */
export async function overhead(): Promise<Record<string, unknown>> {
  const processes = new Processes();
  const folder = join(root, ".cache", "bench-market");
  rmSync(folder, { recursive: true, force: true });
  let engine: Engine | undefined;
  try {
    const market = await openMarket(new Display(process.stderr), processes, layoutOf(folder), {
      autoPort: true,
      coordinatorEnv: { REQUESTS_PER_MINUTE: "100000", LOG_LEVEL: "warn" },
    });
    engine = await openEngine({ modelPath: join(root, "miner", "models", "lode-demo.Q8_0.gguf") });
    const rounds: { bare: Run; market: Run }[] = [];
    for (let number = 0; number < ROUNDS + WARM_UP; number++) {
      const pair = await runBoth(engine, market, number);
      if (pair.bare.text !== pair.market.text)
        throw new Error(`Round ${number}: the market's text differs from the engine's.`);
      if (number >= WARM_UP) rounds.push(pair);
    }
    return summary(rounds);
  } finally {
    await engine?.close();
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The two take turns in going first, so that neither always finds the warmer machine. */
async function runBoth(engine: Engine, market: Market, number: number): Promise<{ bare: Run; market: Run }> {
  if (number % 2 === 0) {
    const bare = await runBare(engine, number);
    return { bare, market: await runMarket(market, number) };
  }
  const throughMarket = await runMarket(market, number);
  return { bare: await runBare(engine, number), market: throughMarket };
}

async function runBare(engine: Engine, seed: number): Promise<Run> {
  const started = performance.now();
  let [text, tokens, firstAt, lastAt] = ["", 0, 0, 0];
  const request = {
    prompt: { messages: [{ role: "user" as const, content: PROMPT }] },
    prefixTokens: [],
    sampler: defaultSampler,
    // A client's seed becomes the job's in the same way.
    seed: keccak(new TextEncoder().encode(`lode-seed-v1:${seed}`)),
    maxTokens: MAX_TOKENS,
    maxInputTokens: 1_000,
    stop: [],
  };
  for await (const event of engine.start(request, new AbortController().signal)) {
    if (event.type !== "token") continue;
    tokens += 1;
    text += event.text;
    if (event.text === "") continue;
    lastAt = performance.now();
    firstAt ||= lastAt;
  }
  return finish(text, tokens, started, firstAt, lastAt);
}

async function runMarket(market: Market, seed: number): Promise<Run> {
  const api = { url: market.coordinator.url, key: market.key };
  const request = { model: market.model, prompt: PROMPT, maxTokens: MAX_TOKENS, seed };
  const job = await streamJob(api, request, { note: () => undefined, stream: () => undefined });
  return finish(job.text, job.outputTokens, 0, job.firstTextMs, job.lastTextMs);
}

function finish(text: string, tokens: number, started: number, firstAt: number, lastAt: number): Run {
  const tokensPerSecond = ((tokens - 1) / Math.max(0.001, lastAt - firstAt)) * 1000;
  return { text, tokens, firstTextMs: firstAt - started, tokensPerSecond, wholeMs: lastAt - started };
}

function summary(rounds: readonly { bare: Run; market: Run }[]): Record<string, unknown> {
  const added = rounds.map(({ bare, market }) => market.firstTextMs - bare.firstTextMs);
  return {
    bench: "overhead",
    rounds: rounds.length,
    tokens: rounds.reduce((sum, { market }) => sum + market.tokens, 0),
    ttftAddedP50Ms: round(median(added), 2),
    ttftAddedP99Ms: round(percentile(added, 0.99), 2),
    ratio: round(median(rounds.map(({ bare, market }) => market.tokensPerSecond / bare.tokensPerSecond)), 3),
    wholeRatio: round(median(rounds.map(({ bare, market }) => bare.wholeMs / market.wholeMs)), 3),
    bareTokensPerSecond: Math.round(median(rounds.map(({ bare }) => bare.tokensPerSecond))),
    marketTokensPerSecond: Math.round(median(rounds.map(({ market }) => market.tokensPerSecond))),
  };
}
