import { setTimeout as wait } from "node:timers/promises";
import type { Engine, GenerateRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";

export interface PoolOptions {
  workers: number;
  /** Opens one worker; every one serves the same model. */
  open: (signal: AbortSignal) => Promise<Engine>;
  /** Told in a sentence when a worker was lost, and what came of it. */
  warn: (sentence: string) => void;
  /** Told when the last worker is lost, and when there is one again. */
  onRoom?: (() => void) | undefined;
  /** Before a worker that could not be opened is tried again, milliseconds; twice as long after each try, up to a minute. */
  retryMs?: number | undefined;
  /** Milliseconds, only for differences. */
  now?: (() => number) | undefined;
}

interface Worker {
  engine: Engine;
  running: number;
}

/** Workers that die so often within so long will do so again. */
const [mostRestarts, restartsMs] = [3, 3_600_000];
/** A card that fell off its bus, or memory that somebody else had, may be there again. */
const [usualRetryMs, longestRetryMs] = [5000, 60_000];

/**
 * Several engines as one: each in a process of its own, so that jobs compute on as many cores and one that dies takes no more than its own jobs with it. A
 * job goes to the worker with the fewest; while the last one is being opened again there is no room, and a job that was given before waits. A lost worker
 * is opened anew, three times within an hour, each time with as many tries as it takes for what may be there later; when the last is gone for good, the pool
 * has stopped.
 */
export async function openPool(options: PoolOptions): Promise<Engine> {
  const { workers: count, open, warn, onRoom, retryMs = usualRetryMs, now = () => performance.now() } = options;
  const closing = new AbortController();
  const [first, ...others] = await openAll(count, () => open(closing.signal));
  const workers: Worker[] = [first, ...others].map((engine) => ({ engine, running: 0 }));
  const { promise: stopped, resolve: stop } = Promise.withResolvers<EngineError | undefined>();
  const reopening = new Set<Promise<void>>();
  const state = { pending: 0, restartedMs: [] as number[] };
  /** Resolves when there is another worker, or one less to hope for. */
  let news = Promise.withResolvers<undefined>();
  const tell = (): void => {
    news.resolve(undefined);
    news = Promise.withResolvers();
  };

  const watch = (worker: Worker): void => {
    void worker.engine.stopped.then((error) => {
      workers.splice(workers.indexOf(worker), 1);
      if (closing.signal.aborted || error === undefined) return;
      if (workers.length === 0) onRoom?.();
      state.pending += 1;
      const again = reopen(error).finally(() => {
        reopening.delete(again);
        tell();
      });
      reopening.add(again);
    });
  };

  /** Counts one more, unless there were too many lately. */
  function mayRestart(): boolean {
    const nowMs = now();
    state.restartedMs = state.restartedMs.filter((startedMs) => nowMs - startedMs < restartsMs);
    return state.restartedMs.push(nowMs) <= mostRestarts;
  }

  async function reopen(lost: EngineError): Promise<void> {
    if (!mayRestart()) {
      lose(lost);
      return;
    }
    let reason = lost;
    for (let pauseMs = retryMs; !closing.signal.aborted; pauseMs = Math.min(2 * pauseMs, longestRetryMs)) {
      warn(`A worker was lost and is opened again: ${reason.message}`);
      try {
        const worker = { engine: await open(closing.signal), running: 0 };
        if (isAborted(closing.signal)) {
          await worker.engine.close();
          return;
        }
        workers.push(worker);
        state.pending -= 1;
        watch(worker);
        if (workers.length === 1) onRoom?.();
        return;
      } catch (cause) {
        if (isAborted(closing.signal)) return;
        reason = cause instanceof EngineError ? cause : new EngineError("engine-crashed", messageOf(cause), { cause });
        if (!(cause instanceof EngineError && cause.retryable)) {
          lose(reason);
          return;
        }
        await wait(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  function lose(error: EngineError): void {
    warn(`A worker is lost for good: ${error.message}`);
    state.pending -= 1;
    if (workers.length + state.pending === 0) stop(error);
  }

  /** Of the fewest jobs, with one more from now on. Throws EngineError where there is none, and none will come. */
  async function take(signal: AbortSignal): Promise<Worker> {
    for (;;) {
      const [best] = workers.toSorted((a, b) => a.running - b.running);
      if (best !== undefined) {
        best.running += 1;
        return best;
      }
      if (closing.signal.aborted) throw new EngineError("engine-closed", "The engine was closed.");
      if (state.pending === 0) throw new EngineError("engine-crashed", "No worker is left.");
      await Promise.race([news.promise, abortOf(signal)]);
    }
  }

  async function withWorker<T>(signal: AbortSignal, work: (engine: Engine) => Promise<T>): Promise<T> {
    const worker = await take(signal);
    try {
      return await work(worker.engine);
    } finally {
      worker.running -= 1;
    }
  }

  for (const worker of workers) watch(worker);
  return {
    info: { ...first.info, sequences: first.info.sequences * count },
    stopped,
    get isLoaded() {
      return workers.length > 0;
    },
    get hasRoom() {
      return workers.length > 0;
    },
    get drawn() {
      return workers.reduce((sum, { engine }) => sum + (engine.drawn ?? 0), 0);
    },
    async *start(request, signal) {
      const worker = await take(signal);
      try {
        yield* worker.engine.start(request, signal);
      } finally {
        worker.running -= 1;
      }
    },
    embed: (request, signal) => withWorker(signal, (engine) => engine.embed(request, signal)),
    ...(first.count !== undefined && {
      async count(prompt: GenerateRequest["prompt"], signal: AbortSignal) {
        // Nobody pays for it: it is not waited for, and takes nobody's turn.
        const [worker] = workers.toSorted((a, b) => a.running - b.running);
        if (worker?.engine.count === undefined) throw new EngineError("busy", "No worker counts tokens now.");
        return worker.engine.count(prompt, signal);
      },
    }),
    recheck: (request, signal) =>
      withWorker(signal, async (engine) => {
        if (engine.recheck === undefined) throw new EngineError("bad-request", "This engine checks no answers.");
        return engine.recheck(request, signal);
      }),
    async close() {
      closing.abort();
      tell();
      await Promise.all(workers.map(({ engine }) => engine.close()));
      await Promise.all(reopening);
      stop(undefined);
    },
  };
}

/** A signal changes while something is awaited, which narrowing does not see. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Rejects when the signal aborts. */
async function abortOf(signal: AbortSignal): Promise<never> {
  const aborted = (): EngineError =>
    new EngineError("aborted", "The job was aborted while its engine was opened again.", { cause: signal.reason });
  if (signal.aborted) throw aborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(aborted()), { once: true });
  return promise;
}

/** All or none: what was opened before a failure is closed. */
async function openAll(count: number, open: () => Promise<Engine>): Promise<[Engine, ...Engine[]]> {
  const [head, ...tail] = await Promise.allSettled(Array.from({ length: Math.max(1, count) }, open));
  const opened = [head, ...tail].flatMap((one) => (one?.status === "fulfilled" ? one.value : []));
  const failed = [head, ...tail].find((one) => one?.status === "rejected");
  const [first, ...others] = opened;
  if (failed === undefined && first !== undefined) return [first, ...others];
  await Promise.all(opened.map((engine) => engine.close()));
  throw failed?.reason;
}
