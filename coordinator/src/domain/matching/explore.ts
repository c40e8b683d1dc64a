import { figures } from "../figures.ts";
import type { Found, Market } from "./market.ts";
import type { Demand } from "./objective.ts";

/** Whether a job goes to a newcomer first. @param draw 0..1, the job's own and even */
export function isExploring(draw: number): boolean {
  return draw < figures.exploration.share.value;
}

/**
 * Who is tried of those whose trust is not earned yet. Whoever has less than all begin with comes behind the others: one that is cheap and
 * fails would else be tried for ever, and nobody else.
 */
export function findNewcomer(market: Pick<Market, "findNewcomer">, demand: Demand): Found | undefined {
  // Offers tell trust in steps, so that the line between them is half a step below.
  const whole = figures.reliability.newcomer.value - figures.objective.trustStep.value / 2;
  const unspoilt = { ...demand, leastTrust: Math.max(demand.leastTrust, whole) };
  return market.findNewcomer(unspoilt) ?? market.findNewcomer(demand);
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

  /** Whether one hedge may start now. */
  get isEnough(): boolean {
    return this.#allowance >= 1 - 1e-9;
  }

  /** A hedge starts. */
  spend(): void {
    this.#allowance -= 1;
  }
}
