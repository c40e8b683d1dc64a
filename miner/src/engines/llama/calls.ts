import { EngineError } from "../errors.ts";

/** Questions that the child is asked, until it answers. */
export interface Calls<Request, Answer> {
  /** Questions without an answer. */
  readonly waiting: number;
  start(request: Request, signal: AbortSignal): Promise<Answer>;
  answer(job: number, answer: Answer): void;
  refuse(job: number, error: EngineError): void;
  /** Ends all calls, and every later one at once. */
  fail(error: EngineError): void;
}

export function createCalls<Request, Answer>(ask: (job: number, request: Request) => void): Calls<Request, Answer> {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let next = 0;
  let down: EngineError | undefined;
  return {
    get waiting() {
      return waiting.size;
    },
    async start(request, signal) {
      if (down !== undefined) throw down;
      const job = next++;
      const call = Promise.withResolvers<Answer>();
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
    answer: (job, answer) => waiting.get(job)?.resolve(answer),
    refuse: (job, error) => waiting.get(job)?.reject(error),
    fail(error) {
      down ??= error;
      for (const call of waiting.values()) call.reject(error);
    },
  };
}
