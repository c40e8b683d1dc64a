/** Most commands in one batch: its Merkle paths stay short. */
const maximumBatch = 256;
/** How long a command waits for the batch before it to be stored, milliseconds. */
const patienceMs = 10;

interface Waiting<C, R> {
  readonly command: C;
  readonly resolve: (result: R | PromiseLike<R>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects commands, so that many share one signature and one write to the disk. A command that comes alone runs in the same
 * turn of the event loop; while a batch is on its way to the disk the next one gathers, for a few milliseconds at most.
 */
export class Batcher<C, R> {
  readonly #run: (commands: readonly C[]) => readonly (R | PromiseLike<R> | Error)[];
  readonly #stored: () => Promise<void>;
  #waiting: Waiting<C, R>[] = [];
  #isStoring = false;
  #isScheduled = false;
  #cancel = (): void => undefined;

  /**
   * @param run carries out a batch within one turn; gives a result or an error for each command, in order
   * @param stored resolves when everything that ran so far is on the disk
   */
  constructor(run: (commands: readonly C[]) => readonly (R | PromiseLike<R> | Error)[], stored: () => Promise<void>) {
    this.#run = run;
    this.#stored = stored;
  }

  add(command: C): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      if (this.#waiting.length >= maximumBatch) this.#flush();
      else if (!this.#isScheduled) this.#schedule();
    });
  }

  #schedule(): void {
    this.#isScheduled = true;
    if (this.#isStoring) {
      const timer = setTimeout(() => this.#flush(), patienceMs);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(() => this.#flush());
      this.#cancel = () => clearImmediate(immediate);
    }
  }

  #flush(): void {
    this.#cancel();
    this.#cancel = () => undefined;
    this.#isScheduled = false;
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    try {
      const results = this.#run(batch.map(({ command }) => command));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error("a batch lost a command"));
        else if (result instanceof Error) reject(result);
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#watch();
  }

  /** When what ran is stored, whoever waits need not wait any longer. */
  #watch(): void {
    if (this.#isStoring) return;
    this.#isStoring = true;
    const goOn = (): void => {
      this.#isStoring = false;
      if (this.#waiting.length > 0) this.#flush();
    };
    this.#stored().then(goOn, goOn);
  }
}
