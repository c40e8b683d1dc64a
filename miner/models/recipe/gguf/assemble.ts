import type { ModelRecipe } from "../models.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { fromHalf, toHalf } from "../../../src/engines/gguf/encode/half.ts";
import { encodeWeights, type Format } from "../../../src/engines/gguf/encode/weights.ts";
import { writeGguf, type MetadataValue } from "./write.ts";

/** Values of `general.file_type`. */
const fileTypes: Record<Format, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 };

/** Builds the GGUF of a model. `weights` follow `tensorsOf`; norms stay F32, as llama.cpp wants them. */
export function assembleGguf(recipe: ModelRecipe, tokenizer: Tokenizer, weights: Float32Array, format: Format): Buffer {
  let used = 0;
  const tensors = tensorsOf(recipe, tokenizer.size).map(({ name, dimensions }) => {
    const count = dimensions.reduce((product, dimension) => product * dimension, 1);
    const own = dimensions.length === 1 ? "F32" : format;
    const data = encodeWeights(weights.subarray(used, (used += count)), own);
    return { name, dimensions, format: own, data };
  });
  if (used !== weights.length)
    throw new RangeError(`the network has ${used} weights, but ${weights.length} were given`);
  return writeGguf(metadataOf(recipe, tokenizer, format), tensors);
}

/** The weights as an F16 file keeps them: matrices in half precision, norms unchanged. */
export function keepable(recipe: ModelRecipe, vocabulary: number, weights: Float32Array): Float32Array {
  let at = 0;
  return Float32Array.from(
    tensorsOf(recipe, vocabulary).flatMap(({ dimensions }) => {
      const count = dimensions.reduce((product, dimension) => product * dimension, 1);
      const own = Array.from(weights.subarray(at, (at += count)));
      return dimensions.length === 1 ? own : own.map((weight) => fromHalf(toHalf(weight)));
    }),
  );
}

/** Names and dimensions of the tensors in the trainer's order, the contiguous dimension first. */
export function tensorsOf({ shape }: ModelRecipe, vocabulary: number): { name: string; dimensions: number[] }[] {
  const { width, layers, heads, keyHeads, hidden } = shape;
  const keyWidth = (width / heads) * keyHeads;
  const layer = (index: number) =>
    (
      [
        ["attn_norm", width],
        ["attn_q", width, width],
        ["attn_k", width, keyWidth],
        ["attn_v", width, keyWidth],
        ["attn_output", width, width],
        ["ffn_norm", width],
        ["ffn_gate", width, hidden],
        ["ffn_up", width, hidden],
        ["ffn_down", hidden, width],
      ] as const
    ).map(([name, ...dimensions]) => ({ name: `blk.${index}.${name}.weight`, dimensions }));
  return [
    { name: "token_embd.weight", dimensions: [width, vocabulary] },
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    { name: "output_norm.weight", dimensions: [width] },
  ];
}

function metadataOf(recipe: ModelRecipe, tokenizer: Tokenizer, format: Format): Record<string, MetadataValue> {
  const { name, description, shape, contextTokens, template } = recipe;
  const uint32 = (value: number): MetadataValue => ({ type: "uint32", value });
  const text = (value: string): MetadataValue => ({ type: "string", value });
  const { bos, eos, padding } = template.tokens;
  return {
    "general.architecture": text("llama"),
    "general.name": text(name),
    "general.description": text(description),
    "general.license": text("mit"),
    "general.tags": { type: "strings", value: ["demo"] },
    "general.file_type": uint32(fileTypes[format]),
    "general.alignment": uint32(32),
    ...(format.startsWith("Q") ? { "general.quantization_version": uint32(2) } : {}),
    "llama.vocab_size": uint32(tokenizer.size),
    "llama.context_length": uint32(contextTokens),
    "llama.embedding_length": uint32(shape.width),
    "llama.block_count": uint32(shape.layers),
    "llama.feed_forward_length": uint32(shape.hidden),
    "llama.attention.head_count": uint32(shape.heads),
    "llama.attention.head_count_kv": uint32(shape.keyHeads),
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
    "llama.rope.dimension_count": uint32(shape.width / shape.heads),
    "llama.rope.freq_base": { type: "float32", value: 10_000 },
    ...tokenizer.metadata(),
    "tokenizer.ggml.bos_token_id": uint32(tokenizer.special(bos)),
    "tokenizer.ggml.eos_token_id": uint32(tokenizer.special(eos)),
    ...(padding === undefined ? {} : { "tokenizer.ggml.padding_token_id": uint32(tokenizer.special(padding)) }),
    "tokenizer.chat_template": text(template.jinja),
  };
}
