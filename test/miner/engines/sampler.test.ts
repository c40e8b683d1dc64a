import { keccak256 } from "viem";
import { describe, expect, it } from "vitest";
import { createDraw, createSampler, defaultSampler, type SamplerParams } from "../../../miner/src/engines/index.ts";

const seed = `0x${"a7".repeat(32)}` as const;
const sampler = (changes: Partial<SamplerParams>) => createSampler({ ...defaultSampler, ...changes }, seed);
const logits = (entries: Record<number, number>): [number, number][] =>
  Object.entries(entries).map(([id, logit]) => [Number(id), logit]);

describe("the draw", () => {
  it("is the first 53 bits of keccak(seed, position)", () => {
    const draw = createDraw(seed);
    for (const position of [0, 1, 255, 70_000]) {
      const digest = BigInt(keccak256(`${seed}${position.toString(16).padStart(8, "0")}`));
      expect(draw(position)).toBe(Number(digest >> 203n) / 2 ** 53);
    }
  });

  it("is the same however often and in whatever order it is asked", () => {
    const [one, two] = [createDraw(seed), createDraw(seed)];
    const forward = [0, 1, 2, 3].map(one);
    expect([3, 2, 1, 0].map(two).reverse()).toEqual(forward);
    expect(new Set(forward).size).toBe(4);
  });

  it("needs a seed of 32 bytes", () => {
    expect(() => createDraw("0x12")).toThrow("The seed must be 32 bytes in hex.");
  });
});

describe("the sampler", () => {
  it.each<[string, Partial<SamplerParams>, Record<number, number>, number | undefined]>([
    ["temperature 0 takes the highest logit", { temperature: 0 }, { 4: 1, 9: 3, 2: 2 }, 9],
    ["temperature 0 settles ties by the lowest id", { temperature: 0 }, { 9: 3, 4: 3, 7: 3 }, 4],
    ["topK 1 takes the highest logit", { topK: 1 }, { 4: 1, 9: 3, 2: 2 }, 9],
    ["a tiny topP takes the highest logit", { topP: 1e-9 }, { 4: 1, 9: 3, 2: 2 }, 9],
    ["numbers that are not finite are no candidates", {}, { 1: NaN, 2: Infinity, 3: -Infinity, 4: 0 }, 4],
    ["nothing finite gives nothing", {}, { 1: NaN }, undefined],
  ])("%s", (_, params, values, id) => {
    expect(sampler(params).pick(logits(values), 0)).toBe(id);
  });

  it("settles ties at the last place of topK by the lowest id", () => {
    const { pick } = sampler({ topK: 2 });
    const seen = new Set(Array.from({ length: 200 }, (_, at) => pick(logits({ 8: 1, 5: 1, 6: 1, 1: 2 }), at)));
    expect(seen).toEqual(new Set([1, 5]));
  });

  it("keeps the fewest tokens that hold topP, after the temperature", () => {
    // Probabilities 0.5, 0.3, 0.2: the first two hold 0.7, and 0.8 exactly at the edge.
    const values = logits({ 3: Math.log(0.5), 1: Math.log(0.3), 2: Math.log(0.2) });
    const seen = (topP: number, temperature = 1) => {
      const { pick } = sampler({ topP, temperature });
      return new Set(Array.from({ length: 300 }, (_, at) => pick(values, at)));
    };
    expect(seen(0.45)).toEqual(new Set([3]));
    expect(seen(0.7)).toEqual(new Set([3, 1]));
    expect(seen(0.9)).toEqual(new Set([3, 1, 2]));
    // A low temperature gathers the mass at the top.
    expect(seen(0.7, 0.2)).toEqual(new Set([3]));
  });

  it("keeps no token more where topP is reached exactly", () => {
    const { pick } = sampler({ topP: 0.5 });
    const seen = new Set(Array.from({ length: 100 }, (_, at) => pick(logits({ 9: 1, 4: 1, 7: 1, 5: 1 }), at)));
    expect(seen).toEqual(new Set([4, 5]));
  });

  it("does not depend on the order of the logits", () => {
    const values = logits({ 1: 0.3, 2: 0.1, 3: 0.7, 4: 0.7, 5: -1 });
    const { pick } = sampler({ topK: 4, topP: 0.95, temperature: 0.8 });
    for (let position = 0; position < 100; position += 1) {
      expect(pick([...values].reverse(), position)).toBe(pick(values, position));
    }
  });

  it.each<[number, number[]]>([
    [1, [0.4, 0.3, 0.2, 0.1]],
    [0.5, [0.16 / 0.3, 0.09 / 0.3, 0.04 / 0.3, 0.01 / 0.3]],
    [2, [0.4, 0.3, 0.2, 0.1].map((p) => Math.sqrt(p) / [0.4, 0.3, 0.2, 0.1].reduce((sum, q) => sum + Math.sqrt(q), 0))],
  ])("follows the softmax at temperature %d (chi-square, 3 degrees of freedom)", (temperature, expected) => {
    const values = logits({ 10: Math.log(0.4), 11: Math.log(0.3), 12: Math.log(0.2), 13: Math.log(0.1) });
    const { pick } = sampler({ temperature });
    const [draws, counts] = [20_000, [0, 0, 0, 0]];
    for (let position = 0; position < draws; position += 1) counts[pick(values, position)! - 10]! += 1;
    const chiSquare = counts.reduce(
      (sum, count, at) => sum + (count - draws * expected[at]!) ** 2 / (draws * expected[at]!),
      0,
    );
    // The draws are fixed by the seed; 16.27 would be passed by one seed in a thousand.
    expect(chiSquare).toBeLessThan(16.27);
  });

  it.each<[Partial<SamplerParams>, string]>([
    [{ temperature: -0.1 }, "The temperature must be between 0 and 2."],
    [{ temperature: NaN }, "The temperature must be between 0 and 2."],
    [{ topK: 0 }, "topK must be a whole number between 1 and 256."],
    [{ topK: 257 }, "topK must be a whole number between 1 and 256."],
    [{ topK: 1.5 }, "topK must be a whole number between 1 and 256."],
    [{ topP: 0 }, "topP must be above 0 and at most 1."],
    [{ kind: "gumbel-v1" as never }, 'The sampler kind "gumbel-v1" is unknown.'],
  ])("refuses %j", (changes, message) => {
    expect(() => sampler(changes)).toThrow(message);
  });
});
