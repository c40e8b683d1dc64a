import { commitTokens } from "@lode/sdk/merkle";
import {
  commitEmbeddings,
  decodeVectorFrame,
  embeddingBytes,
  encodeVectorFrame,
  embeddingTokenBound,
} from "@lode/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { EmbeddingJob } from "../../../miner/src/daemon/embedding-job.ts";
import type { JobCaps, RunningJobOptions } from "../../../miner/src/daemon/running-job.ts";
import { EngineError, type EmbedRequest, type Embedding } from "../../../miner/src/engines/index.ts";
import { assignmentOf, digest, domain, jobSalt, useJobBed } from "./job-bed.ts";

const texts = ["a", "bc", "def"];
const assignment = assignmentOf({ maxOutputTokens: 0, inputPriceWei: 7n, outputPriceWei: 0n, maxAmountWei: 42n });
const vectorOf = (text: string): Float32Array => Float32Array.of(text.length, -1);

describe("a job of vectors", () => {
  const bed = useJobBed(assignment);
  let frames: Uint8Array[];
  beforeEach(() => {
    frames = [];
  });

  /** A job on an engine that takes one token a character, or does what the test says. */
  function start(
    maxInputTokens: number,
    embed?: (request: EmbedRequest, signal: AbortSignal) => Promise<Embedding>,
    caps?: JobCaps,
  ) {
    const usual = async ({ text, maxInputTokens: most }: EmbedRequest): Promise<Embedding> => {
      if (text.length > most) throw new EngineError("input-too-long", "The text is too long.");
      return { tokenIds: Array.from({ length: text.length }, (_, at) => at), vector: vectorOf(String(text)) };
    };
    const options = {
      job: { jobSalt },
      checked: { digest, assignment: { ...assignment, maxInputTokens } },
      engine: { embed: embed ?? usual },
      ...{ store: bed.store, caps, domain },
      sendFrame: (frame: Uint8Array) => frames.push(frame),
      nowMs: () => 1000,
    };
    return new EmbeddingJob(options as unknown as RunningJobOptions, { texts });
  }

  it("sends one frame for each text and ends with a receipt for the input", async () => {
    const end = await start(6).run();
    expect(frames.map(decodeVectorFrame)).toEqual(
      texts.map((text, place) => ({ assignment: digest, place, vector: vectorOf(text) })),
    );
    expect(end).toMatchObject({
      kind: "receipt",
      receipt: {
        inputTokens: 6,
        outputTokens: 0,
        amountWei: 42n,
        inputCommitment: commitTokens(jobSalt, 0, [0, 0, 1, 0, 1, 2]),
        outputCommitment: commitEmbeddings(jobSalt, texts.map(vectorOf).map(embeddingBytes)),
      },
    });
  });

  it("sends nothing when the texts together are longer than agreed", async () => {
    expect(await start(5).run()).toMatchObject({ kind: "nothing", code: "input_too_long" });
    expect(frames).toEqual([]);
  });

  it("leaves nothing when it takes longer than a job may", async () => {
    const hang = (_: EmbedRequest, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    expect(await start(6, hang, { wallMs: 20 }).run()).toMatchObject({ kind: "nothing", code: "time_limit" });
    expect(frames).toEqual([]);
  });

  it.each(["cancel", "cut"] as const)("leaves nothing after a %s", async (how) => {
    const job = start(6, (_, signal) => {
      job[how]();
      return Promise.reject(signal.reason as Error);
    });
    expect(await job.run()).toMatchObject({ kind: "nothing", code: "cancelled" });
    expect(frames).toEqual([]);
  });
});

describe("a vector frame", () => {
  const frame = encodeVectorFrame({ assignment: digest, place: 2, vector: Float32Array.of(1, 2) });

  it.each<[string, Uint8Array]>([
    ["that is too short", frame.subarray(0, 30)],
    ["of another kind", Uint8Array.from([1, ...frame.subarray(1)])],
    ["of a text that no job has", Uint8Array.from([...frame.subarray(0, 33), 0xff, ...frame.subarray(34)])],
    ["with half a number", frame.subarray(0, frame.length - 2)],
    ["without numbers", frame.subarray(0, 37)],
  ])("%s is refused", (_, bytes) => {
    expect(() => decodeVectorFrame(bytes)).toThrow(expect.objectContaining({ name: "ProtocolError" }));
  });

  it("belongs to a job whose tokens are bounded by its texts' bytes", () => {
    expect(embeddingTokenBound({ texts: ["ä", "abc"] })).toBe(2 + 4 + 3 + 4);
  });
});
