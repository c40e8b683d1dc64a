import { describe, expect, it } from "vitest";
import { cardOf } from "../../../coordinator/src/domain/capability/card.ts";
import { ineligibility, type Gpu } from "../../../coordinator/src/domain/capability/eligibility.ts";
import { capabilityScore, unknownCapability } from "../../../coordinator/src/domain/capability/score.ts";
import { figures } from "../../../coordinator/src/domain/figures.ts";
import { losesWork, mustAbort, statusOf, takesWork } from "../../../coordinator/src/domain/reliability/status.ts";
import {
  afterAttempt,
  newcomer,
  standingAt,
  trustOverLine,
  type Standing,
} from "../../../coordinator/src/domain/reliability/trust.ts";
import { Registry, uptime } from "../../../coordinator/src/domain/reliability/history.ts";
import { distanceKm, isPossible, LatencyMap, priorMs } from "../../../coordinator/src/domain/places/latency.ts";
import { placeOf, places } from "../../../coordinator/src/domain/places/places.ts";
import { loadMsOf } from "../../../coordinator/src/domain/matching/loading.ts";
import { HedgeBudget, hedgeAfterMs, isExploring } from "../../../coordinator/src/domain/matching/explore.ts";
import { hex } from "./markets.ts";

const dayMs = 86_400_000;

describe("the figures", () => {
  it("each have a reason", () => {
    for (const { why } of Object.values(figures).flatMap((group) => Object.values(group))) expect(why).not.toBe("");
  });

  it("are these: what the market rests on does not change by one line alone", () => {
    const sizes = Object.fromEntries(
      Object.entries(figures).map(([group, all]) => [
        group,
        Object.fromEntries(Object.entries(all).map(([name, { value }]) => [name, value])),
      ]),
    );
    expect(sizes).toEqual({
      eligibility: {
        ...{ reserveMb: 512, leastComputeCapability: 7, throttles: 3, throttleWindowHours: 24 },
        ...{ errorRate: 0.05, errorHalfLifeHours: 24, errorSample: 20 },
      },
      capability: {
        ...{ vramWeight: 0.3, bandwidthWeight: 0.3, computeWeight: 0.15, quantisationWeight: 0.1 },
        ...{ throughputWeight: 0.15, vramGb: 24, bandwidthGbs: 1008, fp16Tflops: 82.6 },
        ...{ quantisations: 4, tokensPerSecond: 100 },
      },
      status: { degradedAfterMissed: 1, offlineAfterMissed: 3, grace: 0.5, hottestC: 95 },
      reliability: {
        ...{ newcomer: 0.2, earned: 0.8, lost: 0.2, good: 0.0273, bad: 0.58 },
        ...{ halfLifeDays: 14, jitterMs: 1000, jitterMost: 0.5 },
      },
      latency: {
        ...{ earthKm: 6371.0088, fibreKmPerMs: 200, detour: 1.6, fixedMs: 4 },
        ...{ correctionWeight: 0.05, endWeight: 0.025, correctionMost: 4, impossible: 0.7 },
      },
      objective: {
        ...{ secondsRealtime: 18, secondsFast: 6, secondsStandard: 1.5, secondsEconomy: 0.1 },
        ...{ priceRealtime: 0.5, priceFast: 0.75, priceStandard: 1, priceEconomy: 2 },
        ...{ reliability: 1, load: 0.3, fit: 0.25, energy: 0.1, inputShare: 0.75, fallbacks: 4, queueFactor: 4 },
        ...{ turn: 1e-12, turnsMost: 1e9, stepMs: 25, trustStep: 0.1, energyStep: 0.1, newMeasurement: 0.25 },
        ...{ usualJobMs: 4000, loadStartMs: 1000, loadBytesPerMs: 500_000 },
      },
      exploration: { share: 0.05, hedgeAfter: 0.5, hedgeShare: 0.1 },
      price: {
        ...{ realtime: 3, fast: 2, standard: 1, economy: 0.7 },
        ...{ realtimeMs: 100, fastMs: 500, standardMs: 2000, economyMs: 10_000 },
        ...{ capability: 0.25, performanceLow: 0.8, performanceHigh: 1.5, queueStep: 100, queueSurcharge: 0.5 },
        ...{ utilisation: 0.2, peak: 1.2, night: 0.8, complexityLong: 0.25, complexityConstrained: 0.05 },
        ...{ floor: 0.5, lateness: 1, latenessWeight: 0.05 },
      },
      qos: {
        ...{ latency: 0.3, accuracy: 0.25, uptime: 0.2, power: 0.15, cost: 0.1 },
        ...{ platinum: 0.9, gold: 0.75, silver: 0.6, neutral: 0.5, claimSlackMs: 1000, joulesPerToken: 10 },
      },
      thresholds: {
        ...{ warmC: 75, hotC: 85, bandwidthMbs: 10, latencyTargetMs: 500, latencyPenaltyMs: 2000 },
        ...{ warmLoad: 0.25, hotLoad: 1 },
      },
      bookings: {
        ...{ leadSeconds: 60, mostHours: 24, share: 0.5, mostPerClient: 16, mostAhead: 100 },
        ...{ daysAhead: 30, noShowSeconds: 300 },
      },
      scheduling: {
        ...{ batchWindowMs: 10, batchMost: 8, batchBudgetShare: 0.1, arrivalMemoryMs: 1000 },
        ...{ wantedQueue: 10, wantedWindowMinutes: 10 },
      },
    });
  });
});

describe("eligibility", () => {
  const nowMs = 100 * dayMs;
  const card: Gpu = {
    vendor: "nvidia",
    vramMb: 8704,
    computeCapability: 7,
    driver: "550.1",
    throttledAtMs: [nowMs - 1, nowMs - 2],
  };
  const bad = new Set(["535.0"]);

  it("takes a card that lies on every boundary", () => {
    expect(ineligibility(card, 8192, { completed: 95, failed: 5 }, bad, nowMs)).toEqual([]);
  });

  it.each<[string, Partial<Gpu>, string]>([
    ["a megabyte too little", { vramMb: 8703 }, "vram"],
    ["an older generation", { computeCapability: 6.9 }, "compute_capability"],
    ["a bad driver", { driver: "535.0" }, "driver"],
    ["a third throttle", { throttledAtMs: [nowMs - 1, nowMs - 2, nowMs - dayMs + 1] }, "throttled"],
  ])("refuses %s", (_name, change, reason) => {
    expect(ineligibility({ ...card, ...change }, 8192, { completed: 0, failed: 0 }, bad, nowMs)).toEqual([reason]);
  });

  it.each<[string, Partial<Gpu>]>([
    ["another vendor's compute capability", { vendor: "amd", computeCapability: 1 }],
    ["a throttle of the day before", { throttledAtMs: [nowMs - 1, nowMs - 2, nowMs - dayMs] }],
  ])("takes %s", (_name, change) => {
    expect(ineligibility({ ...card, ...change }, 8192, { completed: 0, failed: 0 }, bad, nowMs)).toEqual([]);
  });

  it("judges errors by a rate above 5 %, and not by a first failure", () => {
    const reasons = (completed: number, failed: number): string[] =>
      ineligibility(card, 8192, { completed, failed }, bad, nowMs);
    expect(reasons(94, 6)).toEqual(["errors"]);
    expect(reasons(0, 19)).toEqual([]);
    expect(reasons(0, 20)).toEqual(["errors"]);
    // Where no card does the work its record alone decides.
    expect(ineligibility(undefined, 8192, { completed: 94, failed: 6 }, bad, nowMs)).toEqual(["errors"]);
    expect(ineligibility(undefined, 1e9, { completed: 95, failed: 5 }, bad, nowMs)).toEqual([]);
  });

  it("forgets the errors of a machine that computed much sooner than what it did", () => {
    const registry = new Registry();
    const miner = hex(2, 20);
    for (let i = 0; i < 1060; i++) {
      const event = i < 1000 ? "completed_request" : "failed_request";
      registry.apply(miner, { event, isInference: event === "failed_request", atMs: 0 });
    }
    const reasons = (atMs: number): string[] => ineligibility(card, 8192, registry.computed(miner, atMs), bad, nowMs);
    expect(reasons(0)).toEqual(["errors"]);
    expect(reasons(dayMs)).toEqual([]);
  });

  it("counts what was computed and what the machine failed, which fades twice as fast", () => {
    const registry = new Registry();
    const miner = hex(3, 20);
    const ends = [...Array<boolean>(90).fill(true), ...Array<boolean>(10).fill(false)];
    for (const isGood of ends) {
      registry.apply(miner, isGood ? { event: "completed_request", atMs: 0 } : failed(true));
    }
    // A line that broke is no failure of the machine, and neither is one of which nothing else is known.
    for (const one of [failed(false), { event: "failed_request", atMs: 0 } as const]) registry.apply(miner, one);
    expect(registry.computed(miner, 0)).toMatchObject({ completed: 90, failed: 10 });
    expect(registry.computed(miner, dayMs)).toMatchObject({ completed: 45, failed: 2.5 });
    function failed(isInference: boolean) {
      return { event: "failed_request", isInference, atMs: 0 } as const;
    }
  });

  it("reads a card from what a miner says of its machine, where it works with one", () => {
    const said = { gpu_vram_mb: 8192, gpu_vendor: "NVIDIA", gpu_compute_capability: 6.1, gpu_driver: "531.18" };
    const throttledAtMs = [1, 2];
    const read = { vendor: "nvidia", vramMb: 8192, computeCapability: 6.1, driver: "531.18", throttledAtMs };
    expect(cardOf({ ...said, mode: "gpu" }, throttledAtMs)).toEqual(read);
    expect(cardOf(said, throttledAtMs)).toEqual(read);
    expect(cardOf({ gpu_vram_mb: 1, gpu_vendor: "Moore Threads" }, [])).toMatchObject({ vendor: "other" });
    for (const none of [{ ...said, mode: "cpu" }, { ...said, mode: "upstream" }, { gpu_vendor: "NVIDIA" }])
      expect(cardOf(none, throttledAtMs)).toBeUndefined();
  });
});

describe("capability", () => {
  const full = { vramGb: 24, bandwidthGbs: 1008, fp16Tflops: 82.6, quantisations: 4, tokensPerSecond: 100 };

  it("is 1 for a full machine, however much more another has, and neutral for an unknown one", () => {
    expect(capabilityScore(full)).toBeCloseTo(1);
    expect(capabilityScore({ ...full, vramGb: 192 })).toBeCloseTo(1);
    expect(capabilityScore({})).toBe(unknownCapability);
  });

  it.each(Object.keys(full) as (keyof typeof full)[])(
    "grows with %s, and does not suffer from its being unknown",
    (part) => {
      const half = Object.fromEntries(Object.entries(full).map(([name, value]) => [name, value / 2]));
      expect(capabilityScore({ ...half, [part]: full[part] })).toBeGreaterThan(capabilityScore(half));
      expect(capabilityScore({ ...half, [part]: undefined })).toBeCloseTo(0.5);
      expect(capabilityScore({ ...half, [part]: NaN })).toBeCloseTo(0.5);
    },
  );
});

describe("status", () => {
  it.each([
    [0, "available"],
    [1.4, "available"],
    [1.6, "degraded"],
    [3.4, "degraded"],
    [3.6, "offline"],
  ] as const)("after %f heartbeats without a word is %s", (beats, status) => {
    expect(statusOf("available", 0, 30_000, beats * 30_000)).toBe(status);
  });

  it("is a miner's own word while it is heard", () => {
    for (const word of ["busy", "degraded", "draining"] as const) expect(statusOf(word, 0, 30_000, 1)).toBe(word);
    expect(["available", "busy", "degraded", "draining", "offline"].map((one) => takesWork(one as never))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(["draining", "degraded", "offline"].map((one) => losesWork(one as never))).toEqual([false, true, true]);
  });

  it("ends work above 95 degrees", () => {
    expect([mustAbort(95), mustAbort(95.1)]).toEqual([false, true]);
  });
});

describe("trust", () => {
  const after = (standing: Standing, good: number, bad = 0): Standing => {
    let now = standing;
    for (let i = 0; i < good; i++) now = afterAttempt(now, true, now.atMs);
    for (let i = 0; i < bad; i++) now = afterAttempt(now, false, now.atMs);
    return now;
  };

  it("is earned by about fifty good jobs", () => {
    const start = newcomer(0);
    const needed = Array.from({ length: 100 }, (_, i) => i).find((count) => after(start, count).isTrusted);
    expect(needed).toBeGreaterThanOrEqual(48);
    expect(needed).toBeLessThanOrEqual(52);
  });

  it.each([52, 60, 100, 1000])("is lost by the third failure after %i good jobs, not by the second", (good) => {
    const trusted = after(newcomer(0), good);
    expect([1, 2, 3].map((bad) => after(trusted, 0, bad).isTrusted)).toEqual([true, true, false]);
    // What three failures cost is as much to earn again.
    const again = after(after(trusted, 0, 3), 40);
    expect(again.isTrusted).toBe(false);
    expect(after(again, 12).isTrusted).toBe(true);
  });

  it("falls with every failure and never leaves 0 to 1", () => {
    let now = newcomer(0);
    for (let i = 0; i < 500; i++) {
      const next = afterAttempt(now, i % 7 !== 3, now.atMs);
      expect(next.trust > now.trust).toBe(i % 7 !== 3);
      expect(next.trust).toBeGreaterThan(0);
      expect(next.trust).toBeLessThan(1);
      now = next;
    }
    expect(now).toMatchObject({ completed: 429, failed: 71 });
  });

  it("fades towards a newcomer's, by half in two weeks, from above and from below", () => {
    const high = after(newcomer(0), 200);
    const low = after(newcomer(0), 0, 3);
    for (const one of [high, low]) {
      const faded = standingAt(one, 14 * dayMs);
      expect(faded.trust - 0.2).toBeCloseTo((one.trust - 0.2) / 2);
    }
    expect(standingAt(high, 365 * dayMs).isTrusted).toBe(true);
    expect(afterAttempt(standingAt(high, 365 * dayMs), false, 365 * dayMs).isTrusted).toBe(false);
    expect(standingAt({ ...high, atMs: 5000 }, 1000)).toMatchObject({ trust: high.trust, atMs: 5000 });
  });

  it("is worth less over a swinging line, at least half", () => {
    for (const [swingMs, trust] of [
      [0, 0.8],
      [500, 0.6],
      [1000, 0.4],
      [60_000, 0.4],
    ] as const) {
      expect(trustOverLine(0.8, swingMs)).toBeCloseTo(trust);
    }
  });
});

describe("history", () => {
  it("adds up to the same from the same events, and counts time online", () => {
    const [registry, again] = [new Registry(), new Registry()];
    const events = [
      { event: "registered", atMs: 0 },
      { event: "completed_request", atMs: 10 },
      { event: "went_offline", atMs: 300 },
      { event: "went_offline", atMs: 350 },
      { event: "registered", atMs: 600 },
      { event: "failed_request", atMs: 700 },
    ] as const;
    for (const event of events) registry.apply(hex(1, 20), event);
    for (const event of events) again.apply(hex(1, 20), event);
    const history = registry.of(hex(1, 20), 1000);
    expect(again.of(hex(1, 20), 1000)).toEqual(history);
    expect(history).toMatchObject({ onlineMs: 300, sessions: 2, standing: { completed: 1, failed: 1 } });
    expect(uptime(history, 1000)).toBeCloseTo(0.7);
    expect(registry.of(hex(2, 20), 5)).toMatchObject({ sessions: 0, standing: { trust: 0.2 } });
  });

  it("counts deadlines that were missed, the latest most", () => {
    const registry = new Registry();
    const [late, prompt] = [hex(1, 20), hex(2, 20)];
    for (let job = 0; job < 20; job++) {
      registry.addDeadline(late, true);
      registry.addDeadline(prompt, false);
    }
    expect([registry.lateness(late), registry.lateness(prompt)]).toEqual([expect.closeTo(1 - 0.95 ** 20), 0]);
    registry.addDeadline(late, false);
    expect(registry.lateness(late)).toBeCloseTo((1 - 0.95 ** 20) * 0.95);
  });
});

describe("places", () => {
  const [frankfurt, sydney, paris] = ["frankfurt", "sydney", "paris"].map((id) => placeOf(id)!) as [
    NonNullable<ReturnType<typeof placeOf>>,
    NonNullable<ReturnType<typeof placeOf>>,
    NonNullable<ReturnType<typeof placeOf>>,
  ];

  it("lie at known distances", () => {
    expect(distanceKm(frankfurt, paris)).toBeGreaterThan(460);
    expect(distanceKm(frankfurt, paris)).toBeLessThan(500);
    expect(distanceKm(frankfurt, sydney)).toBeGreaterThan(16_400);
    expect(distanceKm(frankfurt, sydney)).toBeLessThan(16_600);
    expect(distanceKm(frankfurt, frankfurt)).toBe(0);
    expect(placeOf("atlantis")).toBeUndefined();
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length);
  });

  it("are as far apart in time as glass allows, and no claim is nearer", () => {
    expect(priorMs(frankfurt, paris)).toBeGreaterThan(8);
    expect(priorMs(frankfurt, paris)).toBeLessThan(16);
    // 16,500 km and back at 200 km a millisecond.
    expect(isPossible(frankfurt, sydney, 164)).toBe(true);
    const straightMs = (2 * distanceKm(frankfurt, sydney)) / 200;
    expect(isPossible(frankfurt, sydney, 0.7 * straightMs + 0.1)).toBe(true);
    expect(isPossible(frankfurt, sydney, 0.7 * straightMs - 0.1)).toBe(false);
    expect(isPossible(frankfurt, frankfurt, 0)).toBe(true);
  });

  it("learn slowly from what is measured, and pass it on to pairs that never were", () => {
    const map = new LatencyMap([frankfurt, sydney, paris]);
    const prior = map.roundTripMs(0, 1);
    map.learn(0, 1, prior * 2);
    expect(map.roundTripMs(0, 1) / prior).toBeCloseTo(1.05);
    expect(map.roundTripMs(1, 0)).toBe(map.roundTripMs(0, 1));
    // Each end by half of that, and of a pair that was never measured only one end is known.
    expect(map.roundTripMs(1, 2) / priorMs(sydney, paris)).toBeCloseTo(Math.sqrt(1.025), 6);
    for (let i = 0; i < 300; i++) map.learn(0, 1, prior * 2);
    expect(map.roundTripMs(0, 1) / prior).toBeCloseTo(2, 1);
    const elsewhere = map.roundTripMs(1, 2) / priorMs(sydney, paris);
    expect(elsewhere).toBeGreaterThan(1.2);
    expect(elsewhere).toBeLessThan(2);
    const before = map.roundTripMs(0, 2);
    for (const odd of [NaN, 0, -1]) map.learn(0, 2, odd);
    expect(map.roundTripMs(0, 2)).toBe(before);
    expect(map.roundTripMs(9, 0)).toBe(Infinity);
  });

  it("are not moved far by one absurd figure", () => {
    const map = new LatencyMap([frankfurt, sydney]);
    const prior = map.roundTripMs(0, 1);
    map.learn(0, 1, 1e9);
    expect(map.roundTripMs(0, 1) / prior).toBeLessThan(1.2);
  });
});

describe("loading a model", () => {
  const model = {
    ...{ id: "demo", digest: hex(1, 32), engineClass: hex(2, 32) },
    ...{ contextTokens: 100, sizeBytes: 2e9, loadMs: 700 },
  };
  const { loadMs: _, ...unmeasured } = model;
  const shelved = (loaded: string[], withoutRoom: string[] = []) => ({
    loaded: new Set(loaded),
    withoutRoom: new Set(withoutRoom),
  });

  it.each([
    ["what a miner offers, before its first heartbeat", model, undefined, 0],
    ["what it says is loaded", model, shelved(["other", "demo"]), 0],
    ["what it says is not", model, shelved(["other"]), 700],
    ["what nobody measured, by its size", unmeasured, shelved([]), 1000 + 4000],
    ["what has no room, whatever it would take", model, shelved([], ["demo"]), Infinity],
  ])("counts for %s", (_name, offered, said, ms) => {
    expect(loadMsOf(offered, said)).toBe(ms);
  });
});

describe("exploring and hedging", () => {
  it("sends one job in twenty to newcomers", () => {
    const count = Array.from({ length: 1000 }, (_, i) => i / 1000).filter(isExploring).length;
    expect(count).toBe(50);
  });

  it("hedges at half of the budget, and no more than one job in ten", () => {
    expect([hedgeAfterMs(100), hedgeAfterMs(Infinity)]).toEqual([50, undefined]);
    const budget = new HedgeBudget();
    let hedges = 0;
    for (let job = 0; job < 1000; job++) {
      budget.earn();
      if (!budget.isEnough) continue;
      budget.spend();
      hedges += 1;
    }
    expect(hedges).toBe(100);
    for (let job = 0; job < 1000; job++) budget.earn();
    expect(budget.isEnough).toBe(true);
    budget.spend();
    expect(budget.isEnough).toBe(false);
  });
});
