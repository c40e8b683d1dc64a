import { modelShape, type ModelShape, type TensorShape } from "./model-shape.ts";
import { longestContext, planMemory, type MemoryPlan } from "./plan.ts";
import { weightsInMemory } from "./weights.ts";

/** A model whose memory can be worked out before it is loaded. */
export interface PlannedModel {
  title: string;
  shape: ModelShape;
  /** Weights in memory on this processor. */
  weightsBytes: number;
}

/** Undefined for an architecture whose memory cannot be worked out. `features` are the processor's. */
export function plannedModel(
  { metadata, tensors }: { metadata: ReadonlyMap<string, unknown>; tensors: readonly TensorShape[] },
  features: readonly string[],
): PlannedModel | undefined {
  const shape = modelShape(metadata, tensors);
  if (shape === undefined) return undefined;
  const has = (feature: string): boolean => features.includes(feature);
  const cpu = { avx2: has("avx2"), avx512: has("avx512"), dotProduct: has("dotProduct") };
  const stated = metadata.get("general.name");
  return {
    title: typeof stated === "string" ? stated : "The model",
    shape,
    weightsBytes: weightsInMemory(tensors, cpu),
  };
}

/** How many jobs at a time, and the context of each. */
export interface Serving {
  contextTokens: number;
  sequences: number;
}

export interface ServingPlan extends Serving {
  plan: MemoryPlan;
}

/** Less holds a template and a sentence, but no conversation. */
export const leastServedContext = 256;

/**
 * The most of what is wanted that fits into `budgetBytes`: fewer jobs at a time first, because each keeps its whole context, then a shorter
 * context. Undefined where not even one short job fits.
 */
export function planServing(
  { shape, weightsBytes }: PlannedModel,
  budgetBytes: number,
  wanted: Serving,
  batchTokens: number,
): ServingPlan | undefined {
  const contextTokens = Math.min(wanted.contextTokens, shape.contextTokens);
  for (let { sequences } = wanted; sequences >= 1; sequences -= 1) {
    const plan = planMemory(shape, weightsBytes, { contextTokens, sequences, batchTokens });
    if (plan.totalBytes <= budgetBytes) return { contextTokens, sequences, plan };
  }
  const longest = longestContext(shape, weightsBytes, budgetBytes, { sequences: 1, batchTokens });
  if (longest < Math.min(leastServedContext, contextTokens)) return undefined;
  const shorter = Math.min(longest, contextTokens);
  return {
    contextTokens: shorter,
    sequences: 1,
    plan: planMemory(shape, weightsBytes, { contextTokens: shorter, sequences: 1, batchTokens }),
  };
}

/** The next smaller thing to try when memory ran out all the same; undefined when there is none. */
export function smallerServing({ contextTokens, sequences }: Serving): Serving | undefined {
  if (sequences > 1) return { contextTokens, sequences: Math.floor(sequences / 2) };
  const half = Math.floor(contextTokens / 2);
  return half < leastServedContext ? undefined : { contextTokens: half, sequences };
}
