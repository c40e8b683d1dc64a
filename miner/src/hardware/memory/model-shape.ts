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

/**
 * A file can claim any number, and what is worked out here takes time by the number of layers: several times what the largest
 * models have.
 */
const mostLayers = 1024;
const mostSize = 2 ** 31;

/** Reads the shape out of a GGUF's metadata. Undefined where an entry is missing or no model's: such a file cannot be planned. */
export function modelShape(
  metadata: ReadonlyMap<string, unknown>,
  tensors: readonly TensorShape[],
): ModelShape | undefined {
  const family = String(metadata.get("general.architecture"));
  const number = (key: string): number | undefined => {
    const value = metadata.get(`${family}.${key}`);
    // Some models state one number for each layer; the largest is the safe one.
    const all = (Array.isArray(value) ? value : [value]).map(Number).filter(Number.isFinite);
    return all.length === 0 ? undefined : all.reduce((most, one) => Math.max(most, one));
  };
  const width = number("embedding_length");
  const layers = number("block_count");
  const heads = number("attention.head_count");
  const hidden = number("feed_forward_length");
  const vocabulary =
    number("vocab_size") ?? tensors.find(({ name }) => name === "token_embd.weight")?.dimensions[1] ?? undefined;
  if (width === undefined || layers === undefined || heads === undefined || hidden === undefined) return undefined;
  if (vocabulary === undefined) return undefined;
  const shape = {
    width,
    layers,
    heads,
    headWidth: number("attention.key_length") ?? width / heads,
    keyHeads: number("attention.head_count_kv") ?? heads,
    hidden,
    vocabulary,
    contextTokens: number("context_length") ?? 2048,
  };
  const isSize = (value: number): boolean => Number.isInteger(value) && value > 0 && value <= mostSize;
  return layers <= mostLayers && Object.values(shape).every(isSize) ? shape : undefined;
}
