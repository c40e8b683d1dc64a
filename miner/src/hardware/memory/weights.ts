import type { TensorShape } from "./model-shape.ts";

/** What a processor can do that makes llama.cpp lay out weights anew. */
export interface RepackingCpu {
  avx2: boolean;
  avx512: boolean;
  /** ARM's dot product instructions. */
  dotProduct: boolean;
}

/** Rows that are interleaved: a matrix whose row count is no multiple stays as it is. */
function interleave({ avx2, avx512, dotProduct }: RepackingCpu): Readonly<Record<string, number>> {
  if (avx2) return { Q4_0: 8, Q4_K: 8, IQ4_NL: 8, ...(avx512 && { Q2_K: 8 }) };
  if (dotProduct) return { Q4_0: 4, Q8_0: 4, IQ4_NL: 4, Q4_K: 8, Q5_K: 8, Q6_K: 8 };
  return {};
}

/**
 * Bytes of the weights in memory on a processor: the part of the file that is mapped, and a second copy of every matrix that
 * is laid out anew. The mapping reaches from the first to the last tensor that is used as it is.
 */
export function weightsInMemory(tensors: readonly TensorShape[], cpu: RepackingCpu): number {
  const rows = interleave(cpu);
  const isRepacked = ({ dimensions, type }: TensorShape): boolean => {
    const step = rows[type];
    return step !== undefined && dimensions.length === 2 && (dimensions[1] ?? 0) % step === 0;
  };
  const isEmbedding = ({ name }: TensorShape): boolean => name === "token_embd.weight";
  // Without an output matrix the embeddings serve as one too: once looked up in the file, once multiplied with.
  const tied = !tensors.some(({ name }) => name === "output.weight");
  const repacked = tensors.filter((tensor) => isRepacked(tensor) && (tied || !isEmbedding(tensor)));
  const mapped = tensors.filter((tensor) => isEmbedding(tensor) || !isRepacked(tensor));
  const first = Math.min(...mapped.map(({ offset }) => offset));
  const last = Math.max(...mapped.map(({ offset, bytes }) => offset + (bytes ?? 0)));
  const copies = repacked.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return (mapped.length === 0 ? 0 : last - first) + copies;
}
