import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signTypedData } from "@lode/sdk/keys";
import { clientLogin } from "@lode/sdk/typed-data";
import { buildApp } from "../../../coordinator/src/app.ts";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import {
  assignCommand,
  client,
  domain,
  miner,
  nowMs,
  openLedgerFixture,
  operator,
  person,
  receiptFor,
  temporaryHome,
  type LedgerFixture,
} from "../fixture.ts";

let app: FastifyInstance;
let f: LedgerFixture;
let key: string;
const folder = temporaryHome();

beforeAll(async () => {
  f = await openLedgerFixture(folder.home);
  // Opening the embedded database keeps this process busy for seconds.
  await f.ledger.entries(0, 1);
  const config = { ...readConfig({ LOG_LEVEL: "silent", LODE_HOME: folder.home }), requestsPerMinute: 1000 };
  app = await buildApp({ config, ledger: f.ledger, chain: f.chain, nowMs: () => f.clock.nowMs });
  await app.ready();
  key = (await f.ledger.keys.create({ scope: "client", account: client.address, label: "test" })).key;
});
afterAll(async () => {
  await app.close();
  await f.close();
  folder.remove();
});

const good = { model: "nobody-serves-this", messages: [{ role: "user", content: "hi" }] };

async function chat(
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; error: Record<string, unknown>; headers: Record<string, unknown> }> {
  const answer = await app.inject({
    method: "POST",
    url: "/v1/chat/completions",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    payload: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: answer.statusCode,
    error: answer.json<{ error: Record<string, unknown> }>().error,
    headers: answer.headers,
  };
}

describe("a bad request gets OpenAI's error shape", () => {
  it("404 for a model that does not exist", async () => {
    const { status, error } = await chat(good);
    expect(status).toBe(404);
    expect(error).toEqual({
      message: "The model 'nobody-serves-this' does not exist; see GET /v1/models.",
      type: "invalid_request_error",
      param: "model",
      code: "model_not_found",
    });
  });

  it.each<[string, unknown, string | null]>([
    ["no messages", { model: "m" }, "messages"],
    ["empty messages", { ...good, messages: [] }, "messages"],
    ["a number where text belongs", { ...good, model: 5 }, "model"],
    [
      "an object where text belongs",
      { ...good, messages: [{ role: "user", content: { a: 1 } }] },
      "messages[0].content",
    ],
    [
      "a picture",
      { ...good, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] },
      "messages[0].content[0].type",
    ],
    ["a temperature as text", { ...good, temperature: "1" }, "temperature"],
    ["a temperature out of range", { ...good, temperature: 2.5 }, "temperature"],
    ["no tokens", { ...good, max_tokens: 0 }, "max_tokens"],
    ["half a seed", { ...good, seed: 1.5 }, "seed"],
    ["too many stops", { ...good, stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["half a tool", { ...good, tools: [{ type: "function" }] }, "tools[0].function"],
    ["too many answers", { ...good, n: 9 }, "n"],
    ["a missing JSON schema", { ...good, response_format: { type: "json_schema" } }, "response_format"],
    ["alternatives without probabilities", { ...good, top_logprobs: 2 }, "top_logprobs"],
    ["too many alternatives", { ...good, logprobs: true, top_logprobs: 21 }, "top_logprobs"],
    ["an array as the body", [], null],
  ])("400 for %s", async (_name, body, param) => {
    const { status, error } = await chat(body);
    expect(status).toBe(400);
    expect(error).toMatchObject({ type: "invalid_request_error", param });
    expect(error["message"]).toMatch(/\.$/);
  });

  it("400 for text that is not JSON, 415 for another content type, 413 for a huge body", async () => {
    expect((await chat("{")).status).toBe(400);
    expect((await chat("hello", { "content-type": "text/plain" })).status).toBe(415);
    expect((await chat({ ...good, pad: "x".repeat(3_000_000) })).status).toBe(413);
  });

  it.each([
    ["no key", {}],
    ["no scheme", { authorization: "lode_abc" }],
    ["a wrong key", { authorization: `Bearer lode_00000000_${"A".repeat(43)}` }],
    ["half a key", { authorization: "Bearer lode_" }],
  ])("401 for %s", async (_name, headers) => {
    const answer = await app.inject({ method: "POST", url: "/v1/chat/completions", headers, payload: good });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
    expect(answer.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  it("403 for a key that may only read", async () => {
    const reader = (await f.ledger.keys.create({ scope: "read", account: client.address, label: "reader" })).key;
    expect((await chat(good, { authorization: `Bearer ${reader}` })).status).toBe(403);
  });

  it("404 in the same shape for a route that is not there", async () => {
    const answer = await app.inject({ method: "GET", url: "/v1/nothing" });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: "not_found" } });
  });

  it.each<[method: "GET" | "POST" | "PUT" | "HEAD", url: string, allow: string]>([
    ["PUT", "/v1/chat/completions", "POST, GET, HEAD, OPTIONS"],
    ["GET", "/v1/embeddings", "POST, OPTIONS"],
    ["GET", "/v1/images/generations", "POST, OPTIONS"],
    ["POST", "/v1/models/demo", "GET, HEAD, OPTIONS"],
    ["HEAD", "/v1/messages", "POST, OPTIONS"],
    ["PUT", `/v1/chat/completions/chatcmpl-${"0".repeat(24)}`, "GET, HEAD, POST, DELETE, OPTIONS"],
  ])("405 for %s %s, which says what is taken there", async (method, url, allow) => {
    const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${key}` } });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers["allow"]).toBe(allow);
    if (method === "HEAD") return;
    expect(answer.json()).toMatchObject({
      error: { code: "method_not_allowed", param: null, type: "invalid_request_error" },
    });
  });

  it("an id of the request, under both providers' names, that the log has too", async () => {
    const { headers } = await chat(good);
    expect(headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
    expect(headers["request-id"]).toBe(headers["x-request-id"]);
    const strange = await app.inject({ method: "GET", url: "/%zz" });
    expect(strange.headers["x-request-id"]).toMatch(/^req_/);
    const shared = { authorization: `Bearer ${key}`, "anthropic-version": "2023-06-01" };
    const model = await app.inject({ method: "GET", url: "/v1/models/none", headers: shared });
    expect([model.statusCode, model.json()]).toMatchObject([
      404,
      { type: "error", error: { type: "not_found_error" } },
    ]);
    expect((await chat(good, shared)).error["code"]).toBe("model_not_found");
    const anthropic = await app.inject({ method: "POST", url: "/v1/messages", payload: {} });
    expect(anthropic.json<{ request_id: string }>().request_id).toBe(anthropic.headers["request-id"]);
  });

  it("503 with Retry-After for a model whose miners are away", async () => {
    app.hub.know(["away"]);
    const { status, error, headers } = await chat({ ...good, model: "away" });
    expect(status).toBe(503);
    expect(error["code"]).toBe("no_miner");
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("pages in browsers", () => {
  const origin = "https://page.example";
  const preflight = (url: string, method = "POST") =>
    app.inject({
      method: "OPTIONS",
      url,
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization, content-type,x-stainless-os",
      },
    });

  it("may ask with a key that their user gave them, and read every header", async () => {
    const asked = await preflight("/v1/chat/completions");
    expect(asked.statusCode).toBe(204);
    expect(asked.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "POST, GET, HEAD, OPTIONS",
      "access-control-allow-headers": "authorization, content-type,x-stainless-os",
    });
    expect((await preflight("/v1/models/hosted/text", "GET")).headers["access-control-allow-origin"]).toBe("*");
    for (const authorization of [`Bearer ${key}`, "Bearer none"]) {
      const { headers } = await chat(good, { origin, authorization });
      expect(headers).toMatchObject({ "access-control-allow-origin": "*", "access-control-expose-headers": "*" });
      // Nothing that a browser sends by itself opens anything.
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
    }
  });

  it("get nothing of what is not for clients", async () => {
    for (const url of ["/v1/keys", "/metrics", "/v1/miner/heartbeat", "/nodes/register"]) {
      const asked = await preflight(url);
      expect(asked.statusCode).toBe(204);
      expect(Object.keys(asked.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
    expect((await preflight("/v1/nothing")).statusCode).toBe(404);
    const { headers } = await app.inject({ method: "GET", url: "/metrics", headers: { origin } });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("cannot write headers with the names that they ask for", async () => {
    const headers = { "access-control-request-method": "POST", "access-control-request-headers": "a b, c:d" };
    const asked = await app.inject({ method: "OPTIONS", url: "/v1/chat/completions", headers });
    expect(asked.headers["access-control-allow-headers"]).toBeUndefined();
  });
});

describe("what hosted APIs let pass", () => {
  it.each<[string, string]>([
    ["a mark of byte order before the JSON", `\uFEFF${JSON.stringify(good)}`],
    [
      "null for what may be left out",
      JSON.stringify({ ...good, user: null, stop: null, tools: null, n: null, store: null }),
    ],
    [
      "fields that say nothing here",
      JSON.stringify({ ...good, metadata: { a: "b" }, service_tier: "auto", verbosity: "low" }),
    ],
    ["both names for the longest answer", JSON.stringify({ ...good, max_tokens: 5, max_completion_tokens: 6 })],
    ["options of a stream without one", JSON.stringify({ ...good, stream_options: { include_usage: true } })],
  ])("%s", async (_name, body) => {
    expect((await chat(body)).error["code"]).toBe("model_not_found");
  });
});

describe("an API key by signature", () => {
  const login = async (signer = client, change: Record<string, unknown> = {}) => {
    const { nonce } = (await app.inject({ method: "POST", url: "/v1/keys/challenge" })).json<{
      nonce: `0x${string}`;
    }>();
    const origin = "http://127.0.0.1:8402";
    const at = { coordinator: operator.address, origin, client: client.address, nonce, timestampMs: BigInt(nowMs) };
    const signature = signTypedData(signer, domain, "ClientLogin", clientLogin(at, {}));
    const body = { client: client.address, origin, nonce, timestampMs: nowMs, signature, ...change };
    const send = async () => app.inject({ method: "POST", url: "/v1/keys", payload: body });
    return { first: await send(), second: await send() };
  };

  it("is given once for a nonce", async () => {
    const { first, second } = await login();
    expect(first.statusCode).toBe(201);
    const { key: made } = first.json<{ key: string }>();
    expect(f.ledger.keys.authenticate(made)).toMatchObject({ account: client.address });
    expect(second.statusCode).toBe(401);
  });

  it.each([
    ["another wallet's signature", person("stranger"), {}],
    ["an old clock", client, { timestampMs: nowMs - 200_000 }],
    ["an unknown nonce", client, { nonce: `0x${"11".repeat(32)}` }],
  ])("is refused for %s", async (_name, signer, change) => {
    expect((await login(signer, change)).first.statusCode).toBe(401);
  });
});

describe("the public faces", () => {
  it("show the wallet with every locked amount, its reason and its release time", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const headers = { authorization: `Bearer ${key}` };
    const answer = await app.inject({ method: "GET", url: "/v1/wallet/balance", headers });
    expect(answer.statusCode).toBe(200);
    const body = answer.json<{ availableWei: string; lockedWei: string; locked: Record<string, unknown>[] }>();
    expect(body.lockedWei).toBe(assigned.assignment.maxAmountWei.toString());
    expect(body.locked[0]).toMatchObject({
      amountWei: body.lockedWei,
      reason: "running job",
      releasedAt: new Date((Number(assigned.assignment.deadline) + 60) * 1000).toISOString(),
    });
    expect(BigInt(body.availableWei) + BigInt(body.lockedWei)).toBe(1_000_000n);
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
  });

  it("show the log, its proofs and its receipts to everybody", async () => {
    const get = async (url: string) => app.inject({ method: "GET", url });
    expect((await get("/v1/log/root")).json()).toMatchObject({ head: { size: "1" } });
    expect((await get("/v1/log/proof?index=0")).json()).toEqual({ kind: "inclusion", size: 1, path: [] });
    expect((await get("/v1/log/proof?index=1")).statusCode).toBe(404);
    expect((await get("/v1/log/proof")).statusCode).toBe(400);
    expect((await get("/v1/log/entries?limit=100000")).statusCode).toBe(400);
    const { entries } = (await get("/v1/log/entries")).json<{ entries: { receipt: { assignment: string } }[] }>();
    const digest = entries[0]!.receipt.assignment;
    expect((await get(`/v1/receipts/${digest}`)).json()).toMatchObject({ receipts: entries });
    expect((await get(`/v1/receipts/0x${"00".repeat(32)}`)).statusCode).toBe(404);
    expect((await get("/v1/receipts/..%2f..%2fetc")).statusCode).toBe(400);
  });

  it("live while the chain is away, and are not ready then", async () => {
    const look = async (url: string) => (await app.inject({ url })).statusCode;
    expect([await look("/health"), await look("/ready")]).toEqual([200, 200]);
    f.chain.isAway = true;
    const [lives, isReady] = [await app.inject({ url: "/health" }), await app.inject({ url: "/ready" })];
    const metrics = (await app.inject({ url: "/metrics" })).body;
    f.chain.isAway = false;
    expect([lives.statusCode, lives.json()]).toMatchObject([200, { status: "ok", chain: "away" }]);
    expect([isReady.statusCode, isReady.headers["retry-after"]]).toEqual([503, "5"]);
    expect(isReady.json()).toMatchObject({ error: { code: "chain_unreachable" } });
    expect(metrics).toMatch(/^lode_chain_away 1$/m);
    expect([await look("/ready"), (await app.inject({ method: "HEAD", url: "/ready" })).statusCode]).toEqual([
      200, 200,
    ]);
  });

  it("are not ready while the coordinator settles what it did before a long absence", async () => {
    const returning = vi.spyOn(app.ledger, "isReturning", "get").mockReturnValue(true);
    const answer = await app.inject({ url: "/ready" });
    returning.mockRestore();
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { error: { code: "returning" } }]);
    expect((await app.inject({ url: "/ready" })).statusCode).toBe(200);
  });

  it("describe themselves in OpenAPI and count themselves for Prometheus", async () => {
    const document = (await app.inject({ method: "GET", url: "/docs/json" })).json<{
      openapi: string;
      paths: object;
    }>();
    expect(document.openapi).toMatch(/^3\./);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/v1/chat/completions",
        "/v1/models",
        "/v1/wallet/balance",
        "/v1/receipts/{id}",
        "/v1/log/root",
      ]),
    );
    const metrics = (await app.inject({ method: "GET", url: "/metrics" })).body;
    expect(metrics).toMatch(/^lode_log_entries 1$/m);
    expect(metrics).not.toContain(key);
  });
});
