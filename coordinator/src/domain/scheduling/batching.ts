import { figures } from "../figures.ts";

/** Jobs of a model that are worth starting together at their miner, and how long the first of them waits for the others. */
export interface BatchHint {
  /** Jobs, the one that is told included. */
  readonly size: number;
  readonly windowMs: number;
}

/** What is known of the company that a job will have at its miner. */
export interface Expected {
  /** Jobs of its model that were given to the same miner and reach it next. */
  readonly onTheirWay: number;
  /** Jobs of its model that usually come to this miner, a second. */
  readonly arrivalsPerSecond: number;
  /** Jobs of its model that the miner has beside it, those on their way included. */
  readonly others: number;
  /** Slots there that have no job, its own included. */
  readonly freeSlots: number;
  /** In which its first token should come, milliseconds. */
  readonly budgetMs: number;
}

/** Whether waiting for company is worth it, and for how much: only when it is expected within the window, there are slots for it, and a budget allows it. */
export function batchHint({ onTheirWay, arrivalsPerSecond, ...expected }: Expected): BatchHint | undefined {
  const { batchWindowMs, batchMost, batchBudgetShare } = figures.scheduling;
  const { others, freeSlots, budgetMs } = expected;
  const windowMs = batchWindowMs.value;
  // Whoever asks again and again waits for this job itself: only as many come as have something else here.
  const usual = Math.min(others, Math.floor((arrivalsPerSecond * windowMs) / 1000));
  const size = Math.min(batchMost.value, freeSlots, 1 + Math.max(onTheirWay, usual));
  return size < 2 || budgetMs * batchBudgetShare.value < windowMs ? undefined : { size, windowMs };
}
