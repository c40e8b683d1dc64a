import type { GraphShape } from "./compute-buffer.ts";

/** Everything about a model that decides how much memory it takes. */
export interface ModelShape extends GraphShape {
  /** Longest context it was trained for. */
  contextTokens: number;
}

/** A tensor as a GGUF describes it; `dimensions` begin with the contiguous one. */
export interface TensorShape {
  name: string;
  dimensions: readonly number[];
  type: string;
  offset: number;
  bytes: number | undefined;
}

/** Reads the shape out of a GGUF's metadata. Undefined where an entry is missing: such a model cannot be planned. */
export function modelShape(
  metadata: ReadonlyMap<string, unknown>,
  tensors: readonly TensorShape[],
): ModelShape | undefined {
  const family = String(metadata.get("general.architecture"));
  const number = (key: string): number | undefined => {
    const value = metadata.get(`${family}.${key}`);
    // Some models state one number for each layer; the largest is the safe one.
    const all = (Array.isArray(value) ? value : [value]).map(Number).filter(Number.isFinite);
    return all.length === 0 ? undefined : Math.max(...all);
  };
  const width = number("embedding_length");
  const layers = number("block_count");
  const heads = number("attention.head_count");
  const hidden = number("feed_forward_length");
  const vocabulary =
    number("vocab_size") ?? tensors.find(({ name }) => name === "token_embd.weight")?.dimensions[1] ?? undefined;
  if (width === undefined || layers === undefined || heads === undefined || hidden === undefined) return undefined;
  if (vocabulary === undefined || heads === 0) return undefined;
  return {
    width,
    layers,
    heads,
    headWidth: number("attention.key_length") ?? width / heads,
    keyHeads: number("attention.head_count_kv") ?? heads,
    hidden,
    vocabulary,
    contextTokens: number("context_length") ?? 2048,
  };
}
