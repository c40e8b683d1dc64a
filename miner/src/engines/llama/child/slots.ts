import type { LlamaContext } from "node-llama-cpp";
import type { Sequence } from "./backend.ts";
import type { Pace } from "./pace.ts";

/** Hands out the context's sequences, first come, first served. */
export interface Slots {
  /** Waits for a free slot; rejects with the signal's reason when it is aborted first. */
  take(signal: AbortSignal): Promise<Sequence>;
  /** Empties the slot and gives it to the next in line. */
  release(sequence: Sequence): Promise<void>;
}

export function createSlots(context: LlamaContext, count: number, pace: Pace): Slots {
  const free = Array.from({ length: count }, () => paced(context.getSequence(), pace));
  const line: ((sequence: Sequence) => void)[] = [];
  return {
    take(signal) {
      signal.throwIfAborted();
      const sequence = free.pop();
      if (sequence !== undefined) return Promise.resolve(sequence);
      return new Promise((resolve, reject) => {
        const serve = (freed: Sequence): void => {
          signal.removeEventListener("abort", leave);
          resolve(freed);
        };
        const leave = (): void => {
          line.splice(line.indexOf(serve), 1);
          reject(signal.reason as Error);
        };
        signal.addEventListener("abort", leave, { once: true });
        line.push(serve);
      });
    },
    async release(sequence) {
      await sequence.clearHistory();
      const next = line.shift();
      if (next === undefined) free.push(sequence);
      else next(sequence);
    },
  };
}

const paced = (sequence: Sequence, pace: Pace): Sequence => ({
  clearHistory: () => sequence.clearHistory(),
  controlledEvaluate: (input, options) => pace.during(input.length, sequence.controlledEvaluate(input, options)),
});
