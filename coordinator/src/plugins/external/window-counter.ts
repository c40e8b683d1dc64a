/** A count in a running window. */
export interface Count {
  readonly count: number;
  /** Until the window ends. */
  readonly secondsLeft: number;
}

/** Counts by name in fixed windows, of bounded size. A window begins with its first count. */
export class WindowCounter {
  readonly #windowMs: number;
  readonly #maximum: number;
  readonly #windows = new Map<string, { count: number; endsMs: number }>();

  /** @param maximum names remembered; the window that began first is forgotten first */
  constructor(windowMs: number, maximum = 10_000) {
    this.#windowMs = windowMs;
    this.#maximum = maximum;
  }

  /** Counts one more, or as many as are given. */
  add(name: string, nowMs: number, amount = 1): Count {
    let window = this.#windows.get(name);
    // One that ends later than any can began before the clock was set back: it would shut its caller out until then.
    if (window === undefined || window.endsMs <= nowMs || window.endsMs > nowMs + this.#windowMs) {
      this.#windows.delete(name);
      window = { count: 0, endsMs: nowMs + this.#windowMs };
      this.#windows.set(name, window);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > this.#maximum && oldest !== undefined) this.#windows.delete(oldest);
    }
    window.count += amount;
    return { count: window.count, secondsLeft: Math.max(1, Math.ceil((window.endsMs - nowMs) / 1000)) };
  }
}
