/**
 * Loads a model in the miner's configuration and prints what llama.cpp says it holds, as one JSON line for each plan:
 * `node measure-allocation.ts MODEL '[{"contextTokens":256,"sequences":1,"batchTokens":48}]'`.
 */
import { getLlama, LlamaLogLevel, type LlamaContext, type LlamaModel } from "node-llama-cpp";

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
for (const plan of JSON.parse(plans) as { contextTokens: number; sequences: number; batchTokens: number }[]) {
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
