import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  cpuLibraries,
  openEngine,
  type Engine,
  type EngineOptions,
  type GenerateRequest,
} from "../../../miner/src/engines/index.ts";
import { verifyTranscript, type Transcript } from "../../../miner/src/verify/index.ts";
import { asking, domain, hash, receipted, serve, story } from "../../../scripts/bench/verify/served-job.ts";
import { greedy, open, run, warm } from "../engines/engine-helper.ts";
import { changedModels, type ChangedModels } from "./changed-models.ts";

// Opening an engine takes seconds where others compute too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const schema = JSON.stringify({
  type: "object",
  properties: { name: { type: "string", maxLength: 12 }, n: { type: "integer", minimum: 0, maximum: 99 } },
  required: ["name", "n"],
});
const tools = [
  { name: "weather", parameters: '{"type":"object","properties":{"city":{"type":"string","maxLength":8}}}' },
];

const jobs: [what: string, request: GenerateRequest][] = [
  ["as usual", story()],
  ["at temperature 0", story({ sampler: greedy })],
  [
    "with every parameter",
    story({
      sampler: {
        ...warm,
        topP: 0.9,
        minP: 0.02,
        repetitionPenalty: 1.2,
        frequencyPenalty: 0.3,
        presencePenalty: -0.2,
        logitBias: [
          [40, 1.5],
          [300, -100],
        ],
      },
    }),
  ],
  ["that ends in the middle of a token", story({ stop: ["ve", "e t", "rd"] })],
  ["whose stop text never comes whole", story({ stop: [" and then they all lived"] })],
  ["that is cut by its length", story({ maxTokens: 7 })],
  ["of one token", story({ maxTokens: 1 })],
  [
    "held to a schema",
    asking("Give me a name and a number.", { sampler: { ...warm, constraint: { type: "json_schema", schema } } }),
  ],
  [
    "that is any JSON",
    asking("JSON, please.", { maxTokens: 40, sampler: { ...warm, constraint: { type: "json_object" } } }),
  ],
  [
    "that calls a tool",
    {
      ...asking("Weather?"),
      prompt: { messages: [{ role: "user", content: "Weather?" }], tools },
      sampler: { ...warm, constraint: { type: "tool_calls", most: 1 } },
    },
  ],
  [
    "with characters over several tokens",
    asking("Say: Zoë 😀 漢字", { sampler: { ...warm, temperature: 2, topK: 256 }, maxTokens: 60 }),
  ],
  ["of a plain text", { ...asking(""), prompt: { text: "Once upon a time" } }],
];

describe.each(["demo", "pieces"] as const)("an honest job of the %s model", (model) => {
  let engine: Engine;
  const check = (transcript: Transcript) => verifyTranscript(transcript, { domain, engine });

  beforeAll(async () => {
    engine = await open(model, { contextTokens: 768, sequences: 3 });
  });
  afterAll(() => engine.close());

  it.each(jobs)("is right: one %s", async (_, request) => {
    const { verdict, reasons, class: checkClass } = await check(await serve({ engine, request }));
    expect({ reasons, verdict, checkClass }).toEqual({ reasons: [], verdict: "right", checkClass: "A-prefill" });
  });

  it("is right when the client hung up, at any token", async () => {
    for (const hangUpAfter of [1, 2, 9]) {
      expect((await check(await serve({ engine, request: story(), hangUpAfter }))).reasons).toEqual([]);
    }
  });

  it.each([
    ["plainly", {}],
    ["with stop texts", { stop: ["zzz", "e t"] }],
    ["with penalties", { sampler: { ...warm, repetitionPenalty: 1.3 } }],
  ] as const)("is right when another miner had begun it: %s", async (_, changes) => {
    const request = story({ ...changes, stop: "stop" in changes ? [...changes.stop] : [] });
    const whole = await serve({ engine, request });
    for (const cut of [1, Math.floor(whole.outputIds.length / 2), whole.outputIds.length - 1]) {
      const rest = { ...request, prefixTokens: whole.outputIds.slice(0, cut), maxTokens: request.maxTokens - cut };
      const found = await check(await serve({ engine, request: rest }));
      expect(found.reasons).toEqual([]);
      expect(found.evidence.tokens).toBe(whole.outputIds.length - cut);
    }
  });

  it("is right beside other jobs", async () => {
    const served = await Promise.all(jobs.slice(0, 4).map(([, request]) => serve({ engine, request })));
    const found = await Promise.all(served.map(check));
    expect(found.map(({ verdict }) => verdict)).toEqual(["right", "right", "right", "right"]);
  });

  it("is right wherever its prompt is cut into batches, and behind a prompt that begins as it does", async () => {
    for (const length of [1, 47, 48, 49, 96, 97, 145, 145, 60]) {
      const prompt = { tokens: Array.from({ length }, (_, at) => 40 + ((at * 7) % 200)) };
      const { reasons } = await check(await serve({ engine, request: story({ prompt, maxTokens: 5 }) }));
      expect({ length, reasons }).toEqual({ length, reasons: [] });
    }
  });

  it("is right beside jobs that come and go, and for a client that reads slowly", async () => {
    const slow: Engine = {
      ...engine,
      async *start(request, signal) {
        for await (const event of engine.start(request, signal)) {
          await nextTurn();
          yield event;
        }
      },
    };
    const comeAndGo = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        const gone = new AbortController();
        const events = engine.start(story({ seed: hash(`passing ${round}`), maxTokens: 40 }), gone.signal);
        let tokens = 0;
        try {
          for await (const { type } of events) if (type === "token" && ++tokens === 3 + round) gone.abort();
        } catch (error) {
          expect(error).toMatchObject({ code: "aborted" });
        }
      }
    };
    const [served] = await Promise.all([serve({ engine: slow, request: story() }), comeAndGo()]);
    expect((await check(served)).reasons).toEqual([]);
  });

  it("is right when it ends at a stop text over tokens of which another miner made the first", async () => {
    const sampler = { ...warm, temperature: 2, topK: 256 };
    const request = asking("Say: Zoë 😀 漢字", { sampler, maxTokens: 40 });
    const { ids, texts } = await run(engine, request);
    const from = (at: number): string[] => Array.from(texts.slice(at).join(""));
    for (const cut of [3, 6, 9]) {
      const stop = [[...Array.from(texts.slice(0, cut).join("")).slice(-2), ...from(cut).slice(0, 2)].join("")];
      const rest = { ...request, stop, prefixTokens: ids.slice(0, cut), maxTokens: 40 - cut };
      expect((await check(await serve({ engine, request: rest }))).reasons).toEqual([]);
    }
  });
});

describe("an honest job in F16, which repeats only token by token", () => {
  let models: ChangedModels;
  let engine: Engine;

  beforeAll(async () => {
    models = changedModels();
    engine = await openEngine({ modelPath: models.pathOf("F16"), contextTokens: 768 });
  });
  afterAll(async () => {
    await engine.close();
    models.remove();
  });

  it.each([jobs[0]!, jobs[3]!, jobs[7]!])("is right: one %s", async (_, request) => {
    const {
      verdict,
      reasons,
      class: checkClass,
    } = await verifyTranscript(await serve({ engine, request }), { domain, engine });
    expect({ reasons, verdict, checkClass }).toEqual({ reasons: [], verdict: "right", checkClass: "A-decode" });
  });

  it("is right when another miner had begun it", async () => {
    const whole = await serve({ engine, request: story() });
    const rest = story({ prefixTokens: whole.outputIds.slice(0, 20), maxTokens: 76 });
    const { inputIds, outputIds, receipt } = await serve({ engine, request: rest });
    const transcript = receipted({
      request: rest,
      promised: engine.info,
      inputIds,
      outputIds,
      finish: receipt.finishReason,
    });
    expect((await verifyTranscript(transcript, { domain, engine })).reasons).toEqual([]);
  });

  it("is wrong when Q8_0 was served for it, within a few jobs", async () => {
    const cheat = await openEngine({ modelPath: models.pathOf("Q8_0"), contextTokens: 768 });
    try {
      // Of a hundred tokens less than one comes out differently.
      const verdicts: string[] = [];
      for (let number = 0; number < 30 && !verdicts.includes("wrong"); number += 1) {
        const request = story({ seed: hash(`Q8_0 ${number}`), sampler: { ...warm, temperature: 1.6 } });
        const transcript = await serve({ engine: cheat, promised: engine.info, request });
        verdicts.push((await verifyTranscript(transcript, { domain, engine })).verdict);
      }
      expect(verdicts.at(-1)).toBe("wrong");
    } finally {
      await cheat.close();
    }
  });

  it("is wrong with one token changed", async () => {
    const whole = await serve({ engine, request: story() });
    const outputIds = whole.outputIds.map((id, at) => (at === 12 ? id + 1 : id));
    const { inputIds, receipt } = whole;
    const transcript = receipted({
      request: story(),
      promised: engine.info,
      inputIds,
      outputIds,
      finish: receipt.finishReason,
    });
    const { verdict, evidence } = await verifyTranscript(transcript, { domain, engine });
    expect(verdict).toBe("wrong");
    expect(evidence.mismatches[0]).toBe(12);
  });
});

describe("a job of another engine class", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open("demo", { contextTokens: 512 });
  });
  afterAll(() => engine.close());

  const cpu = ["x64", "armv8.0_1"].find((name) => cpuLibraries().has(name));
  const others: [what: string, options: Partial<EngineOptions>][] = [
    ...(cpu === undefined ? [] : [["another processor's library", { cpu }] as [string, Partial<EngineOptions>]]),
    ["a larger batch", { tuning: { threads: 1, batchSize: 512 } }],
    ["two threads", { tuning: { threads: 2, batchSize: 48 } }],
  ];
  it.each(others)("is never wrong without a calibration, whatever comes out: %s", async (_, options) => {
    const other = await open("demo", { contextTokens: 512, ...options });
    try {
      expect(other.info.engineClass).not.toBe(engine.info.engineClass);
      // A few tokens: two threads on a busy machine wait for each other at each.
      const transcript = await serve({ engine: other, request: story({ maxTokens: 12 }) });
      const found = await verifyTranscript(transcript, { domain, engine });
      expect(found).toMatchObject({ verdict: "undecided", class: "hash" });
      expect(found.reasons.map(({ code }) => code)).toEqual(["other-engine"]);
    } finally {
      await other.close();
    }
  });

  it("says which libraries there are when one is asked for that there is not", async () => {
    await expect(open("demo", { cpu: "abacus" })).rejects.toThrow('no library for processors named "abacus"');
  });
});
