import { knownModels, weightCount, type KnownModel } from "./catalogue.ts";
import { formatNames, formats, type WeightFormat } from "./formats.ts";
import { planMemory, type MemoryPlan, type PlanOptions } from "./plan.ts";

/** A model in a format that fits. */
export interface Fit {
  model: string;
  format: WeightFormat;
  plan: MemoryPlan;
}

export interface FitOptions extends PlanOptions {
  /** Formats to choose from; those that can be checked unless given. */
  formats?: readonly WeightFormat[];
}

/** What clients can check, finest first: the formats that the market prefers. */
export const checkableFormats: readonly WeightFormat[] = formatNames.filter((name) => formats[name].checkable);

/** Bytes of a known model's weights in a format. */
export function weightsBytesOf(model: KnownModel, format: WeightFormat): number {
  const { layers, embeddings } = weightCount(model);
  return Math.ceil(((layers + embeddings) * formats[format].bitsPerWeight) / 8);
}

/** The finest format in which a model fits into `budgetBytes`. */
export function bestFormat(model: KnownModel, budgetBytes: number, options: FitOptions): Fit | undefined {
  if (options.contextTokens > model.contextTokens) return undefined;
  for (const format of options.formats ?? checkableFormats) {
    const plan = planMemory(model, weightsBytesOf(model, format), options);
    if (plan.totalBytes <= budgetBytes) return { model: model.name, format, plan };
  }
  return undefined;
}

/** The largest known model that fits into `budgetBytes` with a context, in its finest format. */
export function largestModel(budgetBytes: number, options: FitOptions): Fit | undefined {
  for (const model of knownModels.toReversed()) {
    const fit = bestFormat(model, budgetBytes, options);
    if (fit !== undefined) return fit;
  }
  return undefined;
}
