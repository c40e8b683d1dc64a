import { describe, expect, it } from "vitest";
import { finishReason } from "@lode/sdk/typed-data";
import { blameless, failureOf, failureText } from "../../../coordinator/src/domain/jobs/failure.ts";
import { Job, maximumAttempts, type AttemptResult } from "../../../coordinator/src/domain/jobs/job.ts";
import { word } from "../fixture.ts";

const settled = (tokens: readonly number[], reason: number, name = "a"): AttemptResult => ({
  kind: "settled",
  tokens,
  digest: word(name),
  inputTokens: 5,
  amountWei: BigInt(tokens.length),
  finishReason: reason,
});
const failed = (tokens: readonly number[], code: "silent" | "input_too_long" = "silent"): AttemptResult => ({
  kind: "failed",
  tokens,
  code,
});

/** A job of 10 tokens whose attempts end like this, each on another miner; what follows from the last end. */
function run(...ends: AttemptResult[]) {
  const job = new Job(10);
  let step;
  for (const [i, end] of ends.entries()) {
    job.start(`0x${i}`);
    step = job.end(end);
  }
  return { job, step, summary: job.summary() };
}

describe("a job", () => {
  it("is done with the first whole answer", () => {
    const { step, summary } = run(settled([1, 2, 3], finishReason.stop));
    expect(step).toEqual({ kind: "done" });
    expect(summary).toEqual({
      finish: "stop",
      inputTokens: 5,
      outputTokens: 3,
      amountWei: 3n,
      refundWei: 0n,
      receipts: [word("a")],
      miners: ["0x0"],
    });
  });

  it("goes on where a failed attempt stopped, for the tokens that are left", () => {
    const { job, step } = run(failed([1, 2]), failed([3]));
    expect(step).toEqual({ kind: "attempt", outputOffset: 3, maxOutputTokens: 7 });
    expect(job.delivered).toEqual([1, 2, 3]);
    job.start("0x0");
    expect(job.end(settled([4], finishReason.length))).toEqual({ kind: "done" });
    expect(job.summary()).toMatchObject({ finish: "length", outputTokens: 4, amountWei: 1n, miners: ["0x0", "0x1"] });
  });

  it("goes on after a miner that receipted only a part", () => {
    const { step, summary } = run(settled([1, 2], finishReason.cut), settled([3], finishReason.stop, "b"));
    expect(step).toEqual({ kind: "done" });
    expect(summary).toMatchObject({ finish: "stop", outputTokens: 3, amountWei: 3n, receipts: [word("a"), word("b")] });
  });

  it.each([
    ["a miner that was lost", failed([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])],
    ["a miner that receipted less", settled([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], finishReason.cut)],
  ])("is done when every token came, even from %s", (_name, end) => {
    expect(run(end)).toMatchObject({ step: { kind: "done" }, summary: { finish: "length", outputTokens: 10 } });
  });

  it("fails after so many attempts, or when a second miner calls the request impossible", () => {
    const ends = Array.from({ length: maximumAttempts }, () => failed([]));
    expect(run(...ends).step).toEqual({ kind: "failed", code: "silent" });
    expect(run(failed([], "input_too_long")).step).toMatchObject({ kind: "attempt" });
    expect(run(failed([], "input_too_long"), failed([], "input_too_long")).step).toEqual({
      kind: "failed",
      code: "input_too_long",
    });
  });

  it("ends with its client", () => {
    expect(run({ kind: "abandoned", tokens: [] })).toMatchObject({
      step: { kind: "done" },
      summary: { finish: "cancelled" },
    });
    expect(run(settled([1], finishReason.cancelled))).toMatchObject({
      summary: { finish: "cancelled", amountWei: 1n },
    });
  });
});

describe("a job without output tokens", () => {
  it("goes on until a receipt makes it whole", () => {
    const job = new Job(0);
    job.start("0x1");
    expect(job.end(failed([]))).toEqual({ kind: "attempt", outputOffset: 0, maxOutputTokens: 0 });
    job.start("0x2");
    expect(job.end(settled([], finishReason.stop))).toEqual({ kind: "done" });
    expect(job.summary()).toMatchObject({ finish: "stop", inputTokens: 5, outputTokens: 0, receipts: [word("a")] });
  });
});

describe("a miner's own code", () => {
  it.each([
    ["busy", "busy"],
    ["input-too-long", "input_too_long"],
    ["out_of_memory", "engine_failed"],
    ["my prompt was: canary", "refused"],
    ["constructor", "refused"],
    ["schema-unsupported", "bad_request"],
    ["no_memory", "busy"],
    ["too_late", "busy"],
    ["clock", "clock"],
    ["too_long", "input_too_long"],
    ["", "refused"],
  ])("%j becomes %s, never its own words", (code, expected) => {
    expect(failureOf(code)).toBe(expected);
    expect(failureText[failureOf(code)]).toMatch(/^the /);
  });

  it.each([
    ["busy", true],
    // Nobody knows whose clock is off.
    ["clock", true],
    ["refused", false],
    ["out_of_memory", false],
  ])("%s is nobody's fault: %s", (code, isBlameless) => {
    expect(blameless.has(failureOf(code))).toBe(isBlameless);
  });
});
