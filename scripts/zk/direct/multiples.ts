import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Curve } from "snarkjs";
import { littleEndian } from "./field.ts";
import { chunkSize, pointBytes, type Group, type Request, type WorkerStart } from "./points.ts";

/**
 * Multiples of the curve's generators, on every core. With a table of what each byte of a scalar adds a multiple takes 32
 * additions, a tenth of what multiplying any other point takes: that is what makes keys from known secrets cheap.
 */
export class Multiples {
  readonly #workers: readonly Worker[];
  /** Told when a worker ends by itself: who asked it would wait for ever. */
  readonly #waiting = new Set<(error: Error) => void>();
  /** Why a worker ended by itself: who asks it later would wait too. */
  #failure: Error | undefined;
  #isEnding = false;

  /** @param curve one in a single thread: only such a one keeps its code */
  constructor({ tm }: Curve, threads: number = availableParallelism()) {
    if (tm.code === undefined) throw new TypeError("this curve does not tell its code");
    const workerData: WorkerStart = { code: tm.code, generators: { G1: tm.pG1gen, G2: tm.pG2gen } };
    const file = new URL("multiples-worker.ts", import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(file, { workerData }));
    const fail = (error: Error): void => {
      this.#failure ??= error;
      for (const reject of this.#waiting) reject(error);
    };
    for (const worker of this.#workers) {
      worker.on("error", fail).on("exit", (code) => {
        if (!this.#isEnding) fail(new Error(`a worker ended with code ${code}`));
      });
    }
  }

  /** One affine point for each scalar, in the scalars' order. One call at a time. */
  async of(group: Group, scalars: readonly bigint[]): Promise<Uint8Array> {
    const size = pointBytes[group];
    const points = new Uint8Array(scalars.length * size);
    let next = 0;
    const work = async (worker: Worker): Promise<void> => {
      while (next < scalars.length) {
        const from = next;
        next += chunkSize;
        const asked = { group, scalars: littleEndian(scalars.slice(from, next)) };
        points.set(await this.#ask(worker, asked), from * size);
      }
    };
    await Promise.all(this.#workers.map(work));
    return points;
  }

  /** Nothing of it outlives its answer: a promise that all answers raced with would keep every one of them. */
  async #ask(worker: Worker, request: Request): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiting.add(reject);
    worker.once("message", resolve);
    worker.postMessage(request);
    try {
      return await promise;
    } finally {
      worker.off("message", resolve);
      this.#waiting.delete(reject);
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
