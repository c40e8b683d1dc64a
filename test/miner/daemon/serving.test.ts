import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { cardLoad, memoryBudget, openServing, type ServingOptions } from "../../../miner/src/daemon/index.ts";
import { embeddingBytes, planMemory, plannedModel } from "../../../miner/src/hardware/index.ts";
import {
  EngineError,
  openEngine,
  readGguf,
  type Engine,
  type EngineOptions,
} from "../../../miner/src/engines/index.ts";
import { models } from "../engines/engine-helper.ts";

const cpu: ServingOptions["hardware"]["cpu"] = {
  model: "Some CPU",
  threads: 2,
  cores: 2,
  sockets: 1,
  features: ["avx2"],
  caches: [],
  numa: [],
};
const free = (availableMb: number): ServingOptions["hardware"] => ({
  platform: "linux",
  cpu,
  memory: { totalMb: 65_536, availableMb },
});

/** Opens with an engine that has room for so many positions in all. */
async function serve(
  change: Partial<ServingOptions>,
  positions = Infinity,
): Promise<{ asked: EngineOptions[]; warnings: string[]; error?: unknown }> {
  const asked: EngineOptions[] = [];
  const warnings: string[] = [];
  const open = async (options: EngineOptions): Promise<Engine> => {
    asked.push(options);
    if ((options.contextTokens ?? 2048) * (options.sequences ?? 1) > positions)
      throw new EngineError("out-of-memory", "No room.");
    return {} as Engine;
  };
  const usual = {
    modelPath: models.demo,
    sequences: 4,
    hardware: free(8192),
    open,
    warn: (text: string) => warnings.push(text),
  };
  const error: unknown = await openServing({ ...usual, ...change }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { asked, warnings, error };
}

describe("opening an engine within the memory there is", () => {
  it("asks for what is wanted where there is room, and leaves the context to the model", async () => {
    expect(await serve({})).toEqual({
      // All that is free, less what is kept for everything else, is the hard limit too.
      asked: [{ modelPath: models.demo, contextTokens: undefined, sequences: 4, memoryBytes: 7424 * 2 ** 20 }],
      warnings: [],
      error: undefined,
    });
    expect((await serve({ contextTokens: 512 })).asked).toMatchObject([{ contextTokens: 512, sequences: 4 }]);
  });

  it("shortens a job's context to the memory that a job may take, or refuses", async () => {
    const roomy = await serve({ maxJobMemoryMb: 4096 });
    expect(roomy.asked).toMatchObject([{ contextTokens: undefined, sequences: 4 }]);
    const { asked } = await serve({ maxJobMemoryMb: 3 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ sequences: 4 });
    expect(asked[0]!.contextTokens).toBeGreaterThanOrEqual(256);
    expect(asked[0]!.contextTokens).toBeLessThan(2048);
    expect((await serve({ maxJobMemoryMb: 0.1 })).error).toMatchObject({ code: "out-of-memory" });
  });

  it("asks for less where there is not, and says so", async () => {
    const { asked, warnings } = await serve({ maxMemoryMb: 8 });
    expect(asked).toMatchObject([{ contextTokens: 2048, sequences: 1, memoryBytes: 8 * 2 ** 20 }]);
    expect(warnings).toEqual([
      "4 jobs of 2048 tokens would need 15 MB; serving one job of 2048 tokens.",
      expect.stringMatching(/^Texts to embed would need \d+ MB more: they are refused\.$/),
    ]);
    expect((await serve({ maxMemoryMb: 4 })).asked[0]?.contextTokens).toBeLessThan(2048);
  });

  it("says whether there is room for vectors beside that", async () => {
    const { shape, weightsBytes } = plannedModel(readGguf(models.demo), cpu.features)!;
    const wanted = { contextTokens: 2048, sequences: 4, batchTokens: 48 };
    const all = planMemory(shape, weightsBytes, wanted).totalBytes + embeddingBytes(shape, 2048);
    const exactly = await serve({ maxMemoryMb: all / 2 ** 20 });
    expect([exactly.asked[0], exactly.warnings]).toEqual([expect.not.objectContaining({ embeds: false }), []]);
    const less = await serve({ maxMemoryMb: (all - 1) / 2 ** 20 });
    expect(less.asked).toMatchObject([{ contextTokens: undefined, sequences: 4, embeds: false }]);
    expect(less.warnings).toEqual([
      `Texts to embed would need ${Math.ceil(embeddingBytes(shape, 2048) / 2 ** 20)} MB more: they are refused.`,
    ]);
  });

  it("tries less and less when memory runs out all the same", async () => {
    const { asked, warnings, error } = await serve({}, 1024);
    expect(error).toBeUndefined();
    expect(asked.map(({ sequences, contextTokens }) => [sequences, contextTokens])).toEqual([
      [4, undefined],
      [2, 2048],
      [1, 2048],
      [1, 1024],
    ]);
    expect(warnings[0]).toBe("Memory ran out with 4 jobs of 2048 tokens; trying 2 jobs of 2048 tokens.");
  });

  it("gives up in words where nothing helps", async () => {
    expect((await serve({}, 100)).error).toMatchObject({ code: "out-of-memory", message: "No room." });
    const { asked, error } = await serve({ hardware: free(768) });
    expect(asked).toEqual([]);
    expect(error).toMatchObject({
      code: "out-of-memory",
      message: expect.stringMatching(
        /^lode-demo needs 3 MB for one job of 256 tokens, but 0 MB may be taken; take a smaller model/,
      ) as string,
    });
  });

  it("lets the engine refuse what is no model, and other failures be", async () => {
    const { asked, error } = await serve({ modelPath: "/nowhere.gguf" });
    expect([asked.length, error]).toEqual([1, undefined]);
    // Four billion layers are nobody's model: they are not even counted.
    const bytes = readFileSync(models.pieces);
    bytes.writeUInt32LE(0xffffffff, bytes.indexOf("llama.block_count") + "llama.block_count".length + 4);
    const endless = join(mkdtempSync(join(tmpdir(), "lode-endless-")), "endless.gguf");
    writeFileSync(endless, bytes);
    expect((await serve({ modelPath: endless })).asked).toHaveLength(1);
    expect(cardLoad(endless, free(8192), { sequences: 1, workers: 1 })).toBeUndefined();
    rmSync(dirname(endless), { recursive: true });
    const broken = new EngineError("model-corrupt", "Broken.");
    expect((await serve({ open: () => Promise.reject(broken) })).error).toBe(broken);
  });

  it("counts what is free, what a container may have, and what the miner allows", () => {
    expect(memoryBudget(free(1768))).toBe(1000 * 2 ** 20);
    expect(memoryBudget({ platform: "linux", memory: { totalMb: 65_536, availableMb: 60_000, limitMb: 968 } })).toBe(
      200 * 2 ** 20,
    );
    expect(memoryBudget(free(60_000), 300)).toBe(300 * 2 ** 20);
    expect(memoryBudget(free(100))).toBe(0);
    expect(memoryBudget({ ...free(100), platform: "darwin" })).toBe((32_768 - 768) * 2 ** 20);
  });

  it("holds for a real engine: what it opens is what was planned", async () => {
    const warnings: string[] = [];
    const engine = await openServing({
      ...{ modelPath: models.demo, sequences: 4, maxMemoryMb: 8, hardware: free(8192), open: openEngine },
      warn: (text) => warnings.push(text),
    });
    try {
      expect([engine.info.sequences, engine.info.contextTokens, warnings.length]).toEqual([1, 2048, 2]);
      await expect(
        engine.embed({ text: "Hello!", maxInputTokens: 100 }, new AbortController().signal),
      ).rejects.toMatchObject({ code: "out-of-memory", retryable: true });
    } finally {
      await engine.close();
    }
  });
});
