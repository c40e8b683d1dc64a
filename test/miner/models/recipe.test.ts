import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildModel } from "../../../miner/models/build.ts";
import { embeddedModel } from "../../../miner/models/index.ts";
import { conversations } from "../../../miner/models/recipe/corpus/conversations.ts";
import { fromHalf, toHalf } from "../../../miner/src/engines/gguf/encode/half.ts";
import { encodeWeights } from "../../../miner/src/engines/gguf/encode/weights.ts";
import { demo, pieces } from "../../../miner/models/recipe/models.ts";
import { readGguf } from "../../../miner/src/engines/gguf/read.ts";
import type { Engine } from "../../../miner/src/engines/index.ts";
import { ask, models, open, run } from "../engines/engine-helper.ts";

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const quiet = { train: false, report: () => undefined };

describe("the recipe", () => {
  it.each([
    ["lode-demo", demo, embeddedModel],
    ["lode-pieces", pieces, models.pieces],
  ])("rebuilds %s byte for byte from the kept weights", async (_, recipe, file) => {
    const built = await buildModel(recipe, { ...quiet, formats: ["Q8_0"] });
    expect(sha256(built.get("Q8_0")!)).toBe(sha256(readFileSync(file)));
  });

  it("keeps the figures of the README true", () => {
    const readme = readFileSync(new URL("../../../miner/models/README.md", import.meta.url), "utf8");
    expect(readme).toContain(sha256(readFileSync(embeddedModel)));
    expect(readme).toContain(sha256(readFileSync(models.pieces)));
  });

  it("labels the embedded model as a demo", () => {
    const { metadata } = readGguf(embeddedModel);
    expect(metadata.get("general.description")).toMatch(/^A demo model/);
  });

  it("writes the same corpus for the same seed", () => {
    const [one, two, other] = [1, 1, 2].map((seed) => JSON.stringify([...conversations(50, seed)]));
    expect(one).toBe(two);
    expect(one).not.toBe(other);
  });
});

describe("half precision", () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [Infinity, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ])("writes %d", (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });

  it("reads back every number", () => {
    for (let bits = 0; bits < 0x10000; bits += 1) {
      const value = fromHalf(bits);
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits);
    }
  });
});

describe("the quantiser", () => {
  const block = Float32Array.from({ length: 32 }, (_, at) => (at - 16) / 8);

  it("writes Q8_0 blocks", () => {
    const bytes = encodeWeights(block, "Q8_0");
    expect(bytes).toHaveLength(34);
    expect(fromHalf(bytes.readUInt16LE(0))).toBeCloseTo(2 / 127, 5);
    expect([bytes.readInt8(2), bytes.readInt8(18), bytes.readInt8(33)]).toEqual([-127, 0, 119]);
  });

  it("writes Q4_0 blocks, the extreme at nibble 0", () => {
    const bytes = encodeWeights(block, "Q4_0");
    expect(bytes).toHaveLength(18);
    expect(fromHalf(bytes.readUInt16LE(0))).toBe(0.25);
    expect([bytes[2]! & 15, bytes[2]! >> 4, bytes[17]! >> 4]).toEqual([0, 8, 15]);
  });

  it("writes zeros without dividing by them", () => {
    expect(encodeWeights(new Float32Array(32), "Q8_0")).toEqual(Buffer.alloc(34));
  });

  it("refuses a broken block", () => {
    expect(() => encodeWeights(new Float32Array(33), "Q4_0")).toThrow("33 weights do not fill blocks of 32");
  });
});

describe.each([
  ["demo", demo],
  ["pieces", pieces],
] as const)("the %s tokenizer", (name, recipe) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open(name);
  });
  afterAll(() => engine.close());

  it("splits text exactly as the inference library does", async () => {
    const corpus = [...conversations(recipe.corpus.conversations, recipe.corpus.seed)];
    const tokenizer = recipe.trainTokenizer(corpus.flat().map(({ content }) => content));
    for (const question of [
      "Give JSON: Anna is a 23 year old baker from Paris.",
      "Count from 1 to 12.",
      "Über 漢字?",
    ]) {
      const messages = [
        { role: "user" as const, content: question },
        { role: "assistant" as const, content: "x" },
      ];
      const { prompt } = await run(engine, ask(question, { maxTokens: 1 }));
      expect(recipe.template.encode(messages, tokenizer).slice(0, prompt.length)).toEqual(prompt);
    }
  });
});

describe("the build script", () => {
  it("says how it is used", async () => {
    const script = new URL("../../../miner/models/build.ts", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [script, "--help"]);
    expect(stdout).toContain("npm run model:build");
  });
});
