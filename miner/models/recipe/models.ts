import { chatml, instruct, type Template } from "./templates.ts";
import { trainByteLevel } from "./tokenizers/byte-level.ts";
import { trainPieces } from "./tokenizers/pieces.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** Sizes of a llama-architecture network with tied embeddings. */
export interface Shape {
  width: number;
  layers: number;
  heads: number;
  keyHeads: number;
  hidden: number;
}

export interface ModelRecipe {
  name: string;
  description: string;
  shape: Shape;
  contextTokens: number;
  template: Template;
  trainTokenizer(texts: Iterable<string>): Tokenizer;
  corpus: { conversations: number; seed: number };
  training: { window: number; batch: number; steps: number; rate: number; seed: number };
}

/** The embedded model: byte-level BPE, ChatML. */
export const demo: ModelRecipe = {
  name: "lode-demo",
  description:
    "A demo model of two million weights, trained from scratch on a synthetic corpus to show the market at work. " +
    "It knows a handful of toy tasks and nothing else.",
  shape: { width: 256, layers: 3, heads: 8, keyHeads: 4, hidden: 512 },
  contextTokens: 2048,
  template: chatml,
  trainTokenizer: (texts) => trainByteLevel(texts, 1024, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
  corpus: { conversations: 45_000, seed: 20_261 },
  training: { window: 256, batch: 4, steps: 7000, rate: 0.002, seed: 1 },
};

/** The test fixture: another tokenizer family and another template, so that nothing leans on the first. */
export const pieces: ModelRecipe = {
  name: "lode-pieces",
  description:
    "A test fixture of half a million weights with a SentencePiece-style vocabulary. It is no use as a model.",
  shape: { width: 128, layers: 3, heads: 4, keyHeads: 2, hidden: 256 },
  contextTokens: 1024,
  template: instruct,
  trainTokenizer: (texts) => trainPieces(texts, 768),
  corpus: { conversations: 20_000, seed: 20_262 },
  training: { window: 192, batch: 4, steps: 4000, rate: 0.003, seed: 2 },
};
