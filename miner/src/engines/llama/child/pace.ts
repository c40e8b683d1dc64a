import type { Computing } from "../messages.ts";

/** Counts what native code computes, and says how long it may. */
export interface Pace {
  /** Counts so many tokens as being computed until the promise, which it returns, is settled. */
  during<T>(tokens: number, result: Promise<T>): Promise<T>;
  told(): Computing;
}

/** Of calls of one token, every so many is timed: a clock costs a part of what a small model's token does. */
const sampleOf = 32;
/** No token is so much slower than the slowest one seen: a hot machine, a longer context and a game together are not. */
const slack = 10;
/** Before any has been seen: bytes of weights, for every single token. A call of several hundred leaves a slow disk its time too. */
const slowestBytesPerMs = 1_000_000;

/**
 * @param sizeBytes of the model
 * @param nowMs a clock that never goes back
 */
export function createPace(sizeBytes: number, nowMs: () => number = () => performance.now()): Pace {
  let [done, computing, slowestMs] = [0, 0, 0];
  return {
    during(tokens, result) {
      const begunMs = tokens > 1 || done % sampleOf === 0 ? nowMs() : undefined;
      computing += tokens;
      const end = (): void => {
        computing -= tokens;
        done += 1;
      };
      result.then(() => {
        end();
        // Calls beside it take their part of this time, which makes it the safer measure.
        if (begunMs !== undefined) slowestMs = Math.max(slowestMs, (nowMs() - begunMs) / tokens);
      }, end);
      return result;
    },
    told() {
      if (computing === 0) return { done };
      // Each of them may come last, behind all that is computed for the others.
      const tokenMs = slowestMs === 0 ? sizeBytes / slowestBytesPerMs : slack * slowestMs;
      return { done, mayTakeMs: computing * tokenMs };
    },
  };
}
