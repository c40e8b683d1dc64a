/** What checking costs in the time of serving, by model size. Weights are random: arithmetic costs the same. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultSampler, openEngine, type EngineOptions } from "@lode/miner/engines";
import { demo, type Shape } from "../../../miner/models/recipe/models.ts";
import { conversations } from "../../../miner/models/recipe/corpus/conversations.ts";
import { assembleGguf, tensorsOf } from "../../../miner/models/recipe/gguf/assemble.ts";
import { median, round } from "../statistics.ts";
import { root } from "../../root.ts";
import { hash } from "./served-job.ts";

export const shapes: Readonly<Record<string, Shape>> = {
  "12M": { width: 512, layers: 4, heads: 8, keyHeads: 4, hidden: 1536 },
  "50M": { width: 768, layers: 8, heads: 12, keyHeads: 4, hidden: 2048 },
  "486M": { width: 1536, layers: 20, heads: 16, keyHeads: 8, hidden: 4096 },
  "1100M": { width: 2048, layers: 23, heads: 16, keyHeads: 8, hidden: 5632 },
};

export interface CostFigures {
  readonly weights: number;
  /** Median of rounds: time to compute again over time to serve. */
  readonly classA: number;
  readonly classB: number;
  readonly tokens: number;
}

/** Writes a model of this shape, lets `use` have it and removes it. */
async function withModel<T>(shape: Shape, use: (path: string, weights: number) => Promise<T>): Promise<T> {
  const recipe = { ...demo, name: "lode-bench", shape };
  const tokenizer = recipe.trainTokenizer([...conversations(2000, 1)].flat().map(({ content }) => content));
  const tensors = tensorsOf(recipe, tokenizer.size);
  const count = tensors.reduce(
    (sum, { dimensions }) => sum + dimensions.reduce((product, size) => product * size, 1),
    0,
  );
  const weights = new Float32Array(count);
  let state = 1;
  for (let at = 0; at < count; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    weights[at] = state / 2 ** 31 / Math.sqrt(shape.width);
  }
  const path = join(root, ".cache", "bench-verify", `cost-${count}.gguf`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, assembleGguf(recipe, tokenizer, weights, "Q8_0"));
  try {
    return await use(path, count);
  } finally {
    rmSync(path);
  }
}

/** @param threads of class B's checker; serving and class A are pinned to one */
export async function measureCost(
  shape: Shape,
  options: { tokens: number; rounds: number; threads: number },
): Promise<CostFigures> {
  return withModel(shape, async (modelPath, weights) => {
    const { tokens, rounds, threads } = options;
    const open = (more: Partial<EngineOptions> = {}) => openEngine({ modelPath, contextTokens: tokens + 128, ...more });
    const server = await open();
    const fast = await open({ tuning: { threads, batchSize: 512 } });
    const never = new AbortController().signal;
    try {
      const [exact, statistical]: [number[], number[]] = [[], []];
      for (let number = 0; number < rounds; number += 1) {
        const job = { sampler: { ...defaultSampler, logitBias: [] }, seed: hash(`cost ${number}`), stop: [] };
        const promptTokens: number[] = [];
        const ids: number[] = [];
        const began = performance.now();
        const request = { ...job, prompt: { text: "once" }, prefixTokens: [], maxTokens: tokens, maxInputTokens: 64 };
        for await (const event of server.start(request, never)) {
          if (event.type === "prompt") promptTokens.push(...event.tokenIds);
          else if (event.type === "token") ids.push(event.id);
        }
        const servedMs = performance.now() - began;
        if (ids.length < tokens / 4) continue;
        const again = {
          ...job,
          promptTokens,
          prefixTokens: [],
          tokens: ids,
          maxTokens: ids.length,
          way: "prefill",
          top: 8,
        } as const;
        const time = async (engine: typeof server): Promise<number> => {
          const from = performance.now();
          await engine.recheck?.(again, never);
          return (performance.now() - from) / servedMs;
        };
        exact.push(await time(server));
        statistical.push(await time(fast));
      }
      return { weights, classA: round(median(exact), 3), classB: round(median(statistical), 3), tokens };
    } finally {
      await fast.close();
      await server.close();
    }
  });
}
