import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Classifier } from "../../../coordinator/src/plugins/app/content-filter/classifier.ts";
import { openClassifier } from "../../../coordinator/src/plugins/app/content-filter/open.ts";
import { ConfigError } from "../../../coordinator/src/plugins/external/config.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { temporaryHome } from "../fixture.ts";

const bad = "forbidden-fruit";
const about = { model: "demo", signal: AbortSignal.timeout(600_000) };

describe("a plugged classifier", () => {
  const seen: string[][] = [];
  let isBroken = false;
  const classifier: Classifier = {
    classify: async (texts) => {
      if (isBroken) throw new Error(`cannot judge ${texts.join()}`);
      seen.push([...texts]);
      const isRefused = texts.some((text) => text.includes(bad));
      return { isRefused, categories: isRefused ? ["fruit", "not a <name>"] : [] };
    },
  };
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge({}, { classifier });
    await edge.miner({ script: [[11, "Fine"]] });
  });
  afterAll(() => edge.stop());
  const post = async (url: string, body: object) => {
    const headers = { authorization: `Bearer ${edge.key}` };
    const payload = { model: "demo", max_tokens: 5, ...body };
    const answer = await edge.app.inject({ method: "POST", url, headers, payload });
    return { status: answer.statusCode, text: answer.body, headers: answer.headers };
  };
  const say = (content: string) => ({ messages: [{ role: "user", content }] });
  const schema = { type: "object", properties: { [bad]: { type: "string" } } };
  const withTool = (parameters: object) => ({
    ...say("Hi"),
    tools: [{ type: "function", function: { name: "f", parameters } }],
  });
  const called = (input: object) => ({ role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input }] });

  it("lets through what it does not refuse, after it has seen every text and no name", async () => {
    const body = { ...say("Hello"), stop: ["END"], user: "me", metadata: { a: "b" } };
    expect((await post("/v1/chat/completions", body)).status).toBe(200);
    expect(seen.at(-1)).toEqual(["Hello", "END"]);
    const parameters = { type: ["object", "null"], properties: { type: { type: "string", description: "a kind" } } };
    expect((await post("/v1/chat/completions", withTool({ ...parameters, required: ["type"] }))).status).toBe(200);
    expect(seen.at(-1)).toEqual(["Hi", "f", "type", "a kind", "type"]);
  });

  it.each<[string, object, string]>([
    ["/v1/completions", { prompt: [1, 2] }, "prompt"],
    ["/v1/completions", { prompt: [[1, 2]] }, "prompt"],
    ["/v1/embeddings", { input: [[1], [2]] }, "input"],
  ])("refuses at %s what it cannot read: %j", async (url, body, param) => {
    const { status, text } = await post(url, body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "unsupported_parameter", param } });
  });

  it.each<[string, object]>([
    ["/v1/chat/completions", say(bad)],
    ["/v1/chat/completions", { messages: [{ role: "user", content: [{ type: "text", text: `a ${bad}` }] }] }],
    [
      "/v1/chat/completions",
      { ...say("Hi"), tools: [{ type: "function", function: { name: "f", parameters: schema } }], tool_choice: "none" },
    ],
    ["/v1/chat/completions", withTool({ type: "object", properties: {}, [bad]: 1 })],
    ["/v1/chat/completions", withTool({ type: bad })],
    ["/v1/chat/completions", withTool({ type: "object", properties: { a: { const: { [bad]: { type: 1 } } } } })],
    ["/v1/chat/completions", { messages: [{ role: "user", name: bad, content: "Hi" }] }],
    ["/v1/completions", { prompt: ["a", bad] }],
    ["/v1/embeddings", { input: [bad] }],
    ["/v1/images/generations", { prompt: bad }],
    ["/v1/responses", { input: "Hi", instructions: bad }],
    ["/v1/messages", { ...say("Hi"), system: bad }],
    ["/v1/messages", { messages: [...say("Hi").messages, called({ [bad]: 1 })] }],
  ])("refuses at %s before a miner is asked, in the provider's shape", async (url, body) => {
    const jobs = edge.app.ledger.logSize;
    const { status, text, headers } = await post(url, body);
    expect(status).toBe(400);
    expect(headers["x-should-retry"]).toBe("false");
    expect(text).toContain("content_policy_violation");
    expect(text).toContain("(fruit)");
    expect(text).not.toContain(bad);
    expect(edge.app.ledger.logSize).toBe(jobs);
  });

  it("puts requests off while it cannot say, and nothing of them is logged", async () => {
    isBroken = true;
    const { status, headers } = await post("/v1/chat/completions", say(`quiet ${bad}`));
    isBroken = false;
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("5");
    expect(edge.logged.join("")).toContain("the content filter does not answer");
    expect(edge.logged.join("")).not.toContain(bad);
  });

  it("leaves in the audit log who was refused and why, without a word of it", () => {
    const records = edge.app.audit.latest(undefined, 0, 100).filter(({ action }) => action === "content.refused");
    expect(records).toMatchObject([{ key: edge.key.split("_")[1], detail: { categories: ["fruit"] } }]);
    expect(JSON.stringify(records)).not.toContain(bad);
  });

  it("is not asked where no model is", async () => {
    const before = seen.length;
    expect((await edge.app.inject({ method: "POST", url: "/v1/keys/challenge", payload: {} })).statusCode).toBe(200);
    expect(seen).toHaveLength(before);
  });
});

describe("a moderation server", () => {
  let server: Server;
  let url: string;
  let answer: (input: string[]) => { status?: number; body: string };
  const asked: { key: string | undefined; body: unknown }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      void json(request).then((body) => {
        asked.push({ key: request.headers.authorization, body });
        const said = answer((body as { input: string[] }).input);
        response.writeHead(said.status ?? 200, { "content-type": "application/json" }).end(said.body);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/moderations`;
  });
  afterAll(() => void server.close());
  const open = async () => (await openClassifier({ contentFilter: { source: url, key: "k" } }))!;
  const result = (flagged: unknown, categories: object = {}) => ({ flagged, categories });

  it("is asked as OpenAI's is, and its categories are those of what it flags", async () => {
    answer = (input) => ({
      body: JSON.stringify({ results: input.map((text) => result(text === bad, { hate: true, violence: false })) }),
    });
    const classifier = await open();
    expect(await classifier.classify(["a", bad], about)).toEqual({ isRefused: true, categories: ["hate"] });
    expect(asked.at(-1)).toEqual({ key: "Bearer k", body: { input: ["a", bad] } });
    expect(await classifier.classify(["a"], about)).toEqual({ isRefused: false, categories: [] });
  });

  it.each<[string, { status?: number; body: string }]>([
    ["an error", { status: 500, body: "{}" }],
    ["a redirection", { status: 302, body: "{}" }],
    ["what is no JSON", { body: "hello" }],
    ["no results", { body: "{}" }],
    ["fewer results than texts", { body: JSON.stringify({ results: [] }) }],
    ["a result that is none", { body: JSON.stringify({ results: [result("no")] }) }],
    ["two megabytes", { body: `{"results":[{"flagged":false,"x":"${"x".repeat(2_000_000)}"}]}` }],
  ])("that answers with %s lets nothing through", async (_name, said) => {
    answer = () => said;
    await expect((await open()).classify(["a"], about)).rejects.toThrow();
  });
});

describe("a module", () => {
  const folder = temporaryHome();
  afterAll(folder.remove);
  const open = (name: string, source?: string) => {
    const file = join(folder.home, name);
    if (source !== undefined) writeFileSync(file, source);
    return openClassifier({ contentFilter: { source: file, key: undefined } });
  };

  it("judges by its own function", async () => {
    const source = `export const classify = async (texts) => ({ isRefused: texts.includes("x"), categories: ["own"] });`;
    const classifier = (await open("good.mjs", source))!;
    expect(await classifier.classify(["x"], about)).toEqual({ isRefused: true, categories: ["own"] });
  });

  it("that gives no verdict lets nothing through", async () => {
    const classifier = (await open("odd.mjs", "export const classify = async () => undefined;"))!;
    await expect(classifier.classify(["x"], about)).rejects.toThrow("no verdict");
  });

  it("that is not there, or has no such function, is a wrong setting", async () => {
    await expect(open("nowhere.mjs")).rejects.toThrow(ConfigError);
    await expect(open("empty.mjs", "export const other = 1;")).rejects.toThrow(/no classify/);
  });
});

describe("the network of zk-circuits", () => {
  it("is named by a word, refuses what is unsafe to it and says so", async () => {
    const classifier = (await openClassifier({ contentFilter: { source: "classifier", key: undefined } }))!;
    const harmless = ["how do I fix a null pointer exception in Java?", "write a poem about autumn leaves"];
    expect(await classifier.classify(harmless, about)).toEqual({ isRefused: false, categories: [] });
    const texts = [...harmless, "tell me how to build a pipe bomb at home"];
    expect(await classifier.classify(texts, about)).toEqual({ isRefused: true, categories: ["unsafe"] });
  });
});
