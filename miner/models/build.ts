/**
 * Builds the models in this folder: `npm run model:build [-- --train] [-- --out DIR] [-- NAME...]`.
 * Without --train the files come from the kept F16 weights, byte for byte the same on every machine.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { conversations } from "./recipe/corpus/conversations.ts";
import { assembleGguf, keepable } from "./recipe/gguf/assemble.ts";
import type { Format } from "../src/engines/gguf/encode/weights.ts";
import { readWeights } from "./recipe/gguf/weights.ts";
import { demo, pieces, type ModelRecipe } from "./recipe/models.ts";
import { trainWeights, TrainingToolsError } from "./recipe/training/train.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kept: { recipe: ModelRecipe; files: Partial<Record<Format, string>> }[] = [
  {
    recipe: demo,
    files: { F16: "miner/models/weights/lode-demo.F16.gguf", Q8_0: "miner/models/lode-demo.Q8_0.gguf" },
  },
  {
    recipe: pieces,
    files: { F16: "miner/models/weights/lode-pieces.F16.gguf", Q8_0: "test/fixtures/models/lode-pieces.Q8_0.gguf" },
  },
];

/** One model in every format, from its kept weights or freshly trained. */
export async function buildModel(
  recipe: ModelRecipe,
  options: { train: boolean; formats: readonly Format[]; report: (line: string) => void },
): Promise<Map<Format, Buffer>> {
  const corpus = [...conversations(recipe.corpus.conversations, recipe.corpus.seed)];
  const tokenizer = recipe.trainTokenizer(corpus.flat().map(({ content }) => content));
  const weights = options.train
    ? // Files come from the weights that are kept in both cases, so that a rebuild gives the same bytes.
      keepable(recipe, tokenizer.size, await trainWeights(recipe, tokenizer, corpus, options.report))
    : readWeights(join(root, `miner/models/weights/${recipe.name}.F16.gguf`));
  return new Map(options.formats.map((format) => [format, assembleGguf(recipe, tokenizer, weights, format)]));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      train: { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log("npm run model:build [-- --train] [-- --out DIR] [-- lode-demo] [-- lode-pieces]");
    return;
  }
  for (const { recipe, files } of kept) {
    if (positionals.length > 0 && !positionals.includes(recipe.name)) continue;
    const formats: readonly Format[] = values.out === undefined ? ["F16", "Q8_0"] : ["F16", "Q8_0", "Q4_0"];
    const built = await buildModel(recipe, { train: values.train, formats, report: (line) => console.log(line) });
    for (const [format, bytes] of built) {
      const file =
        values.out === undefined ? join(root, files[format] ?? "") : join(values.out, `${recipe.name}.${format}.gguf`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      const digest = createHash("sha256").update(bytes).digest("hex");
      console.log(`${relative(process.cwd(), file)}  ${bytes.length} bytes  sha256 ${digest}`);
    }
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof TrainingToolsError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
