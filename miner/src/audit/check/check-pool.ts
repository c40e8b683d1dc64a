import { Worker } from "node:worker_threads";
import { EntryChecker, type CheckedEntries, type CheckContext } from "@lode/sdk/audit";
import { programFile } from "../../engines/program-file.ts";
import { MinerError } from "../../errors.ts";
import { readPage } from "./read-page.ts";
import type { Done, Task } from "./worker.ts";

/** Checks pages of a log by themselves, in this thread or in several. */
export interface PageChecker {
  /** Pages that are worth having under way at a time. */
  readonly width: number;
  /** Throws MinerError `log_unreadable` for what is no page. The bytes are the checker's from then on. */
  check(page: Buffer, start: number, count: number): Promise<CheckedEntries>;
  /** What pages are checked against from now on; none may be under way. */
  renew(context: CheckContext): void;
  close(): Promise<void>;
}

/** Entries from which threads pay: one takes about 0.4 s to begin, in which this thread checks two thousand. */
export const threadsPayFrom = 4000;

/** @param threads 1 for this thread alone */
export function openChecker(context: CheckContext, threads: number): PageChecker {
  return threads <= 1 ? new OneThread(context) : new Threads(context, threads);
}

function unreadable(why: string, cause?: unknown): MinerError {
  return new MinerError("log_unreadable", `A page of the log cannot be read: ${why}.`, { cause });
}

class OneThread implements PageChecker {
  readonly width = 1;
  #checker: EntryChecker;

  constructor(context: CheckContext) {
    this.#checker = new EntryChecker(context);
  }

  async check(page: Buffer, start: number, count: number): Promise<CheckedEntries> {
    try {
      return this.#checker.check(readPage(page, count), start);
    } catch (cause) {
      throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  renew(context: CheckContext): void {
    this.#checker = new EntryChecker(context);
  }

  async close(): Promise<void> {
    // Nothing was opened.
  }
}

interface Waiting {
  readonly resolve: (checked: CheckedEntries) => void;
  readonly reject: (cause: unknown) => void;
}

/** Worker threads, each with its own caches; pages go around in turn. */
class Threads implements PageChecker {
  readonly width: number;
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #failure: MinerError | undefined;

  constructor(context: CheckContext, threads: number) {
    // Two for each thread: one is checked while the next one is on its way.
    this.width = threads * 2;
    this.#workers = Array.from({ length: threads }, () => {
      // A page's garbage is gone with the page: a small young generation keeps it out of the old one.
      const worker = new Worker(programFile(import.meta.url, "worker"), {
        workerData: context,
        resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
      });
      worker.on("message", (done: Done) => this.#settle(done));
      worker.on("error", (cause) => this.#fail(cause));
      return worker;
    });
  }

  check(page: Buffer, start: number, count: number): Promise<CheckedEntries> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#next++;
    const worker = this.#workers[id % this.#workers.length];
    // A copy of its own, because a buffer out of Node's pool cannot be handed over.
    const bytes = new Uint8Array(page);
    const task: Task = { kind: "page", id, bytes, start, count };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker?.postMessage(task, [bytes.buffer]);
    });
  }

  renew(context: CheckContext): void {
    const task: Task = { kind: "context", context };
    for (const worker of this.#workers) worker.postMessage(task);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #settle(done: Done): void {
    const waiting = this.#waiting.get(done.id);
    this.#waiting.delete(done.id);
    if ("problem" in done) waiting?.reject(unreadable(done.problem));
    else waiting?.resolve(done);
  }

  /** A thread that is lost takes its pages with it: the audit could not check everything. */
  #fail(cause: unknown): void {
    this.#failure = new MinerError("thread_lost", "A thread of the audit ended; try again with --threads 1.", {
      cause,
    });
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
