import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { writeGguf, type EncodedTensor, type MetadataValue } from "../../../miner/models/recipe/gguf/write.ts";
import { createRandom } from "../../../miner/models/recipe/random.ts";
import { encodeWeights } from "../../../miner/src/engines/gguf/encode/weights.ts";
import { targetFormat } from "../../../miner/src/engines/gguf/quantise/rules.ts";
import { readGguf } from "../../../miner/src/engines/gguf/read.ts";
import { openEngine, quantiseModel, type QuantisedFormat } from "../../../miner/src/engines/index.ts";
import { root } from "../../../scripts/root.ts";
import { ask, run } from "../engines/engine-helper.ts";
import { runLode } from "../cli/run-lode.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-quantise-"));
afterAll(() => rmSync(folder, { recursive: true }));
const kept = (name: string): string => join(root, `miner/models/weights/${name}.F16.gguf`);
const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
let files = 0;
const fresh = (): string => join(folder, `${files++}.gguf`);

/** Digests of what llama.cpp (the release in the inference package) writes from the kept weights with `pure`. */
const fromLlama: [model: string, format: QuantisedFormat, digest: string][] = [
  ["lode-demo", "Q8_0", "e02731fee1cadceb28286107e3a8367b899dc9b81cb585b11cd73fd90bcad697"],
  ["lode-demo", "Q4_0", "672b6706f423e5d6e3e3f37cf2aa5add1d62fcc12df743c78938df86c7294e3c"],
  ["lode-pieces", "Q8_0", "e0c949c87ca74c81253b5fd46e3e36b6d3a20c6082d0b8eff91f0ecebb2f7781"],
  ["lode-pieces", "Q4_0", "08d602aee160a964b2aef20895842f455fa8c80061cc7a9cef699c01671956b8"],
];

const text = (value: string): MetadataValue => ({ type: "string", value });
const number = (value: number): MetadataValue => ({ type: "uint32", value });
const metadata: Record<string, MetadataValue> = {
  "general.architecture": text("llama"),
  "general.file_type": number(0),
  "general.name": text("Grüße"),
  "llama.context_length": number(64),
  "llama.embedding_length": number(64),
  "llama.block_count": number(12),
  "llama.feed_forward_length": number(64),
  "llama.attention.head_count": number(1),
  "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
  "general.tags": { type: "strings", value: ["one", "two"] },
  "some.numbers": { type: "float32s", value: [1.5, -2] },
};

/** Weights that a quantiser can get wrong: ties, zeros of both signs, tiny and huge ones, whole blocks of nothing. */
function awkward(count: number, seed: number): Float32Array {
  const next = createRandom(seed).unit;
  const kinds = [
    () => next() - 0.5,
    () => Math.round(next() * 254 - 127) + 0.5,
    () => (next() < 0.5 ? 0 : -0),
    () => (next() - 0.5) * 1e-7,
    () => (next() - 0.5) * 1e6,
    () => (next() < 0.5 ? -1 : 1) * 2 ** Math.floor(next() * 30 - 20),
  ];
  return Float32Array.from({ length: count }, (_, at) => {
    const kind = kinds[Math.floor(at / 32) % (kinds.length + 1)] ?? kinds[Math.floor(next() * kinds.length)];
    return kind?.() ?? 0;
  });
}

function tensor(name: string, dimensions: number[], format: "F32" | "F16" = "F32"): EncodedTensor {
  const count = dimensions.reduce((product, size) => product * size, 1);
  // Half precision holds nothing above 65,504; rows that fill no blocks end in it.
  const isHalf = format === "F16" || dimensions[0] === 48;
  const weights = awkward(count, name.length).map((weight) => (isHalf ? weight % 60_000 : weight));
  return { name, dimensions, format, data: encodeWeights(weights, format) };
}

/** A file in no good order, with everything that the rules tell apart. */
const odd = [
  tensor("blk.10.attn_q.weight", [64, 64]),
  tensor("blk.2.attn_q.weight", [64, 64], "F16"),
  tensor("output_norm.weight", [64]),
  tensor("blk.2.ffn_gate_inp.weight", [64, 8]),
  tensor("blk.2.attn_norm.weight", [64, 2]),
  tensor("token_embd.weight", [64, 96]),
  tensor("blk.2.ffn_down.weight", [48, 64]),
  tensor("blk.2.ffn_down_exps.weight", [64, 4, 3]),
  tensor("blk.2.attn_q.bias", [64]),
  tensor("blk.2.flat.weight", [64, 1]),
  tensor("output.weight", [64, 96], "F16"),
];

function write(tensors: readonly EncodedTensor[], extra: Record<string, MetadataValue> = {}): string {
  const path = fresh();
  writeFileSync(path, writeGguf({ ...metadata, ...extra }, tensors));
  return path;
}

describe("the quantiser", () => {
  it.each(fromLlama)("writes %s in %s as llama.cpp does, byte for byte", async (model, format, digest) => {
    const target = fresh();
    const done = await quantiseModel(kept(model), target, format);
    expect(sha256(target)).toBe(digest);
    expect(done).toMatchObject({ sha256: digest, quantised: 22, tensors: 29, sizeBytes: readFileSync(target).length });
  });

  it("keeps the metadata, and says its own format", async () => {
    const target = fresh();
    await quantiseModel(write(odd, { "split.no": number(0), "split.count": number(1) }), target, "Q8_0");
    const { metadata: after } = readGguf(target);
    expect([...after.keys()].filter((key) => key.startsWith("split."))).toEqual([]);
    expect(after.get("general.file_type")).toBe(7);
    expect(after.get("general.quantization_version")).toBe(2);
    expect([after.get("general.name"), after.get("general.tags")]).toEqual(["Grüße", ["one", "two"]]);
  });

  it("takes what was rounded to BF16 as the numbers that it stands for", async () => {
    const weights = awkward(64 * 64, 5).map((weight) => {
      const word = new Uint32Array(Float32Array.of(weight).buffer);
      word[0] = (word[0] ?? 0) & 0xffff0000;
      return new Float32Array(word.buffer)[0] ?? 0;
    });
    const name = "blk.0.attn_q.weight";
    const whole = write([{ name, dimensions: [64, 64], format: "F32", data: encodeWeights(weights, "F32") }]);
    const halves = Buffer.from(
      Uint16Array.from(weights, (_, at) => new Uint32Array(weights.buffer)[at]! >>> 16).buffer,
    );
    const half = write([{ name, dimensions: [64, 64], format: "F16", data: halves }]);
    const bytes = readFileSync(half);
    // Behind the name: the rank, two dimensions, then the number of the format.
    bytes.writeUInt32LE(30, bytes.indexOf(name) + name.length + 4 + 16);
    writeFileSync(half, bytes);
    const [one, two] = [fresh(), fresh()];
    await quantiseModel(whole, one, "Q4_0");
    await quantiseModel(half, two, "Q4_0");
    expect(sha256(two)).toBe(sha256(one));
  });

  it.each<[string, () => string, string, RegExp]>([
    ["nothing", () => join(folder, "none.gguf"), "model-not-found", /cannot be read/],
    [
      "no GGUF",
      () => (writeFileSync(join(folder, "text"), "hello"), join(folder, "text")),
      "model-corrupt",
      /is not a GGUF/,
    ],
    [
      "rounded weights",
      () => join(root, "miner/models/lode-demo.Q8_0.gguf"),
      "model-unsupported",
      /in Q8_0; quantise a file in F16/,
    ],
    [
      "an infinite weight",
      () => write([{ ...odd[0]!, data: Buffer.alloc(64 * 64 * 4, encodeWeights(Float32Array.of(Infinity), "F32")) }]),
      "model-corrupt",
      /in blk\.10\.attn_q\.weight .* too large, or is not a number/,
    ],
    [
      "a weight that half precision does not hold, where it has to",
      () => write([{ ...odd[6]!, data: Buffer.alloc(48 * 64 * 4, encodeWeights(Float32Array.of(1e5), "F32")) }]),
      "model-corrupt",
      /in blk\.2\.ffn_down\.weight .* too large/,
    ],
    [
      "a weight that is no number",
      () => write([{ ...odd[0]!, data: Buffer.alloc(64 * 64 * 4, 0xff) }]),
      "model-corrupt",
      /is not a number/,
    ],
    [
      "another alignment",
      () => write(odd, { "general.alignment": number(16) }),
      "model-unsupported",
      /aligned to 16 bytes/,
    ],
  ])("refuses %s, and leaves no file behind", async (_name, source, code, message) => {
    const target = fresh();
    const path = source();
    await expect(quantiseModel(path, target, "Q4_0")).rejects.toMatchObject({
      name: "EngineError",
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(readdirSync(folder).filter((file) => file.endsWith(".part"))).toEqual([]);
    expect(existsSync(target)).toBe(false);
  });

  it("stops when it is told to", async () => {
    const target = fresh();
    const signal = AbortSignal.abort();
    await expect(quantiseModel(kept("lode-demo"), target, "Q8_0", { signal })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(existsSync(target)).toBe(false);
  });

  it("makes a model that the engine runs, and whose results can be checked", async () => {
    const target = fresh();
    await quantiseModel(kept("lode-pieces"), target, "Q4_0");
    const engine = await openEngine({ modelPath: target });
    try {
      expect(engine.info.verification).toBe("A-prefill");
      expect((await run(engine, ask("Count from 1 to 5.", { maxTokens: 8 }))).ids.length).toBeGreaterThan(0);
    } finally {
      await engine.close();
    }
  });
});

/** Builds the reference with the system's compiler; undefined where there is none. */
function reference(): string | undefined {
  const program = join(folder, "reference");
  const libraries = fileURLToPath(
    new URL("../../../node_modules/@node-llama-cpp/linux-x64/bins/linux-x64", import.meta.url),
  );
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(libraries)) return undefined;
  const names = readdirSync(libraries).filter((name) => /^lib(llama|ggml)\.v.*\.so$/.test(name));
  const source = fileURLToPath(new URL("llama/quantise.c", import.meta.url));
  const link = ["-Wl,--unresolved-symbols=ignore-in-shared-libs", `-Wl,-rpath,${libraries}`];
  try {
    execFileSync("cc", [source, "-o", program, ...link, ...names.map((name) => join(libraries, name))], {
      stdio: "ignore",
    });
    return program;
  } catch {
    return undefined;
  }
}

const program = reference();
// Without a C compiler the recorded digests above stand in.
describe.skipIf(program === undefined)("beside llama.cpp itself", () => {
  it.each<[QuantisedFormat, number]>([
    ["Q8_0", 7],
    ["Q4_0", 2],
  ])("awkward weights, shapes and names come out the same in %s", async (format, fileType) => {
    const [source, ours, theirs] = [write(odd), fresh(), fresh()];
    const done = await quantiseModel(source, ours, format);
    await promisify(execFile)(program ?? "", [source, theirs, `${fileType}`]);
    const [mine, reference] = [readGguf(ours), readGguf(theirs)];
    expect(mine.tensors).toEqual(reference.tensors);
    expect([...mine.metadata]).toEqual([...reference.metadata]);
    expect(sha256(ours)).toBe(sha256(theirs));
    expect(done.quantised).toBe(6);
  });
});

describe("lode model quantize", () => {
  it("names the new file for its format, and never writes over one", async () => {
    const source = join(folder, "small.F16.gguf");
    writeFileSync(source, readFileSync(kept("lode-pieces")));
    const { code, out } = await runLode(["model", "quantize", source, "--json"], { LODE_HOME: folder });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ path: join(folder, "small.Q8_0.gguf"), sha256: fromLlama[2]?.[2] });
    const again = await runLode(["model", "quantize", source], { LODE_HOME: folder });
    expect([again.code, again.err]).toEqual([
      2,
      `${join(folder, "small.Q8_0.gguf")} is there already; name another with --out.`,
    ]);
  });

  it.each([
    ["a format that it does not write", ["--to", "Q6_K"], 2],
    ["a file that is not there", ["--to", "Q4_0"], 9],
  ])("refuses %s", async (_name, options, code) => {
    expect(
      (await runLode(["model", "quantize", join(folder, "nothing.gguf"), ...options], { LODE_HOME: folder })).code,
    ).toBe(code);
  });
});

it("leaves positions and token types as they are, whole names only, and rows that fill no blocks in half precision", () => {
  const formatOf = (name: string, dimensions: readonly number[] = [64, 8]): string =>
    targetFormat({ name, dimensions, type: "F32", offset: 0, bytes: 1 } as Parameters<typeof targetFormat>[0], "Q8_0");
  expect(
    ["position_embd.weight", "token_types.weight", "v.position_embd.weight"].map((name) => formatOf(name)),
  ).toEqual(Array(3).fill("F32"));
  expect(["token_embd.weight", "blk.0.attn_q.weight", "my_token_types.weight"].map((name) => formatOf(name))).toEqual(
    Array(3).fill("Q8_0"),
  );
  expect(formatOf("blk.0.attn_q.weight", [65, 8])).toBe("F16");
  expect([formatOf("blk.0.attn_q.weight", [64]), formatOf("blk.0.attn_q.weight", [64, 1])]).toEqual(["F32", "F32"]);
  expect(formatOf("blk.0.attn_q.bias")).toBe("F32");
});
