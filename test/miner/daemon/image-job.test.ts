import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeImageFrame,
  encodeImageFrames,
  imageIds,
  imageTokens,
  limits,
  type SignedProgress,
} from "@lode/protocol";
import { BatchSigners, signBatch } from "@lode/sdk/batch";
import { keccak, type Hex } from "@lode/sdk/hash";
import { signerFromKey } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { finishReason, hashStruct, ledgerDomain, toWire, type Assignment } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ImageJob } from "../../../miner/src/daemon/image-job.ts";
import { MinerStore } from "../../../miner/src/daemon/miner-store.ts";
import type { JobCaps, JobEnd, RunningJobOptions } from "../../../miner/src/daemon/running-job.ts";
import { receiptInterrupted } from "../../../miner/src/daemon/work.ts";
import { EngineError, type Engine } from "../../../miner/src/engines/index.ts";
import { pngOf } from "../../helpers/pictures.ts";

const word = (text: string): Hex => keccak(Buffer.from(text));
const [digest, jobSalt] = [word("job"), word("salt")];
const coordinator = signerFromKey(word("coordinator's key"));
const domain = ledgerDomain({ chainId: 1, receiptLedger: `0x${"05".repeat(20)}` });
const nobody = `0x${"00".repeat(20)}` as const;
const image = { prompt: "a cat", width: 256, height: 128 };
const tokens = imageTokens(image);
const assignment: Assignment = {
  coordinator: coordinator.address,
  counter: 1n,
  attempt: 0,
  client: nobody,
  miner: nobody,
  modelDigest: word("model"),
  engineClass: word("engine"),
  promptCommitment: word("prompt"),
  prefixCommitment: word("prefix"),
  outputOffset: 0,
  maxInputTokens: 6,
  maxOutputTokens: tokens,
  samplerHash: word("sampler"),
  seed: word("seed"),
  quoteHash: word("quote"),
  inputPriceWei: 2n,
  outputPriceWei: 3n,
  feePpm: 0,
  maxAmountWei: 12n + 3n * BigInt(tokens),
  deadline: 1_000_000n,
  tier: 0,
};
const picture = pngOf(256, 128, 300_000);
const ids = imageIds(picture, tokens);
const owed = { inputTokens: 2, outputTokens: tokens, amountWei: 4n + 3n * BigInt(tokens) };

describe("a job for a picture", () => {
  let folder: string;
  let store: MinerStore;
  let frames: Uint8Array[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-image-"));
    store = await MinerStore.open(folder, () => undefined);
    frames = [];
    await store.append({
      kind: "assigned",
      digest,
      assignment: toWire("Assignment", assignment),
      batch: { root: digest, count: 1, index: 0, path: [], signature: `0x${"00".repeat(65)}` },
      jobSalt,
      promptSalt: jobSalt,
      atMs: 1000,
    });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  function acknowledgement(changes: object = {}, signer = coordinator): SignedProgress {
    const prefixRoot = commitTokens(jobSalt, tokenSide.output, ids);
    const progress = { assignment: digest, count: tokens, prefixRoot, ...changes };
    const [batch] = signBatch(signer, domain, "ProgressBatch", [hashStruct("Progress", progress)]);
    return { progress, batch: { ...batch!, path: [...batch!.path] } };
  }

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
      ...{ engine, store, caps, domain, coordinatorOperator: coordinator.address, signers: new BatchSigners() },
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
    await store.close();
    store = await MinerStore.open(folder, () => undefined);
    await receiptInterrupted(store, coordinator.address, 5000);
    const [pending] = store.pending(coordinator.address);
    expect(pending?.receipt).toMatchObject({ ...owed, outputCommitment: commitTokens(jobSalt, tokenSide.output, ids) });
    expect(pending?.lastAck?.progress.count).toBe(tokens);
  });

  it("says no later end than its deadline, however long the miner was away", async () => {
    await start((job) => job.acknowledge(acknowledgement()));
    await store.close();
    store = await MinerStore.open(folder, () => undefined);
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
