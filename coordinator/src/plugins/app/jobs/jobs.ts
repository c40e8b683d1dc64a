import { setTimeout as wait } from "node:timers/promises";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { ApiError, toApiError } from "../../../errors.ts";
import type { Ledger } from "../ledger/types.ts";
import { JobFailedError } from "../relay/errors.ts";
import type { JobFiles } from "./job-files.ts";
import { hasEnded, type JobContent, type JobRecord, type Webhook } from "./record.ts";

/** What running work tells, and how it is told to end. */
export interface WorkHooks {
  readonly signal: AbortSignal;
  /** Takes what an answer gains; false asks for a pause. */
  readonly onText: (choice: number, text: string) => boolean;
  readonly onDrain: (resume: () => void) => void;
}

export interface JobEvent {
  readonly record: JobRecord;
  /** What the first answer gained since the last event. */
  readonly delta: string;
}

export interface JobsOptions {
  readonly files: JobFiles;
  readonly ledger: Pick<Ledger, "jobState">;
  /** Unix milliseconds by the wall clock: what clients are told. */
  readonly nowMs: () => number;
  /** Milliseconds that the home lived, by which everything here is due. */
  readonly livedMs: () => number;
  readonly concurrency: number;
  /** Does a job; what it gives is the result. JSON values only. */
  readonly work: (record: JobRecord, input: unknown, hooks: WorkHooks) => Promise<unknown>;
  /** Tells a webhook; gives the status of its answer. Throws LodeError, retryable or not. */
  readonly tell: (webhook: Webhook, record: JobRecord) => Promise<number>;
  readonly retryMs: number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
  readonly onEnd?: (record: JobRecord) => void;
}

/** Bounds on what clients can leave here. */
export const maximumOpenOfAccount = 100;
const maximumOfAccount = 1000;
const maximumOfAll = 10_000;
const maximumTelling = 8;
const webhookAttempts = 8;
/** How long an ended job is kept. */
const keptMs = 24 * 3_600_000;
const tickMs = 200;
const checkpointMs = 100;
/** How soon the end of a job is written again that the disk did not take, and how rarely at last. */
const finishAgainMs = 500;
const longestFinishAgainMs = 10_000;
/** How long a job waits for its next try, and how long at most where miners took it in vain. */
const retryMs = 500;
const longestRetryMs = 60_000;

interface Running {
  readonly abort: AbortController;
  readonly texts: string[];
  readonly input: unknown;
  /** How much of the first text listeners were told. */
  toldChars: number;
  /** What came of it is known: nothing that is on its way to the disk may take its place. */
  isOver: boolean;
  isCancelled: boolean;
  /** Resolves when the disk did not take its end for the first time. */
  readonly refused: PromiseWithResolvers<undefined>;
  done: Promise<void>;
}

/**
 * Jobs that run without their clients. Each is on the disk before its client is told, what came of it before its miner is
 * acknowledged, and goes on after a restart: anew when nothing of it can be billed, and as a failure with what came
 * when something was.
 */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #records = new Map<string, JobRecord>();
  readonly #creating = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Running>();
  /** What becomes of jobs that nobody runs is being written: nobody begins or ends them meanwhile. */
  readonly #deciding = new Map<string, Promise<void>>();
  readonly #telling = new Set<string>();
  /** What webhooks answered, on its way to the disk. */
  readonly #noting = new Set<Promise<void>>();
  readonly #waitUntil = new Map<string, number>();
  readonly #listeners = new Map<string, Set<(event: JobEvent) => void>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;
  readonly #stopping = Promise.withResolvers<undefined>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Reads what an earlier process left, and begins. */
  async start(): Promise<void> {
    const { files, log } = this.#options;
    for (const record of await files.list((message) => log("warn", {}, message))) {
      this.#records.set(record.id, { ...record, untilMs: this.#untilAfterStart(record) });
    }
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  /** Begins nothing new, ends what runs so that it begins anew, and resolves when that is on the disk. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopping.resolve(undefined);
    clearInterval(this.#timer);
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.allSettled([...[...this.#running.values()].map(({ done }) => done), ...this.#noting]);
  }

  count(status: JobRecord["status"]): number {
    return [...this.#records.values()].filter((record) => record.status === status).length;
  }

  /** A job of an account. */
  get(account: Hex, id: string): JobRecord | undefined {
    const record = this.#records.get(id);
    return record?.account === account ? record : undefined;
  }

  /** The newest first. */
  list(account: Hex): JobRecord[] {
    return [...this.#records.values()].filter((record) => record.account === account).reverse();
  }

  content({ id }: JobRecord, admit?: (bytes: number) => void): Promise<JobContent> {
    return this.#options.files.content(id, admit);
  }

  /**
   * Takes a job; it is on the disk when this resolves. The same id with the same request is the same job. Throws 409, 429
   * and 503.
   */
  async create(draft: JobRecord, input: unknown): Promise<{ record: JobRecord; isNew: boolean }> {
    const known = this.#records.get(draft.id);
    if (known !== undefined) {
      if (known.request !== draft.request) throw mismatch();
      await this.#creating.get(draft.id);
      return { record: this.#records.get(draft.id) ?? known, isNew: false };
    }
    const record = { ...draft, untilMs: this.#options.livedMs() + draft.expiresMs - draft.createdMs };
    // Its id is its key's: it would wait for ever behind the receipts of the one before.
    if (this.#options.ledger.jobState(record.id) !== "free") throw used();
    this.#refuseMore(record.account);
    this.#records.set(record.id, record);
    const saving = this.#options.files.save(record, { input });
    this.#creating.set(record.id, saving);
    try {
      await saving;
    } catch (error) {
      this.#records.delete(record.id);
      throw error;
    } finally {
      this.#creating.delete(record.id);
    }
    return { record, isNew: true };
  }

  /** Ends a job that has not ended; what was delivered by then is paid. One whose end the disk does not take has not ended yet. */
  async cancel(record: JobRecord): Promise<JobRecord> {
    for (let other = this.#deciding.get(record.id); other !== undefined; other = this.#deciding.get(record.id)) {
      await other.catch(() => undefined);
    }
    const running = this.#running.get(record.id);
    if (running !== undefined) {
      running.isCancelled = true;
      running.abort.abort();
      await Promise.race([running.done, running.refused.promise]);
    } else if (!hasEnded(this.#now(record)) && this.#options.ledger.jobState(record.id) !== "open") {
      await this.#decide(record, () => this.#endIdle(this.#now(record), "cancelled"));
    }
    return this.#now(record);
  }

  /** Forgets a job that has ended. */
  async remove({ id }: JobRecord): Promise<void> {
    this.#records.delete(id);
    this.#waitUntil.delete(id);
    await this.#options.files.remove(id);
  }

  /** Calls back with every change until the job has ended, or until what this returns is called. */
  listen({ id }: JobRecord, listener: (event: JobEvent) => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** What a running job's first answer is so far, as listeners were told: what came since is in their next event. */
  textSoFar({ id }: JobRecord): string {
    const running = this.#running.get(id);
    return running?.texts[0]?.slice(0, running.toldChars) ?? "";
  }

  /**
   * Until when what an earlier process left stays. What has ended is kept for its time of life; what still waits was wanted until
   * an hour on the wall, and is not done, and billed, when everybody has gone.
   */
  #untilAfterStart(record: JobRecord): number {
    const { nowMs, livedMs } = this.#options;
    const { untilMs = record.expiresMs, expiresMs } = record;
    const longest = hasEnded(record) ? keptMs : expiresMs - nowMs();
    return Math.min(untilMs, livedMs() + longest);
  }

  #now(record: JobRecord): JobRecord {
    return this.#records.get(record.id) ?? record;
  }

  #refuseMore(account: Hex): void {
    const own = this.list(account);
    if (own.filter((record) => !hasEnded(record)).length >= maximumOpenOfAccount) {
      const message = `The account has ${maximumOpenOfAccount} jobs that have not ended; wait for some, or cancel them.`;
      throw new ApiError(429, "too_many_jobs", message, { headers: { "retry-after": "10" } });
    }
    const oldest = own.findLast(hasEnded);
    if (own.length >= maximumOfAccount && oldest !== undefined) this.remove(oldest).catch(this.#reportFile);
    else if (this.#records.size >= maximumOfAll) {
      throw new ApiError(503, "jobs_full", "This coordinator keeps no more jobs now.", {
        headers: { "retry-after": "60" },
      });
    }
  }

  readonly #reportFile = (error: unknown): void =>
    this.#options.log("warn", { error: nameOf(error) }, "a job's file cannot be written");

  #tick(): void {
    const { livedMs, ledger, concurrency } = this.#options;
    const nowMs = livedMs();
    const report = this.#reportFile;
    const byAccount = new Map<Hex, JobRecord>();
    for (const record of this.#records.values()) {
      const { id, status, untilMs = record.expiresMs, account } = record;
      if (this.#creating.has(id) || this.#running.has(id) || this.#deciding.has(id)) continue;
      if (hasEnded(record)) {
        this.#tellLater(record);
        if (nowMs >= untilMs && record.webhook?.state !== "waiting") this.remove(record).catch(report);
      } else if (status === "running") this.#decide(record, () => this.#resolveInterrupted(record)).catch(report);
      else if (nowMs >= untilMs) this.#decide(record, () => this.#endIdle(record, "expired")).catch(report);
      else if ((this.#waitUntil.get(id) ?? 0) <= nowMs && ledger.jobState(id) === "free" && !byAccount.has(account)) {
        byAccount.set(account, record);
      }
    }
    // One of each account a turn, so that nobody's hundred jobs stand before another's first.
    for (const record of byAccount.values()) {
      if (this.#running.size >= concurrency || this.#isStopping) return;
      this.#begin(record);
    }
  }

  #begin(record: JobRecord): void {
    const abort = new AbortController();
    const running: Running = {
      ...{ abort, texts: [], input: undefined, toldChars: 0 },
      ...{ isOver: false, isCancelled: false, refused: Promise.withResolvers(), done: Promise.resolve() },
    };
    this.#running.set(record.id, running);
    running.done = this.#run(record, running)
      .catch((error: unknown) => this.#options.log("warn", { job: record.id, error: nameOf(error) }, "a job broke"))
      .finally(() => this.#running.delete(record.id));
  }

  async #run(record: JobRecord, running: Running): Promise<void> {
    const { files, work, nowMs, ledger } = this.#options;
    const { input } = await files.content(record.id);
    const started = this.#set({ ...record, status: "running", startedMs: record.startedMs ?? nowMs(), outputChars: 0 });
    await files.save(started, { input });
    const checkpoint = this.#checkpoints(record.id, running, input);
    let end: { status: "succeeded" | "failed" | "cancelled"; content: JobContent };
    try {
      const result = await work(started, input, { signal: running.abort.signal, ...checkpoint }).finally(() => {
        running.isOver = true;
      });
      end = { status: running.isCancelled ? "cancelled" : "succeeded", content: { result } };
    } catch (error) {
      const state = ledger.jobState(record.id);
      if (!running.isCancelled && state === "free" && (this.#isStopping || isPassing(error)))
        return this.#requeue(record, input, wasTried(error));
      // Something may still be billed: a later turn sees what becomes of it.
      if (!running.isCancelled && this.#isStopping) return;
      const texts = { texts: running.texts };
      end = running.isCancelled
        ? { status: "cancelled", content: texts }
        : { status: "failed", content: { ...texts, error: toApiError(error).problem } };
    }
    if (!running.isCancelled && running.abort.signal.aborted) {
      if (ledger.jobState(record.id) === "free") return this.#requeue(record, input);
      const error = interrupted(record).problem;
      end = { status: "failed", content: { texts: running.texts, error } };
    }
    await this.#finishAtLast(record, running, end);
  }

  /** What came is on the disk before its miner is acknowledged: a crash loses nothing that is paid for. */
  #checkpoints(id: string, running: Running, input: unknown): Pick<WorkHooks, "onText" | "onDrain"> {
    const waiting: (() => void)[] = [];
    let isSaving = false;
    const save = async (): Promise<void> => {
      const record = this.#records.get(id);
      if (record === undefined || running.isOver) return;
      const [first = ""] = running.texts;
      const outputChars = running.texts.reduce((sum, text) => sum + text.length, 0);
      const resumes = waiting.splice(0);
      const delta = first.slice(running.toldChars);
      running.toldChars = first.length;
      await this.#options.files.save(this.#set({ ...record, outputChars }, delta), { input, texts: running.texts });
      for (const resume of resumes) resume();
    };
    const saveSoon = (): void => {
      if (isSaving) return;
      isSaving = true;
      setTimeout(() => {
        save()
          .catch((error: unknown) => {
            this.#options.log("warn", { job: id, error: nameOf(error) }, "a job's file cannot be written");
            running.abort.abort();
          })
          .finally(() => {
            isSaving = false;
            if (waiting.length > 0 && !running.isOver) saveSoon();
          });
      }, checkpointMs);
    };
    return {
      onText: (choice, text) => {
        running.texts[choice] = (running.texts[choice] ?? "") + text;
        return text === "";
      },
      onDrain: (resume) => {
        waiting.push(resume);
        saveSoon();
      },
    };
  }

  /** @param wasTried whether miners were given the job in vain: each time is written down for good, so that it is tried ever more rarely */
  async #requeue(record: JobRecord, input: unknown, wasTried = false): Promise<void> {
    // That nobody was there meanwhile cost nothing, and makes those no freer that took it in vain before.
    const { tries: before = 0 } = record;
    const tries = wasTried ? before + 1 : before;
    const waitMs = wasTried ? Math.min(retryMs * 2 ** tries, longestRetryMs) : retryMs;
    this.#waitUntil.set(record.id, this.#options.livedMs() + waitMs);
    const queued = this.#set({ ...record, tries, status: "queued", startedMs: undefined, outputChars: 0 });
    await this.#options.files.save(queued, { input });
  }

  /** A process died over it: it begins anew only when nothing of it can ever be billed. */
  async #resolveInterrupted(record: JobRecord): Promise<void> {
    const state = this.#options.ledger.jobState(record.id);
    if (state === "open") return;
    const content = await this.content(record);
    if (state === "free") return this.#requeue(record, content.input);
    await this.#finish(record, "failed", { texts: content.texts ?? [], error: interrupted(record).problem });
  }

  async #endIdle(record: JobRecord, status: "cancelled" | "expired"): Promise<void> {
    const { texts = [] } = await this.content(record);
    await this.#finish(record, status, { texts });
  }

  /** Reading and writing a job's file takes turns, in which nothing else may happen to it. */
  #decide({ id }: JobRecord, task: () => Promise<void>): Promise<void> {
    const deciding = task().finally(() => this.#deciding.delete(id));
    this.#deciding.set(id, deciding);
    return deciding;
  }

  /** What came of a job is paid for, and only here: it waits until the disk takes it, or this process ends. */
  async #finishAtLast(
    record: JobRecord,
    { refused }: Running,
    end: { status: JobRecord["status"]; content: JobContent },
  ): Promise<void> {
    for (let waitMs = finishAgainMs; ; waitMs = Math.min(2 * waitMs, longestFinishAgainMs)) {
      try {
        await this.#finish(this.#now(record), end.status, end.content);
        return;
      } catch (error) {
        if (this.#isStopping) throw error;
        if (waitMs === finishAgainMs) this.#reportFile(error);
        refused.resolve(undefined);
        await Promise.race([wait(waitMs, undefined, { ref: false }), this.#stopping.promise]);
      }
    }
  }

  async #finish(record: JobRecord, status: JobRecord["status"], content: JobContent): Promise<void> {
    const finishedMs = this.#options.nowMs();
    const livedMs = this.#options.livedMs();
    const webhook = record.webhook && { ...record.webhook, nextMs: livedMs };
    const until = { expiresMs: finishedMs + keptMs, untilMs: livedMs + keptMs };
    const ended = { ...record, status, finishedMs, ...until, webhook };
    this.#waitUntil.delete(record.id);
    await this.#options.files.save(ended, content);
    this.#set(ended);
    this.#listeners.delete(record.id);
    this.#options.onEnd?.(ended);
  }

  #set(record: JobRecord, delta = ""): JobRecord {
    this.#records.set(record.id, record);
    for (const listener of this.#listeners.get(record.id) ?? []) listener({ record, delta });
    return record;
  }

  #tellLater(record: JobRecord): void {
    const { webhook, id } = record;
    const isDue = webhook?.state === "waiting" && webhook.nextMs <= this.#options.livedMs();
    if (!isDue || this.#telling.has(id) || this.#telling.size >= maximumTelling || this.#isStopping) return;
    this.#telling.add(id);
    this.#tell(webhook, record)
      .catch((error: unknown) =>
        this.#options.log("warn", { job: id, error: nameOf(error) }, "a job's file cannot be written"),
      )
      .finally(() => this.#telling.delete(id));
  }

  async #tell(webhook: Webhook, record: JobRecord): Promise<void> {
    let lastStatus: number | undefined;
    let isFinal = false;
    try {
      lastStatus = await this.#options.tell(webhook, record);
    } catch (error) {
      isFinal = !(error instanceof LodeError && error.retryable);
    }
    const attempts = webhook.attempts + 1;
    const isDelivered = lastStatus !== undefined && lastStatus >= 200 && lastStatus < 300;
    const isOver = isFinal || lastStatus === 410 || attempts >= webhookAttempts;
    const state = isDelivered ? "delivered" : isOver ? "failed" : "waiting";
    const nextMs = this.#options.livedMs() + this.#options.retryMs * 4 ** (attempts - 1);
    if (!this.#records.has(record.id)) return;
    const told = this.#set({ ...record, webhook: { ...webhook, state, attempts, nextMs, lastStatus } });
    const noted = this.content(record).then(async (content) => {
      // Forgotten meanwhile: written now, it would be there again.
      if (this.#records.has(record.id)) await this.#options.files.save(told, content);
    });
    this.#noting.add(noted);
    await noted.finally(() => this.#noting.delete(noted));
  }
}

/** Failures that say nothing about the job: nobody was there to do it, or not for what it pays. */
function isPassing(error: unknown): boolean {
  const { status, code } = toApiError(error);
  return (
    code === "no_miner" ||
    code === "price_above_ceiling" ||
    code === "stopping" ||
    code === "returning" ||
    code === "chain_unreachable" ||
    (status === 404 && code === "model_not_found")
  );
}

/** Whether miners were given the job, and none did it. */
function wasTried(error: unknown): boolean {
  return error instanceof JobFailedError || (error instanceof Error && error.cause instanceof JobFailedError);
}

function interrupted({ id }: JobRecord): ApiError {
  const message = `The coordinator was stopped in the middle; what came by then is in 'output' and billed, see /v1/receipts/${id}.`;
  return new ApiError(503, "interrupted", message, { shouldRetry: false });
}

function mismatch(): ApiError {
  return new ApiError(422, "idempotency_mismatch", "This Idempotency-Key belongs to another job; use a new one.");
}

function used(): ApiError {
  const message = "The job of this Idempotency-Key was done before and is kept no longer; use a new one.";
  return new ApiError(409, "idempotency_used", message, { shouldRetry: false });
}

/** Messages may quote what a client wrote. */
function nameOf(error: unknown): string {
  return error instanceof LodeError ? error.code : error instanceof Error ? error.name : "error";
}
