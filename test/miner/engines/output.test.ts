import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../miner/src/engines/index.ts";
import type { TokenLogprob } from "@lode/protocol";
import { ask, greedy, open, run, warm } from "./engine-helper.ts";

describe.each(["demo", "pieces"] as const)("answers of the %s model", (model) => {
  let engine: Engine;
  const hello = ask("Who are you?", { sampler: greedy });
  const sentence = "I am Lode Demo, a tiny model that was trained from scratch on two CPU cores.";

  beforeAll(async () => {
    engine = await open(model, { sequences: 2, contextTokens: 256 });
  });
  afterAll(() => engine.close());

  it("follow the chat template and end at the end token, which is not delivered", async () => {
    const answer = await run(engine, hello);
    expect(answer.text).toBe(sentence);
    expect(answer.reason).toBe("stop");
  });

  it("go on behind a text that is the whole prompt, with its control tokens", async () => {
    const all = await run(engine, hello);
    const { prompt: chat } = all;
    const story = await run(engine, { ...hello, prompt: { text: "Once upon a time" } });
    expect(story.prompt.length).toBeLessThan(chat.length);
    expect(story.text).not.toBe(all.text);
    // The template's own text, written by hand, is the template's prompt.
    const byHand = {
      demo: "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n",
      pieces: "[INST] Who are you? [/INST]",
    };
    expect(await run(engine, { ...hello, prompt: { text: byHand[model] } })).toEqual(all);
  });

  it("tell each token's probability over the whole vocabulary, and draw no other token for it", async () => {
    const plain = await run(engine, { ...hello, sampler: warm });
    const told: TokenLogprob[] = [];
    const ids: number[] = [];
    for await (const event of engine.start({ ...hello, sampler: warm, logprobs: 20 }, new AbortController().signal)) {
      if (event.type !== "token") continue;
      ids.push(event.id);
      told.push(event.logprob!);
    }
    expect(ids).toEqual(plain.ids);
    for (const { bytes, logprob, top } of told) {
      expect(top).toHaveLength(20);
      const chances = top.map((one) => Math.exp(one.logprob));
      expect(chances.toSorted((a, b) => b - a)).toEqual(chances);
      const sum = chances.reduce((all, one) => all + one, 0);
      expect(sum).toBeLessThanOrEqual(1 + 1e-6);
      // These models are sure of what they say: twenty tokens hold nearly all that there is.
      expect(sum).toBeGreaterThan(0.9);
      const itself = top.find((one) => one.bytes === bytes);
      if (itself !== undefined) expect(itself.logprob).toBe(logprob);
    }
    const bytesOf = (all: readonly TokenLogprob[]): string =>
      Buffer.concat(all.map(({ bytes }) => Buffer.from(bytes, "base64"))).toString();
    expect(bytesOf(told).trimStart()).toBe(plain.text);
  });

  it("tell which stop text came", async () => {
    const request = { ...hello, stop: ["mouse", "tiny"] };
    let last: object | undefined;
    for await (const event of engine.start(request, new AbortController().signal)) last = event;
    expect(last).toEqual({ type: "end", reason: "stop", stop: 1 });
  });

  it("end after maxTokens", async () => {
    const all = await run(engine, hello);
    const answer = await run(engine, { ...hello, maxTokens: 5 });
    expect(answer.ids).toEqual(all.ids.slice(0, 5));
    expect(answer.reason).toBe("length");
  });

  it.each([
    ["within a token", "ny mod", "I am Lode Demo, a ti"],
    ["over several tokens", "Demo, a tiny", "I am Lode "],
    ["at the very beginning", "I am", ""],
    ["the first of several", ["scratch", "tiny"], "I am Lode Demo, a "],
  ])("are cut before a stop text: %s", async (_, stop, text) => {
    const answer = await run(engine, { ...hello, stop: [stop].flat() });
    expect(answer.text).toBe(text);
    expect(answer.reason).toBe("stop");
    expect(answer.texts.at(-1)).not.toBe("");
  });

  it("are whole when a stop text begins but does not come", async () => {
    const answer = await run(engine, { ...hello, stop: ["tiny mouse", "cores. The end"] });
    expect(answer.text).toBe(sentence);
  });

  it("keep a stop text that continues into the prefix's successor", async () => {
    const all = await run(engine, hello);
    const stop = ["Demo, a tiny"];
    const cut = await run(engine, { ...hello, stop });
    const rest = await run(engine, { ...hello, stop, prefixTokens: all.ids.slice(0, cut.ids.length) });
    expect(rest).toMatchObject({ ids: [], text: "", reason: "stop" });
  });

  it("go no further behind a token in which a stop text was complete", async () => {
    const all = await run(engine, hello);
    const place = all.texts.findIndex((text, index) => index > 2 && text.length > 2);
    const whole = all.texts[place]!;
    // Its first letter is shown, and the rest is the stop text.
    const stop = [whole.slice(1)];
    const stopped = await run(engine, { ...hello, stop });
    expect(stopped).toMatchObject({ reason: "stop", ids: all.ids.slice(0, place + 1) });
    expect(stopped.texts.at(-1)).toBe(whole.slice(0, 1));
    const after = await run(engine, { ...hello, stop, prefixTokens: stopped.ids });
    expect(after).toMatchObject({ reason: "stop", ids: [] });
  });

  it("end with length when the context is full", async () => {
    const story = ask("Tell me a long story.", { sampler: greedy });
    const { ids, prompt } = await run(engine, { ...story, maxTokens: 20 });
    const room = engine.info.contextTokens - prompt.length;
    const prefixTokens = Array.from({ length: room - 2 }, (_, at) => ids[at % ids.length]!);
    const answer = await run(engine, { ...story, prefixTokens, maxTokens: 50 });
    expect(answer).toMatchObject({ reason: "length" });
    expect(answer.ids).toHaveLength(2);
  });

  it.each([
    ["longer than agreed", { maxInputTokens: 3 }, "input-too-long"],
    ["longer than the context", { prefixTokens: Array.from({ length: 300 }, () => 5) }, "input-too-long"],
    ["a token that does not exist", { prefixTokens: [1 << 20] }, "bad-request"],
    [
      "a bias of a token that does not exist",
      { sampler: { ...greedy, logitBias: [[1 << 20, 1] as [number, number]] } },
      "bad-request",
    ],
    ["a broken seed", { seed: "0x12" as const }, "bad-request"],
    ["a temperature out of bounds", { sampler: { ...greedy, temperature: 3 } }, "bad-request"],
    ["an empty stop text", { stop: [""] }, "bad-request"],
    ["no messages", { prompt: { messages: [] } }, "bad-request"],
    ["no text", { prompt: { text: "" } }, "bad-request"],
    ["a text longer than agreed", { prompt: { text: "Once upon a time" }, maxInputTokens: 2 }, "input-too-long"],
  ])("are refused with one sentence: %s", async (_, changes, code) => {
    await expect(run(engine, { ...hello, ...changes })).rejects.toMatchObject({
      name: "EngineError",
      code,
      message: expect.stringMatching(/^[A-Z][^\n]*\.$/),
    });
    expect((await run(engine, { ...hello, maxTokens: 1 })).ids).toHaveLength(1);
  });
});
