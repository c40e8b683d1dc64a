import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../../miner/src/cli/context.ts";
import { openStarted, type OpenOptions } from "../../../miner/src/cli/miner/open-engine.ts";
import { cardLoad } from "../../../miner/src/daemon/index.ts";
import type { Engine, EngineOptions } from "../../../miner/src/engines/index.ts";
import { cardBytes, detectHere, type Gpu, type Hardware } from "../../../miner/src/hardware/index.ts";
import { ModelStore } from "../../../miner/src/store/index.ts";
import { word } from "../../coordinator/fixture.ts";
import { until } from "../../helpers/books.ts";
import { hanging, letters, scriptedEngine, type Script } from "../daemon/scripted-engine.ts";
import { ask, models, run } from "../engines/engine-helper.ts";
import { processesWith } from "../engines/processes.ts";
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

  it("opens the one model that it serves again where its process is killed, and the next job has it", async () => {
    const opened = await openStarted(start({ isOpenEnded: false }));
    const [engine] = opened.engines;
    const before = await run(engine, ask("Hi", { maxTokens: 4 }));
    const [pid, ...others] = await processesWith("child/main");
    expect(others).toEqual([]);
    said.splice(0);
    process.kill(pid!, "SIGKILL");
    await until("it is known", async () => said.length > 0);
    expect((await run(engine, ask("Hi", { maxTokens: 4 }))).ids).toEqual(before.ids);
    expect(said[0]).toBe("A worker was lost and is opened again: The engine's process ended (SIGKILL).");
    expect(await processesWith("child/main")).not.toContain(pid);
    await opened.close();
    expect(await opened.stopped).toBeUndefined();
  });

  it("has one engine of two processes where nothing more may come", async () => {
    const serving = { ...start().serving, workers: 2 };
    const opened = await openStarted(start({ isOpenEnded: false, serving }));
    expect(opened.openMore).toBeUndefined();
    const [engine] = opened.engines;
    expect([engine.info.sequences, engine.isLoaded]).toEqual([2, true]);
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
    expect(opened.cardVendors().size).toBe(0);
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

  describe("with room for one of two models", () => {
    const serving = { sequences: 1, workers: 1, contextTokens: 256, maxMemoryMb: undefined, maxJobMemoryMb: undefined };
    const bytesOf = (path: string): number => cardBytes(cardLoad(path, hardware, serving)!, 999);
    const mebibyte = 2 ** 20;
    /** Opens what is asked for as a card would, without one. */
    async function openBoth(script: Script, env: Readonly<Record<string, string>> = {}) {
      const entry = await store.add(models.pieces);
      const freeMb = 512 + Math.ceil(Math.max(bytesOf(models.demo), bytesOf(models.pieces)) / mebibyte);
      const asked: string[] = [];
      const openModel = async ({ modelPath, card: wanted }: EngineOptions): Promise<Engine> => {
        const isGuest = modelPath !== models.demo;
        asked.push(`${isGuest ? "guest" : "own"} ${wanted?.backend ?? "cpu"}`);
        const modelDigest = isGuest ? (`0x${entry.sha256}` as const) : word("own");
        return scriptedEngine(isGuest ? letters(2) : script, { modelDigest, sequences: 1, contextTokens: 256 });
      };
      const opened = await openStarted(
        start({
          ...{ context: contextOf(env), backends: async () => ["cuda"], openModel },
          hardware: { ...hardware, gpus: [{ ...card, vramFreeMb: freeMb }] },
        }),
      );
      return { opened, asked, entry, own: opened.engines[0], freeMb };
    }

    it("has the one without work leave the card for one that clients ask for", async () => {
      const { opened, asked, entry, own } = await openBoth(letters(3));
      const guest = await opened.openMore!(entry);
      expect(asked).toEqual(["own cuda", "guest cuda"]);
      expect([own.isLoaded, guest.isLoaded]).toEqual([false, true]);
      expect((await run(own, ask("Hi"))).text).toBe("xxx");
      expect([own.isLoaded, guest.isLoaded]).toEqual([true, false]);
      await opened.close();
    });

    it.each<[string, Readonly<Record<string, string>>, boolean]>([
      ["the processor compute it", {}, true],
      ["it wait where ACCEL_MODE wants the card", { ACCEL_MODE: "gpu" }, false],
    ])("lets a working one have the card, and %s", async (_name, env, isServed) => {
      const started = Promise.withResolvers<undefined>();
      const { opened, asked, entry, own } = await openBoth(
        hanging(() => started.resolve(undefined)),
        env,
      );
      const stop = new AbortController();
      const working = run(own, ask("Hi"), stop.signal).catch(() => undefined);
      await started.promise;
      const coming = opened.openMore!(entry);
      if (isServed) expect((await coming).isLoaded).toBe(true);
      else await expect(coming).rejects.toMatchObject({ code: "out-of-memory" });
      expect(asked).toEqual(isServed ? ["own cuda", "guest cpu"] : ["own cuda"]);
      stop.abort();
      await working;
      await opened.close();
    });

    it("plans by what is free now, where somebody else came in the meantime", async () => {
      const { opened, asked, entry, own, freeMb } = await openBoth(letters(3));
      // A game takes all that the own model and its driver leave, and more as soon as it can: the own one leaves.
      const usedBytes = 2 * bytesOf(models.demo) + 512 * mebibyte;
      await opened.relieve!({ memoryBytes: 2 ** 30, cardBytes: freeMb * mebibyte - usedBytes });
      const guest = await opened.openMore!(entry);
      expect([own.isLoaded, guest.isLoaded]).toEqual([false, true]);
      expect(asked).toEqual(["own cuda", "guest cpu"]);
      await opened.close();
    });
  });
});
