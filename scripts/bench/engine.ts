/**
 * What the daemon's engine costs over the bare binding: the same model, prompt, seeds and sampler (ours, on both sides) in a process that only
 * calls the binding, and through `openEngine` as the daemon opens it, its process and sandbox included; rounds take turns.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { embeddedModel } from "@lode/miner/models";
import { keccak } from "@lode/sdk/hash";
import { defaultSampler, openEngine, type Engine } from "@lode/miner/engines";
import { Display } from "../dev/display.ts";
import { streamJob } from "../dev/job.ts";
import { layoutOf } from "../dev/layout.ts";
import { openMarket } from "../dev/market.ts";
import { Processes } from "../processes/processes.ts";
import { root } from "../root.ts";
import type { BareOptions, BareRun, RunFigures } from "./engine/bare.ts";
import { median, round } from "./statistics.ts";

const ROUNDS = 25;
const WARM_UP = 3;
const MAX_TOKENS = 200;
const COLD_STARTS = 5;
const ABORTS = 15;
const QUESTION = "Tell me a short story.";

/**
 * BENCH_MODEL names another GGUF file than the embedded one.
 * @returns `ratio1`, `ratio4`: tokens per second while tokens come, with 1 and 4 jobs at a time, daemon's engine over bare, median of rounds;
 * `abortTokens`: how many tokens of time a slot stays taken after an abort, beyond what a free one takes to begin; `coldStartMs`: from `openEngine` to
 * the first token; `daemonRssMb`: resident memory of `lode miner start` after it served, without its engine's process;
 * `daemonFirstRssMb`: the same of a start before it, which in a new checkout makes JavaScript of the TypeScript and keeps it for later ones
 */
export async function engine(): Promise<Record<string, unknown>> {
  const modelPath = process.env["BENCH_MODEL"] ?? embeddedModel;
  const load = loadavg()[0] ?? 0;
  const coldStartMs = await coldStart(modelPath);
  const one = await compare(modelPath, 1);
  const four = await compare(modelPath, 4);
  return {
    bench: "engine",
    sampler: "ours, on both sides",
    rounds: ROUNDS,
    ratio1: round(one.ratio, 3),
    ratio4: round(four.ratio, 3),
    bareTokensPerSecond1: Math.round(one.bare),
    bareTokensPerSecond4: Math.round(four.bare),
    abortTokens: round(await abortTokens(modelPath, 1000 / one.bare), 2),
    coldStartMs: Math.round(coldStartMs),
    daemonFirstRssMb: round(await daemonRssMb(), 1),
    daemonRssMb: round(await daemonRssMb(), 1),
    load: round(load, 1),
  };
}

const request = (seed: number, maxTokens = MAX_TOKENS) => ({
  prompt: { messages: [{ role: "user" as const, content: QUESTION }] },
  prefixTokens: [],
  sampler: defaultSampler,
  seed: keccak(new TextEncoder().encode(`bench ${seed}`)),
  maxTokens,
  maxInputTokens: 1_000,
  stop: [],
});

const never = new AbortController().signal;

async function coldStart(modelPath: string): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < COLD_STARTS; number += 1) {
    const started = performance.now();
    const opened = await openEngine({ modelPath });
    for await (const event of opened.start(request(number), never)) if (event.type === "token") break;
    times.push(performance.now() - started);
    await opened.close();
  }
  return median(times);
}

async function compare(modelPath: string, sequences: number): Promise<{ ratio: number; bare: number }> {
  const opened = await openEngine({ modelPath, sequences });
  const bare = await openBare({ modelPath, sequences, prompt: await promptOf(opened) });
  try {
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let number = 0; number < ROUNDS + WARM_UP; number += 1) {
      const seeds = Array.from({ length: sequences }, (_, place) => number * sequences + place);
      const runs: { bare?: RunFigures; ours?: RunFigures } = {};
      const turns = [
        async () => (runs.bare = await askBare(bare, { seeds, maxTokens: MAX_TOKENS })),
        async () => (runs.ours = await runOurs(opened, seeds)),
      ];
      // The two take turns in going first.
      for (const turn of number % 2 === 0 ? turns : turns.toReversed()) await turn();
      if (runs.bare === undefined || runs.ours === undefined) throw new Error("a turn did not run");
      if (runs.bare.tokens !== runs.ours.tokens) throw new Error(`Round ${number}: the two wrote different answers.`);
      if (number < WARM_UP || runs.bare.tokens < 10) continue;
      const rate = ({ tokens, ms }: RunFigures): number => (tokens / ms) * 1000;
      ratios.push(rate(runs.ours) / rate(runs.bare));
      rates.push(rate(runs.bare));
    }
    return { ratio: median(ratios), bare: median(rates) };
  } finally {
    bare.disconnect();
    await opened.close();
  }
}

async function promptOf(opened: Engine): Promise<number[]> {
  for await (const event of opened.start(request(0), never)) if (event.type === "prompt") return event.tokenIds;
  throw new Error("the engine said no prompt");
}

async function openBare(options: BareOptions): Promise<ChildProcess> {
  const child = fork(join(root, "scripts", "bench", "engine", "bare.ts"), [JSON.stringify(options)], { execArgv: [] });
  await once(child, "message");
  return child;
}

async function askBare(child: ChildProcess, run: BareRun): Promise<RunFigures> {
  const answer = once(child, "message");
  child.send(run);
  const [figures] = (await answer) as [RunFigures];
  return figures;
}

async function runOurs(opened: Engine, seeds: readonly number[]): Promise<RunFigures> {
  let [first, last, tokens] = [Infinity, 0, -1];
  await Promise.all(
    seeds.map(async (seed) => {
      for await (const event of opened.start(request(seed), never)) {
        if (event.type !== "token") continue;
        tokens += 1;
        last = performance.now();
        first = Math.min(first, last);
      }
    }),
  );
  return { ms: last - first, tokens };
}

/** One slot: from an abort until the next job has it, less what a job takes that finds it free; in tokens. */
async function abortTokens(modelPath: string, tokenMs: number): Promise<number> {
  const opened = await openEngine({ modelPath });
  const begin = async (seed: number): Promise<number> => {
    const started = performance.now();
    for await (const event of opened.start(request(seed, 1), never)) {
      if (event.type === "prompt") return performance.now() - started;
    }
    throw new Error("the engine said no prompt");
  };
  try {
    const [free, taken]: [number[], number[]] = [[], []];
    for (let number = 0; number < ABORTS; number += 1) {
      free.push(await begin(number));
      const stop = new AbortController();
      let count = 0;
      const aborted = (async () => {
        for await (const event of opened.start(request(number), stop.signal)) {
          if (event.type === "token" && ++count === 10) return;
        }
      })();
      await aborted;
      taken.push(await begin(number));
    }
    return Math.max(0, median(taken) - median(free)) / tokenMs;
  } finally {
    await opened.close();
  }
}

/** Of a miner in a whole market, after it served. */
async function daemonRssMb(): Promise<number> {
  const processes = new Processes();
  const folder = join(root, ".cache", "bench-engine");
  rmSync(folder, { recursive: true, force: true });
  try {
    const market = await openMarket(new Display(process.stderr), processes, layoutOf(folder), {
      autoPort: true,
      coordinatorEnv: { REQUESTS_PER_MINUTE: "100000", LOG_LEVEL: "warn" },
    });
    const api = { url: market.coordinator.url, key: market.key };
    for (let seed = 0; seed < 10; seed += 1) {
      const asked = { model: market.model, prompt: QUESTION, maxTokens: MAX_TOKENS, seed };
      await streamJob(api, asked, { note: () => undefined, stream: () => undefined });
    }
    const miners = market.processes.filter(({ name }) => name.startsWith("miner"));
    return Math.max(...miners.map(({ pid }) => residentMb(pid)));
  } finally {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From Linux' own file; NaN elsewhere. */
function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
