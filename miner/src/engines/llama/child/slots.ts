import type { LlamaContext } from "node-llama-cpp";
import type { Sequence } from "./backend.ts";

/** Hands out the context's sequences, first come, first served. */
export interface Slots {
  /** Waits for a free slot; rejects with the signal's reason when it is aborted first. */
  take(signal: AbortSignal): Promise<Sequence>;
  /** Empties the slot and gives it to the next in line. */
  release(sequence: Sequence): Promise<void>;
}

export function createSlots(context: LlamaContext, count: number): Slots {
  const free: Sequence[] = Array.from({ length: count }, () => context.getSequence());
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
