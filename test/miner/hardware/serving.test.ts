import { describe, expect, it } from "vitest";
import {
  modelShape,
  planMemory,
  plannedModel,
  planServing,
  smallerServing,
  type PlannedModel,
  type Serving,
} from "../../../miner/src/hardware/index.ts";
import { readGguf } from "../../../miner/src/engines/index.ts";
import type { GgufValue } from "../../../miner/src/engines/gguf/read.ts";
import { models } from "../engines/engine-helper.ts";

const batchTokens = 48;
const demo = plannedModel(readGguf(models.demo), ["avx2"]) as PlannedModel;
const bytesOf = (serving: Serving): number =>
  planMemory(demo.shape, demo.weightsBytes, { ...serving, batchTokens }).totalBytes;
const wanted = { contextTokens: 2048, sequences: 4 };

describe("what can be served within a budget", () => {
  it.each<[string, number, Serving | undefined]>([
    ["all that is wanted, to the byte", bytesOf(wanted), wanted],
    ["a job less, for a byte less", bytesOf(wanted) - 1, { contextTokens: 2048, sequences: 3 }],
    ["one whole job", bytesOf({ contextTokens: 2048, sequences: 1 }), { contextTokens: 2048, sequences: 1 }],
    ["one shorter job", bytesOf({ contextTokens: 2048, sequences: 1 }) - 1, { contextTokens: 1792, sequences: 1 }],
    ["the shortest job", bytesOf({ contextTokens: 256, sequences: 1 }), { contextTokens: 256, sequences: 1 }],
    ["nothing below that", bytesOf({ contextTokens: 256, sequences: 1 }) - 1, undefined],
    ["nothing with no memory", 0, undefined],
  ])("is %s", (_name, budget, expected) => {
    const found = planServing(demo, budget, wanted, batchTokens);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ ...expected, plan: { totalBytes: bytesOf(expected) } });
  });

  it("is never more context than the model was trained for", () => {
    const found = planServing(demo, Infinity, { contextTokens: 100_000, sequences: 1 }, batchTokens);
    expect(found?.contextTokens).toBe(2048);
  });

  it("gets smaller until there is nothing smaller", () => {
    const steps: Serving[] = [];
    for (let next: Serving | undefined = { contextTokens: 1024, sequences: 5 }; next; next = smallerServing(next))
      steps.push(next);
    expect(steps.map(({ sequences, contextTokens }) => [sequences, contextTokens])).toEqual([
      [5, 1024],
      [2, 1024],
      [1, 1024],
      [1, 512],
      [1, 256],
    ]);
  });
});

describe("a file that claims any number", () => {
  const { metadata, tensors } = readGguf(models.demo);
  it.each<[key: string, value: GgufValue]>([
    ["block_count", 0xffffffff],
    ["block_count", 1025],
    ["block_count", 0],
    ["block_count", 2n ** 63n - 1n],
    ["block_count", [1, 0xffffffff]],
    ["embedding_length", -192],
    ["embedding_length", 191],
    ["attention.head_count", 0],
    ["attention.head_count_kv", 2 ** 40],
    ["feed_forward_length", 0.5],
    ["feed_forward_length", Array.from({ length: 300_000 }, () => -1)],
    ["vocab_size", -1],
    ["context_length", 0],
  ])("is not planned with another %s, so that nothing is worked out for ever", (key, value) => {
    expect(modelShape(metadata, tensors)).toBeDefined();
    expect(modelShape(new Map([...metadata, [`llama.${key}`, value]]), tensors)).toBeUndefined();
  });
});
