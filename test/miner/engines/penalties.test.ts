import { samplerHash, samplerParams, SamplerParams as Schema } from "@lode/protocol";
import { Check } from "typebox/value";
import { describe, expect, it } from "vitest";
import {
  createChooser,
  createSampler,
  defaultSampler,
  replay,
  type SamplerParams,
  type TokenMask,
} from "../../../miner/src/engines/index.ts";
import { createAdjustment } from "../../../miner/src/engines/sampler/adjust.ts";

const seed = `0x${"c3".repeat(32)}` as const;
const params = (changes: Partial<SamplerParams>): SamplerParams => ({ ...defaultSampler, ...changes });
const counts = new Map([
  [1, 1],
  [2, 3],
]);
const everyParam = params({
  temperature: 0.8,
  topK: 7,
  topP: 0.9,
  minP: 0.05,
  repetitionPenalty: 1.3,
  frequencyPenalty: 0.7,
  presencePenalty: -0.4,
  logitBias: [
    [3, 4],
    [900, -100],
  ],
});

/** A mask of the ids that a test lets through. */
export function maskOf(ids: readonly number[], vocabulary: number): TokenMask {
  return { has: (id) => ids.includes(id), allowed: ids.length, refused: vocabulary - ids.length, ids: () => ids };
}

/** Numbers that look like logits and are the same in every run. */
function noise(length: number, start: number): [number, number][] {
  let state = start;
  return Array.from({ length }, (_, id) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return [id, Math.fround((state / 2 ** 32) * 12 - 6)];
  });
}

describe("a logit with adjustments", () => {
  it.each<[string, Partial<SamplerParams>, id: number, logit: number, value: number]>([
    ["a bias is added", { logitBias: [[7, 2.5]] }, 7, 1, 3.5],
    ["a bias leaves other tokens alone", { logitBias: [[7, 2.5]] }, 8, 1, 1],
    ["a frequency penalty counts occurrences", { frequencyPenalty: 0.5 }, 2, 2, 0.5],
    ["a negative one makes repetition likelier", { frequencyPenalty: -2 }, 2, 1, 7],
    ["a presence penalty counts once", { presencePenalty: 0.5 }, 2, 2, 1.5],
    ["a repetition penalty divides what is positive", { repetitionPenalty: 2 }, 1, 3, 1.5],
    ["and multiplies what is negative", { repetitionPenalty: 2 }, 1, -3, -6],
    [
      "bias, repetition, frequency and presence come in this order",
      { logitBias: [[2, 4]], repetitionPenalty: 2, frequencyPenalty: 0.25, presencePenalty: 0.5 },
      2,
      -1,
      (-1 + 4) / 2 - 3 * 0.25 - 0.5,
    ],
    ["a token that the answer does not hold keeps its logit", everyParam, 5, 1.25, 1.25],
  ])("%s", (_, changes, id, logit, value) => {
    expect(createAdjustment(params(changes)).adjust({ counts })?.(id, logit)).toBe(value);
  });

  it("is not computed where nothing changes it", () => {
    expect(createAdjustment(params({})).adjust({ counts })).toBeUndefined();
    expect(createAdjustment(params({ presencePenalty: 1 })).adjust({ counts: new Map() })).toBeUndefined();
  });
});

describe("a draw with adjustments", () => {
  it("takes the best adjusted token at temperature 0", () => {
    const logits = [
      [1, 5],
      [2, 4.9],
      [3, 4.5],
    ] as const;
    const pick = (changes: Partial<SamplerParams>, context = { counts }) =>
      createSampler(params({ temperature: 0, ...changes }), seed).pick(logits, 0, context);
    expect(pick({})).toBe(1);
    expect(pick({ presencePenalty: 1 })).toBe(3);
    expect(pick({ logitBias: [[2, 1]] })).toBe(2);
    expect(pick({ logitBias: [[1, -100]] })).toBe(2);
  });

  it("leaves out what is less likely than minP of the best", () => {
    const logits = [0.5, 0.3, 0.15, 0.05].map((p, id) => [id, Math.log(p)] as const);
    const seen = (minP: number) => {
      const { pick } = createSampler(params({ minP }), seed);
      return new Set(Array.from({ length: 300 }, (_, at) => pick(logits, at)));
    };
    expect(seen(0)).toEqual(new Set([0, 1, 2, 3]));
    expect(seen(0.2)).toEqual(new Set([0, 1, 2]));
    expect(seen(0.59)).toEqual(new Set([0, 1]));
    expect(seen(1)).toEqual(new Set([0]));
  });

  it("takes only what a mask allows, and nothing where it allows nothing", () => {
    const sampler = createSampler(everyParam, seed);
    const [logits, ids] = [noise(200, 1), [17, 40, 41, 150]];
    const drawn = Array.from({ length: 100 }, (_, at) => sampler.pick(logits, at, { counts, mask: maskOf(ids, 200) }));
    expect(ids).toEqual(expect.arrayContaining([...new Set(drawn)]));
    expect(sampler.pick(logits, 0, { counts, mask: maskOf([], 200) })).toBeUndefined();
  });

  it.each([everyParam, params({ temperature: 0, frequencyPenalty: -1 }), params({ topK: 3, presencePenalty: 2 })])(
    "is the same from the wanted logits as from all (%#)",
    (given) => {
      const sampler = createSampler(given, seed);
      const vocabulary = 1000;
      const masks = [undefined, [4, 8, 15], Array.from({ length: 900 }, (_, at) => at + 50)];
      for (let round = 0; round < 60; round += 1) {
        const logits = noise(vocabulary, round);
        const best = [...logits].sort(([, a], [, b]) => b - a);
        const ids = masks[round % masks.length];
        const context = {
          counts: new Map(best.slice(0, round).map(([id], at) => [id, 1 + (at % 3)])),
          mask: ids && maskOf(ids, vocabulary),
        };
        const wanted = sampler.wanted(context);
        const chosen =
          wanted === "all" ? logits : [...best.slice(0, wanted.top), ...wanted.ids.map((id) => logits[id]!)];
        // As the engine hands them over: each id once.
        const few = new Map(chosen);
        expect(sampler.pick(few, round, context)).toBe(sampler.pick(logits, round, context));
      }
    },
  );

  it("asks for little where little decides", () => {
    const wanted = (changes: Partial<SamplerParams>, mask?: TokenMask) =>
      createSampler(params(changes), seed).wanted({ counts, mask });
    expect(wanted({})).toEqual({ ids: [], top: 56 });
    expect(wanted({ temperature: 0 })).toEqual({ ids: [], top: 17 });
    expect(wanted({ presencePenalty: 1 })).toEqual({ ids: [], top: 58 });
    // Whatever may raise a token that is far down asks for it by its id.
    for (const raising of [{ presencePenalty: -1 }, { frequencyPenalty: -1 }, { repetitionPenalty: 0.5 }]) {
      expect(wanted(raising)).toEqual({ ids: [1, 2], top: 58 });
    }
    expect(wanted({ logitBias: [[7, 1], [9, -1]] })).toEqual({ ids: [7], top: 58 }); // prettier-ignore
    expect(wanted({}, maskOf([3, 5], 100_000))).toEqual({ ids: [3, 5], top: 0 });
    expect(wanted({}, { ...maskOf([], 0), allowed: 99_000, refused: 1000 })).toEqual({ ids: [], top: 1056 });
    expect(wanted({}, { ...maskOf([], 0), allowed: 50_000, refused: 50_000 })).toBe("all");
  });
});

describe("an answer with penalties", () => {
  const logitsAt = (position: number) => noise(300, 7 + (position % 5));
  const answer = (from: readonly number[] = [], length = 80): number[] => {
    const chooser = createChooser(createSampler(everyParam, seed));
    const ids = [...from];
    for (const id of ids) chooser.take(id);
    while (ids.length < length) {
      const id = chooser.pick(logitsAt(ids.length))!;
      chooser.take(id);
      ids.push(id);
    }
    return ids;
  };

  it("comes out the same again, and goes on behind any prefix", () => {
    const whole = answer();
    expect(replay(createChooser(createSampler(everyParam, seed)), whole, logitsAt)).toEqual([]);
    for (const cut of [1, 20, 79]) expect(answer(whole.slice(0, cut))).toEqual(whole);
  });

  it("shows a token that was not drawn, by its position", () => {
    const forged = answer().map((id, position) => (position === 33 ? id + 1 : id));
    expect(replay(createChooser(createSampler(everyParam, seed)), forged, logitsAt)).toContain(33);
  });
});

describe("the sampler's parameters", () => {
  /** Nothing but the model ends it. */
  const open = { stop: [], jobSalt: seed };

  it("have the hash that they had before there were penalties, when they have none", () => {
    const plain = { kind: "inverse-cdf-v1" as const, temperature: 1, topK: 40, topP: 1 };
    const hash = "0x20ebbe9879b8668d6c37456544dca2ac4dc7ac6bc7f9ddfdf6caef960408bcc1";
    expect(samplerHash(plain, open)).toBe(hash);
    const neutral = { minP: 0, repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 };
    expect(samplerParams({ ...plain, ...neutral, logitBias: [[4, 0]] })).toEqual(plain);
  });

  it("have one form, in which every field counts", () => {
    const given = samplerParams({ ...everyParam, logitBias: [...everyParam.logitBias!].reverse() });
    expect(given).toEqual(everyParam);
    const hashes = Object.entries({ minP: 0.1, repetitionPenalty: 1.1, frequencyPenalty: 1, presencePenalty: 1 }).map(
      ([name, value]) => samplerHash({ ...everyParam, [name]: value }, open),
    );
    expect(new Set([...hashes, samplerHash(everyParam, open)]).size).toBe(5);
  });

  it.each<[Partial<SamplerParams>, string]>([
    [{ minP: -0.1 }, "minP must be between 0 and 1."],
    [{ minP: NaN }, "minP must be between 0 and 1."],
    [{ repetitionPenalty: 0 }, "repetitionPenalty must be between 0.5 and 2."],
    [{ frequencyPenalty: 2.1 }, "frequencyPenalty must be between -2 and 2."],
    [{ presencePenalty: -3 }, "presencePenalty must be between -2 and 2."],
    [{ logitBias: [[5, 101]] }, "A logit's bias must be between -100 and 100."],
    [{ logitBias: [[-1, 1]] }, "logitBias must name each token once, by rising id."],
    [{ logitBias: Array.from({ length: 301 }, (_, id) => [id, 1]) }, "logitBias holds at most 300 tokens."],
  ])("are refused on the wire and in the engine (%#)", (changes, message) => {
    expect(() => createSampler(params(changes), seed)).toThrow(message);
    expect(Check(Schema, params(changes))).toBe(false);
  });

  it("name each token once", () => {
    const twice = params({ logitBias: [[5, 1], [5, 2]] }); // prettier-ignore
    expect(() => createSampler(twice, seed)).toThrow("logitBias must name each token once, by rising id.");
  });
});
