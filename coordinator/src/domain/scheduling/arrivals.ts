import { figures } from "../figures.ts";

/** How often something comes; what came long ago counts less and less. */
export class Arrivals {
  #perSecond = 0;
  #lastMs = 0;

  /** One came. */
  add(nowMs: number): void {
    this.#perSecond = this.perSecond(nowMs) + 1000 / figures.scheduling.arrivalMemoryMs.value;
    this.#lastMs = nowMs;
  }

  /** @param nowMs by the clock that `add` was told, which is never set back */
  perSecond(nowMs: number): number {
    return this.#perSecond * Math.exp((this.#lastMs - nowMs) / figures.scheduling.arrivalMemoryMs.value);
  }
}
