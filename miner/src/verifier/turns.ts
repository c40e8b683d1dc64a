import { keccak, type Hex } from "@lode/sdk/hash";

/**
 * When a verifier takes a step that anybody may take: they come one after the other, in an order that differs for each step, so
 * that one of them pays for it and the others see that it is done.
 */
export class Turns {
  readonly #self: Hex;
  readonly #waitMs: number;
  readonly #steadyMs: () => number;
  readonly #since = new Map<string, number>();

  /**
   * @param waitMs how long one waits for the one before
   * @param steadyMs milliseconds by a clock that is never set
   */
  constructor(self: Hex, waitMs: number, steadyMs: () => number) {
    this.#self = self;
    this.#waitMs = waitMs;
    this.#steadyMs = steadyMs;
  }

  /** Whether it is this verifier's turn at a step that has been due since it was first asked about. */
  isMine(step: string, everybody: readonly Hex[]): boolean {
    const now = this.#steadyMs();
    const since = this.#since.get(step) ?? now;
    this.#since.set(step, since);
    const rankOf = (who: Hex): string => keccak(new TextEncoder().encode(`${step} ${who}`));
    const before = everybody.filter((who) => who !== this.#self && rankOf(who) < rankOf(this.#self)).length;
    return now - since >= before * this.#waitMs;
  }

  done(step: string): void {
    this.#since.delete(step);
  }
}
