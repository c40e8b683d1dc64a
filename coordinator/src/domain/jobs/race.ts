/**
 * Attempts of one job that run beside each other until one of them has output. From then on that one is the job's: the others end with
 * nothing delivered, and so with nothing owed.
 */
export class Race<T> {
  readonly #runners = new Map<T, () => void>();
  #leader: T | undefined;
  readonly #begun = Promise.withResolvers<undefined>();
  readonly #led = Promise.withResolvers<undefined>();

  /** Resolves when somebody runs. */
  get begun(): Promise<unknown> {
    return this.#begun.promise;
  }

  /** Resolves when somebody leads. */
  get led(): Promise<unknown> {
    return this.#led.promise;
  }

  get leader(): T | undefined {
    return this.#leader;
  }

  /** Somebody begins to run. @param outrun called once when another one leads; at once when one does already */
  enter(runner: T, outrun: () => void): void {
    this.#begun.resolve(undefined);
    if (this.#leader !== undefined) return outrun();
    this.#runners.set(runner, outrun);
  }

  /** Somebody has output. Everybody else that runs is outrun before this returns. */
  lead(runner: T): void {
    if (this.#leader !== undefined || !this.#runners.has(runner)) return;
    this.#leader = runner;
    this.#led.resolve(undefined);
    for (const [other, outrun] of this.#runners) if (other !== runner) outrun();
    this.#runners.clear();
  }

  /** Somebody gave up before it had any output. */
  leave(runner: T): void {
    this.#runners.delete(runner);
  }
}
