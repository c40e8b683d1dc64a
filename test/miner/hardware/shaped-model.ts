import { writeGguf, type EncodedTensor, type MetadataValue } from "../../../miner/models/recipe/gguf/write.ts";

export interface ShapedModel {
  width: number;
  layers: number;
  heads: number;
  keyHeads: number;
  hidden: number;
  vocabulary: number;
  contextTokens: number;
  /** A matrix of its own for the output, or the embeddings once more. */
  tied: boolean;
  format: "F16" | "Q8_0" | "Q4_0";
}

const bytesOf = { F32: 4, F16: 2, Q8_0: 34 / 32, Q4_0: 18 / 32 } as const;

/** A llama-architecture GGUF of any shape whose weights are all zero: for memory it is as good as a trained one. */
export function shapedModel(shape: ShapedModel): Buffer {
  const { width, layers, heads, keyHeads, hidden, vocabulary, format } = shape;
  const keyWidth = (width / heads) * keyHeads;
  const tensor = (name: string, ...dimensions: number[]): EncodedTensor => {
    const own = dimensions.length === 1 ? "F32" : format;
    const count = dimensions.reduce((product, dimension) => product * dimension, 1);
    return { name: `${name}.weight`, dimensions, format: own, data: Buffer.alloc(count * bytesOf[own]) };
  };
  const layer = (index: number): EncodedTensor[] => [
    tensor(`blk.${index}.attn_norm`, width),
    tensor(`blk.${index}.attn_q`, width, width),
    tensor(`blk.${index}.attn_k`, width, keyWidth),
    tensor(`blk.${index}.attn_v`, width, keyWidth),
    tensor(`blk.${index}.attn_output`, width, width),
    tensor(`blk.${index}.ffn_norm`, width),
    tensor(`blk.${index}.ffn_gate`, width, hidden),
    tensor(`blk.${index}.ffn_up`, width, hidden),
    tensor(`blk.${index}.ffn_down`, hidden, width),
  ];
  const tensors = [
    tensor("token_embd", width, vocabulary),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    tensor("output_norm", width),
    ...(shape.tied ? [] : [tensor("output", width, vocabulary)]),
  ];
  const uint32 = (value: number): MetadataValue => ({ type: "uint32", value });
  const text = (value: string): MetadataValue => ({ type: "string", value });
  return writeGguf(
    {
      "general.architecture": text("llama"),
      "general.name": text("shaped"),
      "general.alignment": uint32(32),
      "llama.vocab_size": uint32(vocabulary),
      "llama.context_length": uint32(shape.contextTokens),
      "llama.embedding_length": uint32(width),
      "llama.block_count": uint32(layers),
      "llama.feed_forward_length": uint32(hidden),
      "llama.attention.head_count": uint32(heads),
      "llama.attention.head_count_kv": uint32(keyHeads),
      "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
      "llama.rope.dimension_count": uint32(width / heads),
      "llama.rope.freq_base": { type: "float32", value: 10_000 },
      "tokenizer.ggml.model": text("gpt2"),
      "tokenizer.ggml.pre": text("gpt-2"),
      "tokenizer.ggml.tokens": { type: "strings", value: Array.from({ length: vocabulary }, (_, id) => `t${id}`) },
      "tokenizer.ggml.merges": { type: "strings", value: [] },
      "tokenizer.ggml.bos_token_id": uint32(0),
      "tokenizer.ggml.eos_token_id": uint32(0),
    },
    tensors,
  );
}
