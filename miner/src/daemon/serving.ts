import { EngineError, pinned, readGguf, type Engine, type EngineOptions } from "../engines/index.ts";
import {
  embeddingBytes,
  leastServedContext,
  longestContext,
  planMemory,
  plannedModel,
  planServing,
  smallerServing,
  type CardLoad,
  type Hardware,
  type PlannedModel,
  type Serving,
} from "../hardware/index.ts";

export interface ServingOptions {
  modelPath: string;
  /** Context of each job; the model's own, at most 4,096, unless given. */
  contextTokens?: number | undefined;
  sequences: number;
  /** Processes that each take as much; 1 unless given. What they map together is counted for each. */
  workers?: number | undefined;
  /** Most memory the engine may take, in MiB; what is free unless given. */
  maxMemoryMb?: number | undefined;
  /** Most memory that one job may take beside the weights, in MiB; its context is shortened to that. */
  maxJobMemoryMb?: number | undefined;
  hardware: Pick<Hardware, "platform" | "cpu" | "memory">;
  open: (options: EngineOptions) => Promise<Engine>;
  /** Told in a sentence when less is served than was wanted. */
  warn: (sentence: string) => void;
}

/** Stays free for the daemon, the engine's own process and the system. */
const reserveMb = 768;
/** Context of a job unless something else is asked for. */
export const usualContext = 4096;
const mebibyte = 2 ** 20;
/** Weights, and half as much for all else. */
const guessedFactor = 1.5;

/** The memory that an engine may take, in bytes. */
export function memoryBudget(
  { platform, memory }: Pick<Hardware, "platform" | "memory">,
  maxMemoryMb = Infinity,
): number {
  // macOS calls only untouched pages free, and gives up cached ones when asked: half of all is a fair guess there.
  const availableMb = platform === "darwin" ? Math.max(memory.availableMb, memory.totalMb / 2) : memory.availableMb;
  const freeMb = Math.min(availableMb, memory.limitMb ?? Infinity) - reserveMb;
  return Math.max(0, Math.min(freeMb, maxMemoryMb)) * mebibyte;
}

/**
 * Opens an engine within the memory there is: with fewer jobs at a time or a shorter context where the arithmetic says so, and with
 * less again when memory runs out all the same. Throws EngineError; `out-of-memory` where not even one short job fits.
 */
export async function openServing(options: ServingOptions): Promise<Engine> {
  const { modelPath, hardware, open, warn, sequences, contextTokens } = options;
  const model = describe(modelPath, hardware);
  const trained = model?.shape.contextTokens ?? Infinity;
  const wanted: Serving = { contextTokens: Math.min(contextTokens ?? usualContext, trained), sequences };
  let serving = wanted;
  let embeds = true;
  // Also for a model whose memory cannot be worked out: it is the sandbox that holds it to that then.
  const budget = memoryBudget(hardware, options.maxMemoryMb) / (options.workers ?? 1);
  if (model !== undefined) {
    const most = { ...wanted, contextTokens: Math.min(wanted.contextTokens, jobTokens(model, options.maxJobMemoryMb)) };
    const plan = planServing(model, budget, most, pinned.batchSize);
    if (plan === undefined) throw tooLarge(model, budget);
    serving = plan;
    if (isLess(serving, wanted))
      warn(`${words(wanted)} would need ${needs(model, wanted)}; serving ${words(serving)}.`);
    const forVectors = embeddingBytes(model.shape, Math.min(serving.contextTokens, pinned.embeddingTokens));
    embeds = plan.plan.totalBytes + forVectors <= budget;
    if (!embeds) warn(`Texts to embed would need ${inMb(forVectors)} more: they are refused.`);
  }
  for (;;) {
    try {
      const asked = isLess(serving, wanted) || contextTokens !== undefined ? serving.contextTokens : undefined;
      const limits = { memoryBytes: budget, ...(!embeds && { embeds }) };
      return await open({ modelPath, contextTokens: asked, sequences: serving.sequences, ...limits });
    } catch (error) {
      const smaller = smallerServing(serving);
      if (!(error instanceof EngineError) || error.code !== "out-of-memory" || smaller === undefined) throw error;
      warn(`Memory ran out with ${words(serving)}; trying ${words(smaller)}.`);
      serving = smaller;
    }
  }
}

/** What one process of a model takes as it is served, in bytes; a guess where that cannot be worked out. */
export function servedBytes(
  modelPath: string,
  hardware: Pick<Hardware, "cpu">,
  { contextTokens, sequences, sizeBytes }: Serving & { sizeBytes: number },
): number {
  const model = describe(modelPath, hardware);
  if (model === undefined) return guessedFactor * sizeBytes;
  const options = { contextTokens, sequences, batchTokens: pinned.batchSize };
  return planMemory(model.shape, model.weightsBytes, options).totalBytes;
}

/** The same of a card, for `placeModel`; undefined where it cannot be worked out. */
export function cardLoad(
  modelPath: string,
  hardware: Pick<Hardware, "cpu">,
  {
    contextTokens = usualContext,
    sequences,
    workers,
  }: { contextTokens?: number | undefined; sequences: number; workers: number },
): CardLoad | undefined {
  const model = describe(modelPath, hardware);
  if (model === undefined) return undefined;
  const context = Math.min(contextTokens, model.shape.contextTokens);
  const options = { contextTokens: context, sequences, batchTokens: pinned.batchSize };
  return { model, tensors: readGguf(modelPath).tensors, options, workers };
}

/** The longest context of a job within its own memory. Throws EngineError where not even a short one is. */
function jobTokens({ shape, title }: PlannedModel, maxJobMemoryMb: number | undefined): number {
  if (maxJobMemoryMb === undefined) return Infinity;
  const options = { sequences: 1, batchTokens: pinned.batchSize };
  const longest = longestContext(shape, 0, maxJobMemoryMb * mebibyte, options);
  if (longest >= Math.min(leastServedContext, shape.contextTokens)) return longest;
  const sentence = `${title} needs more than ${maxJobMemoryMb} MB for one job of ${leastServedContext} tokens; raise --max-job-memory-mb.`;
  throw new EngineError("out-of-memory", sentence);
}

/** A file that cannot be read is the engine's to refuse, in its words. */
function describe(modelPath: string, { cpu }: Pick<Hardware, "cpu">): PlannedModel | undefined {
  try {
    return plannedModel(readGguf(modelPath), cpu.features);
  } catch {
    return undefined;
  }
}

const isLess = (one: Serving, other: Serving): boolean =>
  one.sequences < other.sequences || one.contextTokens < other.contextTokens;

const words = ({ sequences, contextTokens }: Serving): string =>
  `${sequences === 1 ? "one job" : `${sequences} jobs`} of ${contextTokens} tokens`;

function needs({ shape, weightsBytes }: PlannedModel, serving: Serving): string {
  const { totalBytes } = planMemory(shape, weightsBytes, { ...serving, batchTokens: pinned.batchSize });
  return inMb(totalBytes);
}

const inMb = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MB`;

function tooLarge(model: PlannedModel, budget: number): EngineError {
  const contextTokens = Math.min(leastServedContext, model.shape.contextTokens);
  const needed = needs(model, { contextTokens, sequences: 1 });
  const sentence = `${model.title} needs ${needed} for one job of ${contextTokens} tokens, but ${Math.floor(budget / mebibyte)} MB may be taken`;
  return new EngineError("out-of-memory", `${sentence}; take a smaller model or format, or close other programs.`);
}
