import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { openEdge, type Edge } from "../edge/edge.ts";
import type { Gateway } from "../../../miner/src/client/gateway.ts";
import { openGateway } from "../edge/gateway.ts";
import { person, temporaryHome } from "../fixture.ts";
import { parseAnswer, RawClient } from "./raw.ts";

let edge: Edge;
let minerKey: string;
beforeAll(async () => {
  edge = await openEdge({ REQUESTS_PER_MINUTE: "1000000", LOG_LEVEL: "silent" });
  minerKey = await edge.login("miner");
});
afterAll(() => edge.stop());

const tool = { name: "look", description: "Looks" };
const message = { role: "user", content: "Hello" };
/** A request that each face takes: the model is the only thing that is not there. */
const faces: readonly [url: string, body: Record<string, unknown>][] = [
  [
    "/v1/chat/completions",
    {
      model: "none",
      messages: [message],
      stop: "END",
      user: "someone",
      tier: "hash",
      tools: [{ type: "function", function: { name: "look", description: "Looks" } }],
      tool_choice: "auto",
      response_format: { type: "text" },
    },
  ],
  ["/v1/completions", { model: "none", prompt: "Hello", stop: ["END"], user: "someone" }],
  ["/v1/embeddings", { model: "none", input: "Hello", encoding_format: "float", user: "someone" }],
  ["/v1/images/generations", { model: "none", prompt: "Hello", n: 1, size: "256x256", user: "someone" }],
  ["/v1/responses", { model: "none", input: "Hello", instructions: "Be brief", metadata: { topic: "greeting" } }],
  [
    "/v1/messages",
    {
      model: "none",
      max_tokens: 5,
      system: "Be brief",
      messages: [message],
      stop_sequences: ["END"],
      tools: [{ ...tool, input_schema: { type: "object" } }],
    },
  ],
  ["/v1/messages/count_tokens", { model: "none", system: "Be brief", messages: [message] }],
  ["/v1/responses/input_tokens", { model: "none", input: "Hello", instructions: "Be brief" }],
];
/** Requests to the market's own routes, and what they answer when they take them. */
const marketFaces: readonly [url: string, body: Record<string, unknown>, status: number][] = [
  [
    "/v1/jobs",
    {
      workload: "text",
      input: { model: "none", messages: [message], stop: "END" },
      webhook: { url: "https://192.0.2.1/done", secret: "a-secret-of-some-length" },
      metadata: { topic: "greeting" },
    },
    404,
  ],
  ["/nodes/register", { node_id: "node-1", location: { city: "Oslo" }, capabilities: ["text"], version: "1" }, 201],
  ["/nodes/metrics", { node_id: "node-1", gpus: [{ utilization_pct: 5 }] }, 200],
  ["/v1/agents/heartbeat", { agent_id: "agent-1", status: "available", current_load: 0.5, models_loaded: ["a"] }, 200],
];
const everyFace: typeof marketFaces = [
  ...faces.map((face): [string, Record<string, unknown>, number] => [...face, 404]),
  ...marketFaces,
];
const urls = everyFace.map(([url]) => url);
const bodyOf = (url: string): Record<string, unknown> => everyFace.find(([face]) => face === url)![1];

async function post(url: string, payload: string | Buffer | object, headers: Record<string, string> = {}) {
  const key = /^[/](nodes|v1[/]agents)[/]/.test(url) ? minerKey : edge.key;
  const all = { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers };
  const answer = await edge.app.inject({ method: "POST", url, headers: all, payload });
  const body = answer.json<{ type?: string; error?: { type: string; code: string; message: string } }>();
  if (answer.statusCode < 300) return { status: answer.statusCode, code: undefined, headers: answer.headers };
  const { error } = body as Required<typeof body>;
  // Every face answers in its provider's shape, whatever it is sent.
  const isMarket = marketFaces.some(([face]) => face === url);
  if (url.startsWith("/v1/messages")) expect(Object.keys(body)).toEqual(["type", "error", "request_id"]);
  else expect(Object.keys(error)).toEqual(["message", "type", "param", "code", ...(isMarket ? ["details"] : [])]);
  return { status: answer.statusCode, code: error.code, headers: answer.headers };
}

describe("every face", () => {
  it.each(everyFace)("%s takes a good request", async (url, body, status) => {
    expect(await post(url, body)).toMatchObject({ status, ...(status === 404 && { code: "model_not_found" }) });
  });
});

describe("spoofed forwarding headers", () => {
  it("do not make a guesser somebody else, whatever they say", async () => {
    const guess = (n: number) =>
      post("/v1/chat/completions", bodyOf("/v1/chat/completions"), {
        authorization: `Bearer lode_00000000_${"A".repeat(43)}`,
        "x-forwarded-for": `10.0.0.${n}`,
        forwarded: `for=10.0.0.${n}`,
        "x-real-ip": `10.0.0.${n}`,
        "cf-connecting-ip": `10.0.0.${n}`,
        "true-client-ip": `10.0.0.${n}`,
        "x-client-ip": `10.0.0.${n}`,
      });
    const statuses = [];
    for (let n = 0; n < 62; n++) statuses.push((await guess(n)).status);
    expect(statuses.slice(0, 60)).toEqual(Array(60).fill(401));
    expect(statuses.slice(60)).toEqual([429, 429]);
    expect((await post("/v1/embeddings", bodyOf("/v1/embeddings"))).status).toBe(404);
  });

  it("do not turn one method into another", async () => {
    const headers = {
      authorization: `Bearer ${edge.key}`,
      "x-http-method-override": "DELETE",
      "x-method-override": "DELETE",
    };
    const prefix = edge.key.split("_")[1]!;
    const answer = await edge.app.inject({ method: "GET", url: `/v1/keys/${prefix}`, headers });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers["allow"]).toBe("PATCH, DELETE, OPTIONS");
    expect(edge.ledger.keys.record(prefix)?.revoked).toBe(false);
  });
});

describe("content types", () => {
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json-patch+json",
    "text/json",
    "application/xml",
    "application/json, text/plain",
    "application/octet-stream",
    "json",
    " ",
  ];
  it.each(types.flatMap((type) => urls.map((url) => [type, url] as const)))(
    "%s are not taken by %s",
    async (type, url) => {
      expect((await post(url, JSON.stringify(bodyOf(url)), { "content-type": type })).status).toBe(415);
    },
  );

  it.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "%s is",
    async (type) => {
      for (const [url, body, status] of everyFace) {
        expect((await post(url, JSON.stringify(body), { "content-type": type })).status).toBe(status);
      }
    },
  );

  it("in other charsets are refused, or read as the UTF-8 that they are not", async () => {
    const [url, body] = faces[0]!;
    const wide = Buffer.from(JSON.stringify(body), "utf16le");
    expect((await post(url, wide, { "content-type": "application/json; charset=utf-16le" })).status).toBe(400);
  });

  it("without one, a body is not guessed at", async () => {
    const text = JSON.stringify(bodyOf("/v1/chat/completions"));
    const raw = new RawClient(edge);
    raw.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${edge.key}\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    expect(parseAnswer(await raw.ended()).status).toBe(415);
  });
});

describe("decompression bombs", () => {
  const bomb = Buffer.alloc(20_000_000, 0x20);
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", (bytes) => brotliCompressSync(bytes)],
  ])("in %s are never unpacked", async (encoding, compress) => {
    const packed = compress(bomb);
    for (const url of urls) {
      expect(await post(url, packed, { "content-encoding": encoding })).toMatchObject({
        status: 415,
        code: "unsupported_content_encoding",
      });
    }
  });

  it.each(["gzip, identity", "GZIP", "x-gzip", "zstd", "identity, identity"])(
    "behind '%s' neither",
    async (encoding) => {
      const [url, body] = faces[0]!;
      expect((await post(url, gzipSync(JSON.stringify(body)), { "content-encoding": encoding })).status).toBe(415);
    },
  );

  it("cannot come through a miner's socket: compression is not agreed on, and a compressed frame ends the link", async () => {
    const socket = new WebSocket(`${edge.url.replace("http", "ws")}/v1/miner/ws`, { perMessageDeflate: true });
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("open", resolve));
    expect(socket.extensions).toBe("");
    // A text frame with the bit that says "compressed".
    (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]),
    );
    expect(await closed).toBe(1002);
  });
});

describe("JSON", () => {
  const deep = (levels: number, [open, close]: readonly [string, string]): string =>
    open.repeat(levels) + close.repeat(levels);
  it.each(urls)("that is deep is refused before it is parsed, by %s", async (url) => {
    for (const form of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const body = JSON.stringify({ ...bodyOf(url), extra: 0 }).replace(
        /0}$/,
        `${deep(100, form).replace("}}", "0}}")}}`,
      );
      expect(await post(url, body)).toMatchObject({ status: 400 });
    }
    expect(await post(url, "[".repeat(2_000_000))).toMatchObject({ status: 400, code: "too_deep" });
    expect(await post(url, '{"a":'.repeat(400_000))).toMatchObject({ status: 400, code: "too_deep" });
  });

  it("is told from brackets in a text", async () => {
    const [url, body] = faces[0]!;
    const content = `${'["{'.repeat(1000)}\\`;
    expect((await post(url, { ...body, messages: [{ role: "user", content }] })).status).toBe(404);
  });

  it("with a key that comes twice is refused, however it is written, and as often as it comes apart", async () => {
    const [url] = faces[0]!;
    const text = JSON.stringify(bodyOf(url)).slice(0, -1);
    const once = `${text},"metadata":{"a":"\\"a\\":","b":"{"}}`;
    expect(await post(url, once)).toMatchObject({ status: 404 });
    for (const twice of [
      `${text},"model":"other"}`,
      `${text},"mode\\u006c":"other"}`,
      `${text},"metadata":{"a":"1","a":"2"}}`,
      `${text},"metadata":{"a":"1","b":"x\\\\","a" : "2"}}`,
    ]) {
      expect(await post(url, twice), twice).toMatchObject({ status: 400, code: "duplicate_key" });
    }
  });

  it("with a number beyond all numbers is refused where it is to be known again, as it is where it counts", async () => {
    for (const url of urls) {
      const body = `${JSON.stringify(bodyOf(url)).slice(0, -1)},"an_extra":1e999}`;
      const isKnownAgain = !/^[/](nodes|v1[/]agents)[/]|tokens$/.test(url);
      const answer = await post(url, body, { "idempotency-key": "beyond" });
      expect([url, answer.status]).toEqual([url, isKnownAgain ? 400 : everyFace.find(([face]) => face === url)![2]]);
    }
    const [url, body] = faces[0]!;
    const text = JSON.stringify({ ...body, temperature: 0 }).replace('"temperature":0', '"temperature":1e999');
    expect(await post(url, text)).toMatchObject({ status: 400, code: "invalid_value" });
    const job = JSON.stringify(bodyOf("/v1/jobs")).replace('"stop":"END"', '"stop":"END","an_extra":-1e999');
    const miner = await edge.miner();
    expect(await post("/v1/jobs", job.replace('"none"', '"demo"'))).toMatchObject({ status: 400 });
    miner.hangUp();
  });

  it("does not pollute prototypes", async () => {
    const [url] = faces[0]!;
    for (const name of ["__proto__", "constructor"]) {
      const body = JSON.stringify({ ...bodyOf(url), x: 0 }).replace('"x":0', `"${name}":{"prototype":{"polluted":1}}`);
      expect((await post(url, body)).status).toBe(400);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

/** Every place of a JSON value that holds a text. */
function* textsOf(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof value === "string") yield path;
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* textsOf(item, [...path, i]);
  else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) yield* textsOf(item, [...path, name]);
  }
}

function withValue(value: unknown, [name, ...rest]: readonly (string | number)[], put: unknown): unknown {
  if (name === undefined) return put;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === name ? withValue(item, rest, put) : item));
  const record = value as Record<string, unknown>;
  return { ...record, [name]: withValue(record[name], rest, put) };
}

describe("where a string belongs", () => {
  // A JSON schema is the client's own: what it says is judged by the schema's compiler.
  const places = everyFace.flatMap(([url, body]) =>
    [...textsOf(body)]
      .filter((path) => !path.includes("input_schema"))
      .map((path) => [url, path.join("."), path] as const),
  );
  it.each(places)("%s takes no object, number or nested list at %s", async (url, _name, path) => {
    for (const put of [{ $gt: "" }, { toString: "x" }, 5, [[["x"]]], { length: 1 }, true]) {
      expect((await post(url, withValue(bodyOf(url), path, put) as object)).status).toBe(400);
    }
  });

  it.each([
    ["/v1/log/entries?start=1&start=2"],
    ["/v1/log/entries?start[$gt]=1&limit[]=2"],
    ["/v1/log/entries?limit=1e2x"],
    ["/v1/log/proof?index={}"],
    ["/v1/log/proof?index=-1"],
    ["/v1/receipts/%00"],
    ["/v1/receipts/..%2f..%2fetc%2fpasswd"],
    ["/v1/receipts/%zz"],
  ])("a query or path like %s is refused in the same shape, or means nothing", async (url) => {
    const answer = await edge.app.inject({ method: "GET", url });
    if (url.includes("[$gt]")) expect(answer.statusCode).toBe(200);
    else {
      expect(answer.statusCode).toBe(400);
      expect(Object.keys(answer.json<{ error: object }>().error)).toEqual(["message", "type", "param", "code"]);
    }
  });
});

describe("a gateway of a client's own", () => {
  const { home, remove } = temporaryHome();
  const warnings: string[] = [];
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await openGateway(edge, home, (message) => void warnings.push(message));
  });
  afterAll(async () => {
    await gateway.close();
    remove();
  });
  const send = async (url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const all = { "content-type": "application/json", ...headers };
    const answer = await fetch(`${gateway.url}${url}`, { method: "POST", headers: all, body });
    const { error } = (await answer.json()) as { error: { code: string; message: string; type: string } };
    expect([typeof error.message, typeof error.type]).toEqual(["string", "string"]);
    return { status: answer.status, code: error.code };
  };

  it.each(faces)("passes %s on as it is, and what is wrong with it to nobody else", async (url, body) => {
    const text = JSON.stringify(body);
    expect(await send(url, text)).toEqual({ status: 404, code: "model_not_found" });
    expect(await send(url, `${text.slice(0, -1)},"model":"x"}`)).toEqual({ status: 400, code: "duplicate_key" });
    expect(await send(url, `${text.slice(0, -1)},"x":${"[".repeat(100)}${"]".repeat(100)}}`)).toMatchObject({
      ...{ status: 400, code: "too_deep" },
    });
    for (const put of [{ $gt: "" }, 5, [["x"]], true]) {
      expect((await send(url, JSON.stringify({ ...body, model: put }))).status).toBe(400);
    }
    expect(await send(url, "[".repeat(1_000_000))).toEqual({ status: 400, code: "invalid_json" });
    expect(await send(url, `{"a":"${"x".repeat(3_000_000)}"}`)).toEqual({ status: 413, code: "request_too_large" });
    const packed = new Uint8Array(gzipSync(Buffer.alloc(20_000_000, 0x20)));
    expect(await send(url, packed, { "content-encoding": "gzip" })).toEqual({ status: 400, code: "invalid_json" });
    for (const type of ["text/plain", "application/jsonp", "multipart/form-data; boundary=x"]) {
      expect((await send(url, text, { "content-type": type })).status).toBe(415);
    }
  });

  it("keeps its money together all the while", () => {
    expect(warnings).toEqual([]);
    expect(edge.book.debitOf(person("a client with a gateway").address).cumulativeWei).toBe(0n);
  });
});

describe("what is not quite HTTP", () => {
  const send = async (text: string) => {
    const raw = new RawClient(edge);
    raw.write(text);
    return parseAnswer(await raw.ended());
  };
  it.each([
    ["no request line", "hello\r\n\r\n", 400],
    ["two lengths", "POST /v1/keys HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}", 400],
    [
      "a length and chunks",
      "POST /v1/keys HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["a folded header", "GET /health HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n", 400],
    ["headers of 20 kB", `GET /health HTTP/1.1\r\nhost: x\r\na: ${"b".repeat(20_000)}\r\n\r\n`, 431],
  ])("%s", async (_name, text, status) => {
    const answer = await send(text);
    expect(answer.status).toBe(status);
    expect(Object.keys((answer.body as { error: object }).error)).toEqual(["message", "type", "param", "code"]);
  });

  it("an offer of HTTP/2, as Java's client makes it with its first request, is left alone", async () => {
    const [url, body] = faces[0]!;
    const text = JSON.stringify(body);
    const offer = "upgrade: h2c\r\nconnection: close, upgrade, http2-settings\r\nhttp2-settings: AAEAAEAAAAIAAAAA\r\n";
    const answer = await send(
      `POST ${url} HTTP/1.1\r\nhost: x\r\n${offer}authorization: Bearer ${edge.key}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    expect(answer).toMatchObject({ status: 404, body: { error: { code: "model_not_found" } } });
  });

  it("a body that grows without end is cut at 2 MiB, without a length too", async () => {
    const raw = new RawClient(edge);
    raw.write(
      `POST /v1/embeddings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${edge.key}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const piece = `10000\r\n${" ".repeat(65_536)}\r\n`;
    for (let i = 0; i < 40 && !raw.isClosed; i++) raw.write(piece);
    expect(parseAnswer(await raw.ended())).toMatchObject({
      status: 413,
      body: { error: { code: "request_too_large" } },
    });
  });

  it("a whole request behind another one's body is not taken for a part of it", async () => {
    const raw = new RawClient(edge);
    raw.write(
      "GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET /v1/nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    const text = await raw.ended();
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404"]);
  });
});

describe("a miner's link over plain HTTP", () => {
  it("that was never opened takes no body: it is refused by its name, before a byte of it is parsed", async () => {
    const url = `/v1/miner/link/${"0".repeat(64)}`;
    for (const payload of ["[".repeat(1_000_000), "no JSON", JSON.stringify({ number: 1, frames: [] })]) {
      expect(await post(url, payload)).toMatchObject({ status: 404, code: "no_link" });
    }
  });
});

describe("a replayed challenge", () => {
  it("proves nothing on another link, nor again on a link of its own miner", async () => {
    const signer = person("replayed");
    const first = await edge.miner({ signer, isUnproven: true });
    const challenge = await first.next("challenge");
    first.hello(challenge);
    await first.next("welcome");
    const thief = await edge.miner({ signer, isUnproven: true });
    const own = await thief.next("challenge");
    expect(own.nonce).not.toBe(challenge.nonce);
    thief.hello(challenge);
    expect(await thief.next("error")).toMatchObject({ code: "not_operator", fatal: true });
    await thief.closed;
    expect(edge.app.hub.session(signer.address)).toBeDefined();
    first.hangUp();
    await first.closed;
    const later = await edge.miner({ signer, isUnproven: true });
    await later.next("challenge");
    later.hello(challenge);
    expect(await later.next("error")).toMatchObject({ code: "not_operator" });
    await later.closed;
  });
});
