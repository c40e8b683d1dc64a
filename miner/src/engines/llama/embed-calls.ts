import type { Embedding, EmbedRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import type { EmbedAnswer } from "./messages.ts";

/** Embeddings that the child is asked for, until it answers. */
export interface EmbedCalls {
  start(request: EmbedRequest, signal: AbortSignal): Promise<Embedding>;
  answer(answer: EmbedAnswer): void;
  /** Ends all calls, and every later one at once. */
  fail(error: EngineError): void;
}

export function createEmbedCalls(ask: (job: number, request: EmbedRequest) => void): EmbedCalls {
  const waiting = new Map<number, PromiseWithResolvers<Embedding>>();
  let next = 0;
  let down: EngineError | undefined;
  return {
    async start(request, signal) {
      if (down !== undefined) throw down;
      const job = next++;
      const call = Promise.withResolvers<Embedding>();
      const abort = (): void => {
        call.reject(new EngineError("aborted", "The job was aborted.", { cause: signal.reason }));
      };
      if (signal.aborted) abort();
      else ask(job, request);
      waiting.set(job, call);
      signal.addEventListener("abort", abort, { once: true });
      try {
        return await call.promise;
      } finally {
        waiting.delete(job);
        signal.removeEventListener("abort", abort);
      }
    },
    answer(answer) {
      const call = waiting.get(answer.job);
      if (answer.type === "embedding") {
        call?.resolve({ tokenIds: answer.tokenIds, vector: Float32Array.from(answer.vector) });
      } else call?.reject(new EngineError(answer.error.code, answer.error.message));
    },
    fail(error) {
      down ??= error;
      for (const call of waiting.values()) call.reject(error);
    },
  };
}
