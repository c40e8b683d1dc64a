/** How many tokens a job may still generate before its consumer takes some. */
export interface Allowance {
  /** Uses one token's worth; waits while there is none. Rejects with the signal's reason on abort. */
  spend(): Promise<void> | undefined;
  grant(tokens: number): void;
}

export function createAllowance(initial: number, signal: AbortSignal): Allowance {
  let left = initial;
  let wake: (() => void) | undefined;
  return {
    spend() {
      left -= 1;
      // No promise on the fast path: a token costs less than a turn of the event loop.
      if (left >= 0) return undefined;
      return new Promise((resolve, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        signal.addEventListener("abort", stop, { once: true });
        wake = () => {
          signal.removeEventListener("abort", stop);
          resolve();
        };
      });
    },
    grant(tokens) {
      left += tokens;
      if (left < 0) return;
      wake?.();
      wake = undefined;
    },
  };
}
