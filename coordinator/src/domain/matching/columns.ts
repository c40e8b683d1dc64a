import { localMs, writeLocalCosts, type Demand, type Offer } from "./objective.ts";

/** Children of a node: eight doubles are one cache line. */
export const width = 8;

/** What a tree keeps of an offer: the local costs by latency tier, then these. Maxima are kept as minima of their negatives. */
const column = { inputAsk: 4, outputAsk: 5, trust: 6, time: 7, load: 8, context: 9 } as const;
export const columns = 10;

/** A job's hard limits as the columns know them. */
export interface Limits {
  readonly inputAsk: number;
  readonly outputAsk: number;
  readonly trust: number;
  readonly time: number;
  readonly load: number;
  readonly context: number;
}

/** Rounding an amount to a double keeps the order, so a double above the ceiling's means an ask above the ceiling. */
export function limitsOf(demand: Demand): Limits {
  return {
    inputAsk: Number(demand.inputCeilingWei),
    outputAsk: Number(demand.outputCeilingWei),
    trust: -demand.leastTrust,
    time: demand.budgetMs,
    load: demand.loadBudgetMs,
    context: -demand.contextTokens,
  };
}

/** Writes an offer's columns into `values`. */
export function measure(values: Float64Array, offer: Offer, turn: number): void {
  writeLocalCosts(values, offer, turn);
  values[column.inputAsk] = Number(offer.inputAskWei);
  values[column.outputAsk] = Number(offer.outputAskWei);
  values[column.trust] = -offer.trust;
  values[column.time] = localMs(offer);
  values[column.load] = offer.loadMs;
  values[column.context] = -offer.contextTokens;
}

/**
 * Whether something below these minima may keep within a job's limits; what may not is passed over whole. `cells[at + column * step]`
 * is a column's least.
 */
export function mayHold(cells: Float64Array, at: number, step: number, roundTripMs: number, limits: Limits): boolean {
  return (
    (cells[at + column.inputAsk * step] ?? 0) <= limits.inputAsk &&
    (cells[at + column.outputAsk * step] ?? 0) <= limits.outputAsk &&
    (cells[at + column.trust * step] ?? 0) <= limits.trust &&
    roundTripMs + (cells[at + column.time * step] ?? 0) <= limits.time &&
    (cells[at + column.load * step] ?? 0) <= limits.load &&
    (cells[at + column.context * step] ?? 0) <= limits.context
  );
}
