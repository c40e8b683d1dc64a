import { samplerHash } from "@lode/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { APIError, type OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel } from "../edge/scripted-miner.ts";
import { eventsOf } from "../edge/stream.ts";
import { prices } from "../fixture.ts";
import { clientOf, pieces, usageOf } from "./client.ts";

const messages = [{ role: "user" as const, content: "Hello" }];
const request = { model: "demo", messages, max_tokens: 40 };

let edge: Edge;
let openai: OpenAI;
beforeAll(async () => {
  edge = await openEdge({ KEEP_ALIVE_MS: "60" });
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

/** The job that a request becomes. */
async function jobOf(change: object) {
  const miner = await edge.miner();
  const [answer, job] = await Promise.all([
    openai.chat.completions.create({ ...request, ...change }) as Promise<OpenAI.ChatCompletion>,
    miner.job().then(async (received) => {
      await miner.finish(received, pieces("{}"));
      return received;
    }),
  ]);
  return { answer, job };
}

describe("sampling options reach the miner under the assignment's hash", () => {
  it.each<[string, object, object]>([
    ["none", {}, {}],
    ["null", { presence_penalty: null, logit_bias: null, min_p: null, n: null, response_format: null }, {}],
    [
      "penalties",
      { presence_penalty: 0.5, frequency_penalty: -1, repetition_penalty: 1.1 },
      { presencePenalty: 0.5, frequencyPenalty: -1, repetitionPenalty: 1.1 },
    ],
    ["neutral ones are left out", { presence_penalty: 0, frequency_penalty: 0, repetition_penalty: 1, min_p: 0 }, {}],
    ["min_p and top_k", { min_p: 0.05, top_k: 7 }, { minP: 0.05, topK: 7 }],
    ["biases, by rising id", { logit_bias: { "50": -100, "7": 3, "9": 0 } }, { logitBias: [[7, 3], [50, -100]] }], // prettier-ignore
    ["a nucleus of nothing", { top_p: 0 }, { topP: 1, topK: 1 }],
    ["JSON", { response_format: { type: "json_object" } }, { constraint: { type: "json_object" } }],
    ["text", { response_format: { type: "text" } }, {}],
    [
      "a schema, in its own order",
      {
        response_format: {
          type: "json_schema",
          json_schema: {
            name: "x",
            strict: true,
            schema: {
              $schema: "https://json-schema.org/draft/2020-12/schema",
              type: "object",
              properties: { b: { type: "integer", minimum: -9007199254740991 }, a: { enum: ["x", null] } },
              required: ["b", "a"],
              additionalProperties: false,
            },
          },
        },
      },
      {
        constraint: {
          type: "json_schema",
          schema:
            '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",' +
            '"properties":{"b":{"type":"integer","minimum":-9007199254740991},"a":{"enum":["x",null]}},' +
            '"required":["b","a"],"additionalProperties":false}',
        },
      },
    ],
  ])("%s", async (_name, change, expected) => {
    const { job } = await jobOf(change);
    const usual = { kind: "inverse-cdf-v1", temperature: 1, topK: 40, topP: 1 };
    expect(job.message.sampler).toEqual({ ...usual, ...expected });
    expect(job.assignment.samplerHash).toBe(samplerHash(job.message.sampler, job.message));
  });

  it("stop texts and the miner's context are signed beside them", async () => {
    const { job } = await jobOf({ stop: ["END"] });
    const { sampler, stop, contextTokens } = job.message;
    expect({ stop, contextTokens }).toEqual({ stop: ["END"], contextTokens: demoModel.contextTokens });
    expect(job.assignment.samplerHash).toBe(samplerHash(sampler, job.message));
    for (const change of [{ stop: [] }, { contextTokens: contextTokens + 1 }, { contextTokens: undefined }]) {
      expect(samplerHash(sampler, { ...job.message, ...change })).not.toBe(job.assignment.samplerHash);
    }
  });

  it("a seed gives the same draws again, and no seed gives others", async () => {
    const seeds: string[] = [];
    // The last two are what clients take that draw 64 bits.
    for (const change of [{ seed: 5 }, { seed: 5 }, { seed: 6 }, {}, {}, { seed: 2 ** 63 }, { seed: -(2 ** 63) }]) {
      seeds.push((await jobOf(change)).job.assignment.seed);
      await edge.disconnect();
    }
    expect(seeds[1]).toBe(seeds[0]);
    expect(new Set(seeds).size).toBe(6);
  });
});

describe("400 instead of an option without effect", () => {
  const schema = (value: unknown) => ({
    response_format: { type: "json_schema", json_schema: { name: "x", schema: value } },
  });
  it.each<[string, object, string, string]>([
    ["top_logprobs", { logprobs: false, top_logprobs: 2 }, "top_logprobs", "invalid_value"],
    ["a penalty out of range", { presence_penalty: 2.5 }, "presence_penalty", "invalid_value"],
    ["a bias out of range", { logit_bias: { "5": 101 } }, "logit_bias[5]", "invalid_value"],
    ["a bias of no token", { logit_bias: { x: 1 } }, "logit_bias", "invalid_value"],
    ["a bias of a token that no vocabulary has", { logit_bias: { "9999999999": 1 } }, "logit_bias", "invalid_value"],
    ["too many choices", { n: 9 }, "n", "invalid_value"],
    ["an unknown format", { response_format: { type: "xml" } }, "response_format.type", "invalid_value"],
    ["a schema that is missing", { response_format: { type: "json_schema" } }, "response_format", "invalid_value"],
    ["a schema that is none", schema({ type: "thing" }), "response_format", "schema_invalid"],
    ["a schema beyond the masks", schema({ type: "string", format: "uri" }), "response_format", "schema_unsupported"],
    [
      "a schema that nothing fits",
      schema({ type: "integer", minimum: 2, maximum: 1 }),
      "response_format",
      "schema_unsatisfiable",
    ],
    [
      "a schema that is too large",
      schema({ type: "string", description: "x".repeat(66_000) }),
      "response_format",
      "schema_too_large",
    ],
  ])("for %s", async (_name, change, param, code) => {
    const answer = await edge.chat(change);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, code, type: "invalid_request_error" } });
  });
});

it("413 for tools that no frame to a miner can hold, which would end its link", async () => {
  const { funds } = edge.chain;
  edge.chain.funds = { ...funds, balanceWei: 10n ** 12n, signerCapWei: 10n ** 12n };
  const miner = await edge.miner();
  const parameters = { enum: Array.from({ length: 21_000 }, () => "") };
  const tools = Array.from({ length: 31 }, (_, i) => ({ type: "function", function: { name: `f${i}`, parameters } }));
  const answer = await edge.chat({ tools });
  edge.chain.funds = funds;
  expect([answer.status, miner.jobs.length]).toEqual([413, 0]);
  expect(await answer.json()).toMatchObject({ error: { code: "request_too_large" } });
});

describe("several choices", () => {
  const usage = usageOf(15, 6);

  /** Answers three jobs with a, b and c. */
  async function threeAnswers() {
    const miner = await edge.miner();
    return async () => {
      const jobs = [await miner.job(), await miner.job(), await miner.job()];
      await Promise.all(jobs.map((job, i) => miner.finish(job, [[1, "abc".charAt(i)], [2, "!"]]))); // prettier-ignore
      return jobs;
    };
  }

  it("are jobs of their own under one id and one usage", async () => {
    const finish = await threeAnswers();
    const [answer, jobs] = await Promise.all([openai.chat.completions.create({ ...request, n: 3, seed: 5 }), finish()]);
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(answer.choices.map(({ message }) => message.content).sort()).toEqual(["a!", "b!", "c!"]);
    expect(answer.usage).toEqual(usage);
    expect(new Set(jobs.map(({ assignment }) => assignment.seed)).size).toBe(3);
    expect(new Set(jobs.map(({ assignment }) => assignment.counter)).size).toBe(3);
    const amountWei = 15n * prices.inputPriceWei + 6n * prices.outputPriceWei;
    expect(answer).toMatchObject({ lode: { amountWei: amountWei.toString() } });
    const { receipts } = (await (await fetch(`${edge.url}/v1/receipts/${answer.id}`)).json()) as {
      receipts: unknown[];
    };
    expect(receipts).toHaveLength(3);
    await edge.disconnect();
    // The first of several is the one that a single answer would be.
    const [first] = jobs.map(({ assignment }) => assignment.seed);
    const { job } = await jobOf({ seed: 5 });
    expect(jobs.map(({ assignment }) => assignment.seed)).toContain(job.assignment.seed);
    expect(first).toMatch(/^0x/);
  });

  it("come in one stream, each chunk with its index", async () => {
    const finish = await threeAnswers();
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const [stream] = await Promise.all([openai.chat.completions.create({ ...request, n: 3, ...options }), finish()]);
    const texts = ["", "", ""];
    const finishes: string[] = [];
    let last: unknown;
    for await (const chunk of stream) {
      last = chunk.usage;
      for (const { index, delta, finish_reason } of chunk.choices) {
        texts[index] = `${texts[index] ?? ""}${delta.content ?? ""}`;
        if (finish_reason !== null) finishes.push(`${index} ${finish_reason}`);
      }
    }
    expect(texts.sort()).toEqual(["a!", "b!", "c!"]);
    expect(finishes).toEqual(["0 stop", "1 stop", "2 stop"]);
    expect(last).toEqual(usage);
  });

  it("end together when one cannot be had, and nothing stays reserved", async () => {
    const miner = await edge.miner();
    const asking = openai.chat.completions.create({ ...request, n: 2 }).catch((error: unknown) => error);
    const [first, second] = [await miner.job(), await miner.job()];
    miner.send({ type: "failed", assignment: first.digest, code: "engine_crashed", message: "" });
    expect(await asking).toMatchObject({ status: 502, code: "upstream_failed" });
    expect((await miner.next("cancel")).assignment).toBe(first.digest);
    expect((await miner.next("cancel")).assignment).toBe(second.digest);
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("cost as much as they can cost, or nothing is begun", async () => {
    const miner = await edge.miner();
    // Two of these fit into the account, eight do not.
    const asking = openai.chat.completions
      .create({ ...request, max_tokens: 400, n: 8 })
      .catch((error: unknown) => error);
    expect(await asking).toMatchObject({ status: 402, code: "insufficient_funds" });
    expect(edge.ledger.openAttempts).toBe(0);
    expect(miner.received.filter(({ type }) => type === "accepted")).toEqual([]);
  });
});

describe("a stream", () => {
  it("shows that it lives while the miner reads", async () => {
    const miner = await edge.miner();
    const answer = await edge.chat({ stream: true });
    const job = await miner.job();
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    while (!seen.includes(": still working\n\n")) seen += (await reader.read()).value ?? "";
    await miner.finish(job, [[1, "x"]]);
    while (!seen.includes("[DONE]")) seen += (await reader.read()).value ?? "";
    expect(seen).toContain('"content":"x"');
  });

  it("that breaks is an error for OpenAI's client, with its code", async () => {
    const miner = await edge.miner();
    const asking = openai.chat.completions.create({ ...request, stream: true });
    const job = await miner.job();
    miner.tokens(job, [[1, "x"]]);
    const stream = await asking;
    let text = "";
    const reading = (async () => {
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? "";
        if (text === "x") miner.hangUp();
      }
    })();
    const error: unknown = await reading.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ code: "upstream_failed" });
  });

  it("ends its job within the next tokens when the client hangs up, and only what was sent is billed", async () => {
    const miner = await edge.miner();
    const gone = new AbortController();
    const asking = edge.chat({ stream: true, n: 2 }, { signal: gone.signal });
    const jobs = [await miner.job(), await miner.job()];
    miner.tokens(jobs[0]!, [[1, "x"]]);
    for await (const event of eventsOf(await asking)) if (JSON.stringify(event).includes('"x"')) break;
    gone.abort();
    const cancels = [await miner.next("cancel"), await miner.next("cancel")];
    const delivered = Object.fromEntries(
      cancels.map(({ assignment, deliveredTokens }) => [assignment, deliveredTokens]),
    );
    expect(delivered).toEqual({ [jobs[0]!.digest]: 1, [jobs[1]!.digest]: 0 });
    miner.send(miner.receiptMessage(jobs[0]!, { finishReason: 2 }));
    await miner.next("accepted");
    await expect.poll(() => edge.ledger.openAttempts).toBe(0);
  });
});
