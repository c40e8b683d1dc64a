import { describe, expect, it } from "vitest";
import { rank, type Candidate } from "../../../coordinator/src/domain/matching/match.ts";
import { resolveModels } from "../../../coordinator/src/domain/matching/models.ts";
import { newcomer, recorded, reliabilityOf } from "../../../coordinator/src/domain/reliability/record.ts";
import { word } from "../fixture.ts";

const model = (name: string, engine = "engine") => ({
  id: name,
  digest: word(name),
  engineClass: word(engine),
  contextTokens: 1000,
  sizeBytes: 1,
});
const wanted = { modelDigest: word("demo"), inputPriceWei: 10n, outputPriceWei: 100n };

function candidate(name: string, change: Partial<Candidate> = {}): Candidate {
  return {
    miner: `0x${name}`,
    status: "available",
    running: 0,
    concurrency: 2,
    models: [model("demo")],
    inputAskWei: 0n,
    outputAskWei: 0n,
    roundTripMs: 0,
    reliability: 1,
    ...change,
  };
}

const order = (candidates: readonly Candidate[]): string[] =>
  rank(candidates, wanted).map(({ miner }) => miner.slice(2));

describe("who can take a job", () => {
  it.each<[string, Partial<Candidate>, boolean]>([
    ["an idle miner", {}, true],
    ["a busy one", { status: "busy", running: 2 }, true],
    ["one whose ask is just met", { inputAskWei: 10n, outputAskWei: 100n }, true],
    ["one that asks more for input", { inputAskWei: 11n }, false],
    ["one that asks more for output", { outputAskWei: 101n }, false],
    ["a degraded one", { status: "degraded" }, false],
    ["a draining one", { status: "draining" }, false],
    ["one with a full queue", { running: 8 }, false],
    ["one with room for one more", { running: 7 }, true],
    ["one with other weights under the name", { models: [{ ...model("demo"), digest: word("other") }] }, false],
    ["one with the weights under another name", { models: [{ ...model("demo"), id: "mine" }] }, true],
  ])("%s", (_name, change, isEligible) => {
    expect(order([candidate("a", change)])).toEqual(isEligible ? ["a"] : []);
  });
});

describe("who comes first", () => {
  it.each<[string, Partial<Candidate>, Partial<Candidate>]>([
    ["a free slot before reliability", { reliability: 0.5 }, { running: 2 }],
    ["reliability before load", { running: 1 }, { reliability: 0.8 }],
    ["less load", { roundTripMs: 400 }, { running: 1 }],
    ["a lower ask before latency", { outputAskWei: 1n, roundTripMs: 400 }, { outputAskWei: 2n }],
    ["a lower ask for input", { outputAskWei: 1n }, { outputAskWei: 1n, inputAskWei: 1n }],
    ["less latency", {}, { roundTripMs: 200 }],
  ])("%s", (_name, better, worse) => {
    const [b, a] = [candidate("b", better), candidate("a", worse)];
    expect(order([a, b])).toEqual(["b", "a"]);
    expect(order([b, a])).toEqual(["b", "a"]);
  });

  it("does not depend on the order in which they come, although near values count as equal", () => {
    const crowd = Array.from({ length: 60 }, (_, i) =>
      candidate(`${i}`.padStart(2, "0"), {
        reliability: 1 - ((i * 7) % 20) / 40,
        roundTripMs: (i * 13) % 170,
        running: i % 3,
        outputAskWei: BigInt(i % 4),
      }),
    );
    const expected = order(crowd);
    expect(order(crowd.toReversed())).toEqual(expected);
    expect(order([...crowd.slice(31), ...crowd.slice(0, 31)])).toEqual(expected);
  });

  it("prefers fallbacks of the first one's engine class: only those continue a stream exactly", () => {
    const other = { models: [model("demo", "other engine")] };
    const crowd = [candidate("a"), candidate("b", other), candidate("c", { running: 1 }), candidate("d", other)];
    expect(order(crowd)).toEqual(["a", "c", "b", "d"]);
  });
});

describe("what a model's name means", () => {
  const taken = { ...model("demo"), digest: word("other") };

  it("is the weights that most miners offer under it", () => {
    const models = resolveModels([[model("demo")], [taken], [taken]]);
    expect(models.get("demo")?.digest).toBe(word("other"));
  });

  it("stays with those who were there first when as many offer others", () => {
    expect(resolveModels([[model("demo")], [taken]]).get("demo")?.digest).toBe(word("demo"));
  });

  it("is not decided by listing it twice", () => {
    expect(resolveModels([[model("demo")], [taken, taken, taken]]).get("demo")?.digest).toBe(word("demo"));
  });
});

describe("reliability", () => {
  it("starts whole, falls with failures and comes back with work done", () => {
    const failedOnce = recorded(newcomer, false);
    expect(reliabilityOf(newcomer)).toBe(1);
    expect(reliabilityOf(failedOnce)).toBe(0.5);
    expect(reliabilityOf(recorded(failedOnce, true))).toBeCloseTo(2 / 3);
  });
});
