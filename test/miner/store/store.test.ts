import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { embeddedModel } from "../../../miner/models/index.ts";
import { ModelStore, resolveModel, type StoreOptions } from "../../../miner/src/store/index.ts";
import { WantedModels } from "../../../miner/src/store/wanted.ts";
import { shapedModel } from "../hardware/shaped-model.ts";
import { runLode } from "../cli/run-lode.ts";
import { content, digest, startFileServer, type FileServer } from "./file-server.ts";

let server: FileServer;
let folder: string;
let nowMs: number;
beforeAll(async () => {
  server = await startFileServer();
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-store-"));
  server.asked.length = 0;
  nowMs = Date.now();
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: StoreOptions = {}): ModelStore =>
  new ModelStore(join(folder, "models"), { nowMs: () => nowMs, network: { retryMs: 1 }, ...options });

/** A model file of its own for each number. */
function modelFile(number: number): string {
  const path = join(folder, `m${number}.gguf`);
  const shape = {
    width: 32,
    layers: number,
    heads: 1,
    keyHeads: 1,
    hidden: 32,
    vocabulary: 32,
    contextTokens: 64,
    tied: true,
  };
  writeFileSync(path, shapedModel({ ...shape, format: "F16" }));
  return path;
}
const sizeOf = (path: string): number => statSync(path).size;

describe("the store of models", () => {
  it("keeps a download by its content, readable by its owner alone", async () => {
    const store = open();
    const entry = await store.add(`${server.base}/some/tiny.gguf`);
    expect(entry).toMatchObject({
      sha256: digest,
      sizeBytes: content.length,
      names: ["tiny"],
      title: "lode-pieces",
      architecture: "llama",
    });
    const blob = join(folder, "models", "blobs", `${digest}.gguf`);
    expect(readFileSync(blob)).toEqual(content);
    expect(statSync(blob).mode & 0o777).toBe(0o400);
    expect(readdirSync(join(folder, "models", "parts"))).toEqual([]);
  });

  it("fetches nothing twice, and keeps one file for all its names", async () => {
    const store = open();
    await store.add(`${server.base}/a.gguf`);
    await store.add(`${server.base}/a.gguf`);
    expect(server.asked).toHaveLength(1);
    const again = await store.add(`${server.base}/b.gguf`, { name: "other" });
    expect(again.names).toEqual(["a", "other"]);
    await store.add("hf:nobody/knows/this.gguf", { sha256: digest });
    expect(await store.list()).toHaveLength(1);
    expect(readdirSync(join(folder, "models", "blobs"))).toEqual([`${digest}.gguf`]);
  });

  it("finds a model by name, source, digest or its first digits", async () => {
    const store = open();
    await store.add(`${server.base}/a.gguf`);
    for (const text of ["a", `${server.base}/a.gguf`, digest, `0x${digest}`, digest.slice(0, 8)]) {
      expect((await store.find(text))?.sha256, text).toBe(digest);
    }
    for (const text of ["b", digest.slice(0, 7), "0".repeat(64)]) expect(await store.find(text), text).toBeUndefined();
  });

  it("refuses a second model of the same name", async () => {
    const store = open();
    await store.add(modelFile(1), { name: "llama" });
    await expect(store.add(modelFile(2), { name: "llama" })).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(/^llama is another model already/) as string,
    });
  });

  it.each<[string, string, Parameters<ModelStore["add"]>[1], string]>([
    ["what is no model", "/text", {}, "model-corrupt"],
    ["another file than expected", "/file", { sha256: "0".repeat(64) }, "model-corrupt"],
    ["a digest that is none", "/file", { sha256: "beef" }, "bad-request"],
    ["a name that could be a path", "/file", { name: "../../etc" }, "bad-request"],
    ["a name that could steer a terminal", "/file", { name: "x\u001b[2J" }, "bad-request"],
  ])("refuses %s, and leaves nothing behind", async (_name, path, options, code) => {
    const store = open();
    await expect(store.add(server.base + path, options)).rejects.toMatchObject({ name: "EngineError", code });
    expect(await store.list()).toEqual([]);
    for (const place of ["blobs", "parts"]) {
      const inside = join(folder, "models", place);
      expect(existsSync(inside) ? readdirSync(inside) : []).toEqual([]);
    }
  });

  it("takes no file over an open line that it could not tell from another", async () => {
    await expect(open().add("http://example.org/m.gguf")).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(/say with --sha256/) as string,
    });
  });

  it("lets two processes not write into one download", async () => {
    const store = open();
    const both = await Promise.allSettled([store.add(`${server.base}/file`), open().add(`${server.base}/file`)]);
    // Which of them is first is the file system's affair.
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { message: `Process ${process.pid} is adding ${server.base}/file already; wait for it.` },
    });
  });
});

describe("a model in use", () => {
  it("is verified when its file changed, and refused when it is damaged", async () => {
    const store = open();
    const entry = await store.add(`${server.base}/file`);
    const used = await store.use(entry);
    expect(used).toMatchObject({ sha256: digest, path: join(folder, "models", "blobs", `${digest}.gguf`) });
    await used.release();
    // Touched, but the same.
    utimesSync(used.path, 1, 1);
    await (await store.use(entry)).release();
    chmodSync(used.path, 0o600);
    const spoilt = Buffer.from(content);
    spoilt[spoilt.length - 1]! ^= 1;
    writeFileSync(used.path, spoilt);
    await expect(store.use(entry)).rejects.toMatchObject({ code: "model-corrupt", exitCode: 9 });
    rmSync(used.path);
    await expect(store.use(entry)).rejects.toMatchObject({ code: "model-not-found" });
  });

  it("cannot be removed until it is released", async () => {
    const store = open();
    const entry = await store.add(`${server.base}/file`);
    const used = await store.use(entry);
    await expect(store.remove(entry)).rejects.toThrow(`Process ${process.pid} uses file; stop it first.`);
    await used.release();
    await store.remove(entry);
    expect([await store.list(), existsSync(used.path)]).toEqual([[], false]);
    await expect(store.use(entry)).rejects.toMatchObject({ code: "model-not-found" });
  });

  it("is free again when its process died", async () => {
    const store = open();
    const entry = await store.add(`${server.base}/file`);
    await (await store.use(entry)).release();
    // No system gives a process this number.
    writeFileSync(join(folder, "models", "uses", `${digest}.4194999`), "");
    await store.remove(entry);
    expect(await store.list()).toEqual([]);
  });
});

describe("room for models", () => {
  it("is made by removing those that were not used for longest", async () => {
    const [one, two, three] = [modelFile(1), modelFile(2), modelFile(3)];
    const store = open({ capBytes: sizeOf(one) + sizeOf(two) + sizeOf(three) - 1, freeBytes: async () => 1e12 });
    for (const path of [one, two]) {
      await store.add(path);
      nowMs += 1000;
    }
    // The older one is used again, so that the other has to go.
    await (await store.use((await store.find("m1"))!)).release();
    nowMs += 1000;
    const removed: string[] = [];
    await store.add(three, { onRemoved: (names) => removed.push(...names) });
    expect(removed).toEqual(["m2"]);
    expect((await store.list()).map(({ names }) => names[0])).toEqual(["m3", "m1"]);
  });

  it("is made last by removing what a market asks for, until it has been silent for a week", async () => {
    const [one, two, three, four] = [modelFile(1), modelFile(2), modelFile(3), modelFile(4)];
    const capBytes = sizeOf(one) + sizeOf(two) + sizeOf(three) - 1;
    const store = open({ capBytes, freeBytes: async () => 1e12 });
    const names = async (): Promise<string[]> => (await store.list()).map((entry) => entry.names[0]!).sort();
    for (const path of [one, two]) {
      await store.add(path);
      nowMs += 1000;
    }
    const oldest = (await store.find("m1"))!.sha256;
    await store.announce("https://a.example", [`0x${oldest.toUpperCase()}`, "f".repeat(64)]);
    await store.announce("https://b.example", []);
    await store.add(three);
    expect(await names()).toEqual(["m1", "m3"]);
    // A later list replaces the former one of the same market alone.
    await store.announce("https://b.example", ["e".repeat(64)]);
    expect((await store.wanted()).has(oldest)).toBe(true);
    nowMs += 8 * 24 * 3600 * 1000;
    expect((await store.wanted()).size).toBe(0);
    const removed: string[] = [];
    await open({ capBytes: sizeOf(three) + sizeOf(four), freeBytes: async () => 1e12 }).add(four, {
      onRemoved: (gone) => removed.push(...gone),
    });
    expect(removed).toEqual(["m1"]);
  });

  it("is made all the same where everything is asked for, and where the list of that is damaged", async () => {
    const [one, two] = [modelFile(1), modelFile(2)];
    const store = open({ capBytes: sizeOf(two), freeBytes: async () => 1e12 });
    const { sha256 } = await store.add(one);
    await store.announce("https://a.example", [sha256]);
    await store.add(two);
    expect((await store.list()).map(({ names }) => names[0])).toEqual(["m2"]);
    for (const damage of ["{", "[]", "null", '{"x":{"atMs":1e15}}', '{"x":null}']) {
      writeFileSync(join(folder, "models", "wanted.json"), damage);
      expect((await store.wanted()).size, damage).toBe(0);
    }
    await store.announce("https://a.example", [sha256]);
    expect([...(await store.wanted())]).toEqual([sha256]);
  });

  it("is never made by removing a model in use, nor any when it would not suffice", async () => {
    const [one, two] = [modelFile(1), modelFile(2)];
    const store = open({ capBytes: sizeOf(two), freeBytes: async () => 1e12 });
    const used = await store.use(await store.add(one));
    await expect(store.add(two)).rejects.toMatchObject({ code: "no-space" });
    await used.release();
    await store.add(two);
    expect((await store.list()).map(({ names }) => names[0])).toEqual(["m2"]);
    await expect(store.add(modelFile(9))).rejects.toMatchObject({
      code: "no-space",
      message: expect.stringMatching(/^There is room for 0\.\d MB of models, but 0\.\d MB are needed\./) as string,
    });
    expect(await store.list()).toHaveLength(1);
  });

  it("leaves some of the disk to others", async () => {
    const one = modelFile(1);
    const store = open({ reserveBytes: 1e9, freeBytes: async () => 1e9 + sizeOf(one) - 1 });
    await expect(store.add(one)).rejects.toMatchObject({ code: "no-space" });
    const enough = open({ reserveBytes: 1e9, freeBytes: async () => 1e9 + sizeOf(one) });
    expect((await enough.add(one)).names).toEqual(["m1"]);
  });

  it("is taken from what interrupted commands left behind first, where the disk is full", async () => {
    const [one, two] = [modelFile(1), modelFile(2)];
    const left = join(folder, "models", "parts", "old.part");
    const freeBytes = async (): Promise<number> => 1e9 + (existsSync(left) ? 0 : sizeOf(two));
    const store = open({ reserveBytes: 1e9, freeBytes });
    await store.add(one);
    writeFileSync(left, Buffer.alloc(sizeOf(two)));
    utimesSync(left, 1, 1);
    const removed: string[] = [];
    await store.add(two, { onRemoved: (names) => removed.push(...names) });
    expect(removed).toEqual(["old.part"]);
    expect(await store.list()).toHaveLength(2);
  });

  it("is not taken from what may be going on still: a download of this week", async () => {
    const one = modelFile(1);
    const store = open({ reserveBytes: 1e9, freeBytes: async () => 1e9 });
    mkdirSync(join(folder, "models", "parts"), { recursive: true });
    const left = join(folder, "models", "parts", "young.part");
    writeFileSync(left, Buffer.alloc(sizeOf(one)));
    const daysAgo = (days: number): number => nowMs / 1000 - days * 24 * 3600;
    utimesSync(left, daysAgo(6.9), daysAgo(6.9));
    await expect(store.add(one)).rejects.toMatchObject({ code: "no-space" });
    expect(existsSync(left)).toBe(true);
    utimesSync(left, daysAgo(7.1), daysAgo(7.1));
    await store.add(one);
    expect(existsSync(left)).toBe(false);
  });

  it("is not taken from leftovers where the cap is what is missing", async () => {
    const [one, two] = [modelFile(1), modelFile(2)];
    const store = open({ capBytes: sizeOf(two), freeBytes: async () => 1e12 });
    await store.add(one);
    // The same file under another name needs no room.
    await store.add(one, { name: "again" });
    const left = join(folder, "models", "parts", "old.part");
    writeFileSync(left, Buffer.alloc(1e6));
    utimesSync(left, 1, 1);
    const removed: string[] = [];
    await store.add(two, { onRemoved: (names) => removed.push(...names) });
    expect(removed).toEqual(["m1"]);
    expect(existsSync(left)).toBe(true);
  });
});

it("remembers what 32 markets ask for, those that spoke last", async () => {
  const wanted = new WantedModels(join(folder, "wanted.json"), () => (nowMs += 1000));
  const digestsOf = (market: number): string => market.toString(16).padStart(64, "0");
  for (let market = 0; market < 32; market++) await wanted.announce(`${market}`, [digestsOf(market)]);
  await wanted.announce("0", [digestsOf(0)]);
  await wanted.announce("32", [digestsOf(32)]);
  const known = await wanted.digests();
  expect([0, 1, 2, 31, 32].map((market) => known.has(digestsOf(market)))).toEqual([true, false, true, true, true]);
});

describe("a model's name", () => {
  it("can be the embedded model, a path, or one of the store", async () => {
    const store = open();
    expect(await resolveModel("embedded", store)).toMatchObject({ path: embeddedModel, sha256: undefined });
    expect((await resolveModel(embeddedModel, store)).path).toBe(embeddedModel);
    await store.add(modelFile(1), { name: "mine" });
    const found = await resolveModel("mine", store);
    expect(found.path).toContain(found.sha256);
    await found.release();
    await expect(resolveModel(join(folder, "none.gguf"), store)).rejects.toMatchObject({ code: "model-not-found" });
  });

  it("can be a URL, which is fetched once, and not at all offline", async () => {
    const store = open();
    const url = `${server.base}/file`;
    await expect(resolveModel(url, store, { offline: true })).rejects.toThrow(`${url} has not been downloaded yet.`);
    await (await resolveModel(url, store)).release();
    await (await resolveModel(url, store, { offline: true })).release();
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    "hf:owner/repo",
    "hf:../../etc/x.gguf",
    "hf:owner/repo/../../x.gguf",
    "hf:owner/repo/a b.gguf",
    "hf:owner/repo@a@b/x.gguf",
    "hf:owner/repo/file.bin",
  ])("%s is refused", async (name) => {
    await expect(resolveModel(name, open())).rejects.toMatchObject({
      code: "model-not-found",
      message: `${name} is not of the form hf:owner/repo/file.gguf.`,
    });
  });

  it("of the hub is asked for there", async () => {
    const asked: string[] = [];
    const fetchFile = async (url: string): Promise<Response> => (asked.push(url), new Response(content));
    const store = open({ network: { fetchFile } });
    const { names } = await store.add("hf:owner/repo@v2/deep/file.gguf");
    expect(asked).toEqual(["https://huggingface.co/owner/repo/resolve/v2/deep/file.gguf"]);
    expect(names).toEqual(["hf:owner/repo@v2/deep/file.gguf"]);
  });
});

describe("lode model", () => {
  it("adds, lists, serves to other commands and removes", async () => {
    const env = { LODE_HOME: folder };
    const added = await runLode(["model", "add", `${server.base}/tiny.gguf`, "--sha256", digest, "--json"], env);
    expect([added.code, (JSON.parse(added.out) as { sha256: string }).sha256]).toEqual([0, digest]);
    expect((await runLode(["model", "list"], env)).out).toMatch(
      new RegExp(`tiny +lode-pieces +0\\.6 MB .* ${digest.slice(0, 12)} +plain *\n0\\.6 MB in all$`),
    );
    const bench = await runLode(
      ["bench", "--model", "tiny", "--concurrency", "1", "--requests", "1", "--tokens", "2", "--json"],
      env,
    );
    expect((JSON.parse(bench.out) as { model: string }).model).toBe("lode-pieces");
    expect((await runLode(["model", "remove", digest.slice(0, 10)], env)).code).toBe(0);
    expect((await runLode(["model", "list"], env)).out).toMatch(/^The store is empty/);
  });

  it.each<[string, string[], number, RegExp]>([
    ["a model that nobody knows", ["remove", "nobody"], 9, /^There is no model "nobody" in the store/],
    ["a file that is not there", ["add", "/nowhere.gguf"], 9, /^The model file \/nowhere\.gguf does not exist\.$/],
    [
      "a port where nobody answers",
      ["add", "http://127.0.0.1:1/x.gguf", "--sha256", "0".repeat(64)],
      4,
      /cannot be downloaded/,
    ],
  ])("refuses %s", async (_name, args, code, message) => {
    const result = await runLode(["model", ...args], { LODE_HOME: folder });
    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
  });
});
