import { afterEach, describe, expect, it, vi } from "vitest";
import type { Engine, GenerateEvent } from "../../../miner/src/engines/index.ts";
import { createJobStream } from "../../../miner/src/engines/llama/job-stream.ts";
import { window } from "../../../miner/src/engines/llama/messages.ts";
import { createWatchdog } from "../../../miner/src/engines/llama/watchdog.ts";
import { ask, greedy, models, open, run } from "./engine-helper.ts";
import { processesWith } from "./processes.ts";

/**
 * An answer of about a hundred tokens. Its job cannot end before a consumer has taken most of them, because an engine
 * runs ahead by a window of 32 at most.
 */
const story = ask("Tell me a long story.", { sampler: greedy });
const never = new AbortController().signal;

describe("an engine's life", () => {
  const engines: Engine[] = [];
  const openOne: typeof open = async (...args) => {
    const engine = await open(...args);
    engines.push(engine);
    return engine;
  };
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });

  it("frees the slot of an aborted job", async () => {
    const engine = await openOne("demo");
    const stop = new AbortController();
    const stream = engine.start(story, stop.signal)[Symbol.asyncIterator]();
    for (let taken = 0; taken < 5; taken += 1) await stream.next();
    stop.abort();
    await expect(stream.next()).rejects.toMatchObject({ code: "aborted", retryable: false });
    expect((await run(engine, ask("Hello!"))).reason).toBe("stop");
  });

  it("frees the slot of a consumer that leaves", async () => {
    const engine = await openOne("demo");
    for await (const event of engine.start(story, never)) if (event.type === "token") break;
    expect((await run(engine, ask("Hello!"))).reason).toBe("stop");
  });

  it("never starts a job that is aborted before, or while it waits in line", async () => {
    const engine = await openOne("demo");
    await expect(run(engine, story, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = engine.start(story, first.signal)[Symbol.asyncIterator]();
    await running.next();
    const waiting = run(engine, story, second.signal);
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    first.abort();
    expect((await run(engine, ask("Hello!"))).reason).toBe("stop");
  });

  it("pauses a job whose consumer is slow, and loses nothing", async () => {
    const engine = await openOne("demo", { sequences: 2 });
    const whole = await run(engine, story);
    expect(whole.ids.length).toBeGreaterThan(60);
    const stream = engine.start(story, never)[Symbol.asyncIterator]();
    const events: GenerateEvent[] = [(await stream.next()).value];
    // A second job gets all its tokens meanwhile, so that the first had the time to run ahead if it could.
    await run(engine, story);
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) events.push(next.value);
    expect(events.flatMap((event) => (event.type === "token" ? [event.id] : []))).toEqual(whole.ids);
    expect(events.at(-1)?.type).toBe("end");
  });

  it("is told of taken tokens half a window at a time", async () => {
    const credits: number[] = [];
    const stream = createJobStream(
      (tokens) => credits.push(tokens),
      () => undefined,
    );
    const ids = Array.from({ length: 40 }, (_, id) => id);
    stream.deliver({ job: 0, type: "tokens", ids, texts: ids.map(() => "x") });
    const taken = stream[Symbol.asyncIterator]();
    for (let count = 0; count < 40; count += 1) await taken.next();
    expect(credits).toEqual([window / 2, window / 2]);
  });

  it("does not stall when a stop text holds back more than the window", async () => {
    const engine = await openOne("demo");
    const whole = await run(engine, story);
    const held = await run(engine, { ...story, stop: [`${whole.text}, and so on`] });
    expect(held.ids).toEqual(whole.ids);
    expect(held.text).toBe(whole.text);
  });

  it("fails running jobs with a clear error when its process dies, and can be opened again", async () => {
    const engine = await openOne("demo", { sequences: 2 });
    const before = await processesWith("child/main.ts");
    const streams = [engine.start(story, never), engine.start(story, never)].map((job) => job[Symbol.asyncIterator]());
    await Promise.all(streams.map((stream) => stream.next()));
    expect(before.length).toBeGreaterThan(0);
    for (const pid of before) process.kill(pid, "SIGKILL");
    for (const stream of streams) {
      const drain = async (): Promise<void> => {
        while ((await stream.next()).done !== true);
      };
      await expect(drain()).rejects.toMatchObject({
        code: "engine-crashed",
        retryable: true,
        message: "The engine's process ended (SIGKILL).",
      });
    }
    expect(await engine.stopped).toMatchObject({ code: "engine-crashed" });
    await expect(run(engine, ask("Hello!"))).rejects.toMatchObject({ code: "engine-crashed" });
    const reopened = await openOne("demo");
    expect((await run(reopened, ask("Hello!"))).reason).toBe("stop");
  });

  it.skipIf(process.platform === "win32")(
    "gives a process up that neither ends nor answers, and no other",
    async () => {
      const other = await openOne("demo");
      const before = await processesWith("child/main.ts");
      const engine = await openOne("demo", { silentMs: 1000, sandbox: { kind: "none", reason: "to be stopped" } });
      const [pid] = (await processesWith("child/main.ts")).filter((one) => !before.includes(one));
      process.kill(pid!, "SIGSTOP");
      const stream = engine.start(story, never)[Symbol.asyncIterator]();
      const drain = async (): Promise<void> => {
        while ((await stream.next()).done !== true);
      };
      await expect(drain()).rejects.toMatchObject({
        code: "engine-crashed",
        message: "The engine's process was stopped: it gave no sign of life for 1 s.",
      });
      expect(await engine.stopped).toMatchObject({ code: "engine-crashed" });
      expect((await run(other, ask("Hello!"))).reason).toBe("stop");
    },
  );

  it("is not waited for while it loads where that is aborted", async () => {
    const stop = new AbortController();
    const opening = openOne("demo", { signal: stop.signal });
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: "aborted" });
    expect(await processesWith("child/main.ts")).toEqual([]);
  });

  it("ends running jobs and its process when it is closed", async () => {
    const engine = await openOne("demo");
    const stream = engine.start(story, never)[Symbol.asyncIterator]();
    await stream.next();
    const closed = engine.close();
    const drain = async (): Promise<void> => {
      while ((await stream.next()).done !== true);
    };
    await expect(drain()).rejects.toMatchObject({ code: "engine-closed" });
    await closed;
    expect(await engine.stopped).toBeUndefined();
    expect(await processesWith("child/main.ts")).toEqual([]);
    await expect(run(engine, ask("Hello!"))).rejects.toMatchObject({ code: "engine-closed" });
  });

  it("describes itself", async () => {
    const engine = await openOne("pieces", { contextTokens: 1 << 20 });
    expect(engine.info).toMatchObject({
      verification: "A-prefill",
      contextTokens: 1024,
      modelName: "lode-pieces",
      sequences: 1,
    });
    expect(engine.info.modelDigest).toMatch(/^0x[0-9a-f]{64}$/);
    expect(engine.info.engineClass).toMatch(/^0x[0-9a-f]{64}$/);
    expect(engine.info.engineId).toMatch(
      /^node-llama-cpp@\d+\.\d+\.\d+ libraries=[0-9a-f]{64} threads=1 batchSize=48 /,
    );
    expect(models.pieces).toContain("lode-pieces");
  });
});

describe("the watch over an engine's process", () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["gives up one that is silent, though", false],
    ["leaves one alone that answers, when", true],
  ])("%s every job leaves before that is long enough", (_name, answers) => {
    vi.useFakeTimers();
    let [isBusy, asked, given] = [false, 0, 0];
    const watchdog = createWatchdog({
      isBusy: () => isBusy,
      ask: () => {
        asked += 1;
        if (answers) watchdog.heard();
      },
      onSilence: () => (given += 1),
      onStill: () => undefined,
      silentMs: 1200,
    });
    vi.advanceTimersByTime(5000);
    expect(asked).toBe(0);
    for (let job = 0; job < 4; job += 1) {
      isBusy = true;
      vi.advanceTimersByTime(400);
      isBusy = false;
      vi.advanceTimersByTime(200);
    }
    const before = asked;
    vi.advanceTimersByTime(5000);
    expect([given, asked - before]).toEqual([answers ? 0 : 1, 0]);
    watchdog.stop();
  });
});
