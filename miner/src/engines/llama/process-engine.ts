import type {
  Embedding,
  EmbedRequest,
  Engine,
  EngineInfo,
  GenerateRequest,
  Recheck,
  RecheckRequest,
} from "../engine.ts";
import { EngineError } from "../errors.ts";
import { createMeasure } from "./answers.ts";
import { createCalls } from "./calls.ts";
import type { Channel } from "./channel.ts";
import { createJobStream, type JobStream } from "./job-stream.ts";
import type { FromChild, JobEvent, ToChild } from "./messages.ts";
import { createWatchdog } from "./watchdog.ts";

/** The process and what it says. */
export interface Child {
  channel: Channel<ToChild>;
  /** Told every message from now on. It may throw, which ends the process as one that speaks nonsense. */
  listen: (take: (message: FromChild) => void) => void;
  /** Resolves when the process is gone. */
  died: Promise<Death>;
  /** Stops listening, and sees to its end. */
  end: () => Promise<Death>;
  /** Gives it up: ends it at once, for a reason that says what it did. */
  give: (reason: Error) => void;
}

export interface Death {
  /** One sentence about how. */
  error: EngineError;
  /** The system killed it, as it does when memory runs out, or it had no more of its own. */
  lacksMemory: boolean;
}

/** An engine over a process that has its model loaded. */
export function createEngine({ channel, listen, died, end, give }: Child, info: EngineInfo, silentMs: number): Engine {
  const jobs = new Map<number, { stream: JobStream; measure: (event: JobEvent) => void }>();
  const embeds = createCalls<EmbedRequest, Embedding>((job, request) => tell({ type: "embed", job, request }));
  const counts = createCalls<GenerateRequest["prompt"], number>((job, prompt) => tell({ type: "count", job, prompt }));
  const rechecks = createCalls<RecheckRequest, Recheck>((job, request) => tell({ type: "recheck", job, request }));
  let nextJob = 0;
  let drawn = 0;
  let closing = false;
  /** Why there can be no more jobs. */
  let down: EngineError | undefined;
  // A message that does not get there means that the child is going, and its end fails every job.
  const tell = (message: ToChild): void => channel.send(message);
  const failAll = (error: EngineError): void => {
    down ??= error;
    for (const { stream } of jobs.values()) stream.fail(error);
    jobs.clear();
    embeds.fail(error);
    counts.fail(error);
    rechecks.fail(error);
  };

  const watchdog = createWatchdog({
    isBusy: () => jobs.size + embeds.waiting + counts.waiting + rechecks.waiting > 0,
    ask: () => tell({ type: "live" }),
    onSilence: () => give(new Error(`it gave no sign of life for ${silentMs / 1000} s`)),
    onStill: (forMs) => give(new Error(`what it computes came no further for ${Math.floor(forMs / 1000)} s`)),
    silentMs,
  });
  listen((message) => {
    watchdog.heard();
    switch (message.type) {
      case "embedding": {
        const { job, tokenIds, vector } = message;
        return embeds.answer(job, { tokenIds, vector: Float32Array.from(vector) });
      }
      case "embedding-failed":
        return embeds.refuse(message.job, new EngineError(message.error.code, message.error.message));
      case "counted":
        return counts.answer(message.job, message.tokens);
      case "count-failed":
        return counts.refuse(message.job, new EngineError(message.error.code, message.error.message));
      case "rechecked":
        return rechecks.answer(message.job, message.recheck);
      case "recheck-failed":
        return rechecks.refuse(message.job, new EngineError(message.error.code, message.error.message));
      case "alive":
        return watchdog.computes(message);
      case "opened":
      case "refused":
        return;
      case "events":
        break;
    }
    drawn = message.drawn;
    for (const event of message.events) {
      const job = jobs.get(event.job);
      job?.measure(event);
      if (event.type === "end" || event.type === "error") jobs.delete(event.job);
      if (event.type === "error") job?.stream.fail(new EngineError(event.error.code, event.error.message));
      else job?.stream.deliver(event);
    }
  });
  const stopped = died.then(({ error }) => {
    watchdog.stop();
    if (closing) return undefined;
    failAll(error);
    return error;
  });

  return {
    info,
    stopped,
    get drawn() {
      return drawn;
    },
    start(request, signal) {
      const job = nextJob++;
      const leave = (): void => {
        signal.removeEventListener("abort", abort);
        if (jobs.delete(job)) tell({ type: "cancel", job });
      };
      const stream = createJobStream((tokens) => tell({ type: "credit", job, tokens }), leave);
      const abort = (): void => {
        leave();
        stream.fail(new EngineError("aborted", "The job was aborted.", { cause: signal.reason }));
      };
      if (down !== undefined) stream.fail(down);
      else if (signal.aborted) abort();
      else {
        jobs.set(job, { stream, measure: createMeasure(request) });
        signal.addEventListener("abort", abort);
        tell({ type: "start", job, request });
      }
      return stream;
    },
    async embed(request, signal) {
      if (info.embeds !== false) return embeds.start(request, signal);
      throw new EngineError("out-of-memory", "No memory is left for vectors beside the jobs that are served.");
    },
    count: (prompt, signal) => counts.start(prompt, signal),
    recheck: (request, signal) => rechecks.start(request, signal),
    async close() {
      closing = true;
      failAll(new EngineError("engine-closed", "The engine was closed."));
      await end();
    },
  };
}
