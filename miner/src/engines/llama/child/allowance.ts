/** How many tokens a job may still deliver before its consumer takes some. */
export interface Allowance {
  /** Undefined when there is some; else a promise of more, which rejects with the signal's reason on abort. */
  wait(): Promise<void> | undefined;
  use(tokens: number): void;
  grant(tokens: number): void;
}

export function createAllowance(initial: number, signal: AbortSignal): Allowance {
  let left = initial;
  let wake: (() => void) | undefined;
  return {
    wait() {
      // No promise on the usual path: it would cost a turn of the queue for every token.
      if (left > 0) return undefined;
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const stop = (): void => reject(signal.reason as Error);
        signal.addEventListener("abort", stop, { once: true });
        wake = () => {
          signal.removeEventListener("abort", stop);
          resolve();
        };
      });
    },
    use(tokens) {
      left -= tokens;
    },
    grant(tokens) {
      left += tokens;
      if (left <= 0) return;
      wake?.();
      wake = undefined;
    },
  };
}
