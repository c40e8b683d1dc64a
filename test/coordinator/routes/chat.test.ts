import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import type { Piece } from "../edge/scripted-miner.ts";
import { readStream } from "../edge/stream.ts";
import { prices } from "../fixture.ts";

const script: readonly Piece[] = [
  [11, "Good"],
  [12, " morning"],
  [13, ', "you"\n'],
  [14, "🌍"],
];
const text = script.map(([, piece]) => piece).join("");
const costWei = 5n * prices.inputPriceWei + 4n * prices.outputPriceWei;

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
  await edge.miner({ script });
});
afterAll(() => edge.stop());

describe("a chat completion", () => {
  it("comes whole, with usage, headers and its receipt", async () => {
    const answer = await edge.chat({});
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as { id: string; lode: { job: string; miners: string[]; receipts: string[] } };
    expect(body).toMatchObject({
      object: "chat.completion",
      model: "demo",
      choices: [{ index: 0, message: { role: "assistant", content: text, refusal: null }, finish_reason: "stop" }],
      usage: {
        ...{ prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 },
        ...{ prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } },
      },
      lode: { amountWei: costWei.toString() },
    });
    expect(body.id).toMatch(/^chatcmpl-[0-9a-f]{24}$/);
    expect(answer.headers.get("x-request-id")).toBe(body.id);
    expect(answer.headers.get("x-lode-job")).toBe(body.lode.job);
    expect(answer.headers.get("x-lode-price-output-wei")).toBe("1000");
    expect(answer.headers.get("x-lode-miner")).toBe(body.lode.miners[0]);
    expect(answer.headers.get("x-lode-receipt")).toBe(`/v1/receipts/${body.id}`);
    const receipts = await (await fetch(`${edge.url}${answer.headers.get("x-lode-receipt")!}`)).json();
    expect(receipts).toMatchObject({ receipts: [{ receipt: { assignment: body.lode.receipts[0], outputTokens: 4 } }] });
  });

  it("comes as a stream of OpenAI's chunks", async () => {
    const answer = await edge.chat({ stream: true });
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const stream = await readStream(answer);
    expect(stream.text).toBe(text);
    expect(stream.isDone).toBe(true);
    const [first, ...rest] = stream.chunks;
    expect(first?.choices[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
    expect(new Set(stream.chunks.map(({ id }) => id)).size).toBe(1);
    // Clients that did not ask for usage may read choices[0] of every chunk.
    expect(rest).toHaveLength(5);
    for (const chunk of stream.chunks) {
      expect(chunk).toMatchObject({ object: "chat.completion.chunk", model: "demo" });
      expect(chunk.choices).toHaveLength(1);
      expect(chunk).not.toHaveProperty("usage");
    }
    expect(stream.last).toMatchObject({
      choices: [{ finish_reason: "stop" }],
      lode: { amountWei: costWei.toString() },
    });
  });

  it("ends with one usage chunk when asked, and says null before it", async () => {
    const stream = await readStream(await edge.chat({ stream: true, stream_options: { include_usage: true } }));
    const chunks = [...stream.chunks];
    const usage = chunks.pop();
    expect(usage).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 } });
    for (const chunk of chunks) expect(chunk.usage).toBeNull();
  });

  it("takes text parts, null options, unknown fields and the developer role", async () => {
    const answer = await edge.chat({
      messages: [
        {
          role: "developer",
          content: [
            { type: "text", text: "Be " },
            { type: "text", text: "brief." },
          ],
        },
        { role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
        { role: "user", content: "Hi", unknown: 1 },
      ],
      temperature: null,
      stop: null,
      n: 1,
      tools: [],
      store: false,
      metadata: { a: "b" },
      something_new: { x: 1 },
    });
    expect(answer.status).toBe(200);
  });

  it("leaves nothing locked", async () => {
    const headers = { authorization: `Bearer ${edge.key}` };
    const wallet: unknown = await (await fetch(`${edge.url}/v1/wallet/balance`, { headers })).json();
    expect(wallet).toMatchObject({ lockedWei: "0" });
    expect(edge.ledger.openAttempts).toBe(0);
  });
});

describe("what a miner is sent", () => {
  it("is the conversation, the sampler and the stops, committed to by the assignment", async () => {
    const miner = await edge.miner({ models: [{ ...demo(), id: "other", digest: `0x${"77".repeat(32)}` }] });
    const answering = edge.chat({ model: "other", seed: 5, temperature: 0.5, top_p: 0.9, stop: "END", max_tokens: 7 });
    const job = await miner.job();
    expect(job.message).toMatchObject({
      prompt: { messages: [{ role: "user", content: "Hello" }] },
      sampler: { kind: "inverse-cdf-v1", temperature: 0.5, topP: 0.9 },
      stop: ["END"],
      prefixTokens: [],
    });
    expect(job.assignment).toMatchObject({ maxOutputTokens: 7, attempt: 0, outputOffset: 0, miner: miner.address });
    await miner.finish(job, [[1, "x"]], { finishReason: 1 });
    expect(await (await answering).json()).toMatchObject({ choices: [{ finish_reason: "length" }] });
  });
});

describe("errors", () => {
  it("402 says how to deposit", async () => {
    const answer = await edge.chat({ max_tokens: 4000 });
    expect(answer.status).toBe(402);
    expect(await answer.json()).toMatchObject({
      error: { code: "insufficient_funds", message: expect.stringContaining("lode client deposit") },
    });
  });

  it.each([
    ["busy", false],
    ["draining", false],
    ["busy", true],
  ])("503 when every miner says that it is %s (stream: %s): nothing failed, there is no room", async (code, stream) => {
    const full = await edge.miner({ models: [{ ...demo(), id: "full", digest: `0x${"99".repeat(32)}` }] });
    const asking = edge.chat({ model: "full", stream });
    full.send({ type: "refuse", assignment: (await full.job()).digest, code, message: "no" });
    const answer = await asking;
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await answer.json()).toMatchObject({ error: { code: "no_miner", type: "server_error" } });
    full.hangUp();
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("503 when every miner refuses the price", async () => {
    const ask = { inputPriceWei: "3", outputPriceWei: "1001" };
    await edge.miner({ models: [{ ...demo(), id: "dear", digest: `0x${"88".repeat(32)}` }], ask });
    const answer = await edge.chat({ model: "dear", stream: true });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
  });

  it.each([
    [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    [{ messages: [{ role: "__proto__", content: "x" }] }, "messages[0].role"],
    [{ messages: [{ role: "assistant", content: null, tool_calls: [{ id: "1" }] }] }, "messages[0].tool_calls"],
    [
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
      "messages[0].content",
    ],
    [{ messages: [{ role: "user" }] }, "messages[0].content"],
    [{ max_tokens: "5" }, "max_tokens"],
    [{ stream: "true" }, "stream"],
    [{ audio: {} }, "audio"],
    [{ tier: "zk" }, "tier"],
    [{ response_format: "json" }, "response_format"],
  ])("400 for %j names %s", async (change, param) => {
    const answer = await edge.chat(change);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { param: string; type: string } };
    expect(error.param).toMatch(new RegExp(`^${param.replace(/[[\].]/g, "\\$&")}`));
    expect(error.type).toBe("invalid_request_error");
  });

  const post = async (body: string, headers: Record<string, string> = {}) => {
    const all = { authorization: `Bearer ${edge.key}`, "content-type": "application/json", ...headers };
    const answer = await edge.app.inject({ method: "POST", url: "/v1/chat/completions", headers: all, payload: body });
    return { status: answer.statusCode, ...answer.json<{ error: { code: string; message: string } }>().error };
  };

  it("400 for deep JSON, without parsing it", async () => {
    const deep = `{"messages":${"[".repeat(400_000)}${"]".repeat(400_000)}}`;
    expect(await post(deep)).toMatchObject({ status: 400, code: "too_deep" });
    // Brackets in texts do not count.
    const flat = JSON.stringify({ model: "none", messages: [{ role: "user", content: `\\"${"[".repeat(100)}` }] });
    expect(await post(flat)).toMatchObject({ status: 404 });
  });

  it("400 for JSON that is none, without quoting it, and for poisoned keys", async () => {
    const broken = await post('{"messages": canary-3141');
    expect(broken).toMatchObject({ status: 400, code: "invalid_json" });
    expect(broken.message).not.toContain("canary");
    expect(await post('{"__proto__": {"admin": true}}')).toMatchObject({ status: 400 });
  });

  it("415 for a compressed body", async () => {
    expect(await post("{}", { "content-encoding": "gzip" })).toMatchObject({ status: 415 });
  });

  it("429 for an address that guesses keys, while right keys still work", async () => {
    const guess = async () => (await edge.chat({}, { key: `lode_00000000_${"A".repeat(43)}` })).status;
    let status = 0;
    for (let i = 0; i < 70 && status !== 429; i++) status = await guess();
    expect(status).toBe(429);
    expect((await edge.chat({})).status).toBe(200);
  });
});

describe("models", () => {
  it("are listed and found by name", async () => {
    const headers = { authorization: `Bearer ${edge.key}` };
    const get = async (path: string) => (await edge.app.inject({ method: "GET", url: path, headers })).json<unknown>();
    expect(await get("/v1/models")).toMatchObject({
      object: "list",
      data: [{ id: "demo", context_tokens: 4096 }, {}, {}],
    });
    expect(await get("/v1/models/demo")).toMatchObject({ id: "demo", object: "model" });
    expect(await get("/v1/models/a%2Fb")).toMatchObject({ error: { code: "model_not_found" } });
  });
});

describe("what stays inside", () => {
  it("is every word of a conversation: logs, metrics and errors do not have them", async () => {
    const canary = "canary-271828";
    await edge.chat({ messages: [{ role: "user", content: canary }] });
    await edge.chat({ messages: [{ role: canary, content: canary }] });
    await edge.chat({ messages: [{ role: "user", content: { canary } }] });
    const metrics = (await edge.app.inject({ method: "GET", url: "/metrics" })).body;
    expect(metrics).toMatch(/^lode_jobs_total\{model="demo",outcome="stop"\} [1-9]/m);
    const logs = edge.logged.join("");
    expect(logs).not.toBe("");
    for (const place of [logs, metrics]) {
      expect(place).not.toContain(canary);
      expect(place).not.toContain(text);
      expect(place).not.toContain(edge.key);
      expect(place).not.toContain(edge.key.slice("lode_12345678_".length));
    }
  });
});

function demo() {
  return edge.app.hub.models().get("demo")!;
}
