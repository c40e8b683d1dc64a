/**
 * The configuration under which results are bit-equal on one backend library: a token comes out the same from decoding
 * alone, beside other jobs, and from one prefill of the whole text. Changing a value changes the engine class.
 */
export const pinned = {
  package: "node-llama-cpp",
  /** More threads, or a batch of 64 and above, sum in another order. */
  threads: 1,
  batchSize: 48,
  flashAttention: true,
  kvCache: "F16",
  gpuLayers: 0,
  /** Embeddings come from a context of their own, which has no flash attention and holds one text at a time. */
  embeddingTokens: 2048,
} as const;
