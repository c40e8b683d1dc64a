import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { finishReason, fromWire } from "@lode/sdk/typed-data";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { openRealMiner, type RealMiner } from "../edge/real-miner.ts";
import { client, prices } from "../fixture.ts";
import { clientOf } from "./client.ts";

const model = "demo";
const messages = [{ role: "user" as const, content: "Who are you?" }];

let edge: Edge;
let openai: OpenAI;
let miner: RealMiner;
beforeAll(async () => {
  edge = await openEdge();
  edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
  openai = clientOf(edge);
  miner = await openRealMiner(edge);
  await until("the miner is ready", async () => edge.app.hub.models().has(model));
}, 120_000);
afterAll(async () => {
  await miner.close();
  await edge.stop();
});

/** An answer that cannot end by itself before its client is gone. */
const schema = { type: "array", items: { type: "integer", minimum: 0, maximum: 9 }, minItems: 900, maxItems: 900 };
const format = { type: "json_schema", schema };
const sampled = { model, stream: true, temperature: 1 };
const chats = { ...sampled, messages, max_tokens: 1500 };
const endless: readonly [name: string, path: string, jobs: number, body: object, start: string][] = [
  [
    ...(["a chat", "/v1/chat/completions", 1] as const),
    { ...chats, response_format: { type: "json_schema", json_schema: { name: "x", schema } } },
    '"content":"[',
  ],
  [
    ...(["a chat of three answers", "/v1/chat/completions", 3] as const),
    { ...chats, n: 3, response_format: { type: "json_schema", json_schema: { name: "x", schema } } },
    '"content":"[',
  ],
  [
    ...(["a response", "/v1/responses", 1] as const),
    { ...sampled, input: "Count.", max_output_tokens: 1500, text: { format: { ...format, name: "x" } } },
    "response.output_text.delta",
  ],
  [...(["a message", "/v1/messages", 1] as const), { ...chats, output_config: { format } }, "text_delta"],
];

describe("a client that hangs up", () => {
  /** Tokens that the engine has drawn, when nothing that was begun before draws any more. */
  const drawn = async (): Promise<number> => {
    const one = async (): Promise<void> => {
      const request = {
        ...({ prompt: { text: "x" }, prefixTokens: [], seed: `0x${"11".repeat(32)}`, stop: [] } as const),
        ...({
          maxTokens: 1,
          maxInputTokens: 100,
          sampler: { kind: "inverse-cdf-v1", temperature: 0, topK: 1, topP: 1 },
        } as const),
      };
      for await (const _ of miner.engine.start(request, new AbortController().signal));
    };
    // One in each slot: both must be free.
    await Promise.all([one(), one()]);
    own += 2;
    return miner.engine.drawn! - own;
  };
  let own = 0;

  /** Asks, hangs up at the first text, and waits for the end. */
  async function hangUp(path: string, body: object, start: string): Promise<void> {
    const gone = new AbortController();
    const answer = await fetch(`${edge.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: gone.signal,
    });
    expect(answer.status).toBe(200);
    let came = "";
    const decoder = new TextDecoder();
    for await (const bytes of answer.body!) {
      came += decoder.decode(bytes as Uint8Array, { stream: true });
      if (came.includes(start)) break;
    }
    gone.abort();
    await until("its jobs have ended", async () => edge.app.relay.running === 0 && edge.ledger.openAttempts === 0);
  }

  it.each(endless)(
    "from %s stops the engine within four tokens of each answer, and pays what was delivered",
    { timeout: 600_000 },
    async (_name, path, jobs, body, start) => {
      const late: number[] = [];
      // What a busy machine computes while this process does not get its turn is no fault of the hang-up's.
      for (let tries = 0; tries < 8 && !late.some((count) => count <= 4 * jobs); tries++) {
        const [before, first, cancels] = [await drawn(), edge.ledger.logSize, miner.link.received.length];
        const paid = edge.book.debitOf(client.address).cumulativeWei;
        await hangUp(path, body, start);
        const receipts = (await edge.ledger.entries(first, 10)).map(({ receipt }) => fromWire("Receipt", receipt));
        const heard = miner.link.received.slice(cancels).filter((message) => message.type === "cancel");
        const told = new Map(heard.map(({ assignment, deliveredTokens }) => [assignment, deliveredTokens]));
        expect(heard).toHaveLength(jobs);
        let delivered = 0;
        let owed = 0n;
        for (const { assignment, inputTokens, outputTokens, amountWei, finishReason: reason } of receipts) {
          expect(reason).toBe(finishReason.cancelled);
          expect(outputTokens).toBe(told.get(assignment));
          expect(amountWei).toBe(
            BigInt(inputTokens) * prices.inputPriceWei + BigInt(outputTokens) * prices.outputPriceWei,
          );
          delivered += outputTokens;
          owed += amountWei;
        }
        // An answer of which nothing had come yet owes nothing.
        const empty = heard.filter(({ deliveredTokens }) => deliveredTokens === 0);
        expect(receipts).toHaveLength(jobs - empty.length);
        expect(edge.book.debitOf(client.address).cumulativeWei - paid).toBe(owed);
        expect(delivered).toBeGreaterThan(0);
        late.push((await drawn()) - before - delivered);
      }
      expect(Math.min(...late)).toBeLessThanOrEqual(4 * jobs);
      expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
      miner.problems.splice(0);
    },
  );
});

describe("OpenAI's client, the coordinator and the real engine", () => {
  let first = 0;
  beforeAll(() => {
    first = edge.ledger.logSize;
  });

  it("get JSON that fits its schema, whatever the model would say", async () => {
    const schema = {
      type: "object",
      properties: {
        colour: { enum: ["red", "green"] },
        count: { type: "integer", minimum: 1, maximum: 9 },
      },
      required: ["colour", "count"],
      additionalProperties: false,
    };
    const answer = await openai.chat.completions.create({
      model,
      messages,
      max_tokens: 200,
      n: 3,
      seed: 1,
      temperature: 1.5,
      frequency_penalty: 0.5,
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    for (const { message, finish_reason } of answer.choices) {
      expect(finish_reason).toBe("stop");
      const value = JSON.parse(message.content!) as { colour: string; count: number };
      expect(["red", "green"]).toContain(value.colour);
      expect(value.count).toSatisfy((count: number) => Number.isInteger(count) && count >= 1 && count <= 9);
    }
  });

  it("make forced calls with arguments that fit, streamed and in a conversation", async () => {
    const parameters = {
      type: "object",
      properties: { unit: { enum: ["celsius", "kelvin"] } },
      required: ["unit"],
      additionalProperties: false,
    };
    const tools = [{ type: "function" as const, function: { name: "weather", parameters } }];
    const request = { model, messages, tools, max_tokens: 300, seed: 3 };
    const stream = openai.chat.completions.stream({ ...request, tool_choice: "required", parallel_tool_calls: false });
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0]!;
    expect(finish_reason).toBe("tool_calls");
    expect(message.tool_calls).toHaveLength(1);
    const { id, type, function: called } = message.tool_calls![0] as OpenAI.ChatCompletionMessageFunctionToolCall;
    expect(["celsius", "kelvin"]).toContain((JSON.parse(called.arguments) as { unit: string }).unit);
    const { name, arguments: given } = called;
    const asked = {
      role: "assistant" as const,
      content: null,
      tool_calls: [{ id, type, function: { name, arguments: given } }],
    };
    const told = { role: "tool" as const, tool_call_id: id, content: "20" };
    const answer = await openai.chat.completions.create({ ...request, messages: [...messages, asked, told] });
    expect(answer.usage!.prompt_tokens).toBeGreaterThan(20);
  });

  it("go on behind a text: a template written by hand gives the chat's answer", async () => {
    const shared = { model, max_tokens: 30, temperature: 0.9, seed: 11, logit_bias: { "5": -3 } };
    const chat = await openai.chat.completions.create({ ...shared, messages });
    const prompt = "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n";
    const text = await openai.completions.create({ ...shared, prompt });
    expect(text.choices[0]?.text).toBe(chat.choices[0]?.message.content);
    expect(text.usage?.prompt_tokens).toBe(chat.usage?.prompt_tokens);
  });

  it("take tokens for the text that they are, and refuse those that the model does not have", async () => {
    const text = "Tell me of the moon.";
    const started = miner.engine.start(
      {
        ...{ prompt: { text }, prefixTokens: [], seed: `0x${"11".repeat(32)}`, stop: [] },
        ...{ maxTokens: 1, maxInputTokens: 100 },
        sampler: { kind: "inverse-cdf-v1", temperature: 0, topK: 1, topP: 1 },
      },
      new AbortController().signal,
    );
    let ids: number[] = [];
    for await (const event of started) if (event.type === "prompt") ids = event.tokenIds;
    const shared = { model, max_tokens: 20, temperature: 0.9, seed: 11 };
    const byText = await openai.completions.create({ ...shared, prompt: text });
    const byTokens = await openai.completions.create({ ...shared, prompt: ids });
    expect(byTokens.choices[0]?.text).toBe(byText.choices[0]?.text);
    expect(byTokens.usage).toEqual(byText.usage);
    expect(byTokens.usage?.prompt_tokens).toBe(ids.length);
    const embedded = await miner.engine.embed({ text, maxInputTokens: 100 }, new AbortController().signal);
    const vector = await openai.embeddings.create({ model, input: embedded.tokenIds });
    expect(vector.data[0]?.embedding).toEqual([...embedded.vector]);
    expect(vector.usage.prompt_tokens).toBe(embedded.tokenIds.length);
    const beyond = openai.completions.create({ ...shared, prompt: [miner.engine.info.vocabulary!] });
    await expect(beyond).rejects.toMatchObject({ status: 400, param: "prompt" });
  });

  it("turn texts into vectors, the same for the same text", async () => {
    const { data, usage } = await openai.embeddings.create({ model, input: ["a cat", "a dog", "a cat"] });
    const [cat, dog, again] = data.map(({ embedding }) => embedding);
    expect(again).toEqual(cat);
    expect(dog).not.toEqual(cat);
    const length = Math.sqrt(cat!.reduce((sum, value) => sum + value * value, 0));
    expect(length).toBeCloseTo(1, 5);
    expect(usage.prompt_tokens).toBeGreaterThan(3);
  });

  it("say 400 where the model's vocabulary has no such token", async () => {
    const asking = openai.chat.completions.create({ model, messages, max_tokens: 5, logit_bias: { "4000000": 1 } });
    await expect(asking).rejects.toMatchObject({ status: 400, code: "unsupported_request" });
    expect(miner.problems.splice(0)).toMatchObject([{ event: "refused", code: "bad_request" }]);
  });

  it("settle all of it: nothing refused, nothing open, every receipt in the log", async () => {
    await until("everything is settled", async () => edge.ledger.openAttempts === 0);
    expect(miner.problems).toEqual([]);
    expect(edge.ledger.logSize).toBe(first + 11);
  });
});
