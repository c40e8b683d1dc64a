import { afterEach, describe, expect, it } from "vitest";
import {
  EngineError,
  openBenchEngine,
  openUpstream,
  type Engine,
  type UpstreamOptions,
} from "../../../../miner/src/engines/index.ts";
import { createPieces, piecesOf, textOfPiece } from "../../../../miner/src/engines/upstream/pieces.ts";
import { until } from "../../../helpers/books.ts";
import { pngOf } from "../../../helpers/pictures.ts";
import { ask, run, warm } from "../engine-helper.ts";
import { json, openServer, raw, stream, type TestServer } from "./server.ts";

const chat = "/v1/chat/completions";
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function serve(
  answers: Parameters<typeof openServer>[0],
  options: Partial<UpstreamOptions> = {},
): Promise<{ server: TestServer; engine: Engine }> {
  const server = await openServer(answers);
  opened.push(server);
  const engine = await openUpstream({ url: server.url, model: "m", ...options });
  opened.push(engine);
  return { server, engine };
}

/** The error of a job that starts well but for one thing. */
async function failureOf(
  answer: Parameters<typeof openServer>[0][string],
  options: Partial<UpstreamOptions> = {},
): Promise<EngineError> {
  const { engine } = await serve({ [chat]: answer }, options);
  const error: unknown = await run(engine, ask("Hi")).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

describe("pieces of text", () => {
  it.each(["", "a", "abc", "Grüße aus Köln, 10 € bitte", "日本語のテキスト", "a😀b👩‍👩‍👧c", "\u0000\uFFFF\uD800x"])(
    "%j can be read back, however it comes",
    (text) => {
      const ids = piecesOf(text);
      expect(ids.map((id) => textOfPiece(id)).join("")).toBe(text.toWellFormed());
      for (let step = 1; step <= 3; step += 1) {
        const pieces = createPieces();
        const parts: number[] = [];
        for (let at = 0; at < text.length; at += step) parts.push(...pieces.push(text.slice(at, at + step)));
        expect([...parts, ...pieces.end()]).toEqual(ids);
      }
      expect(ids.every((id) => Number.isInteger(id) && id > 0 && id < 2 ** 32)).toBe(true);
    },
  );

  it.each([0, 97, 0x0100_0000 * 5, 0x01ff_0061, 0x0200_c3c3, 0x0400_0041, 0x0411_0000, 2 ** 32 - 1])(
    "%d is none",
    (id) => expect(textOfPiece(id)).toBeUndefined(),
  );
});

describe("an engine behind a server", () => {
  it("streams its answer, with what was asked for in the server's words", async () => {
    const { server, engine } = await serve({ [chat]: stream(["Hel", "lo", " you"]) }, { apiKey: "secret" });
    const answer = await run(engine, ask("Hi", { maxTokens: 50, stop: ["END"], sampler: { ...warm, minP: 0.1 } }));
    expect(answer).toMatchObject({ text: "Hello you", reason: "stop" });
    expect(answer.ids).toEqual(piecesOf("Hello you"));
    expect(answer.prompt).toEqual(piecesOf("user\nHi"));
    const { authorization, body } = server.received.at(-1)!;
    expect(authorization).toBe("Bearer secret");
    expect(body).toMatchObject({
      ...{ model: "m", stream: true, max_tokens: 50, stop: ["END"], min_p: 0.1, temperature: 0.9 },
      messages: [{ role: "user", content: "Hi" }],
      seed: 0x5e5e5e5e >>> 1,
    });
  });

  it("goes on behind what another engine delivered", async () => {
    const { server, engine } = await serve({
      [chat]: stream([" world"]),
      "/v1/completions": raw(`data: ${JSON.stringify({ choices: [{ text: "C", finish_reason: "stop" }] })}\n\n`),
    });
    const prefixTokens = piecesOf("Hello");
    expect((await run(engine, ask("Hi", { prefixTokens }))).text).toBe(" world");
    expect(server.received.at(-1)!.body).toMatchObject({
      messages: [{ role: "user" }, { role: "assistant", content: "Hello" }],
      ...{ continue_final_message: true, add_generation_prompt: false },
    });
    expect((await run(engine, ask("", { prompt: { text: "A" }, prefixTokens: piecesOf("B") }))).text).toBe("C");
    expect(server.received.at(-1)!.body["prompt"]).toBe("AB");
  });

  it("holds its length and stop texts, whatever the server does", async () => {
    const long = await serve({ [chat]: stream(["x".repeat(1000)], "length") });
    const cut = await run(long.engine, ask("Hi", { maxTokens: 4 }));
    expect(cut).toMatchObject({ text: "x".repeat(12), reason: "length" });
    const deaf = await serve({ [chat]: stream(["one ST", "OP two"]) });
    expect(await run(deaf.engine, ask("Hi", { stop: ["STOP"] }))).toMatchObject({ text: "one ", reason: "stop" });
  });

  it("writes tool calls as our own models do", async () => {
    const part = (call: object): string =>
      `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [call] }, finish_reason: null }] })}\n\n`;
    const text = [
      part({ index: 0, function: { name: "clock", arguments: '{"zone"' } }),
      part({ index: 0, function: { arguments: ':"UTC"}' } }),
      `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "tool_calls" }] })}\n\n`,
    ].join("");
    const { server, engine } = await serve({ [chat]: raw(text) });
    const prompt = {
      messages: [{ role: "user" as const, content: "Hi" }],
      tools: [{ name: "clock", parameters: '{"type":"object"}' }],
    };
    const call = '{"name":"clock","arguments":{"zone":"UTC"}}';
    expect((await run(engine, ask("", { prompt }))).text).toBe(`<tool_call>\n${call}\n</tool_call>`);
    const sampler = { ...warm, constraint: { type: "tool_calls" as const, most: 1 } };
    expect((await run(engine, ask("", { prompt, sampler }))).text).toBe(call);
    expect(server.received.at(-1)!.body).toMatchObject({
      tool_choice: "required",
      tools: [{ type: "function", function: { name: "clock", parameters: { type: "object" } } }],
    });
  });

  it("runs as many jobs as it has slots; an abort frees one and hangs up", async () => {
    let open = 0;
    let mostOpen = 0;
    const { server, engine } = await serve(
      {
        [chat]: (response, { body }) => {
          open += 1;
          mostOpen = Math.max(mostOpen, open);
          response.on("close", () => (open -= 1));
          response.writeHead(200);
          response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: "abc" } }] })}\n\n`);
          // The first two jobs hang; the third is answered.
          if (server.received.filter(({ path }) => path === chat).length < 3) return;
          expect(body["model"]).toBe("m");
          response.end('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n');
        },
      },
      { sequences: 2 },
    );
    const [first, second] = [new AbortController(), new AbortController()];
    const running = [first, second].map((stop) => run(engine, ask("Hi"), stop.signal));
    await until("two run", async () => open === 2);
    const third = run(engine, ask("Hi"));
    first.abort();
    await expect(running[0]).rejects.toMatchObject({ code: "aborted" });
    expect((await third).text).toBe("abc");
    await until("the server knows", async () => server.hungUp() === 1);
    await engine.close();
    await expect(running[1]).rejects.toMatchObject({ code: "engine-closed" });
    expect(mostOpen).toBe(2);
    expect(await engine.stopped).toBeUndefined();
  });

  it("a consumer that leaves gives its slot back", async () => {
    const { engine } = await serve({ [chat]: stream(["abc", "def"]) });
    for await (const event of engine.start(ask("Hi"), new AbortController().signal)) {
      if (event.type === "token") break;
    }
    expect((await run(engine, ask("Hi"))).text).toBe("abcdef");
  });

  it("gives vectors, and no pictures unless it is opened for them", async () => {
    const { engine } = await serve({ "/v1/embeddings": json({ data: [{ embedding: [3, 4] }] }) });
    const { signal } = new AbortController();
    const { vector, tokenIds } = await engine.embed({ text: "abcd", maxInputTokens: 5 }, signal);
    expect([...vector]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    expect(tokenIds).toEqual(piecesOf("abcd"));
    expect(engine.image).toBeUndefined();
    await expect(engine.embed({ text: "abcd", maxInputTokens: 1 }, signal)).rejects.toMatchObject({
      code: "input-too-long",
    });
  });

  it("gives pictures of the size that is asked for, and nothing else", async () => {
    const png = pngOf(256, 128);
    const { server, engine } = await serve(
      { "/v1/images/generations": json({ data: [{ b64_json: png.toString("base64") }] }) },
      { kind: "image" },
    );
    const { signal } = new AbortController();
    const asked = { prompt: "a cat", width: 256, height: 128, maxInputTokens: 5 };
    expect(engine.info.images).toBe(true);
    expect(await engine.image!(asked, signal)).toEqual({
      bytes: png,
      mediaType: "image/png",
      tokenIds: piecesOf("a cat"),
    });
    expect(server.received.at(-1)!.body).toMatchObject({ prompt: "a cat", size: "256x128", n: 1 });
    const count = server.received.length;
    const refused = async (change: object): Promise<unknown> =>
      engine.image!({ ...asked, ...change }, signal).catch((error: unknown) => (error as EngineError).code);
    expect(await refused({ width: 5000 })).toBe("bad-request");
    expect(await refused({ height: 64 })).toBe("bad-request");
    expect(await refused({ prompt: "" })).toBe("bad-request");
    expect(await refused({ maxInputTokens: 1 })).toBe("input-too-long");
    await expect(run(engine, ask("Hi"))).rejects.toMatchObject({ code: "bad-request" });
    await expect(engine.embed({ text: "a", maxInputTokens: 5 }, signal)).rejects.toMatchObject({ code: "bad-request" });
    expect(server.received).toHaveLength(count);
    // The server makes what it likes.
    expect(await refused({ width: 128 })).toBe("bad-request");
  });
});

describe("a server that is not what it should be", () => {
  it.each<[string, Parameters<typeof openServer>[0][string], string, RegExp]>([
    ["is full", json({}, 429), "busy", /full/],
    ["refuses the key", json({}, 401), "engine-crashed", /UPSTREAM_API_KEY/],
    ["refuses the request", json({ error: { message: "no such parameter" } }, 400), "bad-request", /cannot do/],
    [
      "has too short a context",
      json({ error: { message: "maximum context length is 8" } }, 400),
      "input-too-long",
      /longer/,
    ],
    ["breaks", json({ secret: "prompt" }, 500), "engine-crashed", /status 500/],
    ["sends no JSON", raw("data: {nonsense\n\n"), "engine-crashed", /not JSON/],
    [
      "reports an error in its stream",
      raw('data: {"error":{"message":"secret"}}\n\n'),
      "engine-crashed",
      /reports an error/,
    ],
    ["ends in the middle", stream(["abc"], null), "engine-crashed", /ends in the middle/],
    ["sends an endless event", raw(`data: ${"x".repeat(3000)}`), "engine-crashed", /more than 2000 bytes/],
    ["sends many lines in one event", raw("data: 12345\n".repeat(500)), "engine-crashed", /more than 2000 bytes/],
    ["sends events without text", stream(Array.from({ length: 60 }, () => "")), "engine-crashed", /without text/],
    [
      "sends the client elsewhere",
      (response) => void response.writeHead(302, { location: "/v1/models" }).end(),
      "engine-crashed",
      /cannot be reached/,
    ],
    ["hangs up", (response) => void response.destroy(), "engine-crashed", /cannot be reached/],
  ])("%s", async (_name, answer, code, says) => {
    const error = await failureOf(answer, { limits: { eventBytes: 2000, silentEvents: 50 } });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
    expect(error.message).not.toMatch(/secret|no such/);
  });

  it("says nothing, or stops saying anything", async () => {
    const never = (): void => undefined;
    expect(await failureOf(never, { limits: { firstByteMs: 50 } })).toMatchObject({
      code: "engine-crashed",
      message: expect.stringMatching(/in time/) as string,
    });
    const stalls = await failureOf((response) => void response.writeHead(200).write("data: {}\n\n"), {
      limits: { idleMs: 50 },
    });
    expect(stalls.message).toMatch(/fell silent/);
  });

  it("sends vectors and pictures that are none", async () => {
    const { signal } = new AbortController();
    const embedding = (value: unknown): Parameters<typeof openServer>[0] => ({
      "/v1/embeddings": json({ data: [{ embedding: value }] }),
      "/v1/images/generations": json({ data: [{ url: "http://127.0.0.1:1/", b64_json: value }] }),
    });
    for (const value of [[], ["a"], [0, 0], "text", null]) {
      const { engine } = await serve(embedding(value));
      const { engine: painter } = await serve(embedding(value), { kind: "image" });
      await expect(engine.embed({ text: "a", maxInputTokens: 5 }, signal)).rejects.toMatchObject({
        code: "engine-crashed",
      });
      const picture = painter.image!({ prompt: "a", width: 256, height: 256, maxInputTokens: 5 }, signal);
      await expect(picture).rejects.toMatchObject({ code: "engine-crashed" });
    }
    const { engine } = await serve({ "/v1/embeddings": json("x".repeat(9000)) }, { limits: { bodyBytes: 5000 } });
    await expect(engine.embed({ text: "a", maxInputTokens: 5 }, signal)).rejects.toThrow(/more than 5000 bytes/);
  });

  it("is not opened without the model, and is where it keeps no list", async () => {
    const server = await openServer({});
    opened.push(server);
    const other = openUpstream({ url: server.url, model: "other" });
    await expect(other).rejects.toThrow(/has no model "other"; it has m\./);
    const bare = await openServer({ "/v1/models": json({}, 404) });
    opened.push(bare);
    expect((await openUpstream({ url: `${bare.url}/v1/`, model: "m" })).info.modelName).toBe("m");
    await expect(openUpstream({ url: "http://127.0.0.1:9", model: "m" })).rejects.toThrow(/cannot be reached/);
    // As Ollama lists it.
    const tagged = await openServer({ "/v1/models": json({ data: [{ id: "llama3.2:latest" }] }) });
    opened.push(tagged);
    expect((await openUpstream({ url: tagged.url, model: "llama3.2" })).info.modelName).toBe("llama3.2");
    await expect(openUpstream({ url: tagged.url, model: "llama3" })).rejects.toThrow(/it has llama3\.2:latest/);
  });

  it("is looked at when a request breaks it", async () => {
    const said: string[] = [];
    const onAway = (sentence: string): number => said.push(sentence);
    const { server, engine } = await serve({ [chat]: json({}, 500) }, { limits: { checkMs: 1 }, onAway });
    await expect(run(engine, ask("Hi"))).rejects.toMatchObject({ code: "engine-crashed" });
    const models = (): number => server.received.filter(({ path }) => path === "/v1/models").length;
    await until("it was looked at again", async () => models() === 2);
    expect([engine.hasRoom, said]).toEqual([true, []]);
  });

  it("has no room while it is gone, and serves when it is back", async () => {
    const said: string[] = [];
    const onAway = (sentence: string): number => said.push(sentence);
    const { server, engine } = await serve({ [chat]: stream(["x"]) }, { limits: { checkMs: 1 }, onAway });
    expect([engine.hasRoom, engine.isLoaded]).toEqual([true, true]);
    await server.close();
    await expect(run(engine, ask("Hi"))).rejects.toMatchObject({ code: "engine-crashed" });
    await until("it is known to be gone", async () => engine.hasRoom === false);
    expect(engine.isLoaded).toBe(false);
    // Somebody else at its place is not it.
    const port = Number(new URL(server.url).port);
    const other = await openServer({ "/v1/models": json({ data: [{ id: "another" }] }) }, port);
    await until("it was asked", async () => other.received.length > 0);
    expect(engine.hasRoom).toBe(false);
    await other.close();
    opened.push(await openServer({ [chat]: stream(["back"]) }, port));
    await until("it is known to be back", async () => engine.hasRoom === true);
    expect((await run(engine, ask("Hi"))).text).toBe("back");
    expect(said).toEqual([
      `There is no work for the server at ${server.url} until it is back: The server behind the engine cannot be reached.`,
      `The server at ${server.url} is back.`,
    ]);
  });

  it("is not asked for what it cannot do", async () => {
    const { server, engine } = await serve({ [chat]: stream(["x"]) });
    const before = server.received.length;
    const refused = async (changes: Parameters<typeof ask>[1]): Promise<unknown> =>
      run(engine, ask("Hi", changes)).catch((error: unknown) => (error as EngineError).code);
    expect(await refused({ sampler: { ...warm, logitBias: [[5, 1]] } })).toBe("bad-request");
    expect(await refused({ prefixTokens: [97] })).toBe("bad-request");
    expect(await refused({ maxTokens: 0 })).toBe("bad-request");
    expect(await refused({ maxInputTokens: 2 })).toBe("input-too-long");
    expect(await refused({ sampler: { ...warm, temperature: 9 } })).toBe("bad-request");
    expect(server.received).toHaveLength(before);
  });
});

describe("the benchmark's engine", () => {
  it("writes the same words everywhere, also behind a prefix, and as many as are asked for", async () => {
    const [one, other] = [openBenchEngine(), openBenchEngine({ sequences: 3 })];
    opened.push(one, other);
    const whole = await run(one, ask("Hi", { maxTokens: 40 }));
    expect(whole).toMatchObject({ reason: "length" });
    expect(whole.ids).toHaveLength(40);
    const rest = await run(other, ask("Hi", { maxTokens: 30, prefixTokens: whole.ids.slice(0, 10) }));
    expect(rest.ids).toEqual(whole.ids.slice(10));
    expect((await run(other, ask("Hi", { seed: `0x${"5f".repeat(32)}` }))).ids.slice(0, 40)).not.toEqual(whole.ids);
  });

  it("ends by an abort and by its close", async () => {
    const engine = openBenchEngine({ tokensPerSecond: 1 });
    const stop = new AbortController();
    const aborted = run(engine, ask("Hi"), stop.signal);
    const waiting = run(engine, ask("Hi"));
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ code: "aborted" });
    await engine.close();
    await expect(waiting).rejects.toMatchObject({ code: "engine-closed" });
  });
});
