import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../helpers/books.ts";
import { pngOf } from "../../helpers/pictures.ts";
import { findPostgres, startPostgres, type Postgres } from "../../helpers/postgres.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { openGateway } from "../edge/gateway.ts";
import { demoModel, type Piece } from "../edge/scripted-miner.ts";
import { host, person, temporaryHome, word } from "../fixture.ts";
import { sha256, Poller } from "../miner/poller.ts";
import { startCollector, type Collector } from "../operations/collector.ts";
import { bytesOf, Canaries, filesIn } from "./canaries.ts";
import { operationsOf, valueOf, type Operation } from "./operations.ts";

const canaries = new Canaries();
const canary = (place: string, most?: number): string => canaries.at(place, most);
const found = (bytes: Buffer): string[] => canaries.in(bytes);

const output = canary("what the model says");
const script: readonly Piece[] = [
  [11, "Well, "],
  [12, output],
];

const functionTool = () => ({
  name: "look",
  description: canary("a tool's description"),
  parameters: {
    type: "object",
    properties: { place: { type: "string", description: canary("a tool's parameter") } },
    additionalProperties: false,
  },
});
const call = () => ({
  id: "call_1",
  type: "function",
  function: { name: "look", arguments: JSON.stringify({ place: canary("a call's arguments") }) },
});

/** Requests with a canary in every text that a client can choose. */
function requests(model: string): [url: string, body: object][] {
  const schema = { type: "object", properties: { [canary("a schema's property")]: { type: "string" } } };
  return [
    [
      "/v1/chat/completions",
      {
        model,
        messages: [
          { role: "system", content: canary("a system prompt"), name: canary("a name", 64) },
          { role: "user", content: [{ type: "text", text: canary("a part of a prompt") }] },
          { role: "assistant", content: null, tool_calls: [call()] },
          { role: "tool", tool_call_id: "call_1", content: canary("a tool's result") },
        ],
        tools: [{ type: "function", function: functionTool() }],
        tool_choice: "none",
        stop: [canary("a stop")],
        user: canary("a user"),
        metadata: { topic: canary("metadata") },
        safety_identifier: canary("an identifier"),
        prompt_cache_key: canary("a cache key"),
        store: true,
        max_tokens: 20,
      },
    ],
    [
      "/v1/chat/completions",
      {
        model,
        messages: [{ role: "user", content: canary("a prompt for JSON") }],
        response_format: { type: "json_schema", json_schema: { name: "x", schema } },
        max_tokens: 20,
      },
    ],
    ["/v1/completions", { model, prompt: canary("a bare prompt"), stop: canary("its stop"), user: canary("its user") }],
    ["/v1/embeddings", { model: "no-vectors", input: [canary("a text for a vector")], user: canary("its owner") }],
    [
      "/v1/images/generations",
      { model: "no-painter", prompt: canary("a picture's prompt"), user: canary("its buyer") },
    ],
    [
      "/v1/responses",
      {
        model,
        input: canary("an input"),
        instructions: canary("instructions"),
        metadata: { topic: canary("kept metadata") },
        user: canary("a kept user"),
        store: true,
        max_output_tokens: 20,
      },
    ],
    [
      "/v1/messages",
      {
        model,
        max_tokens: 20,
        system: canary("Anthropic's system prompt"),
        messages: [{ role: "user", content: [{ type: "text", text: canary("a message") }] }],
        stop_sequences: [canary("a stop sequence")],
        metadata: { user_id: canary("a user's id") },
        tools: [
          { name: "look", description: canary("a description"), input_schema: { type: "object", properties: {} } },
        ],
        tool_choice: { type: "none" },
      },
    ],
  ];
}

/** What other miners serve. */
const ofTheirOwn = ["/v1/embeddings", "/v1/images/generations"];

/** Every text of the answers that are no success. */
async function sendEverything(edge: Edge): Promise<string[]> {
  const answers: string[] = [];
  const send = async (url: string, body: object | string, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`${edge.url}${url}`, {
      method: "POST",
      headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status >= 400 && !text.startsWith("data:")) answers.push(text);
    return answer.status;
  };
  const miner = await edge.miner({ script });
  for (const [url, body] of requests("demo")) {
    // Vectors and pictures have a way of their own, see below.
    const isServed = !ofTheirOwn.includes(url);
    if (isServed) expect(await send(url, body)).toBe(200);
    if (isServed) expect(await send(url, { ...body, stream: true })).toBe(200);
    const key = { "idempotency-key": canary("an idempotency key") };
    if (isServed) for (let i = 0; i < 2; i++) expect(await send(url, body, key)).toBe(200);
    // Broken in every way that a request can be.
    const text = JSON.stringify(body);
    const broken = [
      text.slice(0, -1),
      `${text}${canary("what stands behind a body")}`,
      JSON.stringify({ ...body, model: { [canary("a property")]: canary("an object") } }),
      JSON.stringify({
        ...body,
        messages: canary("a text for a list"),
        input: { a: canary("an odd input") },
        prompt: 5,
      }),
      JSON.stringify({
        ...body,
        logit_bias: { [canary("a bias")]: 1 },
        max_tokens: canary("a number"),
        max_output_tokens: "x",
      }),
      canary("no JSON at all"),
    ];
    for (const one of broken) expect(await send(url, one)).toBeGreaterThanOrEqual(400);
    expect(await send(url, text, { "content-type": `text/${canary("a type")}` })).toBe(415);
    expect(await send(url, text, { "content-encoding": canary("an encoding") })).toBe(415);
    expect(await send(url, text, { authorization: `Bearer ${canary("a wrong key")}` })).toBe(401);
    expect(await send(`${url}?${canary("a query")}=${canary("its value")}`, text.slice(0, -1))).toBe(400);
  }
  miner.hangUp();
  await edge.disconnect();
  return answers;
}

async function askForVectors(edge: Edge): Promise<void> {
  const miner = await edge.miner({ models: [{ ...demoModel, id: "vectors", digest: word("vector weights") }] });
  const asked = fetch(`${edge.url}/v1/embeddings`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json", "idempotency-key": "vectors" },
    body: JSON.stringify({ model: "vectors", input: canary("a text that becomes a vector"), user: canary("its user") }),
  });
  const job = await miner.job();
  miner.send(miner.receiptMessage(job, miner.vectors(job, [[0.6, 0.8]])));
  expect((await asked).status).toBe(200);
  await edge.disconnect();
}

/** Counts of tokens, and what becomes of an answer that is kept. */
async function countAndKeep(edge: Edge): Promise<string[]> {
  const model = "counted";
  const miner = await edge.miner({
    models: [{ ...demoModel, id: model, digest: word("counted weights"), counts: true }],
    script,
  });
  const errors: string[] = [];
  const call = async (method: string, url: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${edge.url}${url}`, {
      method,
      headers: { authorization: `Bearer ${edge.key}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 400) errors.push(text);
    return JSON.parse(text);
  };
  const said = () => ({ role: "user", content: canary("a prompt to count") });
  for (const [url, body] of [
    ["/v1/messages/count_tokens", { model, messages: [said()], system: canary("a system prompt to count") }],
    ["/v1/responses/input_tokens", { model, input: [said()], instructions: canary("instructions to count") }],
  ] as const) {
    const counting = call("POST", url, body);
    miner.send({ type: "counted", id: (await miner.next("count")).id, tokens: 3 });
    expect(await counting).toMatchObject({ input_tokens: 3 });
    const refused = call("POST", url, body);
    miner.send({ type: "uncounted", id: (await miner.next("count")).id, code: canary("a miner's reason", 64) });
    expect(await refused).toMatchObject({ error: {} });
  }
  const metadata = () => ({ [canary("a note's name", 60)]: canary("a note") });
  const chat = { model, messages: [said()], store: true, metadata: metadata() };
  const { id } = (await call("POST", "/v1/chat/completions", chat)) as { id: string };
  const url = `/v1/chat/completions/${id}`;
  expect(await call("POST", url, { metadata: metadata() })).toMatchObject({ id });
  const query = `metadata[${canary("a note that is looked for")}]=${canary("its value")}`;
  expect(await call("GET", `/v1/chat/completions?${query}`)).toMatchObject({ data: [] });
  expect(await call("GET", `${url}/messages`)).toMatchObject({ data: [{ role: "user" }] });
  await edge.disconnect();
  return errors;
}

async function askForPictures(edge: Edge): Promise<void> {
  const models = [{ ...demoModel, id: "painter", digest: word("painter weights"), images: true as const }];
  const miner = await edge.miner({ models });
  const asked = fetch(`${edge.url}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json", "idempotency-key": "pictures" },
    body: JSON.stringify({ model: "painter", prompt: canary("a text to paint"), size: "128x128" }),
  });
  const picture = Buffer.concat([pngOf(128, 128), Buffer.from(canary("what a picture says"))]);
  await miner.paint(await miner.job(), picture);
  expect((await asked).status).toBe(200);
  await edge.disconnect();
}

async function failEverywhere(edge: Edge): Promise<void> {
  const model = { ...demoModel, id: "failing", digest: word("failing weights") };
  const body = { model: "failing", messages: [{ role: "user", content: canary("a prompt that fails") }] };
  // The miner says no, in words of its own.
  const rude = await edge.miner({ models: [model] });
  const refused = edge.chat(body);
  const first = await rude.job();
  rude.send({ type: "refuse", assignment: first.digest, code: canary("a miner's code"), message: canary("its words") });
  expect((await refused).status).toBe(502);
  const cut = edge.chat({ ...body, stream: true });
  const second = await rude.job();
  rude.tokens(second, [[11, canary("the beginning of an answer")]]);
  rude.send({ type: "failed", assignment: second.digest, code: "oom", message: canary("a miner's last words") });
  await (await cut).text();
  rude.socket.send(JSON.stringify({ type: canary("a miner's message") }));
  await rude.closed;
  // Something inside breaks with what it was given.
  const { account } = edge.chain;
  edge.chain.account = async () => {
    throw new SyntaxError(`cannot read ${canary("an inner error")}`, { cause: new Error(canary("its cause")) });
  };
  await edge.miner({ models: [model], script });
  expect((await edge.chat(body)).status).toBe(500);
  edge.chain.account = account;
  await edge.disconnect();
}

/** Jobs that go on without their clients, one of each workload; polling miners do the benchmark. */
async function leaveJobs(edge: Edge): Promise<string[]> {
  const [client, poller] = [
    new Poller(edge, edge.key),
    new Poller(edge, await edge.login("miner", person("a poller"))),
  ];
  const errors: string[] = [];
  const leave = async (body: object, status = 201): Promise<string> => {
    const answer = await client.call("POST", "/v1/jobs", body);
    expect(answer.status, JSON.stringify(body)).toBe(status);
    if (status !== 201) errors.push(JSON.stringify(answer.body));
    return (answer.body as { id: string }).id;
  };
  const shared = () => ({
    metadata: { [canary("a job's metadata", 64)]: canary("its value") },
    // Nothing listens there, and it is tried again and again.
    webhook: { url: `http://127.0.0.1:9/${canary("a webhook's path")}`, secret: canary("a webhook's secret") },
  });
  const miner = await edge.miner({ script });
  await poller.heartbeat();
  const bodies = requests("demo");
  const ids = await Promise.all([
    leave({ ...shared(), workload: "text", input: bodies[0]![1] }),
    leave({ ...shared(), workload: "text", input: { model: "demo", prompt: canary("a prompt that waits") } }),
    leave({ ...shared(), workload: "benchmark", input: { prompt: canary("a benchmark") } }),
  ]);
  const job = await poller.job();
  const output = canary("what a polling miner says");
  const metrics = { tokens_per_s: 5, [canary("a polling miner's figure", 60)]: canary("its word") };
  const proof = { id: job.id, output_sha: sha256(output), output, mode: canary("a mode", 32), metrics };
  const { status, body } = await poller.call("POST", "/v1/miner/proof", proof);
  expect([200, JSON.stringify(body)]).toEqual([status, expect.any(String)]);
  const untilIs = async (id: string, status: string): Promise<void> => {
    const view = async () => (await client.call("GET", `/v1/jobs/${id}`)).body as { status: string };
    await until(`${id} is ${status}`, async () => (await view()).status === status);
  };
  for (const id of ids) await untilIs(id, "succeeded");
  await leave({ ...shared(), workload: "text", input: { model: "demo", messages: canary("no list") } }, 400);
  await leave({ ...shared(), workload: canary("no workload", 32), input: {} }, 400);
  const unpaintable = { model: "demo", prompt: canary("a picture's text"), size: canary("no size") };
  await leave({ ...shared(), workload: "image", input: unpaintable }, 400);
  await leave({ ...shared(), workload: "embedding", input: { model: "demo", input: [[canary("no token")]] } }, 400);
  const zk = { tier: "zk", zk_job: "1", salt: `0x${"01".repeat(32)}`, text: canary("a text to classify") };
  // The chain knows no such job.
  await untilIs(await leave({ ...shared(), workload: "classify", input: zk }), "failed");
  miner.hangUp();
  return errors;
}

/** Every operation of the OpenAPI document, with canaries wherever it takes a text, as a caller of every kind. */
async function sendByDocument(edge: Edge): Promise<string[]> {
  const answers: string[] = [];
  const keys = [edge.key, await edge.login("miner", person("another poller")), await edge.login("admin")];
  const send = async (operation: Operation, key: string, payload: string | undefined): Promise<void> => {
    const { method, path, parameters } = operation;
    const given = (place: string) => parameters.filter((one) => one.in === place);
    const query = given("query").map(({ name }) => `${name}=${canary(`a query of ${path}`)}`);
    const headers = Object.fromEntries(given("header").map(({ name }) => [name, canary(`a header of ${path}`)]));
    const url = `${path.replace(/\{[^}]+\}/g, () => canary(`a part of ${path}`))}${query.length > 0 ? `?${query.join("&")}` : ""}`;
    const type = payload === undefined ? {} : { "content-type": "application/json" };
    const all = { ...headers, ...type, authorization: `Bearer ${key}` };
    const { statusCode, body } = await edge.app.inject({
      method,
      url,
      headers: all,
      ...(payload !== undefined && { payload }),
    });
    if (statusCode >= 400) answers.push(body);
  };
  for (const operation of operationsOf(edge.app)) {
    for (const key of keys) {
      if (operation.body === undefined) {
        await send(operation, key, undefined);
        continue;
      }
      for (const keepsShape of [true, false]) {
        await send(operation, key, JSON.stringify(valueOf(operation.body, canaries, keepsShape, operation.path)));
      }
      await send(operation, key, JSON.stringify({ [canary("a field that nobody knows")]: canary("its value") }));
      await send(operation, key, JSON.stringify([canary("a list for an object")]));
      await send(operation, key, canary("no JSON at all"));
    }
  }
  return answers;
}

/** The same requests through a gateway of the client's own, which keeps a folder too. */
async function passThroughGateway(edge: Edge, home: string): Promise<string[]> {
  const warnings: string[] = [];
  const gateway = await openGateway(edge, home, (message) => void warnings.push(message));
  const miner = await edge.miner({ script });
  const answers: string[] = [];
  const send = async (url: string, body: string): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${gateway.url}${url}`, { method: "POST", headers, body });
    const text = await answer.text();
    if (answer.status >= 400) answers.push(text);
    return answer.status;
  };
  for (const [url, body] of requests("demo")) {
    const isServed = !ofTheirOwn.includes(url);
    if (isServed) expect(await send(url, JSON.stringify(body))).toBe(200);
    expect(await send(url, canary("no JSON for a gateway"))).toBe(400);
    expect(await send(`${url}/${canary("no place")}`, JSON.stringify(body))).toBe(404);
    expect(await send(url, JSON.stringify({ ...body, model: { a: canary("a gateway's object") } }))).toBe(400);
  }
  await gateway.close();
  miner.hangUp();
  await edge.disconnect();
  return [...answers, ...warnings];
}

const databases = findPostgres();
const skipped = "missing" in databases ? `: skipped, ${databases.missing}` : "";

describe.each([
  { name: "the embedded database", isPostgres: false },
  { name: `PostgreSQL${skipped}`, isPostgres: true },
])("canaries in every face, with $name", ({ isPostgres }) => {
  if (isPostgres && "missing" in databases) return it.skip("are not looked for", () => undefined);
  let edge: Edge;
  let server: Postgres | undefined;
  let collector: Collector;
  let errors: string[];
  const gatewayHome = temporaryHome();
  beforeAll(async () => {
    if (isPostgres && "bin" in databases) server = await startPostgres(databases.bin);
    collector = await startCollector();
    const env = {
      ...{ LOG_LEVEL: "trace", REQUESTS_PER_MINUTE: "100000", WEBHOOK_ALLOW_LOOPBACK: "1" },
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...(server !== undefined && { DATABASE_URL: server.url }),
    };
    edge = await openEdge(env, { host });
    edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 12n, signerCapWei: 10n ** 12n };
    errors = await sendEverything(edge);
    await askForVectors(edge);
    errors.push(...(await countAndKeep(edge)));
    await askForPictures(edge);
    await failEverywhere(edge);
    errors.push(...(await passThroughGateway(edge, gatewayHome.home)));
    // Behind these a host stands for miners that poll.
    errors.push(...(await leaveJobs(edge)));
    errors.push(...(await sendByDocument(edge)));
  }, 240_000);
  afterAll(async () => {
    await edge.stop();
    await server?.stop();
    await collector.close();
    gatewayHome.remove();
  });

  it("go in at every route that takes content: a new one must get its own requests here", () => {
    const counted = ["/v1/messages/count_tokens", "/v1/responses/input_tokens", "/v1/chat/completions/{id}"];
    const sent = new Set([...requests("demo").map(([url]) => url), ...counted, "/v1/jobs", "/v1/miner/proof"]);
    const taking = operationsOf(edge.app).filter(({ body, tags }) => {
      return body !== undefined && ["openai", "anthropic", "jobs"].some((tag) => tags.includes(tag));
    });
    expect(taking.map(({ path }) => path).filter((path) => !sent.has(path))).toEqual([]);
    // As many as there are now; what is new is tried by its schema besides.
    expect(operationsOf(edge.app).filter(({ body }) => body !== undefined).length).toBeGreaterThanOrEqual(22);
  });

  it("are found where they are looked for", () => {
    expect(canaries.words.length).toBeGreaterThan(500);
    expect(found(Buffer.from(`..${output}..`))).toEqual([output]);
    expect(found(Buffer.from(Buffer.from(`ab${output}`).toString("base64")))).toEqual([output]);
  });

  it("are not in the log, which says much else", () => {
    const log = edge.logged.join("");
    expect(edge.logged.length).toBeGreaterThan(100);
    expect(log).toContain("a request failed");
    expect(found(Buffer.from(log))).toEqual([]);
    expect(log).not.toContain(edge.key.slice(14));
  });

  it("are not in the metrics", async () => {
    const { body } = await edge.app.inject({ method: "GET", url: "/metrics" });
    expect(body).toMatch(/^lode_jobs_total\{model="demo",outcome="stop"\} [1-9]/m);
    expect(found(Buffer.from(body))).toEqual([]);
  });

  it("are not in the traces", async () => {
    await expect.poll(() => collector.spans.length).toBeGreaterThan(50);
    expect(found(Buffer.from(collector.bodies.join("\n")))).toEqual([]);
  });

  it("are not in what a gateway keeps", () => {
    const files = filesIn(gatewayHome.home);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => found(bytesOf(file)).length > 0)).toEqual([]);
  });

  it("are not in the answers to bad requests, which may be logged by whoever gets them", () => {
    expect(errors.length).toBeGreaterThan(40);
    expect(found(Buffer.from(errors.join("\n")))).toEqual([]);
  });

  it("are not in the journal, the embedded database, the kept answers, or any other file", async () => {
    // What is still on its way to the tables is there then.
    await edge.ledger.entries(0, 1);
    const files = filesIn(edge.home);
    expect(files.some((file) => file.includes("answers"))).toBe(true);
    if (!isPostgres) expect(files.some((file) => file.includes("journal"))).toBe(true);
    const guilty = files.filter((file) => found(bytesOf(file)).length > 0);
    expect(guilty).toEqual([]);
    const leaked = files.filter((file) => bytesOf(file).includes(edge.key.slice(14)));
    expect(leaked).toEqual([]);
  });

  if (!isPostgres) return;
  it("are not in PostgreSQL: not in its tables, nor in its files", async () => {
    if (server === undefined || "missing" in databases) return;
    await edge.ledger.entries(0, 1);
    const dump = execFileSync(join(databases.bin, "pg_dump"), [server.url], { maxBuffer: 1e9 });
    expect(dump.toString()).toContain("attempt.settled");
    expect(found(dump)).toEqual([]);
    const psql = (query: string) => execFileSync(join(databases.bin, "psql"), [server!.url, "-tAc", query]);
    psql("checkpoint");
    const files = filesIn(psql("show data_directory").toString().trim());
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => found(bytesOf(file)).length > 0)).toEqual([]);
  });
});
