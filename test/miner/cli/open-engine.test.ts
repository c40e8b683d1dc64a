import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../../miner/src/cli/context.ts";
import { openStarted, type OpenOptions } from "../../../miner/src/cli/miner/open-engine.ts";
import { detectHere, type Hardware } from "../../../miner/src/hardware/index.ts";
import { ModelStore } from "../../../miner/src/store/index.ts";
import { ask, models, run } from "../engines/engine-helper.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-open-"));
const store = new ModelStore(join(folder, "models"));
let hardware: Hardware;
beforeAll(async () => {
  hardware = await detectHere({ folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

const said: string[] = [];
const start = (change: Partial<OpenOptions> = {}): OpenOptions => ({
  // What of a command's context engines are opened with.
  context: { env: {}, models: () => store, io: { signal: new AbortController().signal } } as unknown as Context,
  options: {
    ...{ model: [models.demo], sandbox: "off" },
    ...{ metricsHost: "127.0.0.1", askInput: "0wei", askOutput: "0wei" },
  },
  serving: { sequences: 1, workers: 1, contextTokens: 256, maxMemoryMb: undefined, maxJobMemoryMb: undefined },
  hardware,
  isOpenEnded: true,
  warn: (sentence) => said.push(sentence),
  onModel: (digest, isLoaded) => said.push(`${isLoaded ? "+" : "-"}${digest}`),
  onRoom: () => undefined,
  ...change,
});

describe("a start that may serve more than was named", { timeout: 180_000 }, () => {
  it("opens a model of the store beside the others, keeps the file while it serves, and lets go of it", async () => {
    const entry = await store.add(models.pieces);
    const opened = await openStarted(start());
    const [demo] = opened.engines;
    expect(demo.isLoaded).toBe(true);
    const more = await opened.openMore!(entry);
    expect(more.info.modelDigest).toBe(`0x${entry.sha256}`);
    expect(more.loadMs).toBeGreaterThan(0);
    for (const engine of [demo, more]) expect((await run(engine, ask("Hi", { maxTokens: 4 }))).ids).toHaveLength(4);
    await expect(store.remove(entry)).rejects.toMatchObject({ code: "bad-request" });
    await opened.relieve!(2 ** 30);
    expect([demo.isLoaded, more.isLoaded]).toEqual([true, true]);
    await opened.relieve!(2 ** 20);
    expect([demo.isLoaded, more.isLoaded]).toEqual([false, true]);
    // The same model twice is refused, and its file is not held for it.
    await expect(opened.openMore!(entry)).rejects.toThrow("is named twice");
    await opened.close();
    await store.remove(entry);
    expect(await store.list()).toEqual([]);
  });

  it("has one engine of two processes where nothing more may come", async () => {
    const serving = { ...start().serving, workers: 2 };
    const opened = await openStarted(start({ isOpenEnded: false, serving }));
    expect(opened.openMore).toBeUndefined();
    const [engine] = opened.engines;
    expect([engine.info.sequences, engine.isLoaded]).toEqual([2, undefined]);
    const answers = await Promise.all([1, 2].map(() => run(engine, ask("Hi", { maxTokens: 4 }))));
    expect(answers[0]!.ids).toEqual(answers[1]!.ids);
    await opened.close();
  });

  it.each([
    ["a server's model", { upstream: "http://127.0.0.1:9", upstreamModel: "any" }],
    ["the benchmark's words", { model: ["bench"] }],
  ])("is refused for %s, which stands alone", async (_name, options) => {
    const { options: usual } = start();
    const refused = openStarted(start({ options: { ...usual, ...options } }));
    await expect(refused).rejects.toMatchObject({ code: "usage", exitCode: 2 });
  });
});
