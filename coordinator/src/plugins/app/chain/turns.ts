/** One thing at a time: transactions of one account that are sent together would take the same nonce. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs an act when all before it are over, however they ended. */
  take<T>(act: () => Promise<T>): Promise<T> {
    const taken = this.#last.then(act);
    this.#last = taken.catch(() => undefined);
    return taken;
  }
}
