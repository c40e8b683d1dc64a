import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { conversations } from "../../../miner/models/recipe/corpus/conversations.ts";
import { assembleGguf, tensorsOf } from "../../../miner/models/recipe/gguf/assemble.ts";
import { readWeights } from "../../../miner/models/recipe/gguf/weights.ts";
import { demo } from "../../../miner/models/recipe/models.ts";
import { createRandom } from "../../../miner/models/recipe/random.ts";
import type { Format } from "../../../miner/src/engines/gguf/encode/weights.ts";

const weightsFile = fileURLToPath(new URL("../../../miner/models/weights/lode-demo.F16.gguf", import.meta.url));

/** The demo model as a cheat would have it. */
export interface ChangedModels {
  pathOf(format: Format, noisyTensor?: string): string;
  remove(): void;
}

/** Writes the demo model in other formats, or with 1 % of noise on one of its matrices. */
export function changedModels(): ChangedModels {
  const folder = mkdtempSync(join(tmpdir(), "lode-changed-"));
  const { corpus } = demo;
  const texts = [...conversations(corpus.conversations, corpus.seed)].flat().map(({ content }) => content);
  const tokenizer = demo.trainTokenizer(texts);
  return {
    pathOf(format, noisyTensor) {
      const weights = readWeights(weightsFile);
      if (noisyTensor !== undefined) addNoise(weights, noisyTensor, tokenizer.size);
      const path = join(folder, `${format}${noisyTensor ?? ""}.gguf`);
      writeFileSync(path, assembleGguf(demo, tokenizer, weights, format));
      return path;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Each weight of one matrix changes by up to 1 % of the matrix' mean size, as a little fine-tuning would. */
function addNoise(weights: Float32Array, tensor: string, vocabulary: number): void {
  const { unit } = createRandom(1);
  let at = 0;
  for (const { name, dimensions } of tensorsOf(demo, vocabulary)) {
    const part = weights.subarray(at, (at += dimensions.reduce((product, size) => product * size, 1)));
    if (name !== tensor) continue;
    const size = part.reduce((sum, weight) => sum + Math.abs(weight), 0) / part.length;
    part.forEach((weight, index) => (part[index] = weight + 0.01 * size * (2 * unit() - 1)));
    return;
  }
  throw new Error(`the model has no ${tensor}`);
}
