/** Lets so many in at a time, first come, first served. */
export interface Gate {
  /** Resolves with what lets the next one in; rejects with the signal's reason when it is aborted first. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createGate(places: number): Gate {
  let free = places;
  const line: (() => void)[] = [];
  const leave = (): void => {
    const next = line.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const ticket = (): (() => void) => {
    let isUsed = false;
    return () => {
      if (!isUsed) leave();
      isUsed = true;
    };
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(ticket());
      }
      return new Promise((resolve, reject) => {
        const serve = (): void => {
          signal.removeEventListener("abort", giveUp);
          resolve(ticket());
        };
        const giveUp = (): void => {
          line.splice(line.indexOf(serve), 1);
          reject(signal.reason as Error);
        };
        signal.addEventListener("abort", giveUp, { once: true });
        line.push(serve);
      });
    },
  };
}
