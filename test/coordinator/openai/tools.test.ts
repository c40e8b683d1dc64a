import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Prompt } from "@lode/protocol";
import type OpenAI from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import type { ScriptedMiner } from "../edge/scripted-miner.ts";
import { clientOf, pieces } from "./client.ts";

type Tool = OpenAI.ChatCompletionFunctionTool;
const weather: Tool = {
  type: "function",
  function: {
    name: "weather",
    description: "Today's weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const clock: Tool = { type: "function", function: { name: "clock" } };
const request = {
  model: "demo",
  messages: [{ role: "user" as const, content: "How is Rome?" }],
  tools: [weather, clock],
  max_tokens: 120,
};
const rome = '{"city":"Rome"}';

let edge: Edge;
let openai: OpenAI;
let miner: ScriptedMiner;
beforeAll(async () => {
  edge = await openEdge();
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

/** Answers the next job with a text and hands the job out. */
async function answers(text: string) {
  miner = await edge.miner();
  return async () => {
    const job = await miner.job();
    await miner.finish(job, pieces(text));
    return job;
  };
}

describe("a model that may call", () => {
  const text = `Let me look.\n<tool_call>\n{"name":"weather","arguments":${rome}}\n</tool_call>`;

  it("is shown the tools, and its calls are found in what it says", async () => {
    const finish = await answers(text);
    const [answer, job] = await Promise.all([openai.chat.completions.create(request), finish()]);
    expect(job.message.prompt).toEqual({
      messages: [{ role: "user", content: "How is Rome?" }],
      tools: [
        {
          name: "weather",
          description: "Today's weather",
          parameters: '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
        },
        { name: "clock" },
      ],
    });
    expect(job.message.sampler).not.toHaveProperty("constraint");
    const id = `call_${job.digest.slice(2, 26)}0`;
    expect(answer.choices).toEqual([
      {
        index: 0,
        message: {
          role: "assistant",
          content: "Let me look.",
          refusal: null,
          tool_calls: [{ id, type: "function", function: { name: "weather", arguments: rome } }],
        },
        logprobs: null,
        finish_reason: "tool_calls",
      },
    ]);
  });

  it("streams the same", async () => {
    const finish = await answers(text);
    const stream = openai.chat.completions.stream(request);
    const [job, answer] = await Promise.all([finish(), stream.finalChatCompletion()]);
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: "Let me look.",
        tool_calls: [
          { id: `call_${job.digest.slice(2, 26)}0`, type: "function", function: { name: "weather", arguments: rome } },
        ],
      },
    });
  });

  it("gets its text through at once where it is no call", async () => {
    miner = await edge.miner();
    const stream = await openai.chat.completions.create({ ...request, stream: true });
    const job = await miner.job();
    miner.tokens(job, [[1, "It is"]]);
    const chunks = stream[Symbol.asyncIterator]();
    let text = "";
    while (text === "") {
      const { value } = await chunks.next();
      text = (value as OpenAI.ChatCompletionChunk).choices[0]?.delta.content ?? "";
    }
    expect(text).toBe("It is");
    await miner.finish(job, [[2, " warm."]]);
    let finish: string | null | undefined;
    for (let chunk = await chunks.next(); chunk.done !== true; chunk = await chunks.next()) {
      text += chunk.value.choices[0]?.delta.content ?? "";
      finish = chunk.value.choices[0]?.finish_reason ?? finish;
    }
    expect([text, finish]).toEqual(["It is warm.", "stop"]);
  });

  it("says what is beyond the one call that it may make", async () => {
    const two = `<tool_call>{"name":"weather","arguments":${rome}}</tool_call><tool_call>{"name":"clock"}</tool_call>`;
    const finish = await answers(two);
    const asking = openai.chat.completions.create({ ...request, parallel_tool_calls: false });
    const [answer] = await Promise.all([asking, finish()]);
    expect(answer.choices[0]?.message.tool_calls).toHaveLength(1);
    expect(answer.choices[0]?.message.content).toBe('<tool_call>{"name":"clock"}</tool_call>');
  });

  it("does not call a strict tool but by its schema", async () => {
    const strict = { ...weather, function: { ...weather.function, strict: true } };
    const texts = [`{"name":"weather","arguments":${rome}}`, '{"name":"weather","arguments":{"city":5}}'];
    const finishes: (string | null)[] = [];
    for (const text of texts) {
      const finish = await answers(text);
      const asking = openai.chat.completions.create({ ...request, tools: [strict] });
      const [answer] = await Promise.all([asking, finish()]);
      finishes.push(answer.choices[0]!.finish_reason, answer.choices[0]!.message.content);
      await edge.disconnect();
    }
    expect(finishes).toEqual(["tool_calls", null, "stop", texts[1]]);
  });

  it("must not with tool_choice none: it is shown no tools, and JSON stays text", async () => {
    const finish = await answers('{"name":"clock"}');
    const [answer, job] = await Promise.all([
      openai.chat.completions.create({ ...request, tool_choice: "none" }),
      finish(),
    ]);
    expect(job.message.prompt).not.toHaveProperty("tools");
    expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: '{"name":"clock"}' } });
    expect(answer.choices[0]?.message).not.toHaveProperty("tool_calls");
  });
});

describe("a model that must call", () => {
  const text = `[{"name":"weather","arguments":${rome}},{"name":"clock","arguments":{}}]`;

  it("is held to it by a mask, and every piece of a call has its index", async () => {
    const finish = await answers(text);
    const asking = openai.chat.completions.create({ ...request, tool_choice: "required", stream: true });
    const [stream, job] = await Promise.all([asking, finish()]);
    expect(job.message.sampler.constraint).toEqual({ type: "tool_calls", most: 16 });
    interface Seen {
      id: unknown;
      type: unknown;
      name: unknown;
      arguments: string;
      pieces: number;
    }
    const calls: Seen[] = [];
    let last: OpenAI.ChatCompletionChunk.Choice | undefined;
    for await (const { choices } of stream) {
      last = choices[0];
      for (const call of choices[0]?.delta.tool_calls ?? []) {
        const { index, id, type } = call;
        calls[index] ??= { id, type, name: call.function?.name, arguments: "", pieces: 0 };
        if (calls[index].pieces !== 0)
          expect([id, type, call.function?.name]).toEqual([undefined, undefined, undefined]);
        calls[index].arguments += call.function?.arguments ?? "";
        calls[index].pieces += 1;
      }
    }
    expect(last?.finish_reason).toBe("tool_calls");
    const digest = job.digest.slice(2, 26);
    expect(calls).toMatchObject([
      { id: `call_${digest}0`, type: "function", name: "weather", arguments: rome },
      { id: `call_${digest}1`, type: "function", name: "clock", arguments: "{}" },
    ]);
    expect(calls[0]?.pieces).toBeGreaterThan(2);
  });

  it.each<[object | undefined, string | undefined]>([
    [undefined, undefined],
    [{}, '{"type":"object"}'],
    [{ properties: { city: { type: "string" } } }, '{"type":"object","properties":{"city":{"type":"string"}}}'],
    [{ type: "object", properties: {} }, '{"type":"object","properties":{}}'],
  ])("is called with an object, also where its schema leaves that out: %j", async (parameters, text) => {
    const finish = await answers('{"name":"look","arguments":{}}');
    const look = { type: "function" as const, function: { name: "look", ...(parameters && { parameters }) } };
    const asking = openai.chat.completions.create({
      ...request,
      ...{ tools: [look as OpenAI.ChatCompletionTool], tool_choice: "required" as const },
    });
    const [answer, job] = await Promise.all([asking, finish()]);
    expect((job.message.prompt as Prompt).tools).toEqual([
      { name: "look", ...(text !== undefined && { parameters: text }) },
    ]);
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("calls the one that is named, once", async () => {
    const finish = await answers(`{"name":"weather","arguments":${rome}}`);
    const tool_choice = { type: "function" as const, function: { name: "weather" } };
    const [answer, job] = await Promise.all([
      openai.chat.completions.create({ ...request, tool_choice, response_format: { type: "json_object" } }),
      finish(),
    ]);
    expect(job.message.sampler.constraint).toEqual({ type: "tool_calls", names: ["weather"], most: 1 });
    expect(answer.choices[0]?.message).toMatchObject({
      content: null,
      tool_calls: [{ function: { arguments: rome } }],
    });
  });

  it("leaves a call as it is where the tokens run out", async () => {
    miner = await edge.miner();
    const asking = openai.chat.completions.create({ ...request, tool_choice: "required" });
    await miner.finish(await miner.job(), pieces(text.slice(0, 40)), { finishReason: 1 });
    expect((await asking).choices[0]).toMatchObject({
      finish_reason: "length",
      message: { tool_calls: [{ function: { name: "weather", arguments: '{"city":"' } }] },
    });
  });
});

describe("a conversation with calls", () => {
  it("reaches the template whole, and OpenAI's helper runs it to its end", async () => {
    miner = await edge.miner();
    const seen: unknown[] = [];
    const runner = openai.chat.completions.runTools({
      ...request,
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "Today's weather",
            parameters: { type: "object" },
            parse: JSON.parse,
            function: (given: unknown) => {
              seen.push(given);
              return "sunny";
            },
          },
        },
      ],
    });
    const first = await miner.job();
    await miner.finish(first, pieces(`{"name":"weather","arguments":${rome}}`));
    const second = await miner.job();
    await miner.finish(second, pieces("Sunny."));
    expect(await runner.finalContent()).toBe("Sunny.");
    expect(seen).toEqual([{ city: "Rome" }]);
    const id = `call_${first.digest.slice(2, 26)}0`;
    expect(second.message.prompt).toMatchObject({
      messages: [
        { role: "user", content: "How is Rome?" },
        { role: "assistant", content: "", toolCalls: [{ id, name: "weather", arguments: rome }] },
        { role: "tool", content: "sunny", toolCallId: id },
      ],
    });
  });

  const call = { id: "a", type: "function", function: { name: "weather", arguments: rome } };
  const asked = { role: "assistant", content: null, tool_calls: [call] };
  it.each<[string, unknown[], string]>([
    ["a result of no call", [{ role: "tool", content: "x", tool_call_id: "b" }], "messages[2].tool_call_id"],
    ["a result without a call's id", [{ role: "tool", content: "x" }], "messages[2].tool_call_id"],
    ["a user who calls", [{ role: "user", content: "x", tool_calls: [call] }], "messages[2].tool_calls"],
    [
      "arguments that are no JSON",
      [{ ...asked, tool_calls: [{ ...call, function: { name: "weather", arguments: "{" } }] }],
      "messages[2].tool_calls[0].function.arguments",
    ],
    [
      "arguments that are no object",
      [{ ...asked, tool_calls: [{ ...call, function: { name: "weather", arguments: "[]" } }] }],
      "messages[2].tool_calls[0].function.arguments",
    ],
    ["an old kind of call", [{ role: "assistant", content: "x", function_call: {} }], "messages[2].function_call"],
    ["a user who says nothing", [{ role: "user", content: null }], "messages[2].content"],
  ])("is refused for %s", async (_name, more, param) => {
    const answer = await edge.chat({ messages: [{ role: "user", content: "Hi" }, asked, ...more] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  });
});

describe("tools are refused", () => {
  const named = (name: string) => ({ type: "function", function: { name } });
  it.each<[string, object, string]>([
    ["of another kind", { tools: [{ type: "custom", custom: { name: "x" } }] }, "tools[0].type"],
    ["with a name that is none", { tools: [named("a b")] }, "tools[0].function.name"],
    ["twice by one name", { tools: [named("a"), named("a")] }, "tools"],
    ["that are not there", { tools: [clock], tool_choice: named("x") }, "tool_choice"],
    ["where there are none", { tool_choice: "required" }, "tool_choice"],
    [
      "whose arguments cannot be enforced",
      {
        tools: [{ ...named("a"), function: { name: "a", parameters: { type: "object", not: {} } } }],
        tool_choice: "required",
      },
      "tools",
    ],
    [
      "that are strict by a schema which cannot be enforced",
      { tools: [{ ...named("a"), function: { name: "a", strict: true, parameters: { type: "object", not: {} } } }] },
      "tools",
    ],
    ["beside a JSON format", { tools: [clock], response_format: { type: "json_object" } }, "response_format"],
    ["as functions", { functions: [{ name: "a" }] }, "functions"],
  ])("%s", async (_name, change, param) => {
    const answer = await edge.chat(change);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });
});
