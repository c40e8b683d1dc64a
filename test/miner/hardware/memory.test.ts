import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { embeddedModel } from "../../../miner/models/index.ts";
import { readGguf } from "../../../miner/src/engines/gguf/read.ts";
import {
  largestModel,
  longestContext,
  modelShape,
  planMemory,
  weightsInMemory,
  bestFormat,
  embeddingBytes,
} from "../../../miner/src/hardware/index.ts";
import { knownModels, weightCount } from "../../../miner/src/hardware/memory/catalogue.ts";
import { parseCpuInfo } from "../../../miner/src/hardware/probes/cpu.ts";
import { shapedModel, type ShapedModel } from "./shaped-model.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Plan {
  contextTokens: number;
  sequences: number;
  batchTokens: number;
  embeds?: boolean;
}
const plan = (contextTokens: number, sequences: number, batchTokens: number): Plan => ({
  contextTokens,
  sequences,
  batchTokens,
});

/** What llama.cpp says it holds for each plan, loaded for real in a process of its own. */
async function allocate(
  model: string,
  plans: readonly Plan[],
): Promise<{ modelBytes: number; contextBytes: number; grownBytes?: number }[]> {
  const script = fileURLToPath(new URL("measure-allocation.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, model, JSON.stringify(plans)]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { modelBytes: number; contextBytes: number; grownBytes?: number });
}

const features = existsSync("/proc/cpuinfo") ? parseCpuInfo(readFileSync("/proc/cpuinfo", "utf8")).features : [];
const cpu = {
  avx2: features.includes("avx2"),
  avx512: features.includes("avx512"),
  dotProduct: features.includes("dotProduct"),
};

/** Planned over allocated, for every plan. The output's numbers are not in what llama.cpp adds up. */
async function ratios(path: string, plans: readonly Plan[]): Promise<number[]> {
  const { metadata, tensors } = readGguf(path);
  const shape = modelShape(metadata, tensors)!;
  const weights = weightsInMemory(tensors, cpu);
  const real = await allocate(path, plans);
  return real.map(({ modelBytes, contextBytes }, index) => {
    const { totalBytes, outputBytes } = planMemory(shape, weights, plans[index]!);
    return (totalBytes - outputBytes) / (modelBytes + contextBytes);
  });
}

const fixtures = fileURLToPath(new URL("../../fixtures/models/lode-pieces.Q8_0.gguf", import.meta.url));
const weights = (name: string): string =>
  fileURLToPath(new URL(`../../../miner/models/weights/${name}`, import.meta.url));

describe("the plan is within 5 % of what llama.cpp allocates", () => {
  const plans = [
    plan(256, 1, 48),
    plan(300, 2, 48),
    plan(1024, 1, 48),
    plan(1024, 4, 48),
    plan(2048, 8, 48),
    plan(512, 1, 256),
  ];
  it.each([
    ["the embedded model", embeddedModel],
    ["the fixture's family", fixtures],
    ["the embedded model at F16", weights("lode-demo.F16.gguf")],
    ["the fixture's family at F16", weights("lode-pieces.F16.gguf")],
  ])("for %s", async (_name, path) => {
    for (const ratio of await ratios(path, plans)) expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });

  const base: ShapedModel = {
    ...{ width: 512, layers: 2, heads: 8, keyHeads: 8, hidden: 1024, vocabulary: 512, contextTokens: 4096 },
    ...{ tied: false, format: "Q8_0" },
  };
  it.each<[string, Partial<ShapedModel>]>([
    ["one layer", { layers: 1 }],
    ["five layers and few key heads", { layers: 5, keyHeads: 2 }],
    ["a wide network", { hidden: 4096 }],
    ["a large vocabulary", { vocabulary: 32_000, tied: true }],
    ["a large vocabulary and a wide network", { width: 1024, vocabulary: 16_000, hidden: 4096, keyHeads: 2 }],
    ["Q4_0, laid out anew for this processor", { format: "Q4_0" }],
    ["Q4_0 whose embeddings serve twice", { format: "Q4_0", tied: true, vocabulary: 4096 }],
    ["Q4_0 with an odd vocabulary", { format: "Q4_0", tied: true, vocabulary: 4099 }],
  ])("for %s, byte for byte", async (_name, change) => {
    const path = join(folder, "model.gguf");
    writeFileSync(path, shapedModel({ ...base, ...change }));
    const wide = [plan(256, 1, 64), plan(4096, 1, 64), plan(1024, 4, 64)];
    for (const ratio of await ratios(path, wide)) expect(ratio).toBe(1);
  });
});

describe("what vectors take", () => {
  it("is counted with the numbers that the library keeps of every token", { timeout: 60_000 }, async () => {
    const path = join(folder, "vectors.gguf");
    const sizes = { width: 512, layers: 2, heads: 8, keyHeads: 2, hidden: 1024, vocabulary: 32_000 };
    writeFileSync(path, shapedModel({ ...sizes, contextTokens: 4096, tied: false, format: "Q8_0" }));
    const { metadata, tensors } = readGguf(path);
    const shape = modelShape(metadata, tensors)!;
    const tokens = 1024;
    const planned = embeddingBytes(shape, tokens);
    const [real] = await allocate(path, [{ ...plan(tokens, 1, tokens), embeds: true }]);
    const outputs = tokens * (shape.vocabulary + shape.width) * 4;
    expect(planned - outputs).toBe(real!.contextBytes);
    // The process grows and shrinks for reasons of its own too, but not by so much.
    if (process.platform === "linux") expect(real!.grownBytes! - real!.contextBytes).toBeGreaterThan(outputs / 2);
  });
});

describe("known models", () => {
  const billions: Record<string, number> = {
    "SmolLM2 135M": 0.135,
    "Qwen2.5 0.5B": 0.494,
    "TinyLlama 1.1B": 1.1,
    "Llama 3.2 1B": 1.236,
    "Qwen2.5 1.5B": 1.544,
    "Llama 3.2 3B": 3.213,
    "Llama 2 7B": 6.738,
    "Mistral 7B v0.3": 7.248,
    "Qwen2.5 7B": 7.616,
    "Llama 3.1 8B": 8.03,
    "Mistral Nemo 12B": 12.25,
    "Qwen2.5 14B": 14.77,
    "Qwen2.5 32B": 32.76,
    "Llama 3.1 70B": 70.55,
    "Llama 3.1 405B": 405.9,
  };
  it.each(Object.entries(billions))("%s has as many weights as it is known for", (name, expected) => {
    const { layers, embeddings } = weightCount(knownModels.find((model) => model.name === name)!);
    expect((layers + embeddings) / 1e9 / expected).toBeCloseTo(1, 2);
  });
  it("stand in order of their size", () => {
    const sizes = knownModels.map((model) => weightCount(model)).map(({ layers, embeddings }) => layers + embeddings);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });
});

describe("what fits", () => {
  const gib = 2 ** 30;
  const options = { contextTokens: 4096, sequences: 1, batchTokens: 512 };
  it.each([
    [0.05, undefined],
    [2, "SmolLM2 1.7B Q4_0"],
    [8, "Mistral Nemo 12B Q4_0"],
    [24, "Qwen2.5 32B Q4_0"],
    [80, "Mistral Large 123B Q4_0"],
  ])("into %s GiB: %s", (size, expected) => {
    const fit = largestModel(size * gib, options);
    expect(fit && `${fit.model} ${fit.format}`).toBe(expected);
  });

  it("takes the finest format that leaves room, and none beyond the model's context", () => {
    const llama = knownModels.find(({ name }) => name === "Llama 3.1 8B")!;
    expect(bestFormat(llama, 12 * gib, options)?.format).toBe("Q8_0");
    expect(bestFormat(llama, 6 * gib, options)?.format).toBe("Q4_0");
    expect(bestFormat(llama, 4 * gib, options)).toBeUndefined();
    expect(bestFormat(llama, 400 * gib, { ...options, contextTokens: 200_000 })).toBeUndefined();
  });

  it("takes each job's cache and output for itself, in steps of 256 positions", () => {
    const llama = knownModels.find(({ name }) => name === "Llama 3.1 8B")!;
    const of = (contextTokens: number, sequences: number) =>
      planMemory(llama, 1000, { contextTokens, sequences, batchTokens: 64 });
    const [one, three] = [of(256, 1), of(256, 3)];
    expect(one.outputBytes).toBe(4 * llama.vocabulary);
    expect(one.cacheBytes).toBe(256 * llama.layers * 2 * llama.keyHeads * llama.headWidth * 2);
    expect([three.outputBytes, three.cacheBytes]).toEqual([3 * one.outputBytes, 3 * one.cacheBytes]);
    expect([of(257, 1).cacheBytes, of(512, 1).cacheBytes]).toEqual([2 * one.cacheBytes, 2 * one.cacheBytes]);
    expect(one.totalBytes).toBe(1000 + one.cacheBytes + one.computeBytes + one.outputBytes);
  });

  it("finds the longest context to the step", () => {
    const llama = knownModels.find(({ name }) => name === "Llama 3.1 8B")!;
    const bytes = 5 * gib;
    const longest = longestContext(llama, bytes, 8 * gib, options);
    const total = (contextTokens: number): number => planMemory(llama, bytes, { ...options, contextTokens }).totalBytes;
    expect(total(longest)).toBeLessThanOrEqual(8 * gib);
    expect(total(longest + 256)).toBeGreaterThan(8 * gib);
    expect(longestContext(llama, bytes, 4 * gib, options)).toBe(0);
    expect(longestContext(llama, bytes, 400 * gib, options)).toBe(131_072);
    // A model's own context may end between two steps.
    expect(longestContext({ ...llama, contextTokens: 1000 }, bytes, 400 * gib, options)).toBe(1000);
  });
});
