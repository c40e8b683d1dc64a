import type { TokenFrame } from "@lode/protocol";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import type { Progress } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { AttemptStream, type AttemptStreamOptions } from "../../../coordinator/src/plugins/app/relay/attempt-stream.ts";
import { word } from "../fixture.ts";

const [digest, jobSalt] = [word("assignment"), word("salt")];
const isOf = (length: number, first = 0): number[] => Array.from({ length }, (_, i) => first + i);

interface Bed {
  readonly stream: AttemptStream;
  readonly acks: Progress[];
  readonly texts: string[];
  pauses: number;
  /** What the client's side says to the next text. */
  takes: boolean;
}

function open(change: Partial<AttemptStreamOptions> = {}): Bed {
  const bed = { acks: [] as Progress[], texts: [] as string[], pauses: 0, takes: true };
  const stream = new AttemptStream({
    ...{ digest, jobSalt, outputOffset: 10, maxOutputTokens: 200, stops: 2 },
    patience: { firstTokenMs: 600_000, stallMs: 600_000 },
    onText: (text) => {
      bed.texts.push(text);
      return bed.takes;
    },
    onPause: () => void (bed.pauses += 1),
    acknowledge: (progress) => void bed.acks.push(progress),
    ...change,
  });
  return Object.assign(bed, { stream });
}

const tokens = (firstIndex: number, ids: readonly number[], text = "x"): TokenFrame => ({
  ...{ kind: "tokens", assignment: digest, firstIndex, ids, text },
});
const end = (firstIndex: number, stop?: number): TokenFrame => ({
  ...{ kind: "end", assignment: digest, firstIndex, ...(stop !== undefined && { stop }) },
});
const state = (stream: AttemptStream): Promise<unknown> => Promise.race([stream.ended, Promise.resolve("running")]);
const countsOf = ({ acks }: Bed): number[] => acks.map(({ count }) => count);

describe("an attempt's output", () => {
  it("is acknowledged every 32 tokens and at its end, with a commitment to all of it behind what came before", () => {
    const bed = open();
    bed.stream.onFrame(tokens(0, isOf(31)));
    expect(bed.acks).toEqual([]);
    bed.stream.onFrame(tokens(31, [31]));
    bed.stream.onFrame(tokens(32, isOf(40, 32)));
    bed.stream.onFrame(tokens(72, [72]));
    bed.stream.onFrame(end(73, 1));
    expect(countsOf(bed)).toEqual([32, 72, 73]);
    for (const { count, prefixRoot } of bed.acks) {
      expect(prefixRoot).toBe(commitTokens(jobSalt, tokenSide.output, isOf(count), 10));
    }
    expect(bed.stream.delivered).toEqual({ count: 73, root: bed.acks.at(-1)!.prefixRoot });
    expect(bed.stream.stop).toBe(1);
  });

  it("may run 64 tokens ahead of what is acknowledged, and fill all that was paid for", async () => {
    const bed = open({ maxOutputTokens: 64 });
    bed.takes = false;
    bed.stream.onFrame(tokens(0, isOf(64)));
    expect(await state(bed.stream)).toBe("running");
  });

  const held = 8192 + 512;
  it.each<[string, readonly TokenFrame[], string, Partial<AttemptStreamOptions>]>([
    ["that leaves one out", [tokens(0, [1]), tokens(2, [3])], "bad_frame", {}],
    ["that repeats one", [tokens(0, [1, 2]), tokens(1, [2])], "bad_frame", {}],
    ["that is announced to end elsewhere", [tokens(0, [1]), end(2)], "bad_frame", {}],
    ["that ends by a stop text which there is not", [tokens(0, [1]), end(1, 2)], "bad_frame", {}],
    ["that ends by one where there are none", [tokens(0, [1]), end(1, 1)], "bad_frame", { stops: 0 }],
    ["that goes on behind its end", [tokens(0, [1]), end(1), tokens(1, [2])], "ran_ahead", {}],
    ["of a token more than is paid for", [tokens(0, isOf(3)), tokens(3, [3])], "ran_ahead", { maxOutputTokens: 3 }],
    ["that is 65 tokens ahead", [tokens(0, isOf(65))], "ran_ahead", {}],
    ["with more text than its tokens stand for", [tokens(0, [1], "x".repeat(held + 1))], "ran_ahead", {}],
    ["without the probabilities that were asked for", [tokens(0, [1])], "bad_frame", { logprobs: 2 }],
  ])("%s ends the attempt, and counts for nothing from there on", async (_name, frames, code, change) => {
    const { stream, texts } = open(change);
    for (const frame of frames) stream.onFrame(frame);
    expect(await stream.ended).toEqual({ kind: "failed", code });
    const before = [stream.ids.length, texts.length];
    stream.onFrame(tokens(stream.ids.length, [9]));
    expect([stream.ids.length, texts.length]).toEqual(before);
  });

  it("may have as much text as its tokens stand for", async () => {
    const { stream } = open();
    stream.onFrame(tokens(0, [1], "x".repeat(held)));
    stream.onFrame(tokens(1, [2], "x".repeat(512)));
    expect(await state(stream)).toBe("running");
    stream.onFrame(tokens(2, [], "x"));
    expect(await stream.ended).toEqual({ kind: "failed", code: "ran_ahead" });
  });

  it("begins once, with its first frame, also where that is its end", () => {
    const began: string[] = [];
    for (const frames of [[tokens(0, [1]), tokens(1, [2])], [end(0)]]) {
      const { stream } = open({ onFirst: () => void began.push(frames[0]!.kind) });
      for (const frame of frames) stream.onFrame(frame);
    }
    expect(began).toEqual(["tokens", "end"]);
  });
});

describe("a client that does not read", () => {
  it("holds acknowledgements back until it does, and the miner with them", async () => {
    const bed = open();
    bed.takes = false;
    bed.stream.onFrame(tokens(0, isOf(40)));
    bed.stream.onFrame(tokens(40, isOf(24, 40)));
    expect([bed.pauses, bed.acks]).toEqual([1, []]);
    bed.takes = true;
    bed.stream.resume();
    bed.stream.resume();
    expect(countsOf(bed)).toEqual([64]);
    bed.stream.onFrame(tokens(64, isOf(32, 64)));
    expect(countsOf(bed)).toEqual([64, 96]);
  });

  it("has the end acknowledged when it reads again", () => {
    const bed = open();
    bed.takes = false;
    bed.stream.onFrame(tokens(0, [0]));
    bed.stream.onFrame(end(1));
    expect(bed.acks).toEqual([]);
    bed.stream.resume();
    expect(countsOf(bed)).toEqual([1]);
  });

  it("that hung up freezes what counts, and nothing behind that is delivered", () => {
    const bed = open();
    bed.stream.onFrame(tokens(0, [0]));
    bed.stream.freeze(600_000);
    bed.stream.onFrame(tokens(1, [1]));
    bed.stream.resume();
    expect([bed.stream.ids.length, bed.texts.length, bed.acks]).toEqual([1, 1, []]);
    bed.stream.end({ kind: "abandoned" });
  });
});
