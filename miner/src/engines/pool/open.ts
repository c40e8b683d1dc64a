import type { Engine, GenerateRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";

export interface PoolOptions {
  workers: number;
  /** Opens one worker; every one serves the same model. */
  open: () => Promise<Engine>;
  /** Told in a sentence when a worker was lost, and what came of it. */
  warn: (sentence: string) => void;
}

interface Worker {
  engine: Engine;
  running: number;
}

/** A worker that dies so often will do so again. */
const mostRestarts = 3;

/**
 * Several engines as one: each in a process of its own, so that jobs compute on as many cores and one that dies takes no more than its own jobs with it. A
 * job goes to the worker with the fewest. A lost worker is opened anew, three times; when the last is gone for good, the pool has stopped.
 */
export async function openPool({ workers: count, open, warn }: PoolOptions): Promise<Engine> {
  const [first, ...others] = await openAll(count, open);
  const workers: Worker[] = [first, ...others].map((engine) => ({ engine, running: 0 }));
  const { promise: stopped, resolve: stop } = Promise.withResolvers<EngineError | undefined>();
  const reopening = new Set<Promise<void>>();
  const state = { isClosing: false, restarts: 0 };

  const watch = (worker: Worker): void => {
    void worker.engine.stopped.then((error) => {
      workers.splice(workers.indexOf(worker), 1);
      if (state.isClosing || error === undefined) return;
      const again = reopen(error).finally(() => reopening.delete(again));
      reopening.add(again);
    });
  };

  async function reopen(error: EngineError): Promise<void> {
    if ((state.restarts += 1) > mostRestarts) {
      lose(error);
      return;
    }
    warn(`A worker was lost and is opened again: ${error.message}`);
    try {
      const worker = { engine: await open(), running: 0 };
      if (state.isClosing) {
        await worker.engine.close();
        return;
      }
      workers.push(worker);
      watch(worker);
    } catch (cause) {
      lose(cause instanceof EngineError ? cause : error);
    }
  }

  function lose(error: EngineError): void {
    warn(`A worker is lost for good: ${error.message}`);
    if (workers.length === 0) stop(error);
  }

  /** Of the fewest jobs; throws when there is none. */
  function take(): Worker {
    const [best] = workers.toSorted((a, b) => a.running - b.running);
    if (best !== undefined) return best;
    throw state.isClosing
      ? new EngineError("engine-closed", "The engine was closed.")
      : new EngineError("engine-crashed", "No worker is left.");
  }

  for (const worker of workers) watch(worker);
  return {
    info: { ...first.info, sequences: first.info.sequences * count },
    stopped,
    get drawn() {
      return workers.reduce((sum, { engine }) => sum + (engine.drawn ?? 0), 0);
    },
    async *start(request, signal) {
      const worker = take();
      worker.running += 1;
      try {
        yield* worker.engine.start(request, signal);
      } finally {
        worker.running -= 1;
      }
    },
    async embed(request, signal) {
      const worker = take();
      worker.running += 1;
      try {
        return await worker.engine.embed(request, signal);
      } finally {
        worker.running -= 1;
      }
    },
    ...(first.count !== undefined && {
      async count(prompt: GenerateRequest["prompt"], signal: AbortSignal) {
        const { engine } = take();
        if (engine.count === undefined) throw new EngineError("bad-request", "This engine counts no tokens.");
        return engine.count(prompt, signal);
      },
    }),
    async recheck(request, signal) {
      const worker = take();
      if (worker.engine.recheck === undefined) throw new EngineError("bad-request", "This engine checks no answers.");
      worker.running += 1;
      try {
        return await worker.engine.recheck(request, signal);
      } finally {
        worker.running -= 1;
      }
    },
    async close() {
      state.isClosing = true;
      await Promise.all(workers.map(({ engine }) => engine.close()));
      await Promise.all(reopening);
      stop(undefined);
    },
  };
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
