import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { openRealMiner, type RealMiner } from "../edge/real-miner.ts";
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

describe("OpenAI's client, the coordinator and the real engine", () => {
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
    expect(edge.ledger.logSize).toBe(8);
  });
});
