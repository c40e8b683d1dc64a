import { keccak } from "@lode/sdk/hash";
import { defaultSampler, type Engine } from "../../engines/index.ts";

export interface EngineRun {
  /** Requests that ran at the same time. */
  concurrency: number;
  requests: number;
  promptTokens: number;
  outputTokens: number;
  /** All requests together, from the first one's start to the last one's end. */
  tokensPerSecond: number;
  /** Of one request while it writes; median. */
  streamTokensPerSecond: number;
  /** Reading the prompt: its tokens over the time to the first token; median. */
  promptTokensPerSecond: number;
  /** Median. */
  secondsPerRequest: number;
  firstTokenMs: number;
}

export interface MeasureOptions {
  concurrency: number;
  requests: number;
  maxTokens: number;
  /** The prompt is about this many words long. */
  promptWords: number;
  signal: AbortSignal;
  now: () => number;
}

interface Request {
  promptTokens: number;
  outputTokens: number;
  firstMs: number;
  wholeMs: number;
}

const words =
  "The old miner walked down the hill and told a story about the river, the lamp and the small grey stone. ";

/** Runs requests through an engine, so many at a time. Every one has a prompt and a seed of its own: nothing is remembered. */
export async function measureEngine(engine: Engine, options: MeasureOptions): Promise<EngineRun> {
  const { concurrency, requests, now } = options;
  const done: Request[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < requests) done.push(await runRequest(engine, next++, options));
  };
  const started = now();
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (now() - started) / 1000;
  const outputTokens = sum(done.map((request) => request.outputTokens));
  const streams = done.filter((request) => request.outputTokens > 1);
  return {
    concurrency,
    requests,
    promptTokens: sum(done.map(({ promptTokens }) => promptTokens)),
    outputTokens,
    tokensPerSecond: rounded(outputTokens / seconds),
    streamTokensPerSecond: rounded(median(streams.map((one) => rate(one.outputTokens - 1, one.wholeMs - one.firstMs)))),
    promptTokensPerSecond: rounded(median(done.map((one) => rate(one.promptTokens, one.firstMs)))),
    secondsPerRequest: rounded(median(done.map(({ wholeMs }) => wholeMs)) / 1000),
    firstTokenMs: rounded(median(done.map(({ firstMs }) => firstMs))),
  };
}

async function runRequest(engine: Engine, number: number, options: MeasureOptions): Promise<Request> {
  const { promptWords, maxTokens, signal, now } = options;
  const started = now();
  const content = `${number}. ${words
    .repeat(Math.ceil(promptWords / 21))
    .split(" ")
    .slice(0, promptWords)
    .join(" ")}`;
  const result: Request = { promptTokens: 0, outputTokens: 0, firstMs: 0, wholeMs: 0 };
  const request = {
    prompt: { messages: [{ role: "user" as const, content }] },
    prefixTokens: [],
    sampler: defaultSampler,
    seed: keccak(new TextEncoder().encode(`lode bench ${number}`)),
    maxTokens,
    maxInputTokens: engine.info.contextTokens,
    stop: [],
  };
  for await (const event of engine.start(request, signal)) {
    if (event.type === "prompt") result.promptTokens = event.tokenIds.length;
    if (event.type !== "token") continue;
    result.outputTokens += 1;
    if (result.firstMs === 0) result.firstMs = now() - started;
  }
  result.wholeMs = now() - started;
  // An answer that ends before its first token was read all the same.
  if (result.firstMs === 0) result.firstMs = result.wholeMs;
  return result;
}

const rate = (count: number, ms: number): number => count / (Math.max(ms, 0.01) / 1000);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const rounded = (value: number): number => Number(value.toPrecision(4));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
