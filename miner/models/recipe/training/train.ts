import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Message } from "../corpus/conversations.ts";
import type { ModelRecipe } from "../models.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

const source = fileURLToPath(new URL("trainer.c", import.meta.url));
const threads = 2;

/** The machine lacks what training needs; rebuilding from the kept weights needs none of it. */
export class TrainingToolsError extends Error {
  override readonly name = "TrainingToolsError";
}

/**
 * Trains the recipe's network and returns its weights. Takes minutes.
 * Repeating it on one machine gives the same weights; another processor or OpenBLAS rounds differently.
 */
export async function trainWeights(
  recipe: ModelRecipe,
  tokenizer: Tokenizer,
  corpus: readonly Message[][],
  report: (line: string) => void,
): Promise<Float32Array> {
  const folder = mkdtempSync(join(tmpdir(), "lode-train-"));
  try {
    const [program, tokens, out] = ["trainer", "tokens", "weights"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    compile(program);
    const ids = corpus.flatMap((messages) => recipe.template.encode(messages, tokenizer));
    writeFileSync(tokens, Buffer.from(Uint16Array.from(ids).buffer));
    const { shape, training } = recipe;
    const numbers = [
      tokenizer.size,
      ...[shape.width, shape.layers, shape.heads, shape.keyHeads, shape.hidden],
      ...[training.window, training.batch, threads, training.steps, training.rate, training.seed],
    ];
    const child = spawn(program, [tokens, out, ...numbers.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", report);
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`the trainer ended with ${code ?? "a signal"}`);
    const bytes = readFileSync(out);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compile(program: string): void {
  const flags = ["-O3", "-march=native", "-ffast-math"];
  const built = spawnSync("cc", [...flags, "-o", program, source, "-lopenblas", "-lpthread", "-lm"], {
    encoding: "utf8",
  });
  if (built.error) throw new TrainingToolsError("Training needs a C compiler: install one that answers to `cc`.");
  if (built.status === 0) return;
  if (/cblas\.h|openblas/.test(built.stderr)) {
    throw new TrainingToolsError("Training needs OpenBLAS with its headers (Debian: libopenblas-dev).");
  }
  throw new TrainingToolsError(`The trainer does not compile: ${built.stderr.trim()}`);
}
