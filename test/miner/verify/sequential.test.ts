import { describe, expect, it } from "vitest";
import { createRandom } from "../../../miner/models/recipe/random.ts";
import {
  areaUnder,
  createScore,
  createSequentialTest,
  curveOf,
  readCalibration,
  usualLimits,
  type Calibration,
  type Mark,
} from "../../../miner/src/verify/index.ts";
import { ratesOf } from "../../../miner/src/verify/sequential/calibration.ts";
import { binCount, binOf } from "../../../miner/src/verify/sequential/marks.ts";
import { upperRate } from "../../../miner/src/verify/sequential/poisson.ts";

const zero = `0x${"00".repeat(32)}` as const;
const counts = (filled: Record<number, number>): number[] =>
  Array.from({ length: binCount }, (_, bin) => filled[bin] ?? 0);
/** Honest marks stay in the low bins, those of the alternative are five times as many and reach higher ones. */
const calibration: Calibration = {
  version: 1,
  modelDigest: zero,
  modelName: "made up",
  reference: { engineId: "reference", engineClass: zero },
  honest: [
    {
      name: "a",
      engineClass: zero,
      tallies: { drawn: { tokens: 20_000, sensitivity: 10_000, counts: counts({ 2: 30, 3: 10 }) } },
    },
    {
      name: "b",
      engineClass: zero,
      tallies: { drawn: { tokens: 20_000, sensitivity: 10_000, counts: counts({ 2: 20, 3: 14 }) } },
    },
  ],
  alternatives: [
    {
      name: "far",
      tallies: { drawn: { tokens: 20_000, sensitivity: 10_000, counts: counts({ 3: 60, 5: 100, 6: 120 }) } },
    },
  ],
};
const test = createSequentialTest(calibration);
const distanceIn = (bin: number): number => 1.5 * 2 ** (bin - 12);
const sensitivity = 0.5;

/** Tokens whose marks come with these rates for a unit of sensitivity. */
function draw(random: () => number, rates: readonly number[], tokens: number): Mark[] {
  return Array.from({ length: tokens }, () => {
    let left = random();
    const bin = rates.findIndex((rate) => (left -= rate * sensitivity) < 0);
    return { kind: "drawn", distance: bin < 0 ? 0 : distanceIn(bin), sensitivity } as const;
  });
}
const trueRates = (index: number): number[] =>
  calibration.honest[index]!.tallies.drawn!.counts.map((count) => count / 10_000);
const farRates = calibration.alternatives[0]!.tallies.drawn!.counts.map((count) => count / 10_000);

describe("the score that puts windows in order", () => {
  const score = createScore(calibration, 0);

  it("is the log likelihood ratio by the measured rates", () => {
    const off = { kind: "drawn", distance: distanceIn(6), sensitivity } as const;
    // Of the honest nothing lies beyond bin 3: all that does is one bin.
    const [own, other] = [0.5 / 20_000, 220.5 / 10_000];
    const sums = [74 + 5 * 0.5, 280 + 5 * 0.5] as const;
    const cost = sums[1] / 10_000 - sums[0] / 20_000;
    expect(score([{ ...off, distance: 0 }])).toBeCloseTo(-sensitivity * cost, 9);
    expect(score([off])).toBeCloseTo(Math.log(other / own) - sensitivity * cost, 9);
    expect(score([{ ...off, distance: 60 }])).toBeCloseTo(score([off]), 9);
    expect(score([{ ...off, kind: "best" }])).toBe(0);
  });

  it("tells windows apart no worse than the sequential test's evidence, which is cautious", () => {
    const { unit } = createRandom(11);
    const windows = (rates: readonly number[]): Mark[][] =>
      Array.from({ length: 120 }, () => draw(unit, rates, 100 + Math.floor(400 * unit())));
    const [own, other] = [windows(trueRates(0)), windows(farRates)];
    const area = (of: (marks: readonly Mark[]) => number): number =>
      areaUnder({ honest: own.map(of), other: other.map(of) });
    expect(area(score)).toBeGreaterThanOrEqual(area((marks) => test.evidence(marks)[0]!));
    expect(area(score)).toBeGreaterThan(0.9);
  });
});

describe("the sequential test of class B", () => {
  it("has a factor of at most 1 on average at any honest rates, whatever the sensitivity", () => {
    const { honest, ratios, cost } = ratesOf(calibration, 0, "drawn")!;
    for (const sensitive of [0.001, 0.1, 1, 3]) {
      for (const scale of [1, 0.5, 0]) {
        const chances = honest.map((rate) => rate * scale * sensitive);
        const off = chances.reduce((sum, chance) => sum + chance, 0);
        expect(off).toBeLessThan(1);
        const mean =
          (1 - off + chances.reduce((sum, chance, bin) => sum + chance * ratios[bin]!, 0)) *
          Math.exp(-sensitive * cost);
        expect(mean).toBeLessThanOrEqual(1);
      }
    }
  });

  it("takes upper limits for honest rates, never less than the worst engine's", () => {
    const { honest, ratios, tail, growth } = ratesOf(calibration, 0, "drawn")!;
    for (const index of [0, 1]) honest.forEach((rate, bin) => expect(rate).toBeGreaterThan(trueRates(index)[bin]!));
    expect(tail).toBe(4);
    expect(honest).toHaveLength(5);
    expect(honest[4]).toBeCloseTo((1.5 * 6.9078) / 20_000, 6);
    expect(ratios[4]).toBeGreaterThan(20);
    expect(growth).toBeGreaterThan(0);
  });

  it("calls no honest miner suspect in ten thousand jobs of few tokens", () => {
    const { unit } = createRandom(1);
    let state = test.start;
    let highest = -Infinity;
    for (let job = 0; job < 10_000; job += 1) {
      state = test.next(state, draw(unit, trueRates(job % 2), 8));
      highest = Math.max(highest, state.nats);
      expect(test.standing(state)).toBe("clear");
    }
    expect(highest).toBeLessThan(test.bound / 2);
  });

  it("decides nothing by one job of few tokens, and finds the cheat over many", () => {
    const { unit } = createRandom(2);
    const first = draw(unit, farRates, 16);
    expect(test.standing(test.next(test.start, first))).toBe("clear");
    expect(test.expected(first)[0]).toBeLessThan(test.bound);
    let state = test.start;
    let jobs = 0;
    while (test.standing(state) !== "guilty" && jobs < 400) {
      state = test.next(state, draw(unit, farRates, 16));
      jobs += 1;
    }
    expect(test.standing(state)).toBe("guilty");
    expect(jobs).toBeGreaterThan(3);
  });

  it("finds one who was honest for a long time as fast as any other", () => {
    const meanJobs = (before: number): number => {
      let jobs = 0;
      for (let seed = 0; seed < 20; seed += 1) {
        const { unit } = createRandom(100 + seed);
        let state = test.start;
        for (let job = 0; job < before; job += 1) state = test.next(state, draw(unit, trueRates(0), 16));
        for (; test.standing(state) !== "guilty"; jobs += 1) state = test.next(state, draw(unit, farRates, 16));
      }
      return jobs / 20;
    };
    expect(meanJobs(500)).toBeLessThan(1.3 * meanJobs(0));
  });

  it("states its bound: jobs a year over the chance", () => {
    expect(test.bound).toBeCloseTo(Math.log(usualLimits.jobsPerYear / 1e-6), 9);
    const strict = createSequentialTest(calibration, { ...usualLimits, accused: 1e-9 });
    expect(strict.bound).toBeCloseTo(test.bound + Math.log(1000), 9);
  });
});

describe("its parts", () => {
  it.each([
    [0, 0.001, 6.9078],
    [0, 0.05, 2.9957],
    [3, 0.05, 7.7537],
    [10, 0.025, 18.3904],
  ])("the upper limit after %d events at %d is %d", (count, doubt, limit) => {
    expect(upperRate(count, doubt)).toBeCloseTo(limit, 3);
  });

  it.each([
    [0, undefined],
    [1e-9, 0],
    [2 ** -11, 1],
    [0.03, 6],
    [1.9, 12],
    [2, 13],
    [64, 13],
  ])("puts a distance of %d into bin %s", (distance, bin) => {
    expect(binOf(distance)).toBe(bin);
  });

  it("measures the area under a curve, ties counting half", () => {
    expect(areaUnder({ honest: [1, 2, 3], other: [4, 5] })).toBe(1);
    expect(areaUnder({ honest: [1, 3], other: [1, 3] })).toBe(0.5);
    expect(areaUnder({ honest: [0, 0, 0, 2], other: [0, 2] })).toBeCloseTo((1.5 + 3.5) / 8, 12);
    expect(curveOf({ honest: [1, 2], other: [2, 3] })).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
  });

  it("reads what was written and nothing else", () => {
    expect(readCalibration(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
    const { honest, ...rest } = calibration;
    for (const odd of [
      null,
      [],
      "x",
      rest,
      { ...calibration, version: 2 },
      { ...rest, honest: [{ ...honest[0], tallies: { drawn: {} } }] },
    ]) {
      expect(() => readCalibration(odd)).toThrow("lode verify calibrate");
    }
  });
});
