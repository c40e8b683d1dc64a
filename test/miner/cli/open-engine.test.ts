import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../../miner/src/cli/context.ts";
import { openStarted, type OpenOptions } from "../../../miner/src/cli/miner/open-engine.ts";
import { detectHere, type Gpu, type Hardware } from "../../../miner/src/hardware/index.ts";
import { ModelStore } from "../../../miner/src/store/index.ts";
import { ask, models, run } from "../engines/engine-helper.ts";
import { openServer } from "../engines/upstream/server.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-open-"));
const store = new ModelStore(join(folder, "models"));
let hardware: Hardware;
beforeAll(async () => {
  hardware = await detectHere({ folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

const said: string[] = [];
const contextOf = (env: Readonly<Record<string, string>>): Context =>
  ({
    ...{ env, models: () => store, note: (text: string) => said.push(text) },
    io: { signal: new AbortController().signal },
  }) as unknown as Context;
const start = (change: Partial<OpenOptions> = {}): OpenOptions => ({
  // What of a command's context engines are opened with.
  context: contextOf({}),
  options: {
    ...{ model: [models.demo], sandbox: "off" },
    ...{ metricsHost: "127.0.0.1", askInput: "0wei", askOutput: "0wei" },
  },
  serving: { sequences: 1, workers: 1, contextTokens: 256, maxMemoryMb: undefined, maxJobMemoryMb: undefined },
  hardware,
  backends: async () => [],
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
    await opened.relieve!({ memoryBytes: 2 ** 30, cardBytes: 0 });
    expect([demo.isLoaded, more.isLoaded]).toEqual([true, true]);
    await opened.relieve!({ memoryBytes: 2 ** 20, cardBytes: Infinity });
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

  it("asks a server for pictures where that is said, and for nothing that is neither text nor picture", async () => {
    const server = await openServer({});
    const { options: usual } = start();
    const open = (upstreamKind: string): ReturnType<typeof openStarted> =>
      openStarted(
        start({ isOpenEnded: false, options: { ...usual, upstream: server.url, upstreamModel: "m", upstreamKind } }),
      );
    const [painter, writer] = [await open("image"), await open("text")];
    expect(painter.engines[0].info.images).toBe(true);
    expect(writer.engines[0].info.images).toBeUndefined();
    await expect(open("video")).rejects.toMatchObject({ code: "usage", exitCode: 2 });
    for (const opened of [painter, writer]) await opened.close();
    await server.close();
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

describe("a machine with a card", { timeout: 180_000 }, () => {
  const card: Gpu = { vendor: "NVIDIA", name: "RTX 4090", sources: [], vramMb: 24_564, vramFreeMb: 24_000 };
  const alone = (env: Readonly<Record<string, string>>, backends: readonly string[]): OpenOptions => {
    said.splice(0);
    const asked = { context: contextOf(env), backends: async () => backends, isOpenEnded: false };
    return start({ ...asked, hardware: { ...hardware, gpus: [card] } });
  };

  it("has the processor compute what the card does not after all, and says so", async () => {
    // The backend is planned with; the library for it is not installed here.
    const opened = await openStarted(alone({}, ["cuda"]));
    const [plan, failure] = said.filter((text) => !text.startsWith("NO "));
    expect(plan).toMatch(/it is computed on RTX 4090 by cuda: \d+ of \d+ layers in \d+ MB/);
    expect(failure).toMatch(/^RTX 4090 does not compute .*, the processor does: The library has no cuda here\./);
    const [engine] = opened.engines;
    expect(opened.usesCard()).toBe(false);
    expect(engine.info.engineId).toMatch(/gpuLayers=0 .*device=cpu$/);
    expect((await run(engine, ask("Hi", { maxTokens: 4 }))).ids).toHaveLength(4);
    await opened.close();
  });

  it("does not serve where ACCEL_MODE wants the card and it cannot", async () => {
    await expect(openStarted(alone({ ACCEL_MODE: "gpu" }, ["cuda"]))).rejects.toMatchObject({ code: "bad-request" });
    const refused = openStarted(alone({ ACCEL_MODE: "gpu" }, []));
    await expect(refused).rejects.toMatchObject({ code: "no_gpu_engine", exitCode: 2 });
  });

  it("asks nobody for a card where ACCEL_MODE is cpu", async () => {
    const backends = (): Promise<never> => Promise.reject(new Error("asked"));
    const opened = await openStarted({ ...alone({ ACCEL_MODE: "cpu" }, []), backends });
    expect(said.at(-1)).toMatch(/on the processor: ACCEL_MODE is cpu$/);
    await opened.close();
  });
});
