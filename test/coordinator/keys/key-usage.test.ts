import { describe, expect, it } from "vitest";
import { KeyUsage } from "../../../coordinator/src/domain/settlement/index.ts";

const noon = Date.UTC(2026, 10, 30, 12);
const hour = 3_600_000;
const spend = (capWei: string, period: "day" | "month" | "total") => ({ spend: { capWei, period } });

describe("what a key used", () => {
  it("counts into the day, the month and the whole, each from its own start", () => {
    const usage = new KeyUsage();
    usage.spend({ wei: 5n, tokens: 1 }, noon);
    usage.spend({ wei: 7n, tokens: 2 }, noon + 13 * hour);
    const later = noon + 14 * hour;
    expect(usage.spent("day", later)).toEqual({ wei: 7n, tokens: 2 });
    expect(usage.spent("month", later)).toEqual({ wei: 7n, tokens: 2 });
    expect(usage.spent("total", later)).toEqual({ wei: 12n, tokens: 3 });
  });

  it("counts through its whole month and its whole day, by UTC, and into the next one with nothing", () => {
    const usage = new KeyUsage();
    const [first, last] = [Date.UTC(2026, 10, 1), Date.UTC(2026, 11, 1) - 1];
    usage.spend({ wei: 5n, tokens: 1 }, first);
    usage.spend({ wei: 7n, tokens: 2 }, noon);
    expect(usage.spent("month", last)).toEqual({ wei: 12n, tokens: 3 });
    usage.spend({ wei: 1n, tokens: 1 }, last);
    expect(usage.spent("month", last)).toEqual({ wei: 13n, tokens: 4 });
    expect(usage.spent("day", last)).toEqual({ wei: 8n, tokens: 3 });
    expect(usage.problemOf(spend("20", "month"), { wei: 8n, tokens: 0 }, last)).toMatchObject({ left: 7n });
    expect([usage.spent("month", last + 1), usage.spent("day", last + 1)]).toEqual(
      Array(2).fill({ wei: 0n, tokens: 0 }),
    );
    expect(usage.spent("total", last + 1)).toEqual({ wei: 13n, tokens: 4 });
  });

  it("is not forgotten when the clock is set back", () => {
    const usage = new KeyUsage();
    usage.spend({ wei: 5n, tokens: 1 }, noon + 24 * hour);
    usage.spend({ wei: 7n, tokens: 2 }, noon);
    expect(usage.spent("day", noon + 24 * hour).wei).toBe(12n);
  });

  it.each([
    ["just enough", spend("10", "day"), { wei: 10n, tokens: 0 }, undefined],
    ["one wei too much", spend("10", "day"), { wei: 11n, tokens: 0 }, { kind: "spend", left: 10n, needed: 11n }],
    ["a cap of nothing", spend("0", "total"), { wei: 1n, tokens: 0 }, { kind: "spend", endsMs: undefined }],
    ["just enough tokens", { tokens: { cap: 3, period: "month" } as const }, { wei: 9n, tokens: 3 }, undefined],
    [
      "a token too many",
      { tokens: { cap: 3, period: "month" } as const },
      { wei: 0n, tokens: 4 },
      { kind: "tokens", left: 3n, endsMs: Date.UTC(2026, 11) },
    ],
  ])("%s", (_name, limits, most, problem) => {
    const found = new KeyUsage().problemOf(limits, most, noon);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(problem);
  });

  it("holds what is open against every period, also the next one", () => {
    const usage = new KeyUsage();
    usage.hold({ wei: 6n, tokens: 2 });
    const tokens = { tokens: { cap: 3, period: "total" } as const };
    expect(usage.problemOf(tokens, { wei: 0n, tokens: 1 }, noon)).toBeUndefined();
    expect(usage.problemOf(tokens, { wei: 0n, tokens: 2 }, noon)).toMatchObject({ kind: "tokens", left: 1n });
    expect(usage.problemOf(spend("10", "day"), { wei: 5n, tokens: 0 }, noon)).toMatchObject({ left: 4n });
    expect(usage.problemOf(spend("10", "day"), { wei: 5n, tokens: 0 }, noon + 24 * hour)).toMatchObject({ left: 4n });
    usage.hold({ wei: -6n, tokens: -2 });
    expect(usage.problemOf(tokens, { wei: 0n, tokens: 3 }, noon)).toBeUndefined();
    expect(usage.problemOf(spend("10", "day"), { wei: 5n, tokens: 0 }, noon)).toBeUndefined();
  });
});
