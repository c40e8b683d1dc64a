import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Guests, ModelStore, parseGuestSource, type GuestOptions } from "../../../miner/src/store/index.ts";
import { shapedModel } from "../hardware/shaped-model.ts";

/** A model file of its own for each number of layers. */
const model = (layers: number): Buffer => {
  const sizes = { width: 32, layers, heads: 1, keyHeads: 1, hidden: 32, vocabulary: 32, contextTokens: 64 };
  return Buffer.from(shapedModel({ ...sizes, tied: true, format: "F16" }));
};
const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const [one, two] = [model(1), model(2)];
const [a, b] = ["http://models.example/a.gguf", "http://models.example/b.gguf"] as const;
const hub = "hf:owner/repo/c.gguf";
const hubUrl = "https://huggingface.co/owner/repo/resolve/main/c.gguf";

let folder: string;
let nowMs: number;
let asked: string[];
let said: string[];
let files: Record<string, () => Response>;
const stop = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-guests-"));
  [nowMs, asked, said] = [1e12, [], []];
  const file = (bytes: Buffer) => () => new Response(bytes, { headers: { "content-length": String(bytes.length) } });
  const headers = { location: "https://cdn.example/c", "x-linked-etag": `"${digestOf(two)}"` };
  files = {
    [a]: file(one),
    [b]: file(two),
    [hubUrl]: () => new Response(null, { status: 302, headers }),
    "https://cdn.example/c": file(two),
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const openStore = (): ModelStore =>
  new ModelStore(join(folder, "models"), {
    nowMs: () => nowMs++,
    network: {
      retryMs: 1,
      fetchFile: async (url) => {
        asked.push(url);
        return files[url]?.() ?? new Response(null, { status: 404 });
      },
    },
  });
const open = (
  sources: readonly string[],
  change: Partial<GuestOptions> = {},
): { guests: Guests; store: ModelStore } => {
  const store = openStore();
  const known = sources.map(parseGuestSource);
  const warn = (sentence: string): number => said.push(sentence);
  const options = { store, sources: known, budgetBytes: 1e6, nowMs: () => nowMs, signal: stop.signal, warn };
  return { store, guests: new Guests({ ...options, ...change }) };
};
const withDigest = (url: string, bytes: Buffer): string => `${url}#sha256=${digestOf(bytes)}`;
const nobody: ReadonlySet<string> = new Set();

describe("a source to fetch from", () => {
  it("is one of the hub, or a URL with its digest", () => {
    expect(parseGuestSource(hub)).toEqual({ text: hub, sha256: undefined });
    expect(parseGuestSource(`${a}#sha256=${"AB".repeat(32)}`)).toEqual({ text: a, sha256: "ab".repeat(32) });
  });

  it.each([
    ["a URL alone", a],
    ["a file", "/models/a.gguf#sha256=" + "ab".repeat(32)],
    ["half a digest", `${a}#sha256=ab`],
  ])("is not %s", (_name, text) => {
    expect(() => parseGuestSource(text)).toThrow("is no source to fetch from");
  });
});

describe("a model that clients ask for", () => {
  it("is fetched from the source that has it, and nothing else is", async () => {
    const { guests, store } = open([withDigest(a, one), withDigest(b, two)]);
    expect(await guests.bring(digestOf(two), nobody)).toMatchObject({ sha256: digestOf(two), isGuest: true });
    expect(new Set(asked)).toEqual(new Set([b]));
    expect(await guests.bring("ff".repeat(32), nobody)).toBeUndefined();
    expect((await store.list()).map(({ sha256 }) => sha256)).toEqual([digestOf(two)]);
    expect(said).toEqual([]);
  });

  it("is known by what the hub states, which is asked once", async () => {
    const { guests } = open([hub]);
    expect(await guests.bring("ff".repeat(32), nobody)).toBeUndefined();
    expect(await guests.bring("ee".repeat(32), nobody)).toBeUndefined();
    expect(asked.filter((url) => url === hubUrl)).toHaveLength(1);
    expect(await guests.bring(digestOf(two), nobody)).toMatchObject({ names: [hub] });
  });

  it("is not fetched again where the store holds it, and stays the owner's", async () => {
    const { guests, store } = open([withDigest(a, one)]);
    await store.add(b, { sha256: digestOf(two) });
    asked.length = 0;
    expect(await guests.bring(digestOf(two), nobody)).not.toHaveProperty("isGuest");
    expect(asked).toEqual([]);
    // A guest that the owner adds is a guest no more.
    await guests.bring(digestOf(one), nobody);
    await store.add(a, { sha256: digestOf(one), guest: { mostBytes: 1e6 } });
    expect((await store.find(digestOf(one)))?.isGuest).toBe(true);
    await store.add(a, { sha256: digestOf(one) });
    expect((await store.find(digestOf(one)))?.isGuest).toBeUndefined();
  });

  it.each([
    [
      "that it announces",
      (bytes: Buffer) => new Response(bytes, { headers: { "content-length": String(bytes.length) } }),
    ],
    ["that it does not announce", (bytes: Buffer) => new Response(new Blob([bytes]).stream())],
  ])(
    "does not come where the budget is less than the size %s, and is not asked for again within the hour",
    async (_name, answer) => {
      files[a] = () => answer(one);
      const { guests, store } = open([withDigest(a, one)], { budgetBytes: one.length - 1 });
      expect(await guests.bring(digestOf(one), nobody)).toBeUndefined();
      expect(said).toHaveLength(1);
      expect(said[0]).toContain("was not fetched");
      expect(await store.list()).toEqual([]);
      const times = asked.length;
      await guests.bring(digestOf(one), nobody);
      nowMs += 3590 * 1000;
      await guests.bring(digestOf(one), nobody);
      expect(asked).toHaveLength(times);
      nowMs += 10 * 1000;
      await guests.bring(digestOf(one), nobody);
      expect(asked.length).toBeGreaterThan(times);
    },
  );

  it("is refused where it is another file than its digest says", async () => {
    files[a] = files[b]!;
    const { guests, store } = open([withDigest(a, one)]);
    expect(await guests.bring(digestOf(one), nobody)).toBeUndefined();
    expect(said[0]).toContain("not " + digestOf(one));
    expect(await store.list()).toEqual([]);
    expect(readdirSync(join(folder, "models", "parts")).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("takes the room of older guests that nobody asks for, never that of what the owner added or what is in use", async () => {
    const three = model(3);
    const own = join(folder, "own.gguf");
    writeFileSync(own, three);
    const { guests, store } = open([withDigest(a, one), withDigest(b, two)], { budgetBytes: two.length });
    await store.add(own);
    const guest = (await guests.bring(digestOf(one), nobody))!;
    const here = async (): Promise<string[]> => (await store.list()).map(({ sha256 }) => sha256).sort();
    // Somebody asks for it still.
    expect(await guests.bring(digestOf(two), new Set([digestOf(one)]))).toBeUndefined();
    expect(said.pop()).toContain("was not fetched");
    nowMs += 3600 * 1000;
    const used = await store.use(guest);
    expect(await guests.bring(digestOf(two), nobody)).toBeUndefined();
    expect(await here()).toEqual([digestOf(one), digestOf(three)].sort());
    await used.release();
    nowMs += 3600 * 1000;
    expect(await guests.bring(digestOf(two), nobody)).toMatchObject({ sha256: digestOf(two) });
    expect(await here()).toEqual([digestOf(two), digestOf(three)].sort());
  });

  it("is not fetched by one that stops", async () => {
    const stopped = new AbortController();
    stopped.abort();
    const { guests } = open([withDigest(a, one)], { signal: stopped.signal });
    expect(await guests.bring(digestOf(one), nobody)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
