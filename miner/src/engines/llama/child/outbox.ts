import type { FromChild, JobEvent } from "../messages.ts";

/** Sends job events to the parent. */
export interface Outbox {
  post(event: JobEvent): void;
}

/**
 * Least time between two messages, in milliseconds. A model slower than that has each token sent at once; a faster one
 * has several in a message, because a message costs a tenth of a small model's token at every hop to the client.
 */
const pause = 4;

/**
 * Sending waits until the next decode has been handed to the native threads, which happens within two turns of the
 * event loop, so that the message is written while the model computes.
 */
const afterNextDecode = (run: () => void): void => void setImmediate(() => setImmediate(run));

/** @param drawn all tokens so far, told with every message */
export function createOutbox(send: (message: FromChild, sent: () => void) => void, drawn: () => number): Outbox {
  let waiting: JobEvent[] = [];
  /** An answer's first word, and what is no word at all, are not kept waiting. */
  let urgent = false;
  const speaking = new Set<number>();
  let busy = false;
  let timer: NodeJS.Timeout | undefined;
  let lastSent = -Infinity;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (busy || waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    urgent = false;
    busy = true;
    lastSent = performance.now();
    send({ type: "events", events, drawn: drawn() }, () => {
      busy = false;
      if (waiting.length > 0) schedule();
    });
  };
  const schedule = (): void => {
    if (!urgent && timer !== undefined) return;
    if (urgent || performance.now() - lastSent >= pause) afterNextDecode(flush);
    else timer = setTimeout(flush, pause);
  };

  return {
    post(event) {
      urgent ||= event.type !== "tokens" || !speaking.has(event.job);
      if (event.type === "tokens") speaking.add(event.job);
      else speaking.delete(event.job);
      const last = waiting.findLast(({ job }) => job === event.job);
      if (event.type === "tokens" && last?.type === "tokens") {
        last.ids.push(...event.ids);
        last.texts.push(...event.texts);
        last.logprobs?.push(...(event.logprobs ?? []));
        last.fingerprints?.push(...(event.fingerprints ?? []));
      } else waiting.push(event);
      if (!busy) schedule();
    },
  };
}
