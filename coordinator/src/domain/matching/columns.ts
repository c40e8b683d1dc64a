import { localMs, localRest, tierWeights, type Demand, type Offer } from "./objective.ts";

/** Children of a node: eight doubles are one cache line. */
export const width = 8;

/**
 * What a tree keeps of an offer: eight numbers, one line of the cache. Limits are what a job may not go beyond; maxima are kept as minima of
 * their negatives.
 */
export const row = { price: 0, time: 1, rest: 2, inputAsk: 3, outputAsk: 4, trust: 5, load: 6, context: 7 } as const;
export const rowLength = 8;

/** What is kept of many offers together: the least cost for each latency tier, then the least of each limit. */
export const tiers = 4;
const least = { inputAsk: 0, outputAsk: 1, trust: 2, time: 3, load: 4, context: 5 } as const;
export const columns = tiers + Object.keys(least).length;

/**
 * A block of a tree. First the costs of its eight children, tier by tier: a search looks through one tier's, which are one line of the
 * cache. Then the limits of each child, which are another: it looks at those of the child that is cheapest, and seldom at others'.
 */
export const costCells = tiers * width;
export const blockLength = costCells + width * width;

/** Where a column of a child is in its block. */
export const cellOf = (child: number, column: number): number =>
  column < tiers ? column * width + child : costCells + child * width + column - tiers;

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

/** Writes an offer's row into `values`. False when something in it is no number. */
export function measure(values: Float64Array, offer: Offer, turn: number): boolean {
  const { priceRatio, trust, loadMs, contextTokens } = offer;
  const [time, rest] = [localMs(offer), localRest(offer, turn)];
  const [inputAsk, outputAsk] = [Number(offer.inputAskWei), Number(offer.outputAskWei)];
  values[row.price] = priceRatio;
  values[row.time] = time;
  values[row.rest] = rest;
  values[row.inputAsk] = inputAsk;
  values[row.outputAsk] = outputAsk;
  values[row.trust] = -trust;
  values[row.load] = loadMs;
  values[row.context] = -contextTokens;
  return !Number.isNaN(priceRatio + time + rest + inputAsk + outputAsk + trust + loadMs + contextTokens);
}

const prices = Float64Array.from(tierWeights, ({ price }) => price);
const seconds = Float64Array.from(tierWeights, ({ second }) => second);
const milliseconds = Float64Array.from(tierWeights, ({ second }) => second / 1000);
/** Terms that are added in another order differ in their last bits; no cost is below what is left of such a sum. Costs have no negative terms. */
const shrink = 1 - 1e-14;

/** What an offer costs at least, by its row at `at`: its own cost less a hair. */
export function costAt(rows: Float64Array, at: number, tier: number): number {
  const price = (prices[tier] ?? 0) * (rows[at + row.price] ?? 0);
  const time = (milliseconds[tier] ?? 0) * (rows[at + row.time] ?? 0);
  return (price + time + (rows[at + row.rest] ?? 0)) * shrink;
}

/** Writes the least of `count` rows from `at` on into `values`, column by column. */
export function reduceRows(values: Float64Array, rows: Float64Array, at: number, count: number): void {
  values.fill(Infinity);
  for (let next = at; next < at + count * rowLength; next += rowLength) {
    for (let tier = 0; tier < prices.length; tier++) lower(values, tier, costAt(rows, next, tier));
    lower(values, tiers + least.inputAsk, rows[next + row.inputAsk] ?? 0);
    lower(values, tiers + least.outputAsk, rows[next + row.outputAsk] ?? 0);
    lower(values, tiers + least.trust, rows[next + row.trust] ?? 0);
    lower(values, tiers + least.time, rows[next + row.time] ?? 0);
    lower(values, tiers + least.load, rows[next + row.load] ?? 0);
    lower(values, tiers + least.context, rows[next + row.context] ?? 0);
  }
}

function lower(values: Float64Array, column: number, value: number): void {
  if (value < (values[column] ?? 0)) values[column] = value;
}

/** What an offer costs at its place, by its row at `at`: to the last bit what `localCost` says. */
export function exactCostAt(rows: Float64Array, at: number, tier: number): number {
  const price = (prices[tier] ?? 0) * (rows[at + row.price] ?? 0);
  return price + ((seconds[tier] ?? 0) * (rows[at + row.time] ?? 0)) / 1000 + (rows[at + row.rest] ?? 0);
}

/** Whether an ask is the ceiling as far as doubles tell: only the amounts themselves say then whether it is above. */
export function isAtCeiling(rows: Float64Array, at: number, limits: Limits): boolean {
  return rows[at + row.inputAsk] === limits.inputAsk || rows[at + row.outputAsk] === limits.outputAsk;
}

/** Whether an offer keeps within the limits that its row knows. */
export function holds(rows: Float64Array, at: number, roundTripMs: number, limits: Limits): boolean {
  return (
    (rows[at + row.inputAsk] ?? 0) <= limits.inputAsk &&
    (rows[at + row.outputAsk] ?? 0) <= limits.outputAsk &&
    (rows[at + row.trust] ?? 0) <= limits.trust &&
    roundTripMs + (rows[at + row.time] ?? 0) <= limits.time &&
    (rows[at + row.load] ?? 0) <= limits.load &&
    (rows[at + row.context] ?? 0) <= limits.context
  );
}

/**
 * Whether something below minima may keep within a job's limits; what may not is passed over whole. `cells` holds the least of each limit from
 * `at` on.
 */
export function mayHold(cells: Float64Array, at: number, roundTripMs: number, limits: Limits): boolean {
  return (
    (cells[at + least.inputAsk] ?? 0) <= limits.inputAsk &&
    (cells[at + least.outputAsk] ?? 0) <= limits.outputAsk &&
    (cells[at + least.trust] ?? 0) <= limits.trust &&
    roundTripMs + (cells[at + least.time] ?? 0) <= limits.time &&
    (cells[at + least.load] ?? 0) <= limits.load &&
    (cells[at + least.context] ?? 0) <= limits.context
  );
}
