import { describe, expect, it } from "vitest";
import {
  baseOf,
  performanceFactor,
  priceFactors,
  priceOf,
  priceRatio,
  timeFactor,
  type PriceContext,
} from "../../../coordinator/src/domain/pricing/price.ts";
import { latePayWei } from "@lode/sdk/typed-data";
import { qosScore, qosTier } from "../../../coordinator/src/domain/qos/score.ts";
import { serviceSteps, understatesLateness } from "../../../coordinator/src/domain/qos/service.ts";
import { breaches, strainOf } from "../../../coordinator/src/domain/qos/thresholds.ts";
import { Calendar } from "../../../coordinator/src/domain/bookings/calendar.ts";
import { Reviews } from "../../../coordinator/src/domain/bookings/reviews.ts";
import { Arrivals } from "../../../coordinator/src/domain/scheduling/arrivals.ts";
import { batchHint } from "../../../coordinator/src/domain/scheduling/batching.ts";
import { energyTerm, joulesPerToken } from "../../../coordinator/src/domain/scheduling/energy.ts";
import { Shortage } from "../../../coordinator/src/domain/scheduling/wanted.ts";
import { handover } from "../../../coordinator/src/domain/regions/federation.ts";
import { poolsOf } from "../../../coordinator/src/domain/tenancy.ts";
import { Company, type Visit } from "../../../coordinator/src/plugins/app/relay/company.ts";
import { Dice } from "../../../scripts/bench/market/dice.ts";
import { digest, hex } from "./markets.ts";

const hourMs = 3_600_000;
const noon = 12 * hourMs;
const list = { inputPriceWei: 100n, outputPriceWei: 1000n };
const nothing = { inputPriceWei: 0n, outputPriceWei: 0n };
/** Every factor at 1. */
const neutral: PriceContext = {
  base: list,
  ask: nothing,
  latency: "standard",
  capability: 0.5,
  expectedMs: 2000,
  queued: 0,
  utilisation: 0.5,
  nowMs: noon,
  contextShare: 0,
  isConstrained: false,
  lateness: 0,
};

describe("the price", () => {
  it("is the base where nothing speaks for more or less", () => {
    expect(priceOf(neutral)).toMatchObject({ ...list, totalPpm: 1_000_000, bound: "factors" });
  });

  it.each<[string, Partial<PriceContext>, number]>([
    ["realtime", { latency: "realtime", expectedMs: 100 }, 3],
    ["fast", { latency: "fast", expectedMs: 500 }, 2],
    ["economy", { latency: "economy", expectedMs: 10_000 }, 0.7],
    ["a full machine", { capability: 1 }, 1.25],
    ["a weak machine", { capability: 0 }, 0.75],
    ["one that needs no time", { expectedMs: 0 }, 1.5],
    ["one that needs twice the time", { expectedMs: 4000 }, 0.8],
    ["one that needs ten times the time", { expectedMs: 20_000 }, 0.8],
    ["a hundred queued jobs", { queued: 100 }, 1.5],
    ["fifty", { queued: 50 }, 1.25],
    ["a thousand", { queued: 1000 }, 1.5],
    ["nobody at work", { utilisation: 0 }, 0.8],
    ["everybody at work", { utilisation: 1 }, 1.2],
    ["the evening", { nowMs: 18 * hourMs }, 1.2],
    ["a full context", { contextShare: 1 }, 1.25],
    ["a mask", { isConstrained: true }, 1.05],
    ["a tenth of deadlines missed", { lateness: 0.1 }, 0.9],
  ])("changes with %s", (_name, change, factor) => {
    const price = priceOf({ ...neutral, ...change });
    expect(price.totalPpm).toBe(Math.round(factor * 1_000_000));
    expect(price.outputPriceWei).toBe(BigInt(Math.round(1000 * factor)));
  });

  it.each([
    [0, 1],
    [1, 1],
    [2, 0.8],
    [5, 0.8],
    [6, 1],
    [17, 1],
    [18, 1.2],
    [22, 1.2],
    [23, 1],
  ])("at %i o'clock has the factor %f", (hour, factor) => {
    expect(timeFactor(hour * hourMs)).toBe(factor);
    expect(timeFactor((hour + 1) * hourMs - 1 + 40 * 24 * hourMs)).toBe(factor);
  });

  it("multiplies everything, never falls below half the base, and never below the ask", () => {
    const cheap = {
      ...neutral,
      latency: "economy",
      capability: 0,
      utilisation: 0,
      nowMs: 3 * hourMs,
      expectedMs: 20_000,
    } as const;
    expect(priceFactors(cheap)).toMatchObject({
      latencyTier: 0.7,
      capability: 0.75,
      utilisation: 0.8,
      timeOfDay: 0.8,
      latencyPerformance: 0.8,
    });
    expect(priceOf(cheap)).toMatchObject({ outputPriceWei: 500n, inputPriceWei: 50n, bound: "floor" });
    expect(priceOf({ ...cheap, ask: { inputPriceWei: 50n, outputPriceWei: 501n } })).toMatchObject({
      outputPriceWei: 501n,
      inputPriceWei: 50n,
      bound: "ask",
    });
    expect(priceOf({ ...cheap, ask: { inputPriceWei: 51n, outputPriceWei: 500n } })).toMatchObject({
      outputPriceWei: 500n,
      inputPriceWei: 51n,
      bound: "ask",
    });
  });

  it("is never rounded up: the client pays for no fraction of a wei", () => {
    const base = { inputPriceWei: 3n, outputPriceWei: 7n };
    // 3.75 and 8.75
    expect(priceOf({ ...neutral, base, capability: 1 })).toMatchObject({ inputPriceWei: 3n, outputPriceWei: 8n });
  });

  it("keeps its bounds whatever it is made of", () => {
    const dice = new Dice(5);
    for (let i = 0; i < 2000; i++) {
      const wild = (): number => (dice.next() - 0.3) * 10 ** dice.below(6);
      const ask = { inputPriceWei: BigInt(dice.below(200)), outputPriceWei: BigInt(dice.below(2000)) };
      const price = priceOf({
        ...neutral,
        ask,
        base: baseOf(ask, list),
        latency: dice.pick(["realtime", "fast", "standard", "economy"] as const),
        capability: wild(),
        expectedMs: wild(),
        queued: wild(),
        utilisation: wild(),
        nowMs: dice.below(1e9),
        contextShare: wild(),
        lateness: wild(),
      });
      const base = baseOf(ask, list);
      expect(price.outputPriceWei).toBeGreaterThanOrEqual(ask.outputPriceWei);
      expect(price.outputPriceWei * 2n).toBeGreaterThanOrEqual(base.outputPriceWei - 1n);
      expect(Number(price.outputPriceWei)).toBeLessThanOrEqual(
        Number(base.outputPriceWei) * 3 * 1.25 * 1.5 * 1.5 * 1.2 * 1.2 * 1.25 + 1,
      );
      expect(performanceFactor(wild(), 100)).toBeGreaterThanOrEqual(0.8);
    }
  });

  it("of a miner is weighed as requests use it", () => {
    expect(priceRatio(list, list)).toBe(1);
    expect(priceRatio({ inputPriceWei: 200n, outputPriceWei: 1000n }, list)).toBeCloseTo(400 / 325);
    expect(priceRatio(list, nothing)).toBe(1);
  });

  it("starts from what a miner asks, where it asks for anything at all", () => {
    expect(baseOf(nothing, list)).toBe(list);
    for (const ask of [
      { inputPriceWei: 1n, outputPriceWei: 0n },
      { inputPriceWei: 0n, outputPriceWei: 1n },
    ]) {
      expect(baseOf(ask, list)).toBe(ask);
    }
  });
});

describe("quality of service", () => {
  const best = { firstTokenMs: 100, accuracy: 1, uptime: 1, joulesPerToken: 1, priceRatio: 0.5 };

  it.each<[keyof typeof best, number, number]>([
    ["firstTokenMs", 2000, 0.7],
    ["accuracy", 0, 0.75],
    ["uptime", 0, 0.8],
    ["joulesPerToken", 20, 0.85],
    ["priceRatio", 2, 0.9],
  ])("weighs %s", (part, worst, score) => {
    expect(qosScore(best)).toBeCloseTo(1);
    expect(qosScore({ ...best, [part]: worst })).toBeCloseTo(score);
  });

  it("has tiers, and a newcomer is in none of the upper ones", () => {
    expect([1, 0.9, 0.89, 0.75, 0.6, 0.59].map(qosTier)).toEqual([
      "platinum",
      "platinum",
      "gold",
      "gold",
      "silver",
      "bronze",
    ]);
    expect(qosTier(qosScore({}))).toBe("bronze");
  });

  it("takes off what a late token did not keep", () => {
    expect(serviceSteps("fast")).toEqual([
      { afterMs: 500, payPpm: 500_000 },
      { afterMs: 2000, payPpm: 350_000 },
    ]);
    expect(serviceSteps("economy")).toEqual([]);
    const terms = { steps: serviceSteps("realtime"), nonce: `0x${"00".repeat(32)}` as const };
    const paid = [99, 100, 499, 500, 1999, 2000, 1e9].map((ms) => latePayWei(300n, terms, ms));
    expect(paid).toEqual([300n, 199n, 199n, 99n, 99n, 69n, 69n]);
  });

  it("sees who signs for less lateness than there was, all doubt being the miner's", () => {
    const terms = { steps: serviceSteps("fast"), nonce: `0x${"00".repeat(32)}` as const };
    const line = { roundTripMs: 40, swingMs: 30 };
    const claim = (amountWei: bigint, seenMs: number): boolean =>
      understatesLateness(terms, { amountWei, refundWei: 1000n - amountWei, seenMs, ...line });
    // Half a second that was promised, a second of doubt, the way, and twice its swing.
    expect([claim(1000n, 1599), claim(1000n, 1600)]).toEqual([false, true]);
    expect([claim(500n, 1600), claim(500n, 3099), claim(500n, 3100), claim(350n, 1e9)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("sees thresholds", () => {
    expect(breaches({})).toEqual([]);
    const heats = [75, 75.5, 85, 85.5, 95, 95.5].flatMap((temperatureC) => breaches({ temperatureC })[0] ?? "none");
    expect(heats).toEqual(["none", "warm", "warm", "hot", "hot", "critical"]);
    expect(breaches({ firstTokenMs: 500 })).toEqual([]);
    expect(breaches({ firstTokenMs: 2000 })).toEqual(["slow"]);
    expect(breaches({ bandwidthMbs: 9, firstTokenMs: 501 })).toEqual(["bandwidth", "slow"]);
    expect(breaches({ bandwidthMbs: 10, firstTokenMs: 2001 })).toEqual(["very_slow"]);
    expect([[], ["warm"], ["hot"]].map((found) => strainOf(found as never))).toEqual([0, 0.25, 1]);
  });
});

describe("bookings", () => {
  const nowMs = 1_000_000_000;
  const [ann, bob] = [hex(1, 20), hex(2, 20)];
  const wanted = { client: ann, modelDigest: digest(0), slots: 4, fromMs: nowMs + hourMs, toMs: nowMs + 2 * hourMs };

  it.each([
    ["what begins too soon", { fromMs: nowMs + 59_999 }, "too_soon"],
    ["what ends before it begins", { toMs: nowMs + hourMs }, "empty"],
    ["no slots", { slots: 0 }, "empty"],
    ["more than a day", { toMs: nowMs + 25 * hourMs + 1 }, "too_long"],
    ["what begins in a month", { fromMs: nowMs + 720 * hourMs + 1, toMs: nowMs + 720 * hourMs + 2 }, "too_far"],
    ["more than a client may have", { slots: 17 }, "too_many"],
    ["more than half of all", { slots: 11 }, "no_room"],
  ])("refuse %s", (_name, change, problem) => {
    const calendar = new Calendar();
    expect(calendar.problem(wanted, 20, nowMs)).toBeUndefined();
    expect(calendar.problem({ ...wanted, ...change }, 20, nowMs)).toBe(problem);
  });

  it("are a hundred of one client at most, however short, until they are over", () => {
    const calendar = new Calendar();
    const brief = (i: number) => ({ ...wanted, fromMs: wanted.fromMs + i, toMs: wanted.fromMs + i + 1 });
    for (let i = 0; i < 100; i++) {
      expect(calendar.problem(brief(i), 20, nowMs)).toBeUndefined();
      calendar.add({ ...brief(i), id: `${i}` });
    }
    expect(calendar.problem(brief(100), 20, nowMs)).toBe("too_many");
    expect(calendar.problem({ ...brief(100), client: bob }, 20, nowMs)).toBeUndefined();
    calendar.sweep(brief(0).toMs);
    expect(calendar.problem({ ...wanted, slots: 1, fromMs: brief(200).fromMs }, 20, nowMs)).toBeUndefined();
  });

  it("count what others hold at the same time, and nothing else", () => {
    const calendar = new Calendar();
    calendar.add({ ...wanted, id: "a", slots: 8 });
    const other = { ...wanted, client: bob };
    expect(calendar.problem({ ...other, slots: 2 }, 20, nowMs)).toBeUndefined();
    expect(calendar.problem({ ...other, slots: 3 }, 20, nowMs)).toBe("no_room");
    expect(
      calendar.problem({ ...other, slots: 10, fromMs: wanted.toMs, toMs: wanted.toMs + 1 }, 20, nowMs),
    ).toBeUndefined();
    const before = { fromMs: wanted.fromMs - 1, toMs: wanted.fromMs };
    expect(calendar.problem({ ...other, slots: 10, ...before }, 20, nowMs)).toBeUndefined();
    expect(calendar.problem({ ...other, slots: 10, modelDigest: digest(1) }, 20, nowMs)).toBeUndefined();
    expect(calendar.problem({ ...wanted, slots: 9, modelDigest: digest(1) }, 20, nowMs)).toBe("too_many");
  });

  it("that follow each other hold the same slots, not those of both", () => {
    const calendar = new Calendar();
    calendar.add({ ...wanted, id: "a", slots: 8 });
    calendar.add({ ...wanted, id: "b", slots: 8, fromMs: wanted.toMs, toMs: wanted.toMs + hourMs });
    const over = { ...wanted, client: bob, toMs: wanted.toMs + hourMs };
    expect(calendar.problem({ ...over, slots: 2 }, 20, nowMs)).toBeUndefined();
    expect(calendar.problem({ ...over, slots: 3 }, 20, nowMs)).toBe("no_room");
  });

  it("of one client are not used up by what another one runs, nor kept by what a stranger does", () => {
    const calendar = new Calendar();
    const carl = hex(3, 20);
    calendar.add({ ...wanted, id: "a" });
    calendar.add({ ...wanted, id: "b", client: bob });
    // Bob runs more than he booked: that is no use of Ann's slots.
    const running = (client: typeof ann): number => (client === bob ? 9 : 1);
    expect(calendar.keptFrom(carl, digest(0), wanted.fromMs, running)).toBe(3);
    for (const [client, model] of [
      [carl, digest(0)],
      [bob, digest(1)],
    ] as const) {
      calendar.begin(client, model, wanted.fromMs + 200_000);
      calendar.end(client, model, wanted.fromMs + 200_000);
    }
    expect(calendar.keptFrom(carl, digest(0), wanted.fromMs + 300_000, () => 0)).toBe(0);
  });

  it("keep slots from others while they run, less what their client uses, and lapse unused", () => {
    const calendar = new Calendar();
    calendar.add({ ...wanted, id: "a" });
    const kept = (client: typeof ann, atMs: number, running = 0): number =>
      calendar.keptFrom(client, digest(0), atMs, () => running);
    expect(kept(bob, wanted.fromMs - 1)).toBe(0);
    expect([kept(bob, wanted.fromMs), kept(ann, wanted.fromMs), kept(bob, wanted.fromMs, 3)]).toEqual([4, 0, 1]);
    expect(kept(bob, wanted.fromMs + 299_999)).toBe(4);
    expect(kept(bob, wanted.fromMs + 300_000)).toBe(0);
    const usedMs = wanted.fromMs + 200_000;
    // A long answer is use: an hour later it still keeps what it does not use itself.
    calendar.begin(ann, digest(0), usedMs);
    expect(kept(bob, usedMs + hourMs / 2, 1)).toBe(3);
    calendar.end(ann, digest(0), usedMs + hourMs / 2);
    expect([299_999, 300_000].map((ms) => kept(bob, usedMs + hourMs / 2 + ms))).toEqual([4, 0]);
    expect(kept(bob, wanted.toMs)).toBe(0);
    calendar.sweep(wanted.toMs);
    expect(calendar.size).toBe(0);
  });

  it("that lapsed stay lapsed, whoever looked at them or used the model since", () => {
    const begunLate = (isLookedAt: boolean): Calendar => {
      const calendar = new Calendar();
      calendar.add({ ...wanted, id: "a" });
      const lateMs = wanted.fromMs + 400_000;
      if (isLookedAt) expect(calendar.keptFrom(bob, digest(0), lateMs, () => 1)).toBe(0);
      calendar.begin(ann, digest(0), lateMs);
      if (isLookedAt) expect(calendar.keptFrom(bob, digest(0), lateMs + 1, () => 0)).toBe(0);
      calendar.end(ann, digest(0), lateMs + 1000);
      return calendar;
    };
    for (const calendar of [begunLate(true), begunLate(false)]) {
      expect(calendar.keptFrom(bob, digest(0), wanted.fromMs + 402_000, () => 0)).toBe(0);
      expect(calendar.problem({ ...wanted, client: bob, slots: 10 }, 20, nowMs)).toBeUndefined();
    }
  });

  it("are in use while a job of before runs on, and are over as soon as they are swept unused", () => {
    const calendar = new Calendar();
    calendar.begin(ann, digest(0), nowMs);
    calendar.begin(ann, digest(0), nowMs);
    calendar.add({ ...wanted, id: "a" });
    calendar.end(ann, digest(0), nowMs + 1);
    const kept = (ms: number): number => calendar.keptFrom(bob, digest(0), wanted.fromMs + ms, () => 0);
    expect(kept(1_000_000)).toBe(4);
    calendar.end(ann, digest(0), wanted.fromMs + 1_000_000);
    expect(kept(1_299_999)).toBe(4);
    calendar.sweep(wanted.fromMs + 1_299_999);
    expect(calendar.of(ann)).toHaveLength(1);
    calendar.sweep(wanted.fromMs + 1_300_000);
    expect(calendar.of(ann)).toEqual([]);
  });
});

it("weighs reviews by what was paid, and counts each job once", () => {
  const reviews = new Reviews();
  const [miner, client] = [hex(1, 20), hex(2, 20)];
  expect(reviews.of(miner)).toBeUndefined();
  reviews.add({ jobId: "a", client, miner, stars: 5, amountWei: 900n });
  reviews.add({ jobId: "b", client, miner, stars: 1, amountWei: 100n });
  reviews.add({ jobId: "b", client, miner, stars: 1, amountWei: 1_000_000n });
  expect(reviews.of(miner)).toEqual({ stars: expect.closeTo(4.6), count: 2 });
});

describe("scheduling", () => {
  it.each([
    [0, 10, 9, 8, 2000, 1],
    [0, 100, 9, 8, 2000, 2],
    [0, 1000, 9, 8, 2000, 8],
    [0, 1000, 9, 3, 2000, 3],
    [0, 1000, 9, 0, 2000, 1],
    [0, 1000, 9, 8, 99, 1],
    [0, 1000, 9, 8, 100, 8],
    [0, 1000, 1, 8, 2000, 2],
    [0, 1000, 0, 8, 2000, 1],
    [3, 0, 3, 8, 2000, 4],
    [3, 1000, 9, 8, 2000, 8],
    [3, 0, 3, 1, 2000, 1],
    [20, 0, 20, 64, 2000, 8],
  ])(
    "of %i jobs on their way and %f a second, with %i others, %i free slots and %f ms, lets %i start together",
    (onTheirWay, arrivalsPerSecond, others, freeSlots, budgetMs, size) => {
      const hint = batchHint({ onTheirWay, arrivalsPerSecond, others, freeSlots, budgetMs });
      expect(hint).toEqual(size === 1 ? undefined : { size, windowMs: 10 });
    },
  );

  it.each([
    [1, undefined],
    [2, { size: 2, windowMs: 10 }],
    [5, { size: 3, windowMs: 10 }],
  ])("of %i clients of whom each asks again when it was answered, 250 times a second together", (clients, hint) => {
    const company = new Company();
    const model = hex(1, 32);
    const visits: Visit[] = [];
    for (let nowMs = 0; nowMs <= 5000; nowMs += 4) {
      if (visits.length === clients) visits.shift()!.leave();
      const visit = company.expect(model, nowMs);
      visit.arrive();
      visits.push(visit);
    }
    expect(batchHint({ ...company.of(model, 5000), freeSlots: 8, budgetMs: 2000 })).toEqual(hint);
  });

  it("counts arrivals, the latest most", () => {
    const arrivals = new Arrivals();
    expect(arrivals.perSecond(5)).toBe(0);
    for (let ms = 0; ms <= 10_000; ms += 10) arrivals.add(ms);
    expect(arrivals.perSecond(10_000)).toBeCloseTo(100.5, 1);
    expect(arrivals.perSecond(11_000)).toBeCloseTo(100.5 / Math.E, 1);
    expect(arrivals.perSecond(60_000)).toBeCloseTo(0, 6);
  });

  it("counts energy where it is known, bounded", () => {
    expect(joulesPerToken({ watts: 300, tokensPerSecond: 30 })).toBe(10);
    expect(energyTerm({ watts: 300, tokensPerSecond: 30 })).toBe(1);
    expect(energyTerm({ watts: 300, tokensPerSecond: 30, relativePrice: 0.5 })).toBe(0.5);
    expect(energyTerm({ watts: 1e9, tokensPerSecond: 1 })).toBe(2);
    // What overflows is still a number, whatever it is multiplied by.
    for (const relativePrice of [-1, 0, 1e-300, 1, 1e308]) {
      for (const claim of [{ tokensPerKj: 5e-324 }, { watts: 1e308, tokensPerSecond: 1e-3 }]) {
        const term = energyTerm({ ...claim, relativePrice });
        expect(term >= 0 && term <= 2).toBe(true);
      }
    }
    for (const unknown of [{}, { watts: 300 }, { watts: 300, tokensPerSecond: 0 }]) expect(energyTerm(unknown)).toBe(0);
    // What its sensors counted over its jobs says more than what it draws now.
    expect(joulesPerToken({ watts: 300, tokensPerSecond: 30, tokensPerKj: 200 })).toBe(5);
    expect(joulesPerToken({ watts: 300, tokensPerSecond: 30, tokensPerKj: 0 })).toBe(10);
  });

  it("wants what was refused often, lately", () => {
    const late = new Shortage();
    for (let i = 0; i < 10; i++) late.refuse("demo", digest(0), 1e12);
    // A clock that was hours ahead for a moment does not make a model wanted for hours.
    expect([late.wanted(1e12).length, late.wanted(1e12 - 3_600_000).length]).toEqual([1, 0]);
    const shortage = new Shortage();
    for (let i = 0; i < 10; i++) shortage.refuse("llama", digest(1), 1000);
    for (let i = 0; i < 12; i++) shortage.refuse("qwen", digest(1), 2000);
    for (let i = 0; i < 9; i++) shortage.refuse("phi", digest(1), 2000);
    expect(shortage.wanted(3000)).toEqual([
      { id: "qwen", digest: digest(1), refused: 12 },
      { id: "llama", digest: digest(1), refused: 10 },
    ]);
    expect(shortage.wanted(1000 + 600_000)).toEqual([{ id: "qwen", digest: digest(1), refused: 12 }]);
    for (let i = 0; i < 5000; i++) shortage.refuse(`spam ${i}`, digest(1), 2000);
    expect(shortage.wanted(3000)).toEqual([]);
  });
});

describe("federation", () => {
  const peers = [
    { url: "https://a", place: "sydney", models: ["demo"] },
    { url: "https://b", place: "paris", models: ["demo"] },
    { url: "https://c", place: "berlin", models: ["other"] },
    { url: "https://d", place: "nowhere", models: ["demo"] },
  ];

  it("hands a job to the nearest that can do it, once", () => {
    expect(handover("frankfurt", peers, { model: "demo" }, false)?.url).toBe("https://b");
    expect(handover("frankfurt", peers, { model: "demo", regions: new Set(["oc"]) }, false)?.url).toBe("https://a");
    expect(handover("frankfurt", peers, { model: "demo" }, true)).toBeUndefined();
    expect(handover("frankfurt", peers, { model: "absent" }, false)).toBeUndefined();
    expect(handover("", peers, { model: "demo" }, false)).toBeUndefined();
  });

  it("keeps pools to those whose they are", () => {
    const tenancy = new Map([["0xann", new Set(["acme"])]]);
    expect([...poolsOf(tenancy, "0xann")!]).toEqual(["public", "acme"]);
    expect([...poolsOf(tenancy, "0xann", "acme")!]).toEqual(["acme"]);
    expect([...poolsOf(tenancy, "0xbob")!]).toEqual(["public"]);
    expect(poolsOf(tenancy, "0xbob", "acme")).toBeUndefined();
  });
});
