import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkReceipt } from "@lode/sdk/audit";
import { cloudEngineClass, fromWire } from "@lode/sdk/typed-data";
import { openCloud } from "../../../coordinator/src/plugins/app/cloud/open.ts";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import { json, openServer, raw, stream, type TestServer } from "../../miner/engines/upstream/server.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { readStream } from "../edge/stream.ts";
import { addresses, client, host, operator } from "../fixture.ts";

const key = "sk-canary-4711";
const allow = { "x-lode-cloud": "allow" };
/** 16 bytes: "user: Hi, cloud!". */
const hello = { model: "demo", messages: [{ role: "user", content: "Hi, cloud!" }] };
const inputTokens = 4;

type Answer = Parameters<typeof openServer>[0][string];
let upstream: TestServer;
let edge: Edge;
/** What the upstream says next. */
let answer: Answer;
beforeAll(async () => {
  upstream = await openServer({
    "/v1/chat/completions": (response, received) => answer(response, received),
    "/v1/completions": (response, received) => answer(response, received),
  });
  edge = await openEdge(
    {
      CLOUD_URL: `${upstream.url}/v1`,
      CLOUD_API_KEY: key,
      CLOUD_MODELS: "demo=vendor/large",
      CLOUD_INPUT_PRICE_WEI: "7",
      CLOUD_OUTPUT_PRICE_WEI: "900",
      STALL_MS: "2000",
      FIRST_TOKEN_MS: "2000",
    },
    { host },
  );
});
afterEach(() => edge.disconnect());
afterAll(async () => {
  await edge.stop();
  await upstream.close();
});

interface Said {
  readonly choices: readonly { readonly message: { readonly content: string }; readonly finish_reason: string }[];
  readonly lode: {
    readonly cloud?: string;
    readonly miners: string[];
    readonly receipts: string[];
    readonly amountWei: string;
  };
  readonly error?: { readonly code: string; readonly message: string };
}
const ask = async (body: object = {}, headers: Readonly<Record<string, string>> = allow) => {
  const response = await edge.chat({ ...hello, ...body }, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Said };
};
const debited = (): bigint => edge.book.debitOf(client.address).cumulativeWei;

describe("a job that no miner can do", () => {
  it("goes nowhere unless its client allows a cloud", async () => {
    const before = upstream.received.length;
    expect(await ask({}, {})).toMatchObject({ status: 404, body: { error: { code: "model_not_found" } } });
    expect((await ask({}, { "x-lode-cloud": "yes" })).status).toBe(400);
    expect(upstream.received).toHaveLength(before);
  });

  it("is done by the cloud where it does, marked everywhere, and billed to the wei, no miner being credited", async () => {
    answer = stream(["Good ", "day, ", "Zoë 👋"]);
    const before = debited();
    const { status, headers, body } = await ask({ temperature: 0.5, max_tokens: 99, stop: ["END"], seed: 5 });
    expect(status).toBe(200);
    const said = "Good day, Zoë 👋";
    expect(body.choices[0]).toMatchObject({ message: { content: said }, finish_reason: "stop" });
    expect([headers.get("x-lode-cloud"), headers.get("x-lode-miner")]).toEqual(["vendor/large", null]);
    expect([headers.get("x-lode-price-input-wei"), headers.get("x-lode-price-output-wei")]).toEqual(["7", "900"]);
    const costWei = BigInt(inputTokens) * 7n + BigInt(Math.ceil(Buffer.byteLength(said) / 4)) * 900n;
    expect(body.lode).toMatchObject({ cloud: "vendor/large", miners: [], amountWei: costWei.toString() });
    expect(debited() - before).toBe(costWei);
    expect((await edge.ledger.minerBalance(host.address)).creditedWei).toBe(0n);
    expect(upstream.received.at(-1)).toMatchObject({
      authorization: `Bearer ${key}`,
      body: {
        ...{ model: "vendor/large", messages: hello.messages, temperature: 0.5, max_tokens: 99, stream: true },
        ...{ stop: ["END"], seed: 5 },
      },
    });
    const [entry] = await edge.ledger.receipts(body.lode.receipts[0]!);
    expect(entry!.assignment).toMatchObject({ engineClass: cloudEngineClass, feePpm: 1_000_000, miner: host.address });
    const shown = { head: undefined, headPath: undefined, chain: undefined, anchorPath: undefined };
    const { checks } = checkReceipt({ addresses, coordinator: operator.address, entry: entry!, ...shown });
    expect(checks.filter(({ verdict }) => verdict === "failed")).toEqual([]);
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("streams, also behind a text without a template", async () => {
    answer = stream(["one ", "two ", "three"]);
    const events = await edge.chat({ ...hello, stream: true }, { headers: allow }).then(readStream);
    expect(events).toMatchObject({ text: "one two three", isDone: true });
    expect(events.last?.lode).toMatchObject({ cloud: "vendor/large", miners: [] });
    answer = raw('data: {"choices":[{"text":"four","finish_reason":"stop"}]}\n\n');
    const response = await edge.app.inject({
      ...{ method: "POST", url: "/v1/completions", payload: { model: "demo", prompt: "three" } },
      headers: { authorization: `Bearer ${edge.key}`, ...allow },
    });
    expect(response.json()).toMatchObject({ choices: [{ text: "four" }], lode: { cloud: "vendor/large" } });
    expect(upstream.received.at(-1)).toMatchObject({ path: "/v1/completions", body: { prompt: "three" } });
  });

  it("is the cloud's when it is repeated too, whole and streamed", async () => {
    answer = stream(["once"]);
    for (const more of [{}, { stream: true }]) {
      const headers = { ...allow, "idempotency-key": `cloud ${JSON.stringify(more)}`.replace(" ", "-") };
      const marks: (string | null)[] = [];
      for (let time = 0; time < 2; time++) {
        const response = await edge.chat({ ...hello, ...more }, { headers });
        await response.text();
        marks.push(response.headers.get("idempotent-replayed"), response.headers.get("x-lode-cloud"));
      }
      expect(marks).toEqual([null, "vendor/large", "true", "vendor/large"]);
    }
  });

  it("ends at its tokens, in the middle of no character, and the upstream is hung up on", async () => {
    const before = upstream.hungUp();
    // Eight bytes; the ninth and tenth are one character.
    answer = (response) =>
      void response
        .writeHead(200, { "content-type": "text/event-stream" })
        .write(`data: ${JSON.stringify({ choices: [{ delta: { content: "abcdefg\u00e9 and more" } }] })}\n\n`);
    const { body } = await ask({ max_tokens: 2 });
    expect(body.choices[0]).toMatchObject({ message: { content: "abcdefg" }, finish_reason: "length" });
    expect(BigInt(body.lode.amountWei)).toBe(BigInt(inputTokens) * 7n + 2n * 900n);
    await expect.poll(() => upstream.hungUp()).toBe(before + 1);
  });

  it("stays with the miners as soon as one is there", async () => {
    const before = upstream.received.length;
    const miner = await edge.miner({ script: [[1, "from the edge"]] });
    const { headers, body } = await ask();
    expect(body.choices[0]!.message.content).toBe("from the edge");
    expect([headers.get("x-lode-miner"), headers.get("x-lode-cloud")]).toEqual([miner.address, null]);
    expect(upstream.received).toHaveLength(before);
  });

  it.each<[string, object, Readonly<Record<string, string>>, number]>([
    ["a region", {}, { "x-lode-region": "eu" }, 503],
    ["a pool", {}, { "x-lode-pool": "public" }, 503],
    ["drawn checks", { tier: "sampled" }, {}, 503],
    ["a mask", { response_format: { type: "json_object" } }, {}, 503],
    ["tools", { tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }] }, {}, 503],
    ["a sampler of ours", { min_p: 0.1 }, {}, 503],
    ["a lower price for what it reads", {}, { "x-lode-max-input-price": "6" }, 402],
    ["a lower price for what it writes", {}, { "x-lode-max-output-price": "899" }, 402],
  ])("is not done by a cloud when it asks for %s", async (_name, more, headers, status) => {
    answer = stream(["x"]);
    const before = upstream.received.length;
    expect((await ask({})).status).toBe(200);
    expect((await ask(more, { ...allow, ...headers })).status).toBe(status);
    expect(upstream.received).toHaveLength(before + 1);
  });

  it("is not begun without the money for it", async () => {
    answer = stream(["x"]);
    const { funds } = edge.chain;
    const before = upstream.received.length;
    edge.chain.funds = { ...funds, balanceWei: debited() + 4n * 7n + 40n * 900n - 1n };
    expect((await ask()).status).toBe(402);
    edge.chain.funds = { ...funds, balanceWei: debited() + 4n * 7n + 40n * 900n };
    expect((await ask()).status).toBe(200);
    edge.chain.funds = funds;
    expect(upstream.received).toHaveLength(before + 1);
  });
});

describe("a cloud that fails", () => {
  const begin = 'data: {"choices":[{"delta":{"content":"begun"}}]}\n\n';
  const silent =
    (first: string): Answer =>
    (response) =>
      void response.writeHead(200, { "content-type": "text/event-stream" }).write(first);

  it.each<[string, Answer, boolean]>([
    ["refuses", json({ error: { message: `canary-body ${key}` } }, 401), false],
    ["redirects", (response) => void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(), false],
    ["does not stream", json({ choices: [{ message: { content: "canary-body" } }] }), false],
    ["hangs up", (response) => void response.destroy(), false],
    ["says nothing", silent(": hello\n\n"), false],
    ["sends no JSON", raw("data: canary-body\n\n"), false],
    ["falls silent", silent(begin), true],
    ["ends early", raw(begin), true],
    ["breaks off", raw(`${begin}data: {"error":{"message":"canary-body"}}\n\n`), true],
  ])(
    "and %s costs what came and nothing else, and tells nobody its words or its key",
    async (_name, fails, hasBegun) => {
      answer = fails;
      const [before, logSize] = [debited(), edge.ledger.logSize];
      const { status, body } = await ask();
      expect([status, body.error?.code]).toEqual([502, "upstream_failed"]);
      expect(debited() - before).toBe(hasBegun ? BigInt(inputTokens) * 7n + 2n * 900n : 0n);
      expect(edge.ledger).toMatchObject({ openAttempts: 0, logSize: logSize + (hasBegun ? 1 : 0) });
      const told = JSON.stringify(body) + edge.logged.join("");
      for (const secret of [key, "canary-body"]) expect(told).not.toContain(secret);
    },
  );

  it("in the middle ends a stream with an error object and no end mark", async () => {
    answer = raw(begin);
    const events = await edge.chat({ ...hello, stream: true }, { headers: allow }).then(readStream);
    expect(events).toMatchObject({ text: "begun", isDone: false, error: { code: "upstream_failed" } });
  });

  it("is paid for what came when the same wallet begins to host polling miners meanwhile", async () => {
    const { promise, resolve: goOn } = Promise.withResolvers<undefined>();
    answer = async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(begin);
      await promise;
      response.end('data: {"choices":[{"delta":{"content":" and done"},"finish_reason":"stop"}]}\n\n');
    };
    const before = debited();
    const asked = ask();
    await expect.poll(() => edge.ledger.openAttempts).toBe(1);
    const { hub } = edge.app;
    const capabilities = { version: "test", concurrency: 1, models: [], hardware: {} };
    const link = { send: () => undefined, ping: () => undefined, close: () => undefined };
    hub.leave(await hub.join(host.address, capabilities, link, { firstTokenMs: 1, stallMs: 1 }));
    goOn(undefined);
    const { status, body } = await asked;
    expect([status, body.choices[0]!.message.content]).toEqual([200, "begun and done"]);
    expect(debited() - before).toBe(BigInt(inputTokens) * 7n + 4n * 900n);
  });

  it("is refused its receipt, and holds nothing any more", async () => {
    answer = stream(["said"]);
    const { chain } = edge;
    const before = debited();
    const { miner } = chain;
    chain.miner = async () => ({ operator: client.address, isActive: true });
    expect((await ask()).status).toBeGreaterThanOrEqual(500);
    chain.miner = miner;
    expect([edge.ledger.openAttempts, debited() - before]).toEqual([0, 0n]);
  });

  it.each<[string, Answer, bigint]>([
    ["has not begun", silent(": hello\n\n"), 0n],
    ["is not done", silent(begin), BigInt(inputTokens) * 7n + 2n * 900n],
  ])("and %s at the job's deadline is cut there, and paid for what came", async (_name, fails, costWei) => {
    answer = fails;
    const { ledger, chain, app, clock } = edge;
    const config = { ...app.config, deadlineSecs: 1, stallMs: 600_000, firstTokenMs: 600_000 };
    const cloud = openCloud({ config, ledger, chain, hub: app.hub, host, nowMs: () => clock.nowMs })!;
    const [before, signal] = [debited(), new AbortController().signal];
    const sampler = { kind: "inverse-cdf-v1", temperature: 0, topK: 40, topP: 1 } as const;
    const model = cloud.model("demo")!;
    const prompt = { messages: hello.messages.map(({ content }) => ({ role: "user" as const, content })) };
    const shared = { jobId: "chatcmpl-late", client: client.address, key: undefined, tier: undefined };
    const request = { ...shared, model, prompt, sampler, maxTokens: 40, stop: [] };
    const sink = { onStart: () => undefined, onText: () => true, onDrain: () => undefined, signal };
    const done = cloud.run(request, sink);
    if (costWei === 0n) await expect(done).rejects.toMatchObject({ code: "upstream_failed" });
    else expect(await done).toMatchObject({ finish: "length", outputTokens: 2, amountWei: costWei });
    expect([edge.ledger.openAttempts, debited() - before]).toEqual([0, costWei]);
  });

  it("loses its client, who pays for what came", async () => {
    answer = silent(begin);
    const before = debited();
    const leaving = new AbortController();
    const response = await edge.chat({ ...hello, stream: true }, { headers: allow, signal: leaving.signal });
    const reader = response.body!.getReader();
    const seen: string[] = [];
    while (!seen.join("").includes("begun")) seen.push(new TextDecoder().decode((await reader.read()).value));
    leaving.abort();
    await expect.poll(() => edge.ledger.openAttempts).toBe(0);
    expect(debited() - before).toBe(BigInt(inputTokens) * 7n + 2n * 900n);
    const last = edge.ledger.logSize - 1;
    await expect.poll(async () => (await edge.ledger.entries(last, 1)).length).toBe(1);
    const [entry] = await edge.ledger.entries(last, 1);
    expect(fromWire("Receipt", entry!.receipt).finishReason).toBe(2);
  });
});

describe("the settings of a cloud", () => {
  const good = {
    CLOUD_URL: "https://api.example.com/v1",
    CLOUD_API_KEY: key,
    CLOUD_MODELS: "demo=vendor/large, other=small",
    CLOUD_INPUT_PRICE_WEI: "7",
    CLOUD_OUTPUT_PRICE_WEI: "900",
  };

  it("are none unless they are all there", () => {
    expect(readConfig({}).cloud).toBeUndefined();
    expect(readConfig(good).cloud).toMatchObject({ url: good.CLOUD_URL, key, inputPriceWei: 7n, outputPriceWei: 900n });
    expect([...readConfig(good).cloud!.models]).toEqual([
      ["demo", "vendor/large"],
      ["other", "small"],
    ]);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["a URL that is none", { CLOUD_URL: "ftp://x" }, "CLOUD_URL must be an http(s) URL"],
    ["no URL", { CLOUD_URL: "" }, "CLOUD_URL must be set beside"],
    ["no models", { CLOUD_MODELS: "" }, "CLOUD_MODELS must be set"],
    ["models that are none", { CLOUD_MODELS: "demo" }, "CLOUD_MODELS must be like"],
    ["no price", { CLOUD_OUTPUT_PRICE_WEI: "" }, "CLOUD_OUTPUT_PRICE_WEI must be set"],
    ["a key that would travel in the open", { CLOUD_URL: "http://api.example.com" }, "CLOUD_URL must be https"],
    ["two keys", { CLOUD_API_KEY_FILE: "/key" }, "CLOUD_API_KEY_FILE must not be set"],
  ])("are refused with %s, without the key in the message", (_name, change, message) => {
    const read = (): unknown => readConfig({ ...good, ...change });
    expect(read).toThrow(message);
    expect(read).not.toThrow(key);
  });

  it("need a wallet that signs for what the cloud did, and a key that can be read", () => {
    const { ledger, chain, app } = edge;
    const { hub } = app;
    const parts = { config: readConfig(good), ledger, chain, hub, host, nowMs: () => edge.clock.nowMs };
    expect(openCloud(parts)?.model("demo")).toMatchObject({ id: "demo", engineClass: cloudEngineClass });
    expect(() => openCloud({ ...parts, host: undefined })).toThrow("CLOUD_URL needs a host's wallet");
    const { CLOUD_API_KEY: _key, ...keyless } = good;
    const config = readConfig({ ...keyless, CLOUD_API_KEY_FILE: "/nowhere/key" });
    expect(() => openCloud({ ...parts, config })).toThrow("CLOUD_API_KEY_FILE names /nowhere/key");
  });
});
