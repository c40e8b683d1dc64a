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

  /** @param curve one in a single thread: only such a one keeps its code */
  constructor({ tm }: Curve, threads: number = availableParallelism()) {
    if (tm.code === undefined) throw new TypeError("this curve does not tell its code");
    const workerData: WorkerStart = { code: tm.code, generators: { G1: tm.pG1gen, G2: tm.pG2gen } };
    const file = new URL("multiples-worker.ts", import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(file, { workerData }));
    // A call meanwhile has a listener of its own.
    for (const worker of this.#workers) worker.on("error", () => undefined);
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
        points.set(await ask(worker, { group, scalars: littleEndian(scalars.slice(from, next)) }), from * size);
      }
    };
    await Promise.all(this.#workers.map(work));
    return points;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, request: Request): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void): void => {
      worker.off("message", take).off("error", fail);
      settle();
    };
    const take = (points: Uint8Array): void => done(() => resolve(points));
    const fail = (error: Error): void => done(() => reject(error));
    worker.on("message", take).on("error", fail);
    worker.postMessage(request);
  });
}
