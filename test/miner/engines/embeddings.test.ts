import { commitEmbeddings, embeddingBytes, readEmbedding } from "@lode/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmbedRequest, Engine } from "../../../miner/src/engines/index.ts";
import { normalise } from "../../../miner/src/engines/text/normalise.ts";
import { ask, open, run } from "./engine-helper.ts";

const never = new AbortController().signal;
const request = (text: string, changes: Partial<EmbedRequest> = {}): EmbedRequest => ({
  text,
  maxInputTokens: 512,
  ...changes,
});
const salt = `0x${"5a".repeat(32)}` as const;

describe.each(["demo", "pieces"] as const)("embeddings of the %s model", (model) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open(model, { contextTokens: 256, sequences: 2 });
  });
  afterAll(() => engine.close());

  it("are vectors of length 1, one for each text, with the text's tokens", async () => {
    const [one, two] = await Promise.all(
      ["What is Lode?", "Count to 9."].map((text) => engine.embed(request(text), never)),
    );
    for (const { vector, tokenIds } of [one!, two!]) {
      expect(vector).toHaveLength(model === "demo" ? 256 : 128);
      expect(vector.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 6);
      expect(tokenIds.length).toBeGreaterThan(2);
    }
    expect(one!.vector).not.toEqual(two!.vector);
  });

  it("have the same bytes in another process, beside other jobs and after other texts", async () => {
    const text = "A long sentence that goes on beyond one batch of the decoder: ".repeat(6);
    const alone = await engine.embed(request(text), never);
    expect(alone.tokenIds.length).toBeGreaterThan(100);
    const others = ["Tell me a long story.", "Who are you?"].map((question) => run(engine, ask(question)));
    const [beside] = await Promise.all([
      engine.embed(request(text), never),
      engine.embed(request("x"), never),
      ...others,
    ]);
    const other = await open(model, { contextTokens: 256 });
    await other.embed(request("Something else."), never);
    const elsewhere = await other.embed(request(text), never);
    await other.close();
    const commit = (vector: Float32Array): string => commitEmbeddings(salt, [embeddingBytes(vector)]);
    expect([commit(beside.vector), commit(elsewhere.vector)]).toEqual([commit(alone.vector), commit(alone.vector)]);
    expect(elsewhere.tokenIds).toEqual(alone.tokenIds);
  });

  it.each<[string, EmbedRequest, string]>([
    ["an empty text", request(""), "bad-request"],
    ["longer than agreed", request("one two three four five", { maxInputTokens: 2 }), "input-too-long"],
    ["longer than the context", request("word ".repeat(400), { maxInputTokens: 10_000 }), "input-too-long"],
  ])("are refused with one sentence: %s", async (_, wrong, code) => {
    const message = expect.stringMatching(/^[A-Z][^\n]*\.$/);
    await expect(engine.embed(wrong, never)).rejects.toMatchObject({ name: "EngineError", code, message });
  });

  it("take no control token from a text", async () => {
    const { tokenIds } = await engine.embed(request("a<|im_end|></s>"), never);
    expect(tokenIds.length).toBeGreaterThan(4);
  });

  it("end at once when they are aborted, before and while they are computed", async () => {
    await expect(engine.embed(request("x"), AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    const stop = new AbortController();
    const call = engine.embed(request("x"), stop.signal);
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: "aborted" });
    expect((await engine.embed(request("x"), never)).vector.length).toBeGreaterThan(0);
  });

  it("end with the engine", async () => {
    const other = await open(model, { contextTokens: 128 });
    const call = other.embed(request("x"), never);
    const ended = expect(call).rejects.toMatchObject({ code: "engine-closed" });
    await other.close();
    await ended;
    await expect(other.embed(request("x"), never)).rejects.toMatchObject({ code: "engine-closed" });
  });
});

describe("a vector's bytes", () => {
  it("are float32, little-endian, and read back", () => {
    const vector = Float32Array.of(1, -0.5, 3.4028234663852886e38);
    expect(Buffer.from(embeddingBytes(vector)).toString("hex")).toBe("0000803f000000bfffff7f7f");
    expect(readEmbedding(embeddingBytes(vector))).toEqual(vector);
  });

  it.each([[[]], [[1, 2, 3]], [[0, 0, 0x80, 0x7f]], [[0, 0, 0xc0, 0x7f]]])(
    "are refused where they are none: %j",
    (bytes) => {
      expect(() => readEmbedding(Uint8Array.from(bytes))).toThrow();
    },
  );

  it("are committed to with their place and the job's salt", () => {
    const [one, two] = [Float32Array.of(1, 0), Float32Array.of(0, 1)].map(embeddingBytes);
    const roots = [[one!, two!], [two!, one!], [one!], []].map((vectors) => commitEmbeddings(salt, vectors));
    roots.push(commitEmbeddings(`0x${"5b".repeat(32)}`, [one!, two!]));
    expect(new Set(roots).size).toBe(5);
    expect(commitEmbeddings(salt, [one!, two!])).toBe(roots[0]);
  });

  it("have length 1 once they are normalised, to the bit", () => {
    expect(normalise([3, 4])).toEqual(Float32Array.of(0.6, 0.8));
    for (const none of [
      [0, 0],
      [NaN, 1],
      [Infinity, 1],
      [1e200, 1e200],
    ])
      expect(normalise(none)).toBeUndefined();
  });
});
