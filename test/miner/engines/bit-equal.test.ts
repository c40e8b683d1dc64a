import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { buildModel } from "../../../miner/models/build.ts";
import { demo, pieces } from "../../../miner/models/recipe/models.ts";
import { verificationOf } from "../../../miner/src/engines/identity/engine-class.ts";
import { openBackend } from "../../../miner/src/engines/llama/child/backend.ts";
import { evaluate } from "../../../miner/src/engines/llama/child/logits.ts";
import { bestCandidates } from "../../../miner/src/engines/sampler/candidates.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-bit-equal-"));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
const length = 150;

/** The claim behind class A-prefill, on the logits themselves: the sampler could hide a small difference. */
describe.each([
  ["lode-demo", demo, "Q8_0"],
  ["lode-demo", demo, "Q4_0"],
  ["lode-pieces", pieces, "Q8_0"],
  ["lode-pieces", pieces, "Q4_0"],
] as const)("%s (%#)", (name, recipe, format) => {
  it(`gives the same bits by decoding and by prefill in ${format}`, async () => {
    const modelPath = join(folder, `${name}.${format}.gguf`);
    const built = await buildModel(recipe, { train: false, formats: [format], report: () => undefined });
    writeFileSync(modelPath, built.get(format)!);
    const { model, context, info } = await openBackend({ modelPath, contextTokens: 256, sequences: 2 });
    expect(info.verification).toBe("A-prefill");
    const [decoding, prefilling] = [context.getSequence(), context.getSequence()];

    const text: number[] = [5];
    const decoded: ReadonlyMap<number, number>[] = [];
    while (text.length < length) {
      const { logits } = await evaluate(decoding, text.slice(-1), { ids: [], top: 40 }, never);
      decoded.push(logits);
      text.push(bestCandidates(logits, 40)[text.length % 3]!.id);
    }
    for (const cut of [1, 2, 47, 48, 49, 97, length - 1]) {
      await prefilling.clearHistory();
      const { logits } = await evaluate(prefilling, text.slice(0, cut), { ids: [], top: 40 }, never);
      expect([...logits]).toEqual([...decoded[cut - 1]!]);
    }
    await context.dispose();
    await model.dispose();
  });
});

describe("the way of verification", () => {
  const tensor = (type: string, dimensions: number[]) => ({ name: "x", type, dimensions, offset: 0, bytes: 0 });
  const file = (...types: string[]) => ({
    version: 3,
    metadata: new Map(),
    sizeBytes: 0,
    tensors: [tensor("F32", [32]), ...types.map((type) => tensor(type, [32, 32]))],
  });

  it.each([
    [["Q8_0", "Q8_0"], 4, "A-prefill"],
    [["Q4_0", "Q8_0"], 1, "A-prefill"],
    [["Q4_0", "Q6_K"], 1, "A-decode"],
    [["F16"], 1, "A-decode"],
    [["F16"], 2, "none"],
  ] as const)("of %j at %d jobs is %s", (types, sequences, verification) => {
    expect(verificationOf(file(...types), sequences)).toBe(verification);
  });
});
