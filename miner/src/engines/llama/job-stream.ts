import type { GenerateEvent } from "../engine.ts";
import type { EngineError } from "../errors.ts";
import { window, type JobEvent } from "./messages.ts";

/** Tokens taken before the child hears of it: to wake it takes a tenth of a small model's token, and with half of its window it goes on meanwhile. */
const creditStep = window / 2;

/** One job's events on their way to its consumer. */
export interface JobStream extends AsyncIterable<GenerateEvent> {
  deliver(event: Exclude<JobEvent, { type: "error" }>): void;
  /** Ends the stream with an error, after which nothing more is delivered. */
  fail(error: EngineError): void;
}

/** `credit` reports taken tokens; `leave` comes once, when the consumer has the last event or wants no more. */
export function createJobStream(credit: (tokens: number) => void, leave: () => void): JobStream {
  let queue: GenerateEvent[] = [];
  let ended = false;
  let failure: EngineError | undefined;
  let taken = 0;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };

  async function* consume(): AsyncGenerator<GenerateEvent, void, undefined> {
    try {
      for (;;) {
        if (failure !== undefined) throw failure;
        const event = queue.shift();
        if (event === undefined) {
          if (ended) return;
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        if (event.type === "token" && (taken += 1) === creditStep) {
          taken = 0;
          if (!ended) credit(creditStep);
        }
        yield event;
      }
    } finally {
      leave();
    }
  }

  return {
    deliver(event) {
      if (failure !== undefined) return;
      if (event.type === "tokens")
        event.ids.forEach((id, at) => {
          const logprob = event.logprobs?.[at];
          const fingerprint = event.fingerprints?.[at];
          queue.push({
            ...{ type: "token", id, text: event.texts[at] ?? "" },
            ...(logprob !== undefined && { logprob }),
            ...(fingerprint !== undefined && { fingerprint }),
          });
        });
      else if (event.type === "prompt") queue.push({ type: "prompt", tokenIds: event.tokenIds });
      else {
        const { reason, stop } = event;
        queue.push({ type: "end", reason, ...(stop !== undefined && { stop }) });
        ended = true;
      }
      notify();
    },
    fail(error) {
      if (ended) return;
      failure = error;
      queue = [];
      notify();
    },
    [Symbol.asyncIterator]: consume,
  };
}
