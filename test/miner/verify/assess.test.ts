import { describe, expect, it } from "vitest";
import { createRandom } from "../../../miner/models/recipe/random.ts";
import { createSampler, defaultSampler, farthest, type SamplerParams } from "../../../miner/src/engines/index.ts";
import { hash } from "../../../scripts/bench/verify/served-job.ts";

const { unit } = createRandom(7);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
const size = 60;
type Logits = (readonly [number, number])[];
const invent = (): Logits => Array.from({ length: size }, (_, id) => [id, Math.fround(3 * normal())]);
const noisy = (logits: Logits, noise: number): Logits => logits.map(([id, logit]) => [id, logit + noise * normal()]);

const samplers: [name: string, params: Partial<SamplerParams>][] = [
  ["as usual", {}],
  ["hot", { temperature: 1.8 }],
  ["cold", { temperature: 0.3 }],
  ["with borders", { temperature: 1.2, topP: 0.9, minP: 0.02, topK: 20 }],
  ["at temperature 0", { temperature: 0 }],
];

describe.each(samplers)("a claimed token, drawn %s", (_, params) => {
  const sampler = createSampler({ ...defaultSampler, ...params }, hash("assess"));

  it("has no margin when it is the one that is drawn, and some when it is not", () => {
    for (let position = 0; position < 200; position += 1) {
      const logits = invent();
      const drawn = sampler.pick(logits, position)!;
      expect(sampler.assess(logits, position, drawn).margin).toBe(0);
      const other = (drawn + 1) % size;
      const { margin } = sampler.assess(logits, position, other);
      expect(margin).toBeGreaterThan(0);
      expect(margin).toBeLessThanOrEqual(farthest);
    }
  });

  it("comes out differently at most as often as the sensitivity says, and by about the noise", () => {
    const noise = 0.004;
    const rounds = 6_000;
    let [off, expected, far] = [0, 0, 0];
    for (let position = 0; position < rounds; position += 1) {
      const logits = invent();
      const claimed = sampler.pick(noisy(logits, noise), position)!;
      const { margin, sensitivity } = sampler.assess(logits, position, claimed);
      expected += noise * sensitivity;
      if (margin > 0) off += 1;
      if (margin > 8 * noise) far += 1;
    }
    // Three standard deviations of the count on top.
    expect(off).toBeLessThan(expected + 3 * Math.sqrt(expected) + 3);
    expect(far).toBeLessThanOrEqual(Math.max(2, off / 4));
  });
});

describe("another distribution", () => {
  it("is off by more than the honest noise", () => {
    const sampler = createSampler(defaultSampler, hash("assess"));
    let far = 0;
    for (let position = 0; position < 2_000; position += 1) {
      const logits = invent();
      const claimed = sampler.pick(noisy(logits, 0.2), position)!;
      if (sampler.assess(logits, position, claimed).margin > 0.032) far += 1;
    }
    expect(far).toBeGreaterThan(40);
  });

  it("takes a token from outside of the best for what it lacks", () => {
    const sampler = createSampler({ ...defaultSampler, topK: 2 }, hash("assess"));
    const logits: Logits = [
      [0, 5],
      [1, 4],
      [2, 1],
      [3, -9],
    ];
    expect(sampler.assess(logits, 0, 2).margin).toBeCloseTo(3 / Math.SQRT2, 9);
    expect(sampler.assess(logits, 0, 9).margin).toBe(farthest);
  });
});
