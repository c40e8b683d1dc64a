/** Honest jobs of few tokens in every way in which honest jobs differ, each checked as a juror would: how many are called wrong? */
import { cpuLibraries, defaultSampler, openEngine, type Engine, type GenerateRequest } from "@lode/miner/engines";
import { verifyTranscript, type StatisticalOptions, type Transcript } from "@lode/miner/verify";
import { Kept, type Limit } from "./kept.ts";
import { domain, hash, receipted, serve, story, asking } from "./served-job.ts";

export interface HonestJobs {
  readonly jobs: number;
  readonly tokens: number;
  readonly wrong: number;
  /** By engine that served. */
  readonly byEngine: Readonly<Record<string, number>>;
  readonly undecided: number;
}

/** One in which an engine is neither the pinned nor the usual one. */
interface Server {
  readonly name: string;
  readonly options: Omit<Parameters<typeof openEngine>[0], "modelPath">;
}

/** Those libraries that this machine's processor can run. */
export async function usableLibraries(modelPath: string): Promise<string[]> {
  const usable: string[] = [];
  for (const name of cpuLibraries().keys()) {
    try {
      const opened = await openEngine({ modelPath, cpu: name, contextTokens: 128 });
      await opened.close();
      usable.push(name);
    } catch {
      // A processor without its instructions.
    }
  }
  return usable;
}

const schema = JSON.stringify({
  type: "object",
  properties: { name: { type: "string", maxLength: 8 }, n: { type: "integer", minimum: 0, maximum: 99 } },
  required: ["name", "n"],
});
const questions = [
  "Tell me a long story.",
  "What is Lode?",
  "Count from 1 to 15.",
  "What is 3 plus 4?",
  "Say: Zoë 😀 naïve",
];

/** The ways in which one job differs from another, by its number. */
export async function honestJob(engine: Engine, number: number): Promise<Transcript> {
  const seed = hash(`honest ${number}`);
  const maxTokens = 4 + (number % 9);
  const request = asking(questions[number % questions.length] ?? "", { seed, maxTokens });
  const sampler = request.sampler;
  const ways: (() => Promise<Transcript>)[] = [
    () => serve({ engine, request }),
    () => serve({ engine, request: { ...request, sampler: { ...defaultSampler, temperature: 0, topK: 1 } } }),
    () => serve({ engine, request: { ...request, sampler: { ...sampler, temperature: 1.6, topP: 0.9, minP: 0.02 } } }),
    () =>
      serve({ engine, request: { ...request, sampler: { ...sampler, repetitionPenalty: 1.3, presencePenalty: 0.4 } } }),
    () => serve({ engine, request, hangUpAfter: 2 }),
    () => serve({ engine, request: { ...request, stop: ["e", "7", "on a"], maxTokens: 24 } }),
    () => continued(engine, story({ seed, maxTokens: 12 })),
    () =>
      serve({
        engine,
        request: { ...request, maxTokens: 40, sampler: { ...sampler, constraint: { type: "json_schema", schema } } },
      }),
  ];
  return (ways[number % ways.length] ?? ways[0])?.() ?? serve({ engine, request });
}

/** A job that another miner began: the prefix is what it had delivered. */
async function continued(engine: Engine, request: GenerateRequest): Promise<Transcript> {
  const whole = await serve({ engine, request });
  const cut = Math.floor(whole.outputIds.length / 2);
  const rest = { ...request, prefixTokens: whole.outputIds.slice(0, cut), maxTokens: request.maxTokens - cut };
  const { receipt, inputIds, outputIds } = await serve({ engine, request: rest });
  return receipted({ request: rest, promised: engine.info, inputIds, outputIds, finish: receipt.finishReason });
}

/**
 * Serves and checks `count` honest jobs: one half by engines of the checker's own class, bit for bit, the other by all processors' libraries,
 * other batches and threads, with the statistical test running on over all jobs of an engine.
 */
export async function countFalse(options: {
  modelPath: string;
  reference: Engine;
  count: number;
  libraries: readonly string[];
  statistical: StatisticalOptions;
  limit: Limit;
}): Promise<HonestJobs> {
  const { modelPath, reference, count, libraries, statistical, limit } = options;
  const servers: Server[] = [
    { name: "pinned", options: { sequences: 3 } },
    ...libraries.map((cpu) => ({ name: cpu, options: { cpu, sequences: 2 } })),
    { name: "batch 63", options: { tuning: { threads: 1, batchSize: 63 } } },
    { name: "batch 512", options: { tuning: { threads: 1, batchSize: 512 } } },
    { name: "2 threads", options: { tuning: { threads: 2, batchSize: 48 } } },
  ];
  const shares = servers.map(({ name }) =>
    name === "pinned" ? Math.ceil(count / 2) : Math.ceil(count / 2 / (servers.length - 1)),
  );
  const byEngine: Record<string, number> = {};
  const all: Counted[] = [];
  for (const [index, server] of servers.entries()) {
    const engine = await openEngine({ modelPath, contextTokens: 512, ...server.options });
    const checker = server.name === "pinned" ? engine : reference;
    const kept = new Kept<Counted>("honest", [server.name, engine.info, checker.info, statistical.calibration]);
    const share = shares[index] ?? 0;
    try {
      let history = kept.results.at(-1)?.history;
      for (let number = kept.results.length; number < share; number += 1) {
        limit.check();
        const transcript = await honestJob(engine, number);
        const checked = { domain, engine: checker, statistical: { ...statistical, history } };
        const { verdict, evidence } = await verifyTranscript(transcript, checked);
        history = evidence.sequential ?? history;
        kept.add({ tokens: transcript.outputIds.length, verdict, history });
      }
      const done = kept.results.slice(0, share);
      byEngine[server.name] = done.filter(({ verdict }) => verdict === "wrong").length;
      all.push(...done);
    } finally {
      await engine.close();
    }
  }
  const found = (verdict: string): number => all.filter((one) => one.verdict === verdict).length;
  const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
  return { jobs: all.length, tokens, wrong: found("wrong"), undecided: found("undecided"), byEngine };
}

/** One job's result, and where the test stood behind it. */
interface Counted {
  readonly tokens: number;
  readonly verdict: string;
  readonly history: StatisticalOptions["history"];
}
