import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EngineError, type Engine, type EngineInfo } from "../../../miner/src/engines/index.ts";
import type { Backend } from "../../../miner/src/engines/llama/child/backend.ts";
import { createEmbedder } from "../../../miner/src/engines/llama/child/embedder.ts";
import type { Generator } from "../../../miner/src/engines/llama/child/generate.ts";
import { createPace, type Pace } from "../../../miner/src/engines/llama/child/pace.ts";
import { preparePrompt } from "../../../miner/src/engines/llama/child/prepare.ts";
import { createChannel } from "../../../miner/src/engines/llama/channel.ts";
import { readAnswer } from "../../../miner/src/engines/llama/answers.ts";
import type { Computing, FromChild, ToChild } from "../../../miner/src/engines/llama/messages.ts";
import { createEngine, type Death } from "../../../miner/src/engines/llama/process-engine.ts";
import { programFile } from "../../../miner/src/engines/program-file.ts";
import { launch } from "../../../miner/src/engines/sandbox/index.ts";
import { ask, greedy, models, run } from "./engine-helper.ts";

const never = new AbortController().signal;

describe("a process that answers, but whose native code hangs", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** An engine over a process that says what a test has it say of what it computes. */
  function engineThatTells(told: () => Computing): { engine: Engine; say: (message: FromChild) => void } {
    let listener: (message: FromChild) => void = () => undefined;
    const gone = Promise.withResolvers<Death>();
    const send = (message: ToChild): void => {
      if (message.type === "live") listener({ type: "alive", ...told() });
    };
    const engine = createEngine(
      {
        channel: { send, close: () => undefined },
        listen: (take) => (listener = take),
        died: gone.promise,
        end: () => {
          gone.resolve({ error: new EngineError("engine-crashed", "It ended."), lacksMemory: false });
          return gone.promise;
        },
        give: ({ message }) => gone.resolve({ error: new EngineError("engine-crashed", message), lacksMemory: false }),
      },
      { sequences: 1 } as EngineInfo,
      1200,
    );
    return { engine, say: (message) => listener(message) };
  }

  async function failureAfter(ms: number, told: () => Computing): Promise<string | undefined> {
    const { engine } = engineThatTells(told);
    let failure: string | undefined;
    const job = run(engine, ask("Hello!"), never).catch((error: unknown) => {
      failure = error instanceof EngineError && error.retryable ? error.message : String(error);
    });
    await vi.advanceTimersByTimeAsync(ms);
    const found = failure;
    await engine.close();
    await job;
    return found;
  }
  const passed = (): number => performance.now();

  it("is given up, and its jobs may be tried again", async () => {
    expect(await failureAfter(2000, () => ({ done: 4, mayTakeMs: 10 }))).toBe(
      "what it computes came no further for 1 s",
    );
  });

  it.each<[string, () => Computing]>([
    ["comes further", () => ({ done: Math.floor(passed() / 1000), mayTakeMs: 10 })],
    ["may take longer", () => ({ done: 4, mayTakeMs: 60_000 })],
    ["computes nothing", () => ({ done: 4 })],
  ])("is left alone where it %s", async (_, told) => {
    expect(await failureAfter(30_000, told)).toBeUndefined();
  });

  it("is left alone where time passed before it began", async () => {
    let told: Computing = { done: 4, mayTakeMs: 10 };
    const { engine, say } = engineThatTells(() => told);
    let failure: unknown;
    const idle = async (): Promise<void> => {
      const job = run(engine, ask("Hello!"), never).catch((error: unknown) => (failure = error));
      await vi.advanceTimersByTimeAsync(1000);
      told = { done: 4 };
      await vi.advanceTimersByTimeAsync(200);
      say({ type: "events", drawn: 0, events: [{ job: 0, type: "end", reason: "stop" }] });
      await job;
    };
    await idle();
    await vi.advanceTimersByTimeAsync(60_000);
    told = { done: 4, mayTakeMs: 10 };
    void run(engine, ask("Hello!"), never).catch((error: unknown) => (failure = error));
    await vi.advanceTimersByTimeAsync(1100);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    expect(failure).toMatchObject({ code: "engine-crashed" });
  });
});

describe("the pace of native code", () => {
  it("tells how long what runs may take: by the weights at first, then by the slowest token seen", async () => {
    let nowMs = 0;
    const pace = createPace(3_000_000, { nowMs: () => nowMs });
    const call = async (tokens: number, ms: number, fails = false): Promise<Computing> => {
      const result = Promise.withResolvers<undefined>();
      const settled = pace.during(tokens, result.promise).catch(() => undefined);
      nowMs += ms;
      const meanwhile = pace.told();
      if (fails) result.reject(new Error("No."));
      else result.resolve(undefined);
      await settled;
      return meanwhile;
    };
    expect(pace.told()).toEqual({ done: 0 });
    expect(await call(100, 0, true)).toEqual({ done: 0, mayTakeMs: 300 });
    // One that failed tells nothing of how long tokens take.
    expect(await call(100, 50)).toEqual({ done: 1, mayTakeMs: 300 });
    expect(await call(2, 4)).toEqual({ done: 2, mayTakeMs: 10 });
    expect(await call(2, 2)).toEqual({ done: 3, mayTakeMs: 40 });
    expect(pace.told()).toEqual({ done: 4 });
    // Of single tokens one in 32 is timed.
    for (let done = 4; done < 64; done += 1) await call(1, done === 32 ? 5 : 100);
    expect(await call(1, 0)).toEqual({ done: 64, mayTakeMs: 50 });
  });

  it("counts all that runs, because each may come last", () => {
    const pace = createPace(3_000_000, { nowMs: () => 0 });
    void pace.during(10, new Promise(() => undefined));
    void pace.during(1, new Promise(() => undefined));
    expect(pace.told()).toEqual({ done: 0, mayTakeMs: 33 });
  });

  /** How long another token may take. */
  function mayTakeMs(pace: Pace): number | undefined {
    void pace.during(1, new Promise(() => undefined));
    return pace.told().mayTakeMs;
  }

  it("is measured by no call of nothing", async () => {
    const pace = createPace(3_000_000, { nowMs: () => 0 });
    await pace.during(0, Promise.resolve());
    expect(pace.told()).toEqual({ done: 0 });
    expect(mayTakeMs(pace)).toBe(3);
  });

  it("forgets a slow call behind 64 others", async () => {
    let nowMs = 0;
    const pace = createPace(3_000_000, { nowMs: () => nowMs });
    const call = async (ms: number): Promise<void> => {
      const result = Promise.withResolvers<undefined>();
      const settled = pace.during(2, result.promise);
      nowMs += ms;
      result.resolve(undefined);
      await settled;
    };
    await call(60_000);
    for (let others = 0; others < 63; others += 1) await call(4);
    const pending = pace.during(1, Promise.resolve());
    expect(pace.told()).toEqual({ done: 64, mayTakeMs: 300_000 });
    await pending;
    expect(mayTakeMs(pace)).toBe(20);
  });

  it("gives a card a quarter of an hour for its first call, and no later one", async () => {
    let nowMs = 0;
    const pace = createPace(3_000_000, { usesCard: true, nowMs: () => nowMs });
    const first = Promise.withResolvers<undefined>();
    const settled = pace.during(100, first.promise);
    nowMs += 200;
    expect(pace.told()).toEqual({ done: 0, mayTakeMs: 900_000 });
    first.resolve(undefined);
    await settled;
    expect(mayTakeMs(pace)).toBe(20);
  });

  it("leaves out what making a context for vectors takes", async () => {
    let nowMs = 0;
    const pace = createPace(3_000_000, { nowMs: () => nowMs });
    const context = {
      getEmbeddingFor: async () => {
        await Promise.resolve();
        nowMs += 8;
        return { vector: [1, 0] };
      },
    };
    const createEmbeddingContext = async (): Promise<typeof context> => {
      await Promise.resolve();
      nowMs += 10_000;
      return context;
    };
    const backend = { model: { createEmbeddingContext }, info: { contextTokens: 64 } } as unknown as Backend;
    await createEmbedder(backend, 8, pace).embed({ text: [1, 2, 3, 4], maxInputTokens: 8 });
    expect(mayTakeMs(pace)).toBe(20);
  });

  it("is told by an engine's process, of every token and vector", async () => {
    const { process: own, channel: line } = launch(
      programFile(new URL("../../../miner/src/engines/llama/open.ts", import.meta.url).href, "child/main"),
      { kind: "none", reason: "to be asked" },
      { files: [models.demo] },
    );
    const answers: FromChild[] = [];
    let wake: () => void = () => undefined;
    const channel = createChannel<ToChild>(
      line,
      (message) => {
        answers.push(readAnswer(message));
        wake();
      },
      () => undefined,
    );
    const answer = async (of: (message: FromChild) => boolean): Promise<FromChild> => {
      for (;;) {
        const found = answers.find(of);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    const computed = async (): Promise<number> => {
      answers.length = 0;
      channel.send({ type: "live" });
      const alive = await answer(({ type }) => type === "alive");
      expect(alive).not.toHaveProperty("mayTakeMs");
      return alive.type === "alive" ? alive.done : Number.NaN;
    };
    try {
      const options = { modelPath: models.demo, contextTokens: undefined, sequences: 1 };
      channel.send({ type: "open", options });
      await answer(({ type }) => type === "opened");
      const before = await computed();
      channel.send({ type: "start", job: 0, request: ask("Hello!", { sampler: greedy, maxTokens: 4 }) });
      await answer((message) => message.type === "events" && message.events.some(({ type }) => type === "end"));
      const between = await computed();
      channel.send({ type: "embed", job: 0, request: { text: "Hello!", maxInputTokens: 100 } });
      await answer(({ type }) => type === "embedding");
      expect([before, between, await computed()]).toEqual([0, 4, 5]);
    } finally {
      own.kill("SIGKILL");
    }
  });
});

describe("a prompt of which a template leaves nothing", () => {
  it.each([
    [[1], undefined],
    [[], { code: "bad-request", message: "The prompt is empty." }],
  ])("is refused: %j", async (encoded, refusal) => {
    const generator = { contextTokens: 64, vocabularySize: 8, encodePrompt: async () => encoded };
    const prepared = preparePrompt(generator as unknown as Generator, ask("Hello!"));
    if (refusal === undefined) expect(await prepared).toEqual(encoded);
    else await expect(prepared).rejects.toMatchObject(refusal);
  });
});
