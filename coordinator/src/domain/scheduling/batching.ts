import { figures } from "../figures.ts";

/** How many of a model's requests to hold together, and for how long. */
export interface BatchHint {
  readonly size: number;
  readonly windowMs: number;
}

/** Whether waiting for company is worth it: only when it is expected within the window, and a latency budget allows it. */
export function batchHint(arrivalsPerSecond: number, freeSlots: number, budgetMs: number): BatchHint {
  const { batchWindowMs, batchMost } = figures.scheduling;
  const expected = (arrivalsPerSecond * batchWindowMs.value) / 1000;
  const size = Math.min(batchMost.value, Math.max(1, freeSlots), Math.floor(1 + expected));
  // A tenth of the budget is the most that somebody may lose for the others' sake.
  return size < 2 || budgetMs < 10 * batchWindowMs.value
    ? { size: 1, windowMs: 0 }
    : { size, windowMs: batchWindowMs.value };
}
