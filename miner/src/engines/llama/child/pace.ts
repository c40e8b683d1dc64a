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
/** What the first call on a card may take at least: a driver may have to compile all its programs for this card before it. */
const firstOnCardMs = 15 * 60_000;
/** So many timed calls are remembered: a first one that waited for a disk says nothing of those an hour later. */
const recentCalls = 64;

/**
 * @param sizeBytes of the model
 * @param usesCard whether a card computes a part of it
 * @param nowMs a clock that never goes back
 */
export function createPace(
  sizeBytes: number,
  { usesCard = false, nowMs = () => performance.now() }: { usesCard?: boolean; nowMs?: () => number } = {},
): Pace {
  let [done, computing] = [0, 0];
  /** Milliseconds for each token of the last timed calls. */
  const timedMs: number[] = [];
  return {
    during(tokens, result) {
      // Nothing is computed, and there is no token to divide its time by.
      if (tokens === 0) return result;
      const begunMs = tokens > 1 || done % sampleOf === 0 ? nowMs() : undefined;
      computing += tokens;
      const end = (): void => {
        computing -= tokens;
        done += 1;
      };
      result.then(() => {
        end();
        // Calls beside it take their part of this time, which makes it the safer measure.
        if (begunMs === undefined) return;
        timedMs.push((nowMs() - begunMs) / tokens);
        if (timedMs.length > recentCalls) timedMs.shift();
      }, end);
      return result;
    },
    told() {
      if (computing === 0) return { done };
      // Each of them may come last, behind all that is computed for the others.
      if (timedMs.length > 0) return { done, mayTakeMs: computing * slack * Math.max(...timedMs) };
      return { done, mayTakeMs: Math.max((computing * sizeBytes) / slowestBytesPerMs, usesCard ? firstOnCardMs : 0) };
    },
  };
}
