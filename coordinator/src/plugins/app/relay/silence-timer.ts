/** So long what lay unread when the time was up has to be read, milliseconds. */
const unreadMs = 100;

/**
 * Calls `work` when somebody was silent for `ms`. This process may have been held up itself for that long, and timers run before sockets are
 * read: whoever spoke meanwhile is heard first, and starts the time anew with `refresh`. Holds no process.
 */
export class SilenceTimer {
  readonly #timer: NodeJS.Timeout;
  #last: NodeJS.Timeout | undefined;

  constructor(ms: number, work: () => void) {
    this.#timer = setTimeout(() => {
      this.#last = setTimeout(work, unreadMs).unref();
    }, ms).unref();
  }

  refresh(): void {
    clearTimeout(this.#last);
    this.#timer.refresh();
  }

  clear(): void {
    clearTimeout(this.#last);
    clearTimeout(this.#timer);
  }
}
