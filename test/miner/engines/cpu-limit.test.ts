import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../miner/src/engines/index.ts";
import { createCpuMeter } from "../../../miner/src/engines/llama/child/cpu-meter.ts";
import { ask, greedy, open, run } from "./engine-helper.ts";

describe("the meter of processor time", () => {
  it("shares what is used among those who have a slot, and ends each at its own cap", () => {
    let used = 0;
    const meter = createCpuMeter(() => used);
    const ended: string[] = [];
    const watch = (name: string, capMs: number): (() => void) => meter.watch(capMs, () => ended.push(name));
    const first = watch("first", 100);
    used = 80;
    // From here on two share.
    const second = watch("second", 50);
    used = 100;
    const third = watch("third", Infinity);
    expect(ended).toEqual([]);
    used = 160;
    third();
    // 80 + 10 + 20 for the first, 10 + 20 for the second.
    expect(ended).toEqual(["first"]);
    used = 200;
    second();
    expect(ended).toEqual(["first", "second"]);
    first();
  });
});

describe("a job's processor time", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open("demo", { sequences: 2 });
  });
  afterAll(() => engine.close());
  const story = ask("Tell me a long story.", { sampler: greedy, maxTokens: 400 });

  it("ends the job that used it up, and no other", async () => {
    const alone = await run(engine, story);
    const [capped, free] = await Promise.allSettled([run(engine, { ...story, maxCpuMs: 1 }), run(engine, story)]);
    expect(capped).toMatchObject({
      reason: { code: "cpu-limit", message: "The job has used the 0.001 s of processor time that it may." },
    });
    expect(free).toMatchObject({ status: "fulfilled", value: { ids: alone.ids } });
    // The slot is free again.
    expect((await Promise.all([run(engine, story), run(engine, story)])).map(({ ids }) => ids)).toEqual([
      alone.ids,
      alone.ids,
    ]);
  });

  it("is no limit where none is given, and has to be a number", async () => {
    await expect(run(engine, { ...story, maxCpuMs: 0 })).rejects.toMatchObject({ code: "bad-request" });
    expect((await run(engine, { ...story, maxCpuMs: 1e9 })).reason).toBe("stop");
  });
});
