/**
 * Loads a model in the miner's configuration and prints what llama.cpp says it holds, as one JSON line for each plan:
 * `node measure-allocation.ts MODEL '[{"contextTokens":256,"sequences":1,"batchTokens":48}]'`. A plan that `embeds` is one of vectors, and tells
 * too by how many bytes the process grew, on Linux, while one was computed.
 */
import { readFileSync } from "node:fs";
import { getLlama, LlamaLogLevel, type LlamaContext, type LlamaModel, type Token } from "node-llama-cpp";

interface Plan {
  contextTokens: number;
  sequences: number;
  batchTokens: number;
  embeds?: boolean;
}

interface Breakdown {
  getMemoryBreakdown(): { cpuRam: number; gpuVram: number };
}
/** The binding keeps its native handles behind names that its types leave out. */
const held = (owner: LlamaModel | LlamaContext): number => {
  const { _model, _ctx } = owner as unknown as { _model: Breakdown; _ctx?: Breakdown };
  const { cpuRam, gpuVram } = (_ctx ?? _model).getMemoryBreakdown();
  return cpuRam + gpuVram;
};

const [modelPath = "", plans = "[]"] = process.argv.slice(2);
const llama = await getLlama({
  gpu: false,
  build: "never",
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
/** Of all that is no file's and no library's; 0 where the system does not say so. */
const dataBytes = (): number => {
  if (process.platform !== "linux") return 0;
  return 1024 * Number(/^VmData:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
};
for (const plan of JSON.parse(plans) as Plan[]) {
  if (plan.embeds === true) {
    const before = dataBytes();
    const context = await model.createEmbeddingContext({
      contextSize: plan.contextTokens,
      batchSize: plan.batchTokens,
      threads: 1,
      ignoreMemorySafetyChecks: true,
    });
    const { _llamaContext } = context as unknown as { _llamaContext: LlamaContext };
    const text = Array<number>(plan.contextTokens - 1).fill(5);
    await context.getEmbeddingFor(text as Token[]);
    const told = { modelBytes: held(model), contextBytes: held(_llamaContext), grownBytes: dataBytes() - before };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    await context.dispose();
    continue;
  }
  const context = await model.createContext({
    contextSize: plan.contextTokens,
    sequences: plan.sequences,
    batchSize: plan.batchTokens,
    threads: 1,
    flashAttention: true,
    ignoreMemorySafetyChecks: true,
  });
  process.stdout.write(`${JSON.stringify({ modelBytes: held(model), contextBytes: held(context) })}\n`);
  await context.dispose();
}
process.exit(0);
