import { computeBufferBytes } from "./compute-buffer.ts";
import type { ModelShape } from "./model-shape.ts";

/** How an engine is to run a model. */
export interface PlanOptions {
  /** Context of each job. */
  contextTokens: number;
  /** Jobs at the same time. */
  sequences: number;
  /** Tokens computed in one step. */
  batchTokens: number;
  /** Bytes of one number in the cache: 2 for F16. */
  cacheBytes?: number;
}

/** Bytes that an engine will hold. */
export interface MemoryPlan {
  weightsBytes: number;
  /** Keys and values of every position of every job. */
  cacheBytes: number;
  /** What is computed on the way, for one batch. */
  computeBytes: number;
  /** The last layer's numbers, one set for each job. */
  outputBytes: number;
  totalBytes: number;
}

/** llama.cpp rounds the cache of a sequence up to this many positions. */
const cacheStep = 256;

/** Positions in the cache of one job. */
export function cacheCells(contextTokens: number): number {
  return Math.ceil(contextTokens / cacheStep) * cacheStep;
}

/** What llama.cpp will allocate, before anything is loaded. */
export function planMemory(shape: ModelShape, weightsBytes: number, options: PlanOptions): MemoryPlan {
  const { contextTokens, sequences, batchTokens, cacheBytes: numberBytes = 2 } = options;
  const cells = cacheCells(contextTokens);
  const keyWidth = shape.keyHeads * shape.headWidth;
  const cacheBytes = cells * sequences * shape.layers * 2 * keyWidth * numberBytes;
  const computeBytes = computeBufferBytes(shape, batchTokens, cells);
  const outputBytes = sequences * shape.vocabulary * 4;
  return {
    weightsBytes,
    cacheBytes,
    computeBytes,
    outputBytes,
    totalBytes: weightsBytes + cacheBytes + computeBytes + outputBytes,
  };
}

/**
 * Bytes that vectors take beside what is served: a context of their own, whose batch is the whole text, and the library keeps the last
 * layer's numbers and those of the whole vocabulary for every token of it.
 */
export function embeddingBytes(shape: ModelShape, mostTokens: number): number {
  const plan = planMemory(shape, 0, { contextTokens: mostTokens, sequences: 1, batchTokens: mostTokens });
  return plan.cacheBytes + plan.computeBytes + mostTokens * (shape.vocabulary + shape.width) * 4;
}

/** The longest context, a multiple of the cache's step, with which a model stays within `budgetBytes`; 0 if none does. */
export function longestContext(
  shape: ModelShape,
  weightsBytes: number,
  budgetBytes: number,
  options: Omit<PlanOptions, "contextTokens">,
): number {
  const fits = (contextTokens: number): boolean =>
    planMemory(shape, weightsBytes, { ...options, contextTokens }).totalBytes <= budgetBytes;
  let [low, high] = [0, Math.ceil(shape.contextTokens / cacheStep)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle * cacheStep)) low = middle;
    else high = middle - 1;
  }
  return Math.min(low * cacheStep, shape.contextTokens);
}
