import type { FromChild, JobEvent } from "../messages.ts";

/** Sends job events to the parent: at once while the channel is free, gathered into one message while it is not. */
export interface Outbox {
  post(event: JobEvent): void;
}

export function createOutbox(send: (message: FromChild, sent: () => void) => void): Outbox {
  let waiting: JobEvent[] = [];
  let busy = false;
  const flush = (): void => {
    busy = waiting.length > 0;
    if (!busy) return;
    const events = waiting;
    waiting = [];
    send({ type: "events", events }, flush);
  };
  return {
    post(event) {
      const last = waiting.findLast(({ job }) => job === event.job);
      if (event.type === "tokens" && last?.type === "tokens") {
        last.ids.push(...event.ids);
        last.texts.push(...event.texts);
      } else waiting.push(event);
      if (!busy) flush();
    },
  };
}
