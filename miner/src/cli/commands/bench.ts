import type { Command } from "commander";
import { EngineError, openEngine } from "../../engines/index.ts";
import { measureMatrix, type MatrixFigures } from "../../hardware/bench/matrix.ts";
import { resolveModel } from "../../store/index.ts";
import { usage } from "../arguments.ts";
import { measureEngine, type EngineRun } from "../bench/measure-engine.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { modelsIn } from "../miner/start-options.ts";
import { showTable } from "../show.ts";

interface BenchOptions {
  readonly model: string;
  readonly concurrency: string;
  readonly requests: string;
  readonly tokens: string;
  readonly promptWords: string;
}

/** `lode bench` */
export function addBench(program: Command, io: Io): void {
  program
    .command("bench")
    .description("measure this machine: tokens per second, seconds per request, prompt speed, matrices, memory")
    .option(
      "--model <model>",
      "embedded, a GGUF file, one of lode model list, or hf:owner/repo/file.gguf (or MODEL)",
      "embedded",
    )
    .option("--concurrency <list>", "requests at the same time, one round for each number", "1,2,4")
    .option("--requests <n>", "requests of a round", "8")
    .option("--tokens <n>", "most tokens of an answer", "128")
    .option("--prompt-words <n>", "length of the prompts", "60")
    .addHelpText(
      "after",
      `
Rounds run one after the other on one engine, as \`miner start\` opens it. "tokens/s" is of all
requests together, reading included; "one stream" is one request while it writes; "prompt tokens/s"
counts the time to the first token. Matrices and memory are measured on one thread, in JavaScript: a
yardstick for comparing machines.
Exit codes: 0 measured, 2 wrong usage, 9 bad model file, 1 anything else.

Examples:
  lode bench
  lode bench --model ~/models/llama.Q8_0.gguf --concurrency 1,4,8 --tokens 256
  lode bench --json`,
    )
    .action(async (options: BenchOptions, command: Command) => {
      const context = new Context(io, command);
      const plan = planOf(options);
      const { env } = context;
      const name = options.model === "embedded" ? modelsIn(env["MODEL"])[0] : options.model;
      const model = await resolveModel(name, context.models(), { signal: io.signal });
      const now = (): number => performance.now();
      const matrix = measureMatrix(now);
      const opening = now();
      const sequences = Math.max(...plan.rounds);
      const engine = await openEngine({ modelPath: model.path, sequences }).catch(async (error: unknown) => {
        await model.release();
        throw error;
      });
      const loadMs = Math.round(now() - opening);
      await model.loaded();
      try {
        const runs: EngineRun[] = [];
        const { requests, maxTokens, promptWords } = plan;
        const common = { maxTokens, promptWords, signal: io.signal, now };
        // The first request pays for pages that are read and code that is compiled.
        await measureEngine(engine, { ...common, concurrency: 1, requests: 1 }).catch((error: unknown) => {
          if (!(error instanceof EngineError) || error.code !== "input-too-long") throw error;
          const most = `the model's context holds ${engine.info.contextTokens} tokens`;
          throw usage(`Prompts of ${promptWords} words are too long: ${most}; lower --prompt-words.`, error);
        });
        for (const concurrency of plan.rounds) {
          context.note(`${concurrency} at a time ...`);
          runs.push(await measureEngine(engine, { ...common, concurrency, requests: Math.max(requests, concurrency) }));
        }
        const { modelName, engineId, sizeBytes } = engine.info;
        context.result(
          { model: modelName, engineId, sizeBytes, loadMs, runs, matrix },
          show(modelName, loadMs, runs, matrix),
        );
      } finally {
        await engine.close();
        await model.release();
      }
    });
}

interface Plan {
  rounds: number[];
  requests: number;
  maxTokens: number;
  promptWords: number;
}

function planOf({ concurrency, requests, tokens, promptWords }: BenchOptions): Plan {
  return {
    rounds: concurrency.split(",").map((text) => wholeNumber(text, "--concurrency", 48)),
    requests: wholeNumber(requests, "--requests", 10_000),
    maxTokens: wholeNumber(tokens, "--tokens", 100_000),
    promptWords: wholeNumber(promptWords, "--prompt-words", 100_000),
  };
}

function wholeNumber(text: string, name: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw usage(`${name} takes whole numbers from 1 to ${most}, not "${text}".`);
}

function show(model: string, loadMs: number, runs: readonly EngineRun[], { gflops, memoryGBs }: MatrixFigures): string {
  const header = ["at a time", "tokens", "tokens/s", "one stream", "s/request", "prompt tokens/s", "first token ms"];
  const rows = runs.map((run) =>
    [
      run.concurrency,
      run.outputTokens,
      run.tokensPerSecond,
      // An answer of one token has no time between tokens.
      run.streamTokensPerSecond === 0 ? "-" : run.streamTokensPerSecond,
      run.secondsPerRequest,
      run.promptTokensPerSecond,
      run.firstTokenMs,
    ].map(String),
  );
  return [
    `${model}, loaded in ${loadMs} ms`,
    showTable([header, ...rows]),
    `matrices ${gflops} GFLOPS, memory ${memoryGBs} GB/s (one thread)`,
  ].join("\n");
}
