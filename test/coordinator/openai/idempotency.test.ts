import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { limits } from "@lode/protocol";
import type { OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import { readStream } from "../edge/stream.ts";
import { prices } from "../fixture.ts";
import { clientOf, pieces } from "./client.ts";

const request = { model: "demo", messages: [{ role: "user" as const, content: "canary-1618" }], max_tokens: 40 };
const text = "Good morning, canary-2718";

let edge: Edge;
let openai: OpenAI;
let next = 0;
beforeAll(async () => {
  edge = await openEdge({ FIRST_TOKEN_MS: "2000", STALL_MS: "1000" });
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const withKey = (key: string) => ({ headers: { "idempotency-key": key } });
const freshKey = (): string => `key-${next++}`;
const debited = (): bigint => edge.book.debitOf(edge.ledger.keys.authenticate(edge.key)!.account).cumulativeWei;
const callTool = '<tool_call>{"name":"clock"}</tool_call>';
const tools: OpenAI.ChatCompletionTool[] = [{ type: "function", function: { name: "clock" } }];

describe("an Idempotency-Key", () => {
  it("gives the same answer again, without a miner and without a bill", async () => {
    const miner = await edge.miner({ script: pieces(text) });
    const key = freshKey();
    const first = await openai.chat.completions.create(request, withKey(key)).withResponse();
    await edge.disconnect();
    const before = debited();
    edge.clock.nowMs += 5000;
    const again = await openai.chat.completions.create(request, withKey(key)).withResponse();
    expect(again.data).toEqual(first.data);
    expect(again.data.choices[0]?.message.content).toBe(text);
    expect(again.response.headers.get("idempotent-replayed")).toBe("true");
    expect(first.response.headers.has("idempotent-replayed")).toBe(false);
    for (const name of ["x-request-id", "x-lode-job", "x-lode-receipt"]) {
      expect(again.response.headers.get(name)).toBe(first.response.headers.get(name));
    }
    expect(debited()).toBe(before);
    expect(miner.jobs).toHaveLength(1);
  });

  it("streams the same answer again, calls included", async () => {
    await edge.miner({ script: pieces(`Wait. ${callTool}`) });
    const key = freshKey();
    const body = { ...request, tools, n: 2 };
    const answers: OpenAI.ChatCompletion[] = [];
    for (let i = 0; i < 2; i++) {
      answers.push(await openai.chat.completions.stream(body, withKey(key)).finalChatCompletion());
      await edge.disconnect();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]?.choices).toMatchObject([0, 1].map((index) => ({
      index, finish_reason: "tool_calls", message: { content: "Wait.", tool_calls: [{ function: { name: "clock" } }] },
    }))); // prettier-ignore
    expect(answers[0]?.choices[0]?.message.tool_calls?.[0]?.id).toMatch(/^call_[0-9a-f]{24}0$/);
  });

  it("makes one job of requests that come together", async () => {
    const miner = await edge.miner();
    const key = freshKey();
    const asking = [1, 2, 3].map(() => openai.chat.completions.create(request, withKey(key)));
    await miner.finish(await miner.job(), pieces(text));
    const [first, ...others] = await Promise.all(asking);
    for (const other of others) expect(other).toEqual(first);
    expect(miner.jobs).toHaveLength(1);
  });

  it.each([true, false])(
    "lets a job go on when the client hangs up (stream: %s), and has its answer for it",
    async (stream) => {
      const miner = await edge.miner();
      const key = freshKey();
      const gone = new AbortController();
      const options = { ...withKey(key), signal: gone.signal };
      const body = { ...request, stream };
      const asking = edge.chat(body, options).then((answer) => answer.text());
      const job = await miner.job();
      miner.tokens(job, [[1, "Good"]]);
      gone.abort();
      await expect(asking).rejects.toThrow();
      await miner.finish(job, [[2, " day"]]);
      const again = await edge.chat(body, withKey(key));
      expect(stream ? (await readStream(again)).text : ((await again.json()) as OpenAI.ChatCompletion).choices[0]?.message.content).toBe("Good day"); // prettier-ignore
      expect(miner.received.some(({ type }) => type === "cancel")).toBe(false);
    },
  );

  it("may be used again after a failure that cost nothing", async () => {
    const key = freshKey();
    const away = openai.chat.completions.create(request, withKey(key));
    await expect(away).rejects.toMatchObject({ status: 503, code: "no_miner" });
    await edge.miner({ script: pieces(text) });
    const answer = await openai.chat.completions.create(request, withKey(key));
    expect(answer.choices[0]?.message.content).toBe(text);
  });

  it("keeps a failure that can cost something", async () => {
    const miner = await edge.miner();
    const key = freshKey();
    const failing = openai.chat.completions.create(request, withKey(key));
    const job = await miner.job();
    miner.tokens(job, [[1, "Good"]]);
    await expect(failing).rejects.toMatchObject({ status: 502, code: "upstream_failed" });
    const again = await edge.chat(request, withKey(key));
    expect([again.status, again.headers.get("x-should-retry")]).toEqual([502, "false"]);
    expect(miner.jobs).toHaveLength(1);
  });

  it("serves embeddings too", async () => {
    const miner = await edge.miner();
    const key = freshKey();
    const body = { model: "demo", input: "canary-1618" };
    const asking = openai.embeddings.create(body, withKey(key));
    const job = await miner.job();
    miner.send(miner.receiptMessage(job, miner.vectors(job, [[0.25, 1]])));
    const first = await asking;
    expect(await openai.embeddings.create(body, withKey(key))).toEqual(first);
    expect(first.data[0]?.embedding).toEqual([0.25, 1]);
    expect(first).toMatchObject({ lode: { amountWei: (4n * prices.inputPriceWei).toString() } });
    expect(miner.jobs).toHaveLength(1);
  });

  it.each([
    ["with a space in it", "a b"],
    ["that is too long", "k".repeat(256)],
  ])("is refused %s", async (_name, key) => {
    // prettier-ignore
    const answer = await edge.chat(request, withKey(key));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "invalid_idempotency_key" } });
  });

  it("leaves nothing on the disk that anybody else can read", () => {
    const folder = join(edge.app.config.home, "answers");
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(4);
    const disk = files.map((file) => file + readFileSync(join(folder, file), "latin1")).join("");
    for (const word of ["canary", "key-0", "chatcmpl", "upstream"]) expect(disk).not.toContain(word);
  });
});

describe("x-should-retry", () => {
  const post = (path: string, body: object): Promise<Response> => {
    const headers = { authorization: `Bearer ${edge.key}`, "content-type": "application/json" };
    return fetch(`${edge.url}${path}`, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" });
  };

  it("is false where a retry cannot help, so that clients do not try", async () => {
    const statuses: [number, string | null][] = [];
    for (const change of [{ messages: [] }, { model: "none" }, { max_tokens: 4000 }, {}]) {
      const answer = await edge.chat({ ...request, ...change });
      statuses.push([answer.status, answer.headers.get("x-should-retry")]);
      if ("model" in change) await edge.miner();
      else if ("max_tokens" in change) await edge.disconnect();
    }
    // Nobody serves the model now: that may pass.
    expect(statuses).toEqual([[400, "false"], [404, "false"], [402, "false"], [503, "true"]]); // prettier-ignore
  });

  it("is false after a failure of an answer of which the client has nothing, but its miner may be paid", async () => {
    const miner = await edge.miner();
    const asking = edge.chat(request);
    const job = await miner.job();
    miner.tokens(job, [[1, "{"]]);
    const answer = await asking;
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([502, "false"]);
  });

  it("is false there too where another coordinator could do it: it is not sent on", async () => {
    const peer = { url: "http://127.0.0.1:1", place: "paris", models: ["demo"] };
    const peers = vi.spyOn(edge.app.federation, "peers", "get").mockReturnValue([peer]);
    try {
      const ask = () => post("/v1/chat/completions", { ...request, n: 2 });
      const elsewhere = await ask();
      expect(elsewhere.status).toBe(307);
      const miner = await edge.miner();
      const asking = ask();
      const [first, second] = [await miner.job(), await miner.job()];
      await miner.finish(first, pieces(text));
      await miner.next("accepted");
      miner.send({ type: "refuse", assignment: second.digest, code: "busy", message: "full" });
      const { status, headers } = await asking;
      expect([status, headers.get("x-should-retry")]).toEqual([503, "false"]);
    } finally {
      peers.mockRestore();
    }
  });

  it.each([
    ["chat", "/v1/chat/completions", { ...request, n: 2 }],
    ["embeddings", "/v1/embeddings", { model: "demo", input: Array(limits.embeddingTexts + 1).fill("a") }],
  ])(
    "is false where one of the jobs of a request is billed and another finds no room: %s",
    async (name, path, body) => {
      const miner = await edge.miner();
      const asking = post(path, body);
      const [first, second] = [await miner.job(), await miner.job()];
      if (name === "chat") await miner.finish(first, pieces(text));
      else {
        const { texts } = first.message.prompt as { texts: readonly unknown[] };
        miner.send(miner.receiptMessage(first, miner.vectors(first, texts.map(() => [0.25, 1])))); // prettier-ignore
      }
      await miner.next("accepted");
      miner.send({ type: "refuse", assignment: second.digest, code: "busy", message: "full" });
      const answer = await asking;
      const { status } = answer;
      expect([status, answer.headers.get("x-should-retry"), answer.headers.get("retry-after")]).toEqual([
        503,
        "false",
        null,
      ]);
      expect(await answer.json()).toMatchObject({ error: { code: "no_miner" } });
    },
  );
});
