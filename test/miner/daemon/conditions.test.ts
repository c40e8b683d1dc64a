import { describe, expect, it } from "vitest";
import { Station, usualLimits, watchConditions, type WatchOptions } from "../../../miner/src/daemon/index.ts";
import { until } from "../../helpers/books.ts";
import {
  drained,
  firstState,
  observe,
  policyOf,
  type ConditionState,
  type Observation,
  type Policy,
} from "../../../miner/src/daemon/conditions/conditions.ts";

/** Observations five seconds apart unless they say when; the policy after each. */
function play(seen: readonly (Partial<Observation> & { at?: number })[]): {
  policies: Policy[];
  state: ConditionState;
} {
  let state = firstState;
  let atMs = 1_000_000;
  const policies = seen.map(({ at, ...rest }) => {
    atMs = at === undefined ? atMs + 5000 : 1_000_000 + at * 1000;
    const next = observe(state, { atMs, ...rest });
    state = next.state;
    return next.policy;
  });
  return { policies, state };
}

const heats = (...celsius: number[]): Policy[] => play(celsius.map((temperatureC) => ({ temperatureC }))).policies;
const short = ({ takesWork, share, endsRunning, status }: Policy): unknown[] => [takesWork, share, endsRunning, status];

const fine = [true, 1, false, "available"];
const half = [true, 0.5, false, "available"];
const none = [false, 1, false, "degraded"];
const ended = [false, 1, true, "degraded"];

describe("heat", () => {
  it.each([
    [74.9, fine],
    [75, half],
    [84.9, half],
    [85, none],
    [94.9, none],
    [95, ended],
    [130, ended],
  ])("at %d °C", (celsius, expected) => {
    expect(short(heats(celsius)[0]!)).toEqual(expected);
  });

  it("leaves a level only five degrees below it", () => {
    expect(heats(85, 84, 80.1, 79.9, 74, 70.1, 69.9).map(short)).toEqual([none, none, none, half, half, half, fine]);
  });

  it("falls through levels as fast as the temperature does", () => {
    expect(heats(96, 60).map(short)).toEqual([ended, fine]);
  });

  it("believes a sensor that falls silent for a minute", () => {
    const silent = Array.from({ length: 13 }, () => ({}));
    const { policies } = play([{ temperatureC: 90 }, ...silent]);
    expect(policies.slice(0, 13).map(short)).toEqual(Array.from({ length: 13 }, () => none));
    expect(short(policies[13]!)).toEqual(fine);
  });

  it("of a card that tells it no more falls with no other part's, and after a minute nothing new is taken", () => {
    const unseen = { temperatureC: 40, isCardUnseen: true };
    const minute = Array.from({ length: 13 }, () => unseen);
    const hot = play([{ temperatureC: 90 }, ...minute, { temperatureC: 40 }]).policies;
    expect(hot.slice(0, 14).map(short)).toEqual(Array.from({ length: 14 }, () => none));
    expect(short(hot[14]!)).toEqual(fine);
    const cool = play([{ temperatureC: 60 }, ...minute, { temperatureC: 40 }]).policies;
    expect(cool.slice(0, 13).map(short)).toEqual(Array.from({ length: 13 }, () => fine));
    expect(cool[13]).toMatchObject({
      takesWork: false,
      endsRunning: false,
      reason: "The heat of its card has not been seen for a minute.",
    });
    expect(short(cool[14]!)).toEqual(fine);
    // What is seen to be hotter still counts.
    expect(short(play([{ temperatureC: 60 }, { temperatureC: 96, isCardUnseen: true }]).policies[1]!)).toEqual(ended);
  });

  it("takes no more work after the third time in a day, until the first is a day old", () => {
    const once = (hour: number): { at: number; temperatureC: number }[] => [
      { at: hour * 3600, temperatureC: 86 },
      { at: hour * 3600 + 30, temperatureC: 50 },
    ];
    const two = play([...once(1), ...once(2)]).policies;
    expect(short(two.at(-1)!)).toEqual(fine);
    const three = play([...once(1), ...once(2), ...once(3), { at: 24.9 * 3600 }, { at: 25.1 * 3600 }]).policies;
    expect(short(three[5]!)).toEqual(none);
    expect(three[5]!.reason).toBe("It got too hot 3 times within a day.");
    expect(three.slice(6).map(short)).toEqual([none, fine]);
  });

  it("counts one visit once, however long it stays and however high it goes", () => {
    const { state } = play([{ temperatureC: 86 }, { temperatureC: 97 }, { temperatureC: 88 }, { temperatureC: 82 }]);
    expect(state.throttles).toHaveLength(1);
  });

  it("says nothing on a machine without sensors", () => {
    expect(play([{}, {}]).policies.map(short)).toEqual([fine, fine]);
  });
});

describe("battery", () => {
  it("takes nothing new on battery, and ends what runs when it gets low", () => {
    const { policies } = play([
      { onBattery: false, batteryPct: 100 },
      { onBattery: true, batteryPct: 99 },
      { onBattery: true, batteryPct: 20 },
      { onBattery: true, batteryPct: 19 },
      { onBattery: false, batteryPct: 19 },
    ]);
    expect(policies.map(short)).toEqual([fine, none, none, ended, fine]);
  });

  it("ends nothing where the charge is not known", () => {
    expect(short(play([{ onBattery: true }]).policies[0]!)).toEqual(none);
  });
});

describe("sleep", () => {
  it("opens links anew once after it, and not for a busy machine", () => {
    const { policies } = play([{ at: 0 }, { at: 5 }, { at: 54 }, { at: 105 }, { at: 110 }]);
    expect(policies.map(({ relinks }) => relinks)).toEqual([false, false, false, true, false]);
  });

  it("a clock that was set back is no sleep, and stops no timer", () => {
    const { policies, state } = play([{ at: 100 }, { at: 40, temperatureC: 90 }, { at: 101, temperatureC: 20 }]);
    expect(policies.map(({ relinks }) => relinks)).toEqual([false, false, false]);
    expect(state.lastMs).toBe(1_101_000);
  });
});

describe("a user who wants the card", () => {
  it("gets it: nothing new at once, running jobs end after a while, work again after a quiet minute", () => {
    const wanted = { isCardWanted: true };
    const quiet = Array.from({ length: 12 }, () => ({}));
    const { policies } = play([wanted, wanted, wanted, wanted, ...quiet]);
    expect(policies.slice(0, 4).map(short)).toEqual([none, none, none, ended]);
    expect(short(policies[4]!)).toEqual(none);
    expect(short(policies[14]!)).toEqual(none);
    expect(short(policies[15]!)).toEqual(fine);
  });

  it("a short visit ends no job", () => {
    const { policies } = play([{ isCardWanted: true }, {}, {}, {}, {}]);
    expect(policies.map(({ endsRunning }) => endsRunning)).toEqual([false, false, false, false, false]);
  });
});

describe("the end", () => {
  it("is final, and what endangers the machine still ends jobs", () => {
    const state = drained(play([{ temperatureC: 40 }]).state);
    expect(policyOf(state)).toMatchObject({ takesWork: false, endsRunning: false, status: "draining" });
    const later = observe(state, { atMs: 2_000_000, temperatureC: 40 });
    expect(later.policy).toMatchObject({ takesWork: false, endsRunning: false, status: "draining" });
    const hot = observe(state, { atMs: 2_000_000, temperatureC: 99 });
    expect(hot.policy).toMatchObject({ takesWork: false, endsRunning: true, status: "draining" });
  });
});

describe("the watch", () => {
  const seen = { gpus: [], counters: [], isCardWanted: false };
  /** A watch whose looks a test makes, on a clock of five seconds a look. */
  function watch(looks: readonly WatchOptions["sample"][], computing: readonly string[] = []) {
    const [station, stop, reasons] = [new Station(2), new AbortController(), [] as (string | undefined)[]];
    const warnings: string[] = [];
    let [made, nowMs] = [0, 0];
    const sample: WatchOptions["sample"] = () => (looks[made++] ?? looks.at(-1)!)();
    const ended = watchConditions({
      ...{ station, sample, yieldsCard: true, cardVendors: () => new Set(computing), signal: stop.signal },
      limits: { ...usualLimits, stepMs: 1 },
      nowMs: () => (nowMs += 5000),
      onSample: () => undefined,
      warn: (sentence) => warnings.push(sentence),
      onReason: (reason) => reasons.push(reason),
    });
    return { station, stop, reasons, warnings, ended, made: () => made };
  }

  it("goes on where a look hangs as in a broken driver, with one look at a time, and ends when it is told to", async () => {
    const hot = async () => ({ ...seen, atMs: 5000, processorC: 90 });
    let tellLast = (): void => undefined;
    const hangs = (): ReturnType<WatchOptions["sample"]> =>
      new Promise((resolve) => (tellLast = () => resolve({ ...seen, atMs: 0, processorC: 20 })));
    const { station, stop, reasons, warnings, ended, made } = watch([hot, hangs, async () => ({ ...seen, atMs: 0 })]);
    await until("it hangs for more than a minute", async () => warnings.length === 1);
    // What nobody can look at has not become cooler.
    expect(station.policy.takesWork).toBe(false);
    expect(made()).toBe(2);
    expect(reasons).toEqual(["It has 85 °C or more."]);
    tellLast();
    await until("it was looked at again", async () => made() > 3);
    expect(station.policy.takesWork).toBe(true);
    expect(warnings).toHaveLength(1);
    stop.abort();
    await ended;
    expect(station.policy).toMatchObject({ takesWork: false, status: "draining" });
  });

  it.each([
    ["computes", ["NVIDIA"], "It has 85 °C or more."],
    ["does not compute", [], undefined],
    ["does not compute as another maker's does", ["AMD"], undefined],
  ])("believes no other part's heat where a card that %s tells its own no more", async (_, computing, reason) => {
    const gpus = [{ source: "nvidia-smi", vendor: "NVIDIA", name: "a card", temperatureC: 90 }];
    const hot = async () => ({ ...seen, gpus, atMs: 5000, processorC: 40 });
    const hung = async () => ({ ...seen, atMs: 0, processorC: 40 });
    const { station, stop, ended, made } = watch([hot, hung], computing);
    await until("it was looked at again", async () => made() > 3);
    expect(station.policy.reason).toBe(reason);
    stop.abort();
    await ended;
  });

  it("takes a card that sleeps, because no model is loaded, for a cool one", async () => {
    const gpus = [{ source: "sysfs", vendor: "AMD", name: "a card" }];
    const hot = async () => ({ ...seen, gpus: [{ ...gpus[0]!, temperatureC: 90 }], atMs: 5000 });
    const asleep = async () => ({ ...seen, gpus: [{ ...gpus[0]!, isAsleep: true as const }], atMs: 0, processorC: 40 });
    const { station, stop, ended, made } = watch([hot, asleep], ["AMD"]);
    await until("it was looked at again", async () => made() > 3);
    expect(station.policy.reason).toBeUndefined();
    stop.abort();
    await ended;
  });

  it("takes a look that fails for one without readings: a battery stays one", async () => {
    const low = async () => ({ ...seen, atMs: 5000, onBattery: true, batteryPct: 10 });
    const { station, stop, reasons, ended, made } = watch([low, () => Promise.reject(new Error("no tool"))]);
    await until("several failed", async () => made() > 4);
    expect(station.policy.reason).toBe("Its battery is at 10 %.");
    expect(reasons).toEqual(["Its battery is at 10 %."]);
    stop.abort();
    await ended;
  });
});
