import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import type { ReceivedJob, ScriptedMiner } from "../edge/scripted-miner.ts";
import { clientOf, pieces } from "./client.ts";

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
type Body = OpenAI.Responses.Response;
const request = { model: "demo", input: "How is Rome?" };
const weather = {
  type: "function" as const,
  name: "weather",
  description: "Today's weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  strict: null,
};
const rome = '{"city":"Rome"}';
const said = `Let me look. <tool_call>{"name":"weather","arguments":${rome}}</tool_call>`;

let edge: Edge;
let openai: OpenAI;
let miner: ScriptedMiner;
beforeAll(async () => {
  edge = await openEdge();
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

/** The response to a request for which a miner says a text, and the job that it was. */
async function answered(text: string, change: Partial<Params> = {}, finishReason = 0): Promise<[Body, ReceivedJob]> {
  miner = await edge.miner();
  const asking = openai.responses.create({ ...request, ...change } as Params);
  const job = await miner.job();
  await miner.finish(job, pieces(text), { finishReason });
  const body = await asking;
  await edge.disconnect();
  return [body, job];
}

const post = (change: object): Promise<Response> =>
  fetch(`${edge.url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
    body: JSON.stringify({ ...request, ...change }),
  });

describe("a response", () => {
  it("comes whole, from instructions and input as the template takes them", async () => {
    const change: Partial<Params> = {
      instructions: "Be brief.",
      temperature: 0.5,
      metadata: { a: "b" },
      max_output_tokens: 40,
    };
    const [body, job] = await answered("Fine.", change);
    expect(job.message).toMatchObject({
      prompt: {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "How is Rome?" },
        ],
      },
      sampler: { temperature: 0.5 },
    });
    expect(job.assignment.maxOutputTokens).toBe(40);
    expect(body.output_text).toBe("Fine.");
    expect(body).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f]{24}$/),
      object: "response",
      status: "completed",
      error: null,
      incomplete_details: null,
      instructions: "Be brief.",
      output: [
        { type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Fine." }] },
      ],
      usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
      metadata: { a: "b" },
      store: false,
      text: { format: { type: "text" } },
      tools: [],
      lode: { receipts: [job.digest] },
    });
  });

  it("takes items, and says when its tokens ran out", async () => {
    const input = [
      { role: "developer" as const, content: "Be brief." },
      { type: "message" as const, role: "user" as const, content: [{ type: "input_text" as const, text: "Hi" }] },
      { type: "reasoning" as const, id: "rs_1", summary: [], encrypted_content: "sealed elsewhere" },
      {
        type: "message" as const,
        ...{ id: "msg_1", role: "assistant" as const, status: "completed" as const },
        content: [{ type: "refusal" as const, refusal: "Hello." }],
      },
      { type: "function_call" as const, call_id: "c1", name: "weather", arguments: rome },
      { type: "function_call" as const, call_id: "c2", name: "weather", arguments: "" },
      { type: "function_call_output" as const, call_id: "c1", output: "sunny" },
    ];
    const [body, job] = await answered("Fi", { input }, 1);
    expect(job.message.prompt).toEqual({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: "Hello.",
          toolCalls: [
            { id: "c1", name: "weather", arguments: rome },
            { id: "c2", name: "weather", arguments: "{}" },
          ],
        },
        { role: "tool", content: "sunny", toolCallId: "c1" },
      ],
    });
    expect(body).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    expect(body.output[0]).toMatchObject({ status: "incomplete" });
  });

  it("is held to a schema", async () => {
    const schema = {
      type: "object",
      properties: { a: { type: "integer" } },
      required: ["a"],
      additionalProperties: false,
    };
    const format = { type: "json_schema" as const, name: "x", schema, strict: true };
    const [body, job] = await answered('{"a":1}', { text: { format } });
    expect(job.message.sampler.constraint).toEqual({ type: "json_schema", schema: JSON.stringify(schema) });
    expect(body.text).toEqual({ format });
  });

  it("calls functions", async () => {
    const [body, job] = await answered(said, { tools: [weather] });
    expect(job.message.prompt).toMatchObject({
      tools: [{ name: "weather", parameters: JSON.stringify(weather.parameters) }],
    });
    expect(body.output).toMatchObject([
      { type: "message", content: [{ text: "Let me look." }] },
      {
        type: "function_call",
        call_id: `call_${job.digest.slice(2, 26)}0`,
        name: "weather",
        arguments: rome,
        status: "completed",
      },
    ]);
    const call = `{"name":"weather","arguments":${rome}}`;
    const [forced, forcedJob] = await answered(call, {
      tools: [weather],
      tool_choice: { type: "function", name: "weather" },
    });
    expect(forcedJob.message.sampler.constraint).toEqual({ type: "tool_calls", names: ["weather"], most: 1 });
    expect(forced.output).toMatchObject([{ type: "function_call", arguments: rome }]);
  });
});

describe("a streamed response", () => {
  it.each<[string, string, Partial<Params>, string[]]>([
    ["text", "Fine, thanks.", {}, ["message"]],
    ["text and a call", said, { tools: [weather] }, ["message", "function_call"]],
    [
      "calls",
      `[{"name":"weather","arguments":${rome}},{"name":"weather","arguments":{}}]`,
      { tools: [weather], tool_choice: "required" },
      ["function_call", "function_call"],
    ],
    ["nothing", "", {}, ["message"]],
  ])("is what the whole one is: %s", async (_name, text, change, types) => {
    miner = await edge.miner();
    const stream = openai.responses.stream({ ...request, ...(change as object) });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    const job = await miner.job();
    await miner.finish(job, pieces(text));
    await reading;
    const final = await stream.finalResponse();
    await edge.disconnect();
    const [whole, wholeJob] = await answered(text, change);
    expect(final.output.map(({ type }) => type)).toEqual(types);
    // Ids follow from the response's and the job's own.
    const plain = (body: Body, { digest }: ReceivedJob): string => {
      const output = JSON.stringify(body.output.map(({ ...item }) => ({ ...item, parsed_arguments: undefined })));
      return output
        .replaceAll(body.id.slice(5), "ID")
        .replaceAll(digest.slice(2, 26), "JOB")
        .replaceAll(',"parsed":null', "");
    };
    expect(plain(final, job)).toBe(plain(whole, wholeJob));
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, i) => i));
    expect([events[0]?.type, events[1]?.type, events.at(-1)?.type]).toEqual([
      "response.created",
      "response.in_progress",
      "response.completed",
    ]);
    expect(final.usage).toMatchObject({ input_tokens: 5, output_tokens: pieces(text).length });
  });

  it("that breaks ends with an error and a failed response", async () => {
    miner = await edge.miner();
    const answer = post({ stream: true });
    const job = await miner.job();
    miner.tokens(job, [[1, "Fi"]]);
    const streaming = await answer;
    await miner.roundTrip();
    miner.hangUp();
    const text = await streaming.text();
    const events = [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(events.slice(-2)).toEqual(["error", "response.failed"]);
    const failed = /^event: response.failed\ndata: (.*)$/m.exec(text)?.[1] ?? "";
    expect(JSON.parse(failed)).toMatchObject({
      response: {
        status: "failed",
        error: { code: "upstream_failed" },
        output: [{ status: "incomplete", content: [{ text: "Fi" }] }],
      },
    });
  });
});

describe("a response that is kept", () => {
  const kept = (): number => readdirSync(join(edge.app.config.home, "answers")).length;

  it("goes on, is found and is forgotten, but only where it was asked to be kept", async () => {
    const [first, job] = await answered(said, { store: true, tools: [weather], instructions: "Be brief." });
    expect(first).toMatchObject({ store: true });
    expect(await openai.responses.retrieve(first.id)).toEqual(first);
    const call_id = `call_${job.digest.slice(2, 26)}0`;
    const input = [{ type: "function_call_output" as const, call_id, output: "sunny" }];
    const before = kept();
    const [second, next] = await answered("Sunny.", { previous_response_id: first.id, input });
    // Instructions belong to one request; this one has none, and is not kept.
    expect(next.message.prompt).toEqual({
      messages: [
        { role: "user", content: "How is Rome?" },
        { role: "assistant", content: "Let me look.", toolCalls: [{ id: call_id, name: "weather", arguments: rome }] },
        { role: "tool", content: "sunny", toolCallId: call_id },
      ],
    });
    expect(second.previous_response_id).toBe(first.id);
    expect(kept()).toBe(before);
    await expect(openai.responses.retrieve(second.id)).rejects.toMatchObject({
      status: 404,
      code: "response_not_found",
    });
    const unkept = openai.responses.create({ ...request, previous_response_id: second.id });
    await expect(unkept).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
    await openai.responses.delete(first.id);
    await expect(openai.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    await expect(openai.responses.delete(first.id)).rejects.toMatchObject({ status: 404 });
  });

  it("tells what it was made of, page by page, the latest first", async () => {
    const input = [
      { role: "user" as const, content: "Hi" },
      { type: "function_call" as const, call_id: "c1", name: "weather", arguments: rome },
      { type: "function_call_output" as const, call_id: "c1", output: "sunny" },
    ];
    const [first] = await answered("Fine.", { input, store: true });
    const [second] = await answered("So.", { input: "And?", previous_response_id: first.id, store: true });
    const seen: Record<string, unknown>[] = [];
    for await (const item of openai.responses.inputItems.list(second.id, { limit: 2, order: "asc" })) {
      seen.push(item as unknown as Record<string, unknown>);
    }
    expect(seen).toMatchObject([
      { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] },
      { type: "function_call", call_id: "c1", name: "weather", arguments: rome },
      { type: "function_call_output", call_id: "c1", output: "sunny" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Fine." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "And?" }] },
    ]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
    const [latest] = (await openai.responses.inputItems.list(second.id)).data;
    expect(latest).toEqual(seen.at(-1));
    for (const id of [`resp_${"0".repeat(24)}`, "resp_nobody", "5"]) {
      const missing = { status: 404, code: "response_not_found" };
      await expect(openai.responses.inputItems.list(id)).rejects.toMatchObject(missing);
      await expect(openai.responses.retrieve(id)).rejects.toMatchObject(missing);
      await expect(openai.responses.delete(id)).rejects.toMatchObject(missing);
    }
  });

  it("is nobody else's, and ends after thirty days", async () => {
    const [body] = await answered("Fine.", { store: true });
    const other = clientOf({ url: edge.url, key: await edge.login("client") });
    await expect(other.responses.retrieve(body.id)).rejects.toMatchObject({ status: 404 });
    const { nowMs } = edge.clock;
    edge.clock.nowMs += 30 * 24 * 3_600_000;
    await expect(openai.responses.retrieve(body.id)).rejects.toMatchObject({ status: 404 });
    edge.clock.nowMs = nowMs;
    expect((await openai.responses.retrieve(body.id)).output_text).toBe("Fine.");
  });

  it("can be continued without its call when that was cut short", async () => {
    const cut = `{"name":"weather","arguments":{"ci`;
    const [first] = await answered(
      cut,
      { store: true, tools: [weather], tool_choice: { type: "function", name: "weather" } },
      1,
    );
    expect(first.output).toMatchObject([{ type: "function_call", status: "incomplete" }]);
    const [, job] = await answered("Fine.", { previous_response_id: first.id, input: "And?" });
    expect(job.message.prompt).toMatchObject({
      messages: [{}, { role: "assistant", content: "" }, { content: "And?" }],
    });
  });

  it("is not continued for ever", async () => {
    const { funds } = edge.chain;
    edge.chain.funds = { ...funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
    const input = "x".repeat(1_200_000);
    const [first] = await answered("Fine.", { store: true, input });
    const again = await post({ previous_response_id: first.id, input });
    edge.chain.funds = funds;
    expect(again.status).toBe(400);
    expect(await again.json()).toMatchObject({
      error: { code: "conversation_too_long", param: "previous_response_id" },
    });
  });
});

describe("400 for responses", () => {
  it.each<[string, object, string]>([
    ["in the background", { background: true }, "background"],
    ["of a conversation kept elsewhere", { conversation: "conv_1" }, "conversation"],
    ["with logprobs", { top_logprobs: 2 }, "top_logprobs"],
    ["with things that nobody has", { include: ["file_search_call.results"] }, "include"],
    ["that drop what is too long", { truncation: "auto" }, "truncation"],
    ["with a tool of the server's", { tools: [{ type: "web_search" }] }, "tools[0].type"],
    [
      "with a tool that is not there",
      { tools: [weather], tool_choice: { type: "function", name: "x" } },
      "tool_choice",
    ],
    [
      "with a schema that is none",
      { text: { format: { type: "json_schema", name: "x", schema: { type: "x" } } } },
      "text.format",
    ],
    ["without a schema", { text: { format: { type: "json_schema", name: "x" } } }, "text.format"],
    [
      "of an image",
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] },
      "input[0].content[0].type",
    ],
    ["of an item that is elsewhere", { input: [{ type: "item_reference", id: "x" }] }, "input[0].type"],
    [
      "of an output without its call",
      { input: [{ type: "function_call_output", call_id: "x", output: "" }] },
      "input[0].call_id",
    ],
    ["of half a call", { input: [{ type: "function_call", call_id: "x" }] }, "input[0]"],
    ["of nobody's message", { input: [{ content: "x" }] }, "input[0].role"],
    ["of nothing", { input: [] }, "input"],
  ])("%s", async (_name, change, param) => {
    const answer = await post(change);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  });
});
