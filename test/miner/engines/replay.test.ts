import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createChooser,
  createSampler,
  defaultSampler,
  type Engine,
  type GenerateRequest,
  type SamplerParams,
} from "../../../miner/src/engines/index.ts";
import { openBackend, type Backend } from "../../../miner/src/engines/llama/child/backend.ts";
import { evaluate } from "../../../miner/src/engines/llama/child/logits.ts";
import { ask, models, open, run } from "./engine-helper.ts";

const never = new AbortController().signal;
const penalties: Partial<SamplerParams> = {
  minP: 0.02,
  repetitionPenalty: 1.2,
  frequencyPenalty: 0.4,
  presencePenalty: -0.2,
  logitBias: [
    [40, 1.5],
    [300, -100],
  ],
};

/** What a verifier does: the claimed tokens go in, and every draw is made again from all logits. */
describe.each(["demo", "pieces"] as const)("a receipt of the %s model", (model) => {
  let engine: Engine;
  let backend: Backend;

  beforeAll(async () => {
    engine = await open(model, { contextTokens: 512 });
    backend = await openBackend({ modelPath: models[model], contextTokens: 512, sequences: 1 });
  });
  afterAll(async () => {
    await engine.close();
    await backend.context.dispose();
    await backend.model.dispose();
  });

  async function mismatches(request: GenerateRequest, prompt: number[], ids: readonly number[]): Promise<number[]> {
    const chooser = createChooser(createSampler(request.sampler, request.seed));
    const sequence = backend.context.getSequence();
    const found: number[] = [];
    let pending = prompt;
    for (const [position, id] of ids.entries()) {
      const { logits } = await evaluate(sequence, pending, "all", never);
      if (chooser.pick(logits) !== id) found.push(position);
      chooser.take(id);
      pending = [id];
    }
    await sequence.dispose();
    return found;
  }

  it.each([
    ["warm", { temperature: 0.9, ...penalties }],
    ["hot and narrow", { temperature: 2, topK: 5, topP: 0.9, ...penalties }],
    ["cold", { temperature: 0, ...penalties }],
  ])("replays from seed, positions and tokens: %s", async (_, changes) => {
    const request = ask("Tell me a long story.", { sampler: { ...defaultSampler, ...changes } });
    const { prompt, ids, reason } = await run(engine, request);
    expect(ids.length).toBeGreaterThan(20);
    expect(await mismatches(request, prompt, ids)).toEqual([]);
    const forged = ids.map((id, position) => (position === 10 ? (id + 1) % 500 : id));
    expect(await mismatches(request, prompt, forged)).toContain(10);
    const cut = Math.floor(ids.length / 2);
    const rest = await run(engine, { ...request, prefixTokens: ids.slice(0, cut), maxTokens: 96 - cut });
    expect(rest).toMatchObject({ ids: ids.slice(cut), reason });
  });
});
