import { setImmediate as nextTurn } from "node:timers/promises";
import { BatchSigners } from "@lode/sdk/batch";
import { signerFromKey } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { finishReason, latePayWei, toWire } from "@lode/sdk/typed-data";
import {
  commitFingerprints,
  decodeTokenFrame,
  noFingerprints,
  type Fingerprint,
  type SignedProgress,
  type TokenFrame,
} from "@lode/protocol";
import { describe, expect, it, vi } from "vitest";
import {
  payOf,
  RunningJob,
  type JobCaps,
  type JobEnd,
  type RunningJobOptions,
} from "../../../miner/src/daemon/running-job.ts";
import { EngineError, type GenerateEvent, type GenerateRequest } from "../../../miner/src/engines/index.ts";
import { acknowledgementOf, assignmentOf, coordinator, digest, domain, jobSalt, useJobBed, word } from "./job-bed.ts";

const assignment = assignmentOf();
/** For what comes by itself, milliseconds: a machine that does much else is late, not wrong. */
const patience = { timeout: 60_000 };

describe("a job", () => {
  const bed = useJobBed(assignment);

  type Script = (request: GenerateRequest, signal: AbortSignal) => AsyncGenerator<GenerateEvent>;

  /** A job whose coordinator acknowledges every frame as it comes, unless it is `silent`. */
  function start(
    script: Script,
    caps: JobCaps,
    { fingerprints = false, silent = false, gapMs }: { fingerprints?: boolean; silent?: boolean; gapMs?: number } = {},
  ): { job: RunningJob; frames: TokenFrame[] } {
    const frames: TokenFrame[] = [];
    const ids: number[] = [];
    const options = {
      job: { jobSalt, prefixTokens: [], sampler: {}, stop: [] },
      checked: { digest, assignment },
      engine: { start: script },
      ...{ store: bed.store, domain, caps, fingerprints, gapMs, coordinatorOperator: coordinator.address },
      signers: new BatchSigners(),
      nowMs: () => 1000,
      sendFrame: (bytes: Uint8Array) => {
        const frame = decodeTokenFrame(bytes);
        frames.push(frame);
        if (frame.kind === "tokens") ids.push(...frame.ids);
        if (silent) return;
        // After the job has seen its own frame leave. One that comes behind its end may meet a closed store.
        const ack = acknowledgementOf(ids);
        setImmediate(() => void job.acknowledge(ack).catch(() => undefined));
      },
    };
    const job = new RunningJob(options as unknown as RunningJobOptions, { messages: [] });
    return { job, frames };
  }

  const aborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new EngineError("aborted", "Aborted."))));

  /** Writes so many tokens, then hangs until it is told to stop. */
  const hangAfter = (count: number): Script =>
    async function* (_request, signal) {
      yield { type: "prompt", tokenIds: [7, 8] };
      for (let id = 0; id < count; id += 1) yield { type: "token", id, text: "x" };
      await aborted(signal);
    };

  /** Of tokens that have their place as id. */
  const acknowledgement = (count: number, signer = coordinator, changes = {}): SignedProgress =>
    acknowledgementOf([...Array(count).keys()], signer, changes);

  /** A job that has written and sent five tokens, and hangs. */
  async function five(): Promise<{ job: RunningJob; end: Promise<JobEnd> }> {
    const { job, frames } = start(hangAfter(5), {}, { silent: true });
    const end = job.run();
    await vi.waitFor(
      () => expect(frames.flatMap((frame) => (frame.kind === "tokens" ? frame.ids : []))).toHaveLength(5),
      patience,
    );
    return { job, end };
  }

  const stranger = signerFromKey(word("a stranger's key"));
  it.each<[string, () => SignedProgress]>([
    ["signed by a stranger", () => acknowledgement(5, stranger)],
    ["of another output", () => acknowledgement(5, coordinator, { prefixRoot: word("another output") })],
    ["of more than was written", () => acknowledgement(6)],
  ])("trusts no acknowledgement %s, and ends with what it has proof of", async (_name, wrong) => {
    const { job, end } = await five();
    await job.acknowledge(acknowledgement(3));
    await job.acknowledge(wrong());
    expect(await end).toMatchObject({ receipt: { outputTokens: 3, finishReason: finishReason.cut } });
  });

  it.each<[string, (job: RunningJob) => unknown]>([
    ["an acknowledgement of less", async (job) => job.acknowledge(acknowledgement(2))],
    ["a cancel that counts less", (job) => job.cancel(3)],
    ["a cancel that counts more than was sent", (job) => job.cancel(6)],
  ])("asks for all that was acknowledged after %s", async (_name, act) => {
    const { job, end } = await five();
    await job.acknowledge(acknowledgement(4));
    await act(job);
    job.cut();
    expect(await end).toMatchObject({ receipt: { outputTokens: 4, finishReason: finishReason.cut } });
  });

  it("asks for what its client got, where a cancel counts more than was acknowledged", async () => {
    const { job, end } = await five();
    await job.acknowledge(acknowledgement(2));
    job.cancel(4);
    expect(await end).toMatchObject({ receipt: { outputTokens: 4, finishReason: finishReason.cancelled } });
  });

  it("draws 64 tokens beyond what is acknowledged, and none more", async () => {
    let drawn = 0;
    const script: Script = async function* () {
      yield { type: "prompt", tokenIds: [7] };
      for (let id = 0; id < 200; id += 1) {
        drawn += 1;
        yield { type: "token", id, text: "x" };
      }
    };
    const { job } = start(script, {}, { silent: true });
    const end = job.run();
    const settled = async (): Promise<number> => {
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      return drawn;
    };
    await vi.waitFor(() => expect(drawn).toBeGreaterThanOrEqual(64), patience);
    expect(await settled()).toBe(64);
    await vi.waitFor(async () => {
      await job.acknowledge(acknowledgement(10));
      expect(drawn).toBe(74);
    }, patience);
    expect(await settled()).toBe(74);
    job.cut();
    expect(await end).toMatchObject({ receipt: { outputTokens: 10, finishReason: finishReason.cut } });
  });

  it("signs for its end when the word for all of it is here, and not before", async () => {
    const script: Script = async function* () {
      yield { type: "prompt", tokenIds: [7] };
      for (let id = 0; id < 3; id += 1) yield { type: "token", id, text: "x" };
      yield { type: "end", reason: "stop" };
    };
    const { job, frames } = start(script, {}, { silent: true });
    let end: JobEnd | undefined;
    const running = job.run().then((one) => (end = one));
    await vi.waitFor(() => expect(frames.at(-1)?.kind).toBe("end"), patience);
    await job.acknowledge(acknowledgement(2));
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(end).toBeUndefined();
    await job.acknowledge(acknowledgement(3));
    expect(await running).toMatchObject({ receipt: { outputTokens: 3, finishReason: finishReason.stop } });
  });

  it("leaves what a late first token costs, where that was promised to it and it had one", () => {
    const service = { steps: [{ afterMs: 500, payPpm: 500_000 }], nonce: word("nonce") };
    const checked = { assignment: { ...assignment, outputOffset: 0 }, service };
    const whole = payOf(checked, 5, 4, undefined);
    expect(payOf(checked, 5, 4, 499)).toBe(whole);
    expect(payOf(checked, 5, 4, 500)).toBe(latePayWei(whole, service, 500));
    expect(payOf(checked, 5, 4, 500)).toBeLessThan(whole);
    expect(payOf({ ...checked, service: undefined }, 5, 4, 500)).toBe(whole);
    const continued = { assignment: { ...assignment, outputOffset: 4 }, service };
    expect(payOf(continued, 5, 4, 500)).toBe(whole);
    expect(payOf(checked, 5, 0, 500)).toBe(payOf(checked, 5, 0, undefined));
  });

  it("tells its first token at once, then three in a frame where they come fast, and the rest at the end", async () => {
    const script: Script = async function* () {
      yield { type: "prompt", tokenIds: [7] };
      for (let id = 0; id < 9; id += 1) {
        yield { type: "token", id, text: "x" };
        // A frame that is due leaves before the next token is here.
        for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      }
      yield { type: "end", reason: "stop" };
    };
    // A gap that never ends by itself.
    const { job, frames } = start(script, {}, { gapMs: 2 ** 30 });
    expect(await job.run()).toMatchObject({ receipt: { outputTokens: 9, finishReason: finishReason.stop } });
    const told = frames.map((frame) => (frame.kind === "tokens" ? frame.ids : []));
    expect(told).toEqual([[0], [1, 2, 3], [4, 5, 6], [7, 8], []]);
  });

  it("tells every token at once where they come slowly", async () => {
    const { job, frames } = start(
      async function* () {
        yield { type: "prompt", tokenIds: [7] };
        for (let id = 0; id < 3; id += 1) {
          yield { type: "token", id, text: "x" };
          await vi.waitFor(() => expect(frames).toHaveLength(id + 1), patience);
        }
        yield { type: "end", reason: "stop" };
      },
      {},
      { gapMs: 1 },
    );
    expect(await job.run()).toMatchObject({ receipt: { outputTokens: 3 } });
  });

  it("capped in time: what was written by then is delivered, acknowledged and receipted as cut", async () => {
    const { job, frames } = start(hangAfter(5), { wallMs: 50 });
    const end = await job.run();
    expect(end).toMatchObject({
      kind: "receipt",
      receipt: {
        finishReason: finishReason.cut,
        inputTokens: 2,
        outputTokens: 5,
        amountWei: 19n,
        outputCommitment: commitTokens(jobSalt, tokenSide.output, [0, 1, 2, 3, 4]),
      },
    });
    // The coordinator learns that no more comes, as it does from any end.
    expect(frames.map(({ kind }) => kind)).toEqual(["tokens", "end"]);
  });

  it("time: a job without a word leaves nothing, with the reason", async () => {
    const { job, frames } = start(hangAfter(0), { wallMs: 20 });
    expect(await job.run()).toEqual({
      kind: "nothing",
      code: "time_limit",
      message: "The job had its slot for the 0.02 s that it may.",
    });
    expect(frames).toEqual([]);
  });

  it("time: counts from the slot, not from the line before it", async () => {
    const [line, slot] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { job } = start(
        async function* () {
          line.resolve(undefined);
          await slot.promise;
          yield { type: "prompt", tokenIds: [7] };
          yield { type: "token", id: 1, text: "x" };
          yield { type: "end", reason: "stop" };
        },
        { wallMs: 600 },
      );
      const end = job.run();
      await line.promise;
      vi.advanceTimersByTime(700);
      slot.resolve(undefined);
      expect(await end).toMatchObject({
        kind: "receipt",
        receipt: { finishReason: finishReason.stop, outputTokens: 1 },
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("processor time: is the engine's to count, and is paid for up to there", async () => {
    let asked: number | undefined;
    const { job } = start(
      async function* (request) {
        asked = request.maxCpuMs;
        yield { type: "prompt", tokenIds: [7] };
        yield { type: "token", id: 1, text: "x" };
        yield { type: "token", id: 2, text: "y" };
        throw new EngineError("cpu-limit", "Used up.");
      },
      { cpuMs: 3000 },
    );
    expect(await job.run()).toMatchObject({
      kind: "receipt",
      receipt: { finishReason: finishReason.cut, outputTokens: 2 },
    });
    expect(asked).toBe(3000);
  });

  it("none: other failures still leave nothing", async () => {
    const { job } = start(async function* () {
      yield { type: "prompt", tokenIds: [7] };
      yield { type: "token", id: 1, text: "x" };
      throw new EngineError("engine-crashed", "Down.");
    }, {});
    expect(await job.run()).toEqual({ kind: "nothing", code: "engine_crashed", message: "Down." });
  });

  describe("fingerprints", () => {
    const told = (id: number): Fingerprint => [
      [id, -0.25],
      [id + 1, -1.5],
    ];
    /** Tells fingerprints when it is asked for them, of the first so many tokens. */
    const telling = (count: number): Script =>
      async function* ({ fingerprints }) {
        yield { type: "prompt", tokenIds: [7] };
        for (let id = 0; id < 4; id += 1) {
          const more = fingerprints === true && id < count ? { fingerprint: told(id) } : {};
          yield { type: "token", id, text: "x", ...more };
        }
        yield { type: "end", reason: "stop" };
      };
    const receiptOf = async (...given: Parameters<typeof start>) => {
      const end = await start(...given).job.run();
      if (end.kind !== "receipt") throw new Error("no receipt");
      return end;
    };

    it("are committed to and kept for whoever checks, when the miner is told to", async () => {
      const { receipt, tokens } = await receiptOf(telling(4), {}, { fingerprints: true });
      const all = [0, 1, 2, 3].map(told);
      expect(receipt.fingerprintCommitment).toBe(commitFingerprints(jobSalt, all));
      expect(tokens?.fingerprints).toEqual(all);
      // Records lie in the file of their day.
      const atMs = { startedAtMs: BigInt(Date.now()), finishedAtMs: BigInt(Date.now()) };
      const { store } = bed;
      await store.append({ kind: "receipted", digest, receipt: toWire("Receipt", { ...receipt, ...atMs }) });
      const prompt = { messages: [] };
      const sampler = { kind: "inverse-cdf-v1" as const, temperature: 1, topK: 40, topP: 1 };
      const asked = { jobSalt, promptSalt: jobSalt, prompt, sampler, stop: [], contextTokens: 64, prefixIds: [] };
      await store.transcripts.asked(digest, asked);
      await store.transcripts.told(digest, tokens!);
      const job = store.jobs.get(digest)!;
      const found = await store.transcripts.find(job);
      expect(found).toEqual({ ...asked, inputIds: [7], outputIds: [0, 1, 2, 3], fingerprints: all });
      // A crash left a receipt that commits to fewer tokens, and to nothing else.
      const less = { ...job.receipt!, outputTokens: 2, fingerprintCommitment: noFingerprints };
      expect(await store.transcripts.find({ ...job, receipt: less })).toEqual({
        ...asked,
        inputIds: [7],
        outputIds: [0, 1],
      });
    });

    it.each<[string, Script, boolean]>([
      ["nobody told the miner to", telling(4), false],
      ["the engine does not tell them of every token", telling(3), true],
    ])("are not committed to when %s", async (_, script, fingerprints) => {
      const { receipt, tokens } = await receiptOf(script, {}, { fingerprints });
      expect(receipt.fingerprintCommitment).toBe(noFingerprints);
      expect(tokens).toEqual({ inputIds: [7], outputIds: [0, 1, 2, 3] });
    });
  });
});
