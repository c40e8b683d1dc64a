import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../miner/src/engines/index.ts";
import { ask, greedy, open, run, type Answer } from "./engine-helper.ts";

describe.each(["demo", "pieces"] as const)("an engine with the %s model", (model) => {
  let engine: Engine;
  let whole: Answer;
  const story = ask("Tell me a long story.");

  beforeAll(async () => {
    engine = await open(model, { sequences: 3 });
    whole = await run(engine, story);
  });
  afterAll(() => engine.close());

  it("gives the same answer in another process", async () => {
    const other = await open(model);
    const again = await run(other, story);
    await other.close();
    expect(again).toEqual(whole);
    expect(other.info.engineClass).toBe(engine.info.engineClass);
    expect(other.info.modelDigest).toBe(engine.info.modelDigest);
  });

  it("gives the same answer beside other jobs", async () => {
    const others = ["What is Lode?", "Count from 1 to 15."].map((question) => run(engine, ask(question)));
    const [beside] = await Promise.all([run(engine, story), ...others]);
    expect(beside).toEqual(whole);
  });

  it("depends on the seed and on nothing else", async () => {
    const other = await run(engine, { ...story, seed: `0x${"00".repeat(32)}` });
    expect(other.prompt).toEqual(whole.prompt);
    expect(other.ids).not.toEqual(whole.ids);
    const [one, two] = [
      await run(engine, { ...story, sampler: greedy }),
      await run(engine, { ...story, sampler: greedy, seed: `0x${"01".repeat(32)}` }),
    ];
    expect(one.ids).toEqual(two.ids);
  });

  it("goes on behind a prefix exactly as if it had never stopped, from any token", async () => {
    expect(whole.ids.length).toBeGreaterThan(30);
    for (const cut of [1, 2, 7, Math.floor(whole.ids.length / 2), whole.ids.length - 1]) {
      const rest = await run(engine, { ...story, prefixTokens: whole.ids.slice(0, cut), maxTokens: 96 - cut });
      expect(rest.ids).toEqual(whole.ids.slice(cut));
      expect(rest.texts).toEqual(whole.texts.slice(cut));
      expect(rest.reason).toBe(whole.reason);
      expect(rest.prompt).toEqual(whole.prompt);
    }
  });

  it("finds the end again when the prefix is the whole answer", async () => {
    const short = await run(engine, ask("Hello!"));
    expect(short.reason).toBe("stop");
    const rest = await run(engine, ask("Hello!", { prefixTokens: short.ids }));
    expect(rest).toMatchObject({ ids: [], text: "", reason: "stop" });
  });
});
