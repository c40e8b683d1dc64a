/** The bare binding in a process of its own: node-llama-cpp in our configuration with our sampler, no daemon, no messages. */
import { getLlama, LlamaLogLevel, type ControlledEvaluateInputItem, type Token } from "node-llama-cpp";
import { keccak } from "@lode/sdk/hash";
import { createChooser, createSampler, defaultSampler, pinned } from "@lode/miner/engines";

export interface BareOptions {
  readonly modelPath: string;
  readonly sequences: number;
  readonly prompt: readonly number[];
}

export interface BareRun {
  readonly maxTokens: number;
  /** One for each sequence. */
  readonly seeds: readonly number[];
}

/** Milliseconds from the first token of any sequence to the last of all, and all tokens after the first ones. */
export interface RunFigures {
  readonly ms: number;
  readonly tokens: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as BareOptions;
const llama = await getLlama({
  ...{ gpu: false, build: "never", skipDownload: true, maxThreads: 0, progressLogs: false },
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath: options.modelPath, gpuLayers: 0 });
const context = await model.createContext({
  contextSize: Math.min(4096, model.trainContextSize),
  sequences: options.sequences,
  threads: pinned.threads,
  batchSize: pinned.batchSize,
  flashAttention: pinned.flashAttention,
  ignoreMemorySafetyChecks: true,
});
const sequences = Array.from({ length: options.sequences }, () => context.getSequence());

async function write(place: number, seed: number, maxTokens: number): Promise<{ times: number[] }> {
  const sequence = sequences[place];
  if (sequence === undefined) throw new Error("there are fewer sequences than seeds");
  await sequence.clearHistory();
  const chooser = createChooser(createSampler(defaultSampler, keccak(new TextEncoder().encode(`bench ${seed}`))));
  let pending = [...options.prompt];
  const times: number[] = [];
  while (times.length < maxTokens) {
    const wanted = chooser.wanted();
    const logits = wanted === "all" || { filter: { tokens: wanted.ids as Token[], includeTop: wanted.top } };
    const last = pending.at(-1) as Token;
    const input: ControlledEvaluateInputItem[] = [
      ...(pending.slice(0, -1) as Token[]),
      [last, { generateNext: { logits, options: { temperature: 0 } } }],
    ];
    const results = await sequence.controlledEvaluate(input);
    const id = chooser.pick(results.at(-1)?.next.logits ?? new Map<number, number>());
    if (id === undefined || model.isEogToken(id as Token)) break;
    chooser.take(id);
    times.push(performance.now());
    pending = [id];
  }
  return { times };
}

process.on("message", ({ maxTokens, seeds }: BareRun) => {
  void Promise.all(seeds.map((seed, place) => write(place, seed, maxTokens))).then((runs) => {
    const first = Math.min(...runs.map(({ times }) => times[0] ?? Infinity));
    const last = Math.max(...runs.map(({ times }) => times.at(-1) ?? 0));
    const tokens = runs.reduce((sum, { times }) => sum + times.length, 0) - 1;
    process.send?.({ ms: last - first, tokens } satisfies RunFigures);
  });
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
