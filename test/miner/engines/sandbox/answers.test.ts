import { PassThrough } from "node:stream";
import { duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { createMeasure, readAnswer } from "../../../../miner/src/engines/llama/answers.ts";
import { createChannel } from "../../../../miner/src/engines/llama/channel.ts";
import type { FromChild, JobEvent } from "../../../../miner/src/engines/llama/messages.ts";

const opened: FromChild = {
  type: "opened",
  info: {
    modelDigest: `0x${"ab".repeat(32)}`,
    engineId: "engine@1",
    engineClass: `0x${"cd".repeat(32)}`,
    verification: "A-prefill",
    contextTokens: 2048,
    modelName: "model",
    sequences: 1,
    sizeBytes: 100,
    vocabulary: 512,
  },
};
const events = (...of: JobEvent[]): FromChild => ({ type: "events", events: of, drawn: 7 });
const tokens = events({ job: 0, type: "tokens", ids: [1, 2], texts: ["a", "b"] });
const good: [string, FromChild][] = [
  ["an opening", opened],
  ["tokens", tokens],
  ["a prompt", events({ job: 3, type: "prompt", tokenIds: [1] })],
  ["an end", events({ job: 3, type: "end", reason: "stop" })],
  ["a failure", events({ job: 3, type: "error", error: { code: "aborted", message: "No." } })],
  ["a refusal", { type: "refused", error: { code: "model-corrupt", message: "No." } }],
  ["a sign of life", { type: "alive", done: 2 ** 40 }],
  ["a sign of life from its work", { type: "alive", done: 3, mayTakeMs: 0.5 }],
  ["a vector", { type: "embedding", job: 1, tokenIds: [1], vector: [0.5] }],
  ["a vector's failure", { type: "embedding-failed", job: 1, error: { code: "input-too-long", message: "No." } }],
];
/** A good message with one place changed. */
function changed(message: FromChild, path: string, value: unknown): unknown {
  const copy = structuredClone(message) as unknown as Record<string, unknown>;
  const steps = path.split(".");
  const last = steps.pop()!;
  const place = steps.reduce<Record<string, unknown>>((at, step) => at[step] as Record<string, unknown>, copy);
  place[last] = value;
  return copy;
}

describe("what the engine's process says", () => {
  it.each(good)("is taken as it is: %s", (_, message) => {
    expect(readAnswer(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  it.each<[string, FromChild, path: string, value: unknown]>([
    ["a type that nobody knows", tokens, "type", "NODE_HANDLE"],
    ["events that are no list", tokens, "events", { length: 1 }],
    ["an event that is nothing", tokens, "events.0", null],
    ["an event of another type", tokens, "events.0.type", "close"],
    ["a job that is no number", tokens, "events.0.job", "__proto__"],
    ["a token below nothing", tokens, "events.0.ids", [1, -1]],
    ["a token beyond 32 bits", tokens, "events.0.ids", [1, 2 ** 32]],
    ["half a token", tokens, "events.0.ids", [1, 0.5]],
    ["more tokens than texts", tokens, "events.0.ids", [1, 2, 3]],
    ["a text that is none", tokens, "events.0.texts", ["a", { toString: "b" }]],
    ["an end for no reason", good[3]![1], "events.0.reason", "bored"],
    ["an error of no kind", good[4]![1], "events.0.error.code", "ENOENT"],
    ["an error without words", good[5]![1], "error.message", undefined],
    ["a digest that is none", opened, "info.modelDigest", "0x00"],
    ["another way to check", opened, "info.verification", "always"],
    ["no context", opened, "info.contextTokens", null],
    ["no vocabulary", opened, "info.vocabulary", undefined],
    ["tokens that are not counted", tokens, "drawn", "7"],
    ["work of no length", good[7]![1], "mayTakeMs", "long"],
    ["work that is not counted", good[7]![1], "done", undefined],
    ["a vector of texts", good[8]![1], "vector", ["1"]],
  ])("is nonsense with %s", (_, message, path, value) => {
    expect(() => readAnswer(changed(message, path, value))).toThrow(
      expect.objectContaining({ name: "NonsenseError" }) as Error,
    );
  });

  it("reaches a terminal without its control characters, and not at any length", () => {
    const message = changed(good[5]![1], "error.message", `\u001b[2J\n${"x".repeat(9000)}`);
    expect(readAnswer(message)).toMatchObject({
      error: { message: expect.stringMatching(/^ \[2J x{1995}$/) as string },
    });
  });

  it("ends where a job has all that it may have", () => {
    const limits = { maxInputTokens: 2, maxTokens: 2 };
    const prompt = (count: number) => ({ job: 0, type: "prompt", tokenIds: Array<number>(count).fill(1) }) as const;
    const output = (texts: string[]) => ({ job: 0, type: "tokens", ids: texts.map(() => 1), texts }) as const;
    const measure = createMeasure(limits);
    measure(prompt(2));
    measure(output(["a"]));
    measure(output(["b"]));
    expect(() => measure(output(["c"]))).toThrow("more output than was asked for");
    expect(() => measure(prompt(1))).toThrow("a longer prompt than was agreed");
    expect(() => createMeasure(limits)(prompt(3))).toThrow("a longer prompt than was agreed");
    expect(() => createMeasure(limits)(output(["x".repeat(8193)]))).toThrow("more output than was asked for");
  });
});

describe("the channel to the engine's process", () => {
  /** Everything that comes out at one end of what is written at the other, in pieces of `size` bytes. */
  async function through(bytes: Buffer, size: number): Promise<{ taken: unknown[]; broken: string[] }> {
    const stream = new PassThrough();
    const [taken, broken]: [unknown[], string[]] = [[], []];
    createChannel(
      stream,
      (message) => taken.push(message),
      ({ message }) => broken.push(message),
    );
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
    await new Promise((resolve) => stream.once("end", resolve));
    return { taken, broken };
  }
  const words = [{ a: "Grüße, 世界 🌍" }, [1, 2], "x".repeat(300)];
  const lines = Buffer.from(words.map((word) => `${JSON.stringify(word)}\n`).join(""));

  it.each([1, 3, 64, 1 << 20])("gives whole messages, in pieces of %i bytes", async (size) => {
    expect(await through(lines, size)).toEqual({ taken: words, broken: [] });
  });

  it.each<[string, Buffer]>([
    ["no JSON", Buffer.from("hello\n")],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x0a])],
    ["half a message", Buffer.from('{"type":\n')],
  ])("breaks once at %s, and reads nothing behind it", async (_, bytes) => {
    const { taken, broken } = await through(Buffer.concat([lines, bytes, lines, bytes]), 16);
    expect(taken).toEqual(words);
    expect(broken).toHaveLength(1);
  });

  it("breaks at a message that never ends, and lets go of it", async () => {
    const { taken, broken } = await through(Buffer.alloc(65 * 2 ** 20, 0x20), 1 << 20);
    expect({ taken, broken }).toEqual({ taken: [], broken: ["a message has more than 67108864 characters"] });
  });

  it("breaks where a message is refused", async () => {
    const [here, there] = duplexPair();
    const broken = new Promise<Error>((resolve) => {
      createChannel(here, (message) => void readAnswer(message), resolve);
    });
    createChannel(
      there,
      () => undefined,
      () => undefined,
    ).send({ cmd: "NODE_HANDLE", type: "net.Socket" });
    expect(await broken).toMatchObject({ name: "NonsenseError" });
  });

  it("tells when a message has left, and also when it never will", async () => {
    const [here] = duplexPair();
    const channel = createChannel(
      here,
      () => undefined,
      () => undefined,
    );
    await new Promise<void>((resolve) => channel.send("one", resolve));
    channel.close();
    await new Promise<void>((resolve) => channel.send("two", resolve));
    expect(here.destroyed).toBe(true);
  });
});
