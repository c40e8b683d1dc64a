import {
  decodeImageFrame,
  encodeImageFrames,
  imageIds,
  imageTokens,
  limits,
  type SignedProgress,
} from "@lode/protocol";
import { BatchSigners } from "@lode/sdk/batch";
import { signerFromKey } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { finishReason } from "@lode/sdk/typed-data";
import { beforeEach, describe, expect, it } from "vitest";
import { ImageJob } from "../../../miner/src/daemon/image-job.ts";
import type { JobCaps, JobEnd, RunningJobOptions } from "../../../miner/src/daemon/running-job.ts";
import { receiptInterrupted } from "../../../miner/src/daemon/interrupted.ts";
import { EngineError, type Engine } from "../../../miner/src/engines/index.ts";
import { pngOf } from "../../helpers/pictures.ts";
import { acknowledgementOf, assignmentOf, coordinator, digest, domain, jobSalt, useJobBed, word } from "./job-bed.ts";

const image = { prompt: "a cat", width: 256, height: 128 };
const tokens = imageTokens(image);
const assignment = assignmentOf({ maxOutputTokens: tokens, maxAmountWei: 12n + 3n * BigInt(tokens) });
const picture = pngOf(256, 128, 300_000);
const ids = imageIds(picture, tokens);
const owed = { inputTokens: 2, outputTokens: tokens, amountWei: 4n + 3n * BigInt(tokens) };

describe("a job for a picture", () => {
  const bed = useJobBed(assignment);
  let frames: Uint8Array[];
  beforeEach(() => {
    frames = [];
  });

  const acknowledgement = (changes: object = {}, signer = coordinator): SignedProgress =>
    acknowledgementOf(ids, signer, changes);

  const paint: NonNullable<Engine["image"]> = async ({ prompt, width, height, maxInputTokens }) => {
    expect({ prompt, width, height, maxInputTokens }).toEqual({ ...image, maxInputTokens: 6 });
    return { bytes: picture, mediaType: "image/png", tokenIds: [7, 8] };
  };

  /** A job, and what is done with it when its last frame is out. */
  function start(
    then: (job: ImageJob) => unknown,
    { engine = { image: paint }, caps }: { engine?: Partial<Engine>; caps?: JobCaps } = {},
  ): Promise<JobEnd> {
    let length = 0;
    const options = {
      job: { jobSalt },
      checked: { digest, assignment },
      ...{
        engine,
        store: bed.store,
        caps,
        domain,
        coordinatorOperator: coordinator.address,
        signers: new BatchSigners(),
      },
      nowMs: () => 1000,
      sendFrame: (frame: Uint8Array) => {
        frames.push(frame);
        const { total, bytes } = decodeImageFrame(frame);
        length += bytes.length;
        if (length === total) setImmediate(() => void then(job));
      },
    };
    const job = new ImageJob(options as unknown as RunningJobOptions, { image });
    return job.run();
  }

  it("sends the file in frames, and asks to be paid when it is acknowledged", async () => {
    const end = await start((job) => job.acknowledge(acknowledgement()));
    expect(frames.map((frame) => decodeImageFrame(frame).offset)).toEqual([0, limits.imageFrameBytes]);
    expect(Buffer.concat(frames.map((frame) => decodeImageFrame(frame).bytes)).equals(picture)).toBe(true);
    expect(end).toMatchObject({
      kind: "receipt",
      receipt: {
        ...owed,
        finishReason: finishReason.stop,
        inputCommitment: commitTokens(jobSalt, tokenSide.input, [7, 8]),
        outputCommitment: commitTokens(jobSalt, tokenSide.output, ids),
      },
      tokens: { inputIds: [7, 8], outputIds: ids },
    });
  });

  it.each<[string, (job: ImageJob) => unknown]>([
    ["the link is lost", (job) => job.cut()],
    ["the client hangs up before it has it", (job) => job.cancel(0)],
    ["the coordinator counts a part of it", (job) => job.cancel(tokens - 1)],
    ["somebody else acknowledges it", (job) => job.acknowledge(acknowledgement({}, signerFromKey(word("another"))))],
    ["another output is acknowledged", (job) => job.acknowledge(acknowledgement({ prefixRoot: word("other") }))],
    ["a part is acknowledged", (job) => job.acknowledge(acknowledgement({ count: tokens - 1 }))],
  ])("asks for nothing when %s", async (_name, then) => {
    expect(await start(then)).toMatchObject({ kind: "nothing", code: "cancelled" });
  });

  it("is paid by a client that hangs up behind it, and after a link that breaks behind its acknowledgement", async () => {
    const cancelled = await start((job) => job.cancel(tokens));
    expect(cancelled).toMatchObject({ kind: "receipt", receipt: { ...owed, finishReason: finishReason.cancelled } });
    const cut = await start(async (job) => {
      const stored = job.acknowledge(acknowledgement());
      job.cut();
      await stored;
    });
    expect(cut).toMatchObject({ kind: "receipt", receipt: { ...owed, finishReason: finishReason.stop } });
  });

  it("leaves, when it is killed behind its acknowledgement, what makes a receipt", async () => {
    await start((job) => job.acknowledge(acknowledgement()));
    const store = await bed.reopen();
    await receiptInterrupted(store, coordinator.address, 5000);
    const [pending] = store.pending(coordinator.address);
    expect(pending?.receipt).toMatchObject({ ...owed, outputCommitment: commitTokens(jobSalt, tokenSide.output, ids) });
    expect(pending?.lastAck?.progress.count).toBe(tokens);
  });

  it("says no later end than its deadline, however long the miner was away", async () => {
    await start((job) => job.acknowledge(acknowledgement()));
    const store = await bed.reopen();
    const deadlineMs = Number(assignment.deadline) * 1000;
    await receiptInterrupted(store, coordinator.address, deadlineMs + 86_400_000);
    expect(Number(store.pending(coordinator.address)[0]?.receipt?.finishedAtMs)).toBe(deadlineMs);
  });

  it("stops its engine when it is cut, and when it takes longer than a job may", async () => {
    const hang = (_: unknown, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new EngineError("aborted", "!"))),
      );
    const late = await start(() => undefined, { engine: { image: hang }, caps: { wallMs: 20 } });
    expect(late).toMatchObject({ kind: "nothing", code: "time_limit" });
    const options = { checked: { digest, assignment }, engine: { image: hang }, nowMs: () => 1 };
    const job = new ImageJob(options as unknown as RunningJobOptions, { image });
    const ended = job.run();
    job.cut();
    expect(await ended).toMatchObject({ kind: "nothing", code: "cancelled" });
    expect(frames).toEqual([]);
  });

  it("fails in the engine's words, or because the engine makes no pictures", async () => {
    const refuse = async (): Promise<never> => Promise.reject(new EngineError("input-too-long", "Too long."));
    const refused = await start(() => undefined, { engine: { image: refuse } });
    expect(refused).toMatchObject({ kind: "nothing", code: "input_too_long" });
    expect(await start(() => undefined, { engine: {} })).toMatchObject({ kind: "nothing", code: "bad_request" });
  });
});

describe("a picture's frame", () => {
  const [frame] = [...encodeImageFrames(digest, picture)];
  it("is refused when it is short, too long, or of no picture", () => {
    expect(decodeImageFrame(frame!)).toMatchObject({ assignment: digest, offset: 0, total: picture.length });
    const changed = (change: (bytes: Buffer) => Buffer | number): Uint8Array => {
      const copy = Buffer.from(frame!);
      const made = change(copy);
      return typeof made === "number" ? copy : made;
    };
    const wrong = [
      changed((bytes) => bytes.writeUInt8(3, 0)),
      changed((bytes) => bytes.subarray(0, 41)),
      changed((bytes) => bytes.writeUInt32BE(limits.imageBytes + 1, 37)),
      changed((bytes) => bytes.writeUInt32BE(100, 37)),
      changed((bytes) => bytes.writeUInt32BE(picture.length, 33)),
      changed((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
    ];
    for (const bytes of wrong) {
      expect(() => decodeImageFrame(bytes)).toThrow(expect.objectContaining({ name: "ProtocolError" }));
    }
  });
});
