import type { ModelShape } from "./model-shape.ts";

/** A well-known open model, from its published configuration. */
export interface KnownModel extends ModelShape {
  name: string;
  /** The output matrix is the embeddings once more. */
  tied: boolean;
}

type Row = readonly [
  name: string,
  width: number,
  layers: number,
  heads: number,
  headWidth: number,
  keyHeads: number,
  hidden: number,
  vocabulary: number,
  contextTokens: number,
  tied?: "tied",
];

const rows: readonly Row[] = [
  ["SmolLM2 135M", 576, 30, 9, 64, 3, 1536, 49_152, 8192, "tied"],
  ["SmolLM2 360M", 960, 32, 15, 64, 5, 2560, 49_152, 8192, "tied"],
  ["Qwen2.5 0.5B", 896, 24, 14, 64, 2, 4864, 151_936, 32_768, "tied"],
  ["TinyLlama 1.1B", 2048, 22, 32, 64, 4, 5632, 32_000, 2048],
  ["Llama 3.2 1B", 2048, 16, 32, 64, 8, 8192, 128_256, 131_072, "tied"],
  ["Qwen2.5 1.5B", 1536, 28, 12, 128, 2, 8960, 151_936, 32_768, "tied"],
  ["SmolLM2 1.7B", 2048, 24, 32, 64, 32, 8192, 49_152, 8192, "tied"],
  ["Qwen2.5 3B", 2048, 36, 16, 128, 2, 11_008, 151_936, 32_768, "tied"],
  ["Llama 3.2 3B", 3072, 28, 24, 128, 8, 8192, 128_256, 131_072, "tied"],
  ["Llama 2 7B", 4096, 32, 32, 128, 32, 11_008, 32_000, 4096],
  ["Mistral 7B v0.3", 4096, 32, 32, 128, 8, 14_336, 32_768, 32_768],
  ["Qwen2.5 7B", 3584, 28, 28, 128, 4, 18_944, 152_064, 131_072],
  ["Llama 3.1 8B", 4096, 32, 32, 128, 8, 14_336, 128_256, 131_072],
  ["Mistral Nemo 12B", 5120, 40, 32, 128, 8, 14_336, 131_072, 131_072],
  ["Llama 2 13B", 5120, 40, 40, 128, 40, 13_824, 32_000, 4096],
  ["Qwen2.5 14B", 5120, 48, 40, 128, 8, 13_824, 152_064, 131_072],
  ["Mistral Small 24B", 5120, 40, 32, 128, 8, 32_768, 131_072, 32_768],
  ["Qwen2.5 32B", 5120, 64, 40, 128, 8, 27_648, 152_064, 131_072],
  ["Llama 3.1 70B", 8192, 80, 64, 128, 8, 28_672, 128_256, 131_072],
  ["Qwen2.5 72B", 8192, 80, 64, 128, 8, 29_568, 152_064, 131_072],
  ["Mistral Large 123B", 12_288, 88, 96, 128, 8, 28_672, 32_768, 131_072],
  ["Llama 3.1 405B", 16_384, 126, 128, 128, 8, 53_248, 128_256, 131_072],
];

/** From the smallest to the largest. */
export const knownModels: readonly KnownModel[] = rows.map(
  ([name, width, layers, heads, headWidth, keyHeads, hidden, vocabulary, contextTokens, tied]) => ({
    name,
    width,
    layers,
    heads,
    headWidth,
    keyHeads,
    hidden,
    vocabulary,
    contextTokens,
    tied: tied === "tied",
  }),
);

/** Weights of a model: matrices of every layer, norms, embeddings, and the output where it has its own. */
export function weightCount(model: KnownModel): { layers: number; embeddings: number } {
  const { width, layers, heads, headWidth, keyHeads, hidden, vocabulary, tied } = model;
  const attention = 2 * width * heads * headWidth + 2 * width * keyHeads * headWidth;
  const network = 3 * width * hidden;
  const norms = 2 * width;
  return {
    layers: layers * (attention + network + norms) + width,
    embeddings: (tied ? 1 : 2) * vocabulary * width,
  };
}
