import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { demandOf, OnDemand, type OnDemandOptions } from "../../../miner/src/cli/miner/on-demand.ts";
import type { StartOptions } from "../../../miner/src/cli/miner/start-options.ts";
import type { ServedModel } from "../../../miner/src/daemon/index.ts";
import { ModelStore, type Entry } from "../../../miner/src/store/index.ts";
import { letters, scriptedEngine } from "../daemon/scripted-engine.ts";
import { models } from "../engines/engine-helper.ts";

const start = { metricsHost: "127.0.0.1", askInput: "0wei", askOutput: "0wei" } satisfies StartOptions;

describe("what may be served on demand", () => {
  it("is nothing unless the owner says so", () => {
    expect(demandOf(start, {})).toBeUndefined();
    expect(demandOf(start, { ON_DEMAND: "no", FETCH: "" })).toBeUndefined();
    expect(demandOf({ ...start, onDemand: true }, {})).toEqual({ sources: [], budgetBytes: 20e9 });
    const both = demandOf(start, { FETCH: "hf:a/b/c.gguf, hf:a/b/d.gguf", FETCH_GB: "3" });
    expect(both).toMatchObject({ sources: [{ text: "hf:a/b/c.gguf" }, { text: "hf:a/b/d.gguf" }], budgetBytes: 3e9 });
  });

  it("is refused in words where a source is none", () => {
    expect(() => demandOf({ ...start, fetch: ["http://models.example/a.gguf"] }, {})).toThrow("#sha256=");
    expect(() => demandOf({ ...start, fetch: ["hf:a/b/c.gguf"], fetchGb: "0" }, {})).toThrow("--fetch-gb");
  });
});

describe("a model that clients ask for", () => {
  let folder: string;
  let store: ModelStore;
  let entries: Entry[];
  let served: ServedModel[];
  let opened: string[];
  let said: string[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-demand-"));
    store = new ModelStore(join(folder, "models"));
    entries = [await store.add(models.demo), await store.add(models.pieces)];
    [served, opened, said] = [[{ id: "first", engine: scriptedEngine(letters(1)) }], [], []];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const demanded = (change: Partial<OnDemandOptions> = {}): OnDemand =>
    new OnDemand({
      ...{ demand: { sources: [], budgetBytes: 1 }, store, served, mostServed: 3 },
      open: async ({ sha256 }) => {
        opened.push(sha256);
        return scriptedEngine(letters(1), { modelDigest: `0x${sha256}`, modelName: "Its own" });
      },
      onServed: ({ id }) => said.push(`+${id}`),
      warn: (sentence) => said.push(sentence),
      signal: new AbortController().signal,
      nowMs: Date.now,
      ...change,
    });
  const digest = (index: number): Hex => `0x${entries[index]!.sha256}`;

  it("is served by the name that they use, once, and what the store lacks is not", async () => {
    const onDemand = demanded();
    onDemand.take("http://one", [{ digest: digest(0), id: "asked" }, { digest: `0x${"77".repeat(32)}` }]);
    onDemand.take("http://two", [{ digest: digest(0), id: "other" }]);
    await onDemand.idle();
    expect(served.map(({ id }) => id)).toEqual(["first", "asked"]);
    expect(opened).toEqual([entries[0]!.sha256]);
    expect(said).toEqual(["+asked"]);
  });

  it("gets its own name where theirs is taken, and none is served beyond the most", async () => {
    const onDemand = demanded();
    onDemand.take("http://one", [{ digest: digest(0), id: "first" }, { digest: digest(1) }]);
    await onDemand.idle();
    expect(served.map(({ id }) => id)).toEqual(["first", "its-own", `its-own-${entries[1]!.sha256.slice(0, 8)}`]);
    onDemand.take("http://one", [{ digest: `0x${"77".repeat(32)}` }]);
    await onDemand.idle();
    expect(served).toHaveLength(3);
  });

  it("that cannot be opened is told, and tried again with the next list", async () => {
    let isFull = true;
    const open = async ({ sha256 }: Entry) => {
      if (isFull) throw new Error("The models that work leave no room for it.");
      return scriptedEngine(letters(1), { modelDigest: `0x${sha256}` });
    };
    const onDemand = demanded({ open });
    onDemand.take("http://one", [{ digest: digest(0), id: "asked" }]);
    await onDemand.idle();
    expect(said).toEqual(["asked is asked for, but cannot be served: The models that work leave no room for it."]);
    isFull = false;
    onDemand.take("http://one", [{ digest: digest(0), id: "asked" }]);
    await onDemand.idle();
    expect(served.map(({ id }) => id)).toEqual(["first", "asked"]);
  });
});
