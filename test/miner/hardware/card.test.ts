import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cardBudget,
  cardBytes,
  cardsWithin,
  freeCardBytes,
  placementSentence,
  placeModel,
  planCard,
  plannedModel,
  type CardLoad,
  type Gpu,
} from "../../../miner/src/hardware/index.ts";
import { mergeGpus } from "../../../miner/src/hardware/merge.ts";
import { parseNvidiaQuery } from "../../../miner/src/hardware/probes/nvidia-smi.ts";
import { readGguf } from "../../../miner/src/engines/index.ts";
import { models } from "../engines/engine-helper.ts";

const mebibyte = 2 ** 20;
const cardsOf = (file: string, change: (text: string) => string = (text) => text): Gpu[] => {
  const text = readFileSync(join(import.meta.dirname, "../../fixtures/hardware", file), "utf8");
  return mergeGpus(parseNvidiaQuery(change(text)).gpus);
};
const laptop = "nvidia-smi-query.rtx-4060-ti-laptop.csv";

/** 32 layers of 400 MiB, an output of 500, embeddings that stay behind: 13,300 MiB of weights for a card. */
const shape = {
  ...{ width: 4096, layers: 32, heads: 32, headWidth: 128, keyHeads: 8, hidden: 14_336, vocabulary: 128_256 },
  contextTokens: 8192,
};
const tensor = (name: string, mib: number) => ({
  name,
  dimensions: [1, 1],
  type: "Q8_0",
  offset: 0,
  bytes: mib * mebibyte,
});
const large: CardLoad = {
  model: { title: "Large", shape, weightsBytes: 13_800 * mebibyte },
  tensors: [
    ...Array.from({ length: 32 }, (_, layer) => tensor(`blk.${layer}.ffn_up.weight`, 400)),
    ...[tensor("token_embd.weight", 500), tensor("output.weight", 499), tensor("output_norm.weight", 1)],
  ],
  options: { contextTokens: 4096, sequences: 1, batchTokens: 48 },
};
/** Of one layer: 4,096 positions of 8 heads of 128 numbers, keys and values, two bytes each. */
const layerCache = 16 * mebibyte;

describe("what a model takes of a card", () => {
  it("is its last layers, their part of the cache, the output, and a batch's numbers", () => {
    const batch = cardBytes(large, 0) - 500 * mebibyte;
    expect(batch).toBeGreaterThan(0);
    for (const layers of [1, 16, 32]) {
      expect(cardBytes(large, layers)).toBe((500 + 400 * layers) * mebibyte + layers * layerCache + batch);
    }
    // The output is the layer behind the last one, and counted from the first on.
    expect(cardBytes(large, 33)).toBe(cardBytes(large, 32));
    const four = { ...large, options: { ...large.options, sequences: 4 } };
    expect(cardBytes(four, 32) - cardBytes(large, 32)).toBe(3 * 32 * layerCache);
  });

  it("is the embeddings' size once more where they serve as output", () => {
    const tied = { ...large, tensors: large.tensors.filter(({ name }) => name !== "output.weight") };
    expect(cardBytes(tied, 1) - cardBytes(large, 1)).toBe(mebibyte);
  });

  it.each<[string, number, number | undefined]>([
    ["all, to the byte", cardBytes(large, 33), 33],
    ["as many as fit, for a byte less", cardBytes(large, 33) - 1, 31],
    ["half of them", cardBytes(large, 17), 17],
    ["none, where it is less than half", cardBytes(large, 17) - 1, undefined],
    ["none without memory", 0, undefined],
  ])("plans %s", (_name, freeBytes, layers) => {
    expect(planCard(large, freeBytes)?.layers).toBe(layers);
    expect(planCard({ ...large, workers: 2 }, 2 * freeBytes)?.layers).toBe(layers);
  });
});

describe("where a model is computed", () => {
  const load = large;
  const place = (gpus: Gpu[], change: object = {}) =>
    placeModel({ mode: "auto", backends: ["cuda"], gpus, load, ...change });

  it("is the card, whole where it has room and in part where a game has some of it", () => {
    expect(place(cardsOf(laptop))).toMatchObject({ on: "card", backend: "cuda", layers: 33, ofLayers: 33 });
    const busy = cardsOf(laptop, (text) => text.replace("15020", "12000"));
    const plan = place(busy);
    expect(plan).toMatchObject({ on: "card", ofLayers: 33 });
    if (plan.on !== "card") return;
    expect(plan.layers).toBeLessThan(33);
    // 512 MiB stay free.
    expect(plan.bytes).toBeLessThanOrEqual((12_000 - 512) * mebibyte);
    expect(cardBytes(load, plan.layers + 1)).toBeGreaterThan((12_000 - 512) * mebibyte);
    expect(placementSentence(plan)).toMatch(/^it is computed on .*4060 Ti.* by cuda: 2\d of 33 layers in \d+ MB$/);
  });

  it("is the one of two cards that can, though the other has more free memory", () => {
    const two = cardsOf("nvidia-smi-query.two-cards.csv");
    expect(place(two)).toMatchObject({ card: "NVIDIA GeForce RTX 3090", device: 0 });
    // The engine is told which one: the library would share the model out to both.
    const behind = cardsOf("nvidia-smi-query.two-cards.csv", (text) => text.replace(":01:00.0", ":61:00.0"));
    expect(place(behind)).toMatchObject({ card: "NVIDIA GeForce RTX 3090", device: 1 });
    expect(place(two.slice(0, 1))).not.toHaveProperty("device");
    expect(place(two.map(({ pciAddress: _, ...gpu }) => gpu))).not.toHaveProperty("device");
    const full = cardsOf("nvidia-smi-query.two-cards.csv", (text) => text.replace("23871", "900"));
    expect(place(full)).toMatchObject({ on: "processor", reason: expect.stringMatching(/P40.*6\.1/) as string });
  });

  it("is counted among CUDA's own cards, not among those of another container or virtual machine", () => {
    const named = (pciAddress: string): Gpu[] =>
      mergeGpus([{ source: "lspci", vendor: "NVIDIA", name: "GeForce RTX 3090", pciAddress }]);
    const two = cardsOf("nvidia-smi-query.two-cards.csv");
    // In front of both, by its address.
    const before = named("0000:00:01.0");
    expect(place([...before, ...two])).toMatchObject({ card: "NVIDIA GeForce RTX 3090", device: 0 });
    const one = two.filter(({ name }) => name.includes("3090"));
    expect(place([...before, ...one])).toMatchObject({ card: "NVIDIA GeForce RTX 3090", layers: 33 });
    expect(place([...before, ...one])).not.toHaveProperty("device");
    // One that only its name tells of is no place among them, whatever it turns out to be.
    const foreign = place([...before.map((gpu) => ({ ...gpu, vramMb: 90_000 })), ...two]);
    expect(foreign).toMatchObject({ card: "GeForce RTX 3090" });
    expect(foreign).not.toHaveProperty("device");
  });

  it.each<[string, Gpu[], object, RegExp]>([
    ["without a card", [], {}, /there is no card/],
    ["without an engine for it", cardsOf(laptop), { backends: [] }, /no engine for the card/],
    ["where the owner says so", cardsOf(laptop), { mode: "cpu" }, /ACCEL_MODE is cpu/],
    ["for a model that cannot be planned", cardsOf(laptop), { load: undefined }, /cannot be worked out/],
    ["on a card of another maker", cardsOf(laptop), { backends: ["metal"] }, /no card here is one for metal/],
    [
      "on a card that is too small",
      cardsOf(laptop, (text) => text.replace("15020", "5000")),
      {},
      /has 5000 MB of memory, but the model needs \d+ MB/,
    ],
    [
      "on a processor's own graphics",
      [{ vendor: "Intel", name: "Intel UHD", sources: [], isMemoryShared: true, vramMb: 64_000 }],
      { backends: ["vulkan"] },
      /no card here is one for vulkan/,
    ],
  ])("is the processor %s", (_name, gpus, change, reason) => {
    const plan = place(gpus, change);
    expect(plan).toMatchObject({ on: "processor", reason: expect.stringMatching(reason) as string });
    expect(placementSentence(plan)).toMatch(/^it is computed on the processor: /);
  });

  it("counts half of a card whose free memory nobody tells, and all that Apple's chips share", () => {
    const radeon: Gpu = { vendor: "AMD", name: "Radeon RX 7900 XTX", sources: [], vramMb: 24_576 };
    const asked = { backends: ["vulkan"] };
    expect(place([radeon], asked)).toMatchObject({ on: "card", backend: "vulkan" });
    const plan = place([radeon], asked);
    expect(plan.on === "card" && plan.bytes <= (12_288 - 512) * mebibyte).toBe(true);
    const m2: Gpu = { vendor: "Apple", name: "Apple M2 Pro", sources: [], isMemoryShared: true, vramMb: 16_384 };
    expect(place([m2], { backends: ["metal"] })).toMatchObject({ on: "card", backend: "metal", layers: 33 });
  });

  it("is worked out for real models too", () => {
    const { metadata, tensors } = readGguf(models.demo);
    const model = plannedModel({ metadata, tensors }, ["avx2"])!;
    const demo = { model, tensors, options: { contextTokens: 256, sequences: 1, batchTokens: 48 } };
    expect(place(cardsOf(laptop), { load: demo })).toMatchObject({ layers: model.shape.layers + 1 });
  });
});

describe("what a card has left", () => {
  it("is what its tool tells of the one with most, less what stays free; without a tool nobody knows", () => {
    const gpus = cardsOf("nvidia-smi-query.two-cards.csv");
    expect(freeCardBytes(gpus)).toBe(24_444 * mebibyte);
    expect(cardBudget(gpus)).toBe((24_444 - 512) * mebibyte);
    expect(cardBudget(cardsOf(laptop, (text) => text.replace("15020", "100")))).toBe(0);
    expect([freeCardBytes([]), cardBudget([{}])]).toEqual([Infinity, Infinity]);
    // As a model's place is planned: half of what a card has.
    expect(cardBudget([{ vramMb: 8192 }])).toBe((4096 - 512) * mebibyte);
    expect(cardBudget([{ vramMb: 16_384, isMemoryShared: true }])).toBe((16_384 - 512) * mebibyte);
  });

  it("bounds where the next model is put", () => {
    const gpus = cardsOf(laptop);
    // Tools tell whole megabytes.
    const restMb = Math.ceil(cardBytes(large, 20) / mebibyte);
    const rest = restMb * mebibyte;
    const plan = placeModel({ mode: "auto", backends: ["cuda"], gpus: cardsWithin(gpus, rest), load: large });
    expect(plan).toMatchObject({ on: "card", layers: 20, bytes: cardBytes(large, 20) });
    expect(cardsWithin(gpus, Infinity)).toEqual(gpus);
    const m2: Gpu = { vendor: "Apple", name: "Apple M2 Pro", sources: [], isMemoryShared: true, vramMb: 16_384 };
    expect(cardsWithin([m2], rest)).toEqual([{ ...m2, vramMb: restMb + 512 }]);
  });
});
