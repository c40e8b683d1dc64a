import { figures } from "../figures.ts";

/** Whether a job goes to a newcomer first. @param draw 0..1, the job's own and even */
export function isExploring(draw: number): boolean {
  return draw < figures.exploration.share.value;
}

/** When a second start is worth it, milliseconds after the first; undefined where the budget is not for hurrying. */
export function hedgeAfterMs(budgetMs: number): number | undefined {
  return Number.isFinite(budgetMs) ? budgetMs * figures.exploration.hedgeAfter.value : undefined;
}

/** Lets through no more hedges than their share of jobs. */
export class HedgeBudget {
  #allowance = 0;

  /** A job begins. */
  earn(): void {
    this.#allowance = Math.min(1, this.#allowance + figures.exploration.hedgeShare.value);
  }

  /** Whether one hedge may start now; takes it. */
  spend(): boolean {
    if (this.#allowance < 1 - 1e-9) return false;
    this.#allowance -= 1;
    return true;
  }
}
