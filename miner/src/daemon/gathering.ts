import type { BatchHint } from "@lode/protocol";

/**
 * Jobs of one model that come about together start together, so that the engine reads their prompts in one pass. Whoever is told that company
 * comes waits for it, no longer than the window of the first that waits.
 */
export class Gathering {
  readonly #waiting = new Set<() => void>();
  /** Jobs that are expected, those that wait included. */
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * A job is ready. Undefined when it may start at once, and with it all that wait; else resolves when it may, which is also when `signal` is aborted.
   * @param room jobs that there are slots for, this one included
   */
  enter(hint: BatchHint | undefined, room: number, signal: AbortSignal): Promise<void> | undefined {
    if (signal.aborted) return undefined;
    this.#size = Math.max(this.#size, Math.min(hint?.size ?? 1, this.#waiting.size + room));
    if (hint === undefined || this.#waiting.size + 1 >= this.#size) {
      this.#begin();
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const go = (): void => {
      signal.removeEventListener("abort", leave);
      resolve(undefined);
    };
    const leave = (): void => {
      this.#waiting.delete(go);
      if (this.#waiting.size === 0) this.#begin();
      go();
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiting.add(go);
    this.#timer ??= setTimeout(() => this.#begin(), hint.windowMs);
    return promise;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#size = 0;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const go of waiting) go();
  }
}
