import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { limits } from "@lode/protocol";
import { until } from "../../helpers/books.ts";
import { demoModel, type ReceivedJob, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { client } from "../fixture.ts";
import { pieces } from "../openai/client.ts";

const request = { model: "demo", max_tokens: 60, messages: [{ role: "user", content: "How is Rome?" }] };
const weather = {
  name: "weather",
  description: "Today's weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const rome = '{"city":"Rome"}';

let edge: Edge;
let miner: ScriptedMiner;
beforeAll(async () => {
  edge = await openEdge();
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

/** Sends as Anthropic's client does: the key in its own header. */
const post = (
  change: object = {},
  headers: Record<string, string> = { "x-api-key": edge.key },
  url = edge.url,
): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", ...headers },
    body: JSON.stringify({ ...request, ...change }),
  });

/** The answer to a request for which a miner says a text, and the job that it was. */
async function answered(text: string, change: object = {}, finishReason = 0): Promise<[Response, ReceivedJob]> {
  // Of several that are equal, any may get the job.
  await edge.disconnect();
  miner = await edge.miner();
  const asking = post(change);
  const job = await miner.job();
  await miner.finish(job, pieces(text), { finishReason });
  return [await asking, job];
}

interface Event {
  readonly type: string;
  readonly index?: number;
  readonly content_block?: Record<string, unknown>;
  readonly delta?: Record<string, string>;
  readonly error?: unknown;
}

/** Events of a stream, with each name checked against its data. */
async function eventsOf(answer: Response): Promise<Event[]> {
  const parts = (await answer.text()).split("\n\n").filter((part) => part !== "" && !part.startsWith(":"));
  return parts.map((part) => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
    const event = JSON.parse(data!) as Event;
    expect(event.type).toBe(name);
    return event;
  });
}

/** The message that a client puts together from events. */
function assembled(events: readonly Event[]): Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = [];
  let open: number | undefined;
  for (const { type, index, content_block, delta } of events) {
    if (type === "content_block_start") {
      expect([open, index]).toEqual([undefined, blocks.length]);
      open = index;
      blocks.push({ ...content_block, json: "" });
    } else if (type === "content_block_delta") {
      expect(index).toBe(open);
      const block = blocks[index!]!;
      if (delta?.["type"] === "text_delta") block["text"] = `${String(block["text"])}${delta["text"]!}`;
      else block["json"] = `${String(block["json"])}${delta!["partial_json"]!}`;
    } else if (type === "content_block_stop") {
      expect(index).toBe(open);
      open = undefined;
    }
  }
  expect(open).toBeUndefined();
  return blocks;
}

describe("a message", () => {
  it("comes whole, from the conversation as the template takes it", async () => {
    const change = {
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
      stop_sequences: ["END"],
      temperature: 0.5,
      top_k: 5,
      metadata: { user_id: "x" },
      thinking: { type: "disabled" },
    };
    const [answer, job] = await answered("Fine.", change);
    expect(answer.status).toBe(200);
    expect(job.message).toMatchObject({
      prompt: {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "How is Rome?" },
        ],
      },
      sampler: { temperature: 0.5, topK: 5 },
      stop: ["END"],
    });
    const body = (await answer.json()) as { id: string };
    expect(body).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{24}$/),
      type: "message",
      role: "assistant",
      model: "demo",
      content: [{ type: "text", text: "Fine." }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: {
        ...{ input_tokens: 5, output_tokens: 2 },
        ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
      },
      lode: { job: job.digest, receipts: [job.digest], miners: [miner.address], amountWei: "2015" },
    });
    expect(answer.headers.get("request-id")).toBe(body.id);
  });

  it("comes as events", async () => {
    const [answer] = await answered("Fine, thanks.", { stream: true }, 1);
    expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const events = await eventsOf(answer);
    expect(events.map(({ type }) => type).filter((type) => type !== "content_block_delta")).toEqual([
      "message_start",
      "content_block_start",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(events[0]).toMatchObject({
      message: { role: "assistant", content: [], stop_reason: null, usage: { cache_read_input_tokens: 0 } },
    });
    expect(assembled(events)).toMatchObject([{ type: "text", text: "Fine, thanks." }]);
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: "max_tokens", stop_sequence: null },
      usage: { input_tokens: 5, output_tokens: 5 },
      lode: { amountWei: "5015" },
    });
  });

  it("leaves out what was thought before, lets a model think as it likes, and gives no more room than there is", async () => {
    const thought = [
      { type: "thinking", thinking: "Hm.", signature: "x" },
      { type: "redacted_thinking", data: "x" },
      { type: "text", text: "Yes." },
    ];
    const messages = [...request.messages, { role: "assistant", content: thought }, { role: "user", content: "And?" }];
    const { funds } = edge.chain;
    edge.chain.funds = { ...funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
    const [answer, job] = await answered("Fine.", { messages, thinking: { type: "adaptive" }, max_tokens: 128_000 });
    expect(answer.status).toBe(200);
    expect(job.message.prompt).toMatchObject({ messages: [{}, { role: "assistant", content: "Yes." }, {}] });
    expect(job.assignment.maxOutputTokens).toBe(demoModel.contextTokens);
    edge.chain.funds = funds;
  });

  it("says which stop sequence ended it, whole and as events", async () => {
    const stop_sequences = ["END", "\n\n"];
    for (const stream of [false, true]) {
      await edge.disconnect();
      miner = await edge.miner();
      const asking = post({ stop_sequences, stream });
      const job = await miner.job();
      await miner.finish(job, pieces("Fine."), {}, 1);
      const answer = await asking;
      const told = stream ? (await eventsOf(answer)).at(-2)!["delta"] : await answer.json();
      expect(told).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "\n\n" });
    }
  });

  it("of a miner that names a stop sequence which there is not does not end well", async () => {
    await edge.disconnect();
    miner = await edge.miner();
    const asking = post({ stop_sequences: ["END"] });
    await miner.finish(await miner.job(), pieces("Fine."), {}, 1).catch(() => undefined);
    expect((await asking).status).toBe(502);
  });

  it("shows that it lives by pings while its miner reads", async () => {
    const alive = await openEdge({ KEEP_ALIVE_MS: "50" });
    const one = await alive.miner();
    const answer = await post({ stream: true }, { "x-api-key": alive.key }, alive.url);
    const job = await one.job();
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    while (!seen.includes('event: ping\ndata: {"type":"ping"}\n\n')) seen += (await reader.read()).value ?? "";
    await one.finish(job, pieces("Fine."));
    while (!seen.includes("message_stop")) seen += (await reader.read()).value ?? "";
    await alive.stop();
  });

  it("takes a top_k of nothing for none", async () => {
    const [answer, job] = await answered("Fine.", { top_k: 0 });
    expect(answer.status).toBe(200);
    expect(job.message.sampler.topK).toBe(40);
  });

  it("that breaks ends with an error event", async () => {
    miner = await edge.miner();
    const asking = post({ stream: true });
    const job = await miner.job();
    miner.tokens(job, [[1, "Fi"]]);
    const answer = await asking;
    await miner.roundTrip();
    miner.hangUp();
    const events = await eventsOf(answer);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "api_error", code: "upstream_failed" } });
    expect(events.map(({ type }) => type)).not.toContain("message_stop");
  });

  it("is the same again for an Idempotency-Key, also as events", async () => {
    miner = await edge.miner({ script: pieces(`Wait. <tool_call>{"name":"weather","arguments":${rome}}</tool_call>`) });
    const change = { tools: [weather], stream: true };
    const headers = { "x-api-key": edge.key, "idempotency-key": "a" };
    const [first, again] = [await eventsOf(await post(change, headers)), await eventsOf(await post(change, headers))];
    expect(assembled(again)).toEqual(assembled(first));
    expect(again.at(-2)).toEqual(first.at(-2));
    expect(miner.jobs).toHaveLength(1);
  });
});

describe("tools in messages", () => {
  const text = `Let me look. <tool_call>{"name":"weather","arguments":${rome}}</tool_call>`;

  it("are shown to the model, and its calls are blocks", async () => {
    const [answer, job] = await answered(text, { tools: [weather] });
    expect(job.message.prompt).toMatchObject({
      tools: [{ name: "weather", description: "Today's weather", parameters: JSON.stringify(weather.input_schema) }],
    });
    expect(await answer.json()).toMatchObject({
      content: [
        { type: "text", text: "Let me look." },
        { type: "tool_use", id: `call_${job.digest.slice(2, 26)}0`, name: "weather", input: { city: "Rome" } },
      ],
      stop_reason: "tool_use",
    });
  });

  it.each<[string, object, object]>([
    ["any", { type: "any" }, { type: "tool_calls", most: 16 }],
    ["one of any", { type: "any", disable_parallel_tool_use: true }, { type: "tool_calls", most: 1 }],
    ["a named one", { type: "tool", name: "weather" }, { type: "tool_calls", names: ["weather"], most: 1 }],
  ])("must be called by a mask: %s", async (_name, tool_choice, constraint) => {
    const { most } = constraint as { most: number };
    const call = `{"name":"weather","arguments":${rome}}`;
    const [answer, job] = await answered(most === 1 ? call : `[${call},${call}]`, {
      tools: [weather],
      tool_choice,
      stream: true,
    });
    expect(job.message.sampler.constraint).toEqual(constraint);
    const blocks = assembled(await eventsOf(answer));
    expect(blocks).toHaveLength(most === 1 ? 1 : 2);
    for (const [i, block] of blocks.entries()) {
      expect(block).toEqual({ type: "tool_use", id: `call_${job.digest.slice(2, 26)}${i}`, name: "weather", input: {}, json: rome }); // prettier-ignore
    }
  });

  it("are not shown when they must not be called", async () => {
    const [answer, job] = await answered(text, { tools: [weather], tool_choice: { type: "none" } });
    expect(job.message.prompt).not.toHaveProperty("tools");
    expect(await answer.json()).toMatchObject({ content: [{ type: "text", text }], stop_reason: "end_turn" });
  });

  it("leave no block of a call that was cut", async () => {
    const change = { tools: [weather], tool_choice: { type: "any" } };
    const [answer] = await answered(`[{"name":"weather","arguments":${rome}},{"name":"weather","argu`, change, 1);
    expect(await answer.json()).toMatchObject({ content: [{ input: { city: "Rome" } }], stop_reason: "max_tokens" });
    const [half] = await answered(`[{"name":"weather","arguments":{"ci`, change, 1);
    expect(await half.json()).toMatchObject({ content: [], stop_reason: "max_tokens" });
  });

  it("come back with their results, before what the user says", async () => {
    const messages = [
      ...request.messages,
      {
        role: "assistant",
        content: [
          { type: "text", text: "Let me look." },
          { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } },
          { type: "tool_use", id: "toolu_2", name: "weather", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "sunny" }] },
          { type: "tool_result", tool_use_id: "toolu_2", content: "no city", is_error: true },
          { type: "text", text: "And?" },
        ],
      },
    ];
    const [, job] = await answered("Fine.", { messages, tools: [weather] });
    expect(job.message.prompt).toMatchObject({
      messages: [
        { role: "user", content: "How is Rome?" },
        {
          role: "assistant",
          content: "Let me look.",
          toolCalls: [
            { id: "toolu_1", name: "weather", arguments: rome },
            { id: "toolu_2", name: "weather", arguments: "{}" },
          ],
        },
        { role: "tool", content: "sunny", toolCallId: "toolu_1" },
        { role: "tool", content: "Error: no city", toolCallId: "toolu_2" },
        { role: "user", content: "And?" },
      ],
    });
  });
});

describe("errors in Anthropic's shape", () => {
  const said = (block: object) => ({ messages: [{ role: "user", content: [block] }] });
  it.each<[string, object, RegExp]>([
    ["no max_tokens", { max_tokens: undefined }, /^'max_tokens' is required/],
    ["an image", said({ type: "image", source: {} }), /^'messages\[0\].content\[0\].type'/],
    ["a text block without text", said({ type: "text" }), /^'messages\[0\].content\[0\].text'/],
    [
      "a result of no call",
      said({ type: "tool_result", tool_use_id: "x" }),
      /^'messages\[0\].content\[0\].tool_use_id'/,
    ],
    [
      "a call of the user's",
      said({ type: "tool_use", id: "a", name: "b", input: {} }),
      /^'messages\[0\].content\[0\].type'/,
    ],
    ["nobody among the messages", { messages: [{ role: "nobody", content: "x" }] }, /^'messages\[0\].role'/],
    ["a format that is none", { output_config: { format: { type: "xml" } } }, /^'output_config.format.type'/],
    [
      "a format beside tools that may be called",
      { output_config: { format: { type: "json_schema", schema: { type: "object" } } }, tools: [weather] },
      /^A JSON 'output_config.format'/,
    ],
    ["thinking", { thinking: { type: "enabled", budget_tokens: 1024 } }, /^'thinking' is not supported/],
    ["a tool of the server's", { tools: [{ type: "web_search_20250305", name: "web_search" }] }, /^'tools\[0\]/],
    ["a tool that is not there", { tools: [weather], tool_choice: { type: "tool", name: "x" } }, /^'tool_choice'/],
    ["a tool without a name", { tools: [weather], tool_choice: { type: "tool" } }, /^'tool_choice'/],
    ["a temperature above theirs", { temperature: 1.5 }, /^'temperature'/],
    [
      "an answer that its client begins",
      { messages: [...request.messages, { role: "assistant", content: "It is" }] },
      /^'messages' must not end/,
    ],
  ])("400 for %s", async (_name, change, message) => {
    const answer = await post(change);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await answer.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: expect.stringMatching(message) },
    });
  });

  it.each<[number, string, object, Record<string, string>]>([
    [401, "authentication_error", {}, {}],
    [401, "authentication_error", {}, { "x-api-key": "wrong" }],
    [404, "not_found_error", { model: "none" }, {}],
    [503, "overloaded_error", {}, {}],
  ])("%i is %s", async (status, type, change, headers) => {
    const isStranger = status === 401;
    const answer = await post(change, isStranger ? headers : { authorization: `Bearer ${edge.key}` });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ type: "error", error: { type } });
  });
});

describe("a count of tokens", () => {
  const counting = [{ ...demoModel, counts: true }];
  const { max_tokens: _most, ...prompt } = request;
  const count = (change: object = {}): Promise<Response> =>
    fetch(`${edge.url}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": edge.key },
      body: JSON.stringify({ ...prompt, ...change }),
    });

  it("is a miner's, of the prompt as a job would read it, and costs nothing", async () => {
    miner = await edge.miner({ models: counting });
    const before = await edge.ledger.clientBalance(client.address);
    const asking = count({ system: "Be brief.", tools: [weather] });
    const { id, model, prompt: asked } = await miner.next("count");
    expect(model).toBe(demoModel.digest);
    miner.send({ type: "counted", id, tokens: 17 });
    expect(await (await asking).json()).toEqual({ input_tokens: 17 });
    expect(await edge.ledger.clientBalance(client.address)).toEqual(before);
    const answering = post({ system: "Be brief.", tools: [weather] });
    const job = await miner.job();
    expect(job.message.prompt).toEqual(asked);
    await miner.finish(job, pieces("Hot."));
    await answering;
  });

  it("comes from the next miner where one is busy or leaves, and from nobody else", async () => {
    const [first, second, third] = [
      await edge.miner({ models: counting }),
      await edge.miner({ models: counting }),
      await edge.miner(),
    ];
    const asking = count();
    const [asked, word, other] = await Promise.race([
      first.next("count").then((told) => [first, told, second] as const),
      second.next("count").then((told) => [second, told, first] as const),
    ]);
    // A stranger's word on another's question is nobody's.
    other.send({ type: "counted", id: word.id, tokens: 1 });
    await other.roundTrip();
    asked.send({ type: "uncounted", id: word.id, code: "busy" });
    await until("the other one is asked", async () => other.last("count") !== undefined);
    const once = other.last("count")!.id;
    other.send({ type: "counted", id: once, tokens: 9 });
    expect(await (await asking).json()).toEqual({ input_tokens: 9 });
    await asked.roundTrip();
    asked.hangUp();
    await until("it is gone", async () => edge.app.hub.session(asked.address) === undefined);
    const again = count();
    await until("the other one is asked again", async () => other.last("count")!.id !== once);
    other.send({ type: "uncounted", id: other.last("count")!.id, code: "busy" });
    const answer = await again;
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "true"]);
    expect(third.last("count")).toBeUndefined();
  });

  it("is refused where the prompt is none for the model, too long, or nobody counts", async () => {
    miner = await edge.miner({ models: counting });
    const asking = count();
    miner.send({ type: "uncounted", id: (await miner.next("count")).id, code: "bad_request" });
    expect(await (await asking).json()).toMatchObject({ error: { type: "invalid_request_error" } });
    const long = await count({ messages: [{ role: "user", content: "a".repeat(limits.countedChars) }] });
    expect(long.status).toBe(413);
    await edge.disconnect();
    await edge.miner();
    const nobody = await count();
    expect([nobody.status, await nobody.json()]).toMatchObject([400, { error: { type: "invalid_request_error" } }]);
  });

  it("is for those who could pay for a job", async () => {
    await edge.miner({ models: counting });
    const { funds } = edge.chain;
    edge.chain.funds = { ...funds, balanceWei: 0n };
    expect((await count()).status).toBe(402);
    edge.chain.funds = funds;
  });
});
